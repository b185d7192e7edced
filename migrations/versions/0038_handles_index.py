"""The cases that somebody handles are found by an index that holds such rows only."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0038"
down_revision = "0037"
compatible_from = "0014"


def upgrade() -> None:
    make_index(op, "ix_case_party_handles", "case_party (tenant_id, person_id, case_id) WHERE handles")

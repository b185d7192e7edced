"""Open cases by phase, the nearest day first, for the board."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0034"
down_revision = "0033"
compatible_from = "0014"


def upgrade() -> None:
    make_index(op, "ix_case_file_phase", "case_file (tenant_id, phase, next_due_on, id) WHERE closed_at IS NULL")

"""What complainants said after closing is counted by an index that holds those events only."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0042"
down_revision = "0041"
compatible_from = "0014"


def upgrade() -> None:
    make_index(op, "ix_event_rated", "event (tenant_id, at) WHERE kind = 'rated'")

"""Messages that wait are found by an index that holds such rows only."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0017"
down_revision = "0016"
compatible_from = "0014"


def upgrade() -> None:
    make_index(op, "ix_message_queued", "message (tenant_id, created_at) WHERE state = 'queued'")

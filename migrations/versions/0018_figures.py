"""The clock sees how old what waits is, so that it can say so in figures: moments and states, no content."""

from alembic import op

from weerklank.kernel.rowlevel import expose_to_clock

revision = "0018"
down_revision = "0017"
compatible_from = "0014"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("GRANT SELECT (created_at) ON outbox TO weerklank_clock")
    expose_to_clock(op, "message", ("tenant_id", "state", "created_at"))
    expose_to_clock(op, "mailbox", ("tenant_id", "active", "read_at", "failed_at", "changed_at"))

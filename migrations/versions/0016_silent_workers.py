"""What a job needs to outlive its workers: how often they fell silent over it, and to whom it was handed already."""

from alembic import op

revision = "0016"
down_revision = "0015"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE outbox ADD COLUMN silent integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE outbox ADD COLUMN handed jsonb NOT NULL DEFAULT '[]'")
    op.execute("GRANT SELECT (kind) ON outbox TO weerklank_clock")  # so that a worker looks for what it has room for

"""Messages that wait are found by an index that holds such rows only."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_message_queued")  # what a broken-off run may have left
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_message_queued ON message (tenant_id, created_at) WHERE state = 'queued'"
        )

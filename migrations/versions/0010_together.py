"""Complaints by several people, secret codes that can be replaced, and letters that wait for the printer."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE message ADD COLUMN number smallint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE case_file ADD COLUMN code_id uuid")
    op.execute("UPDATE case_file SET code_id = dedupe")
    op.execute(
        "CREATE INDEX ix_message_to_print ON message (tenant_id, created_at, id)"
        " WHERE state = 'printed' AND sent_at IS NULL"
    )

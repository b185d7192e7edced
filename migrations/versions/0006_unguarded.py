"""Open cases in which no term runs are found by an index that holds such rows only."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_case_file_unguarded ON case_file (tenant_id, created_at)"
        " WHERE closed_at IS NULL AND next_due_on = '9999-12-31'"
    )

"""How far a worker is with counting a report."""

from alembic import op

revision = "0039"
down_revision = "0038"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE report
            ADD COLUMN counting text NOT NULL DEFAULT 'counted',
            ADD COLUMN done integer NOT NULL DEFAULT 0,
            ADD COLUMN total integer NOT NULL DEFAULT 0,
            ADD COLUMN count_asked_at timestamptz
        """
    )

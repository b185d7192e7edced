"""The telephone number on which a complainant reaches who handles his complaint: sealed, as the name is."""

from alembic import op

revision = "0041"
down_revision = "0040"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE person ADD COLUMN IF NOT EXISTS phone bytea")

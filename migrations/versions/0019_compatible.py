"""The database itself says which is the oldest program that may work on it."""

from alembic import op

revision = "0019"
down_revision = "0018"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE alembic_version ADD COLUMN compatible_from text NOT NULL DEFAULT '0014'")

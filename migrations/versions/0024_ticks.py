"""Until when a slot of repeating work is somebody's, who may die before it is done."""

from alembic import op

revision = "0024"
down_revision = "0023"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE tick ADD COLUMN lease_until timestamptz")

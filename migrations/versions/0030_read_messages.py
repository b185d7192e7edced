"""When the complainant first opened a message on his page, so that what is new there can be marked."""

from alembic import op

revision = "0030"
down_revision = "0029"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE message ADD COLUMN read_at timestamptz")

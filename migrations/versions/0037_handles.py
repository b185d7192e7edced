"""Which of those who have a part in a case handle it."""

from alembic import op

revision = "0037"
down_revision = "0036"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE case_party ADD COLUMN handles boolean NOT NULL DEFAULT false")

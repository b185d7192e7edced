"""Which cases somebody has a part in, and nothing to do now."""

from alembic import op

revision = "0027"
down_revision = "0026"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE case_party ADD COLUMN waits boolean NOT NULL DEFAULT false")

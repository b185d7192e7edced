"""A form that is saved to go on later: the hash of the code by which another browser takes it up."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0032"
down_revision = "0031"
compatible_from = "0014"


def upgrade() -> None:
    # Making an index ends the transaction: a run that is broken off there finds the column.
    op.execute("ALTER TABLE intake_draft ADD COLUMN IF NOT EXISTS resume_hash bytea")
    make_index(op, "uq_intake_draft_resume_hash", "intake_draft (tenant_id, resume_hash)", unique=True)

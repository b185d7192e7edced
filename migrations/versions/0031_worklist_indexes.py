"""Indexes that hold all by which the worklist narrows down, and one of the cases that wait for others."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0031"
down_revision = "0030"
compatible_from = "0014"

NARROWS = "phase, channel, language, received_on"


def upgrade() -> None:
    nearest = f"case_file (tenant_id, next_due_on, id) INCLUDE ({NARROWS}) WHERE closed_at IS NULL"
    make_index(op, "ix_case_file_worklist", nearest)
    make_index(op, "ix_case_file_newest", f"case_file (tenant_id, id) INCLUDE ({NARROWS}, closed_at)")
    waits = "case_party (tenant_id, person_id, next_due_on, case_id) WHERE open AND waits"
    make_index(op, "ix_case_party_waits", waits)

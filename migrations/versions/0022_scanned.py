"""Whether a file was looked at for viruses. What is there was not; a job sees to it where there is a scanner."""

from alembic import op

from weerklank.kernel.schema import make_index

revision = "0022"
down_revision = "0021"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE document ADD COLUMN scan text NOT NULL DEFAULT 'unseen'")
    op.execute("ALTER TABLE document ADD COLUMN scan_at timestamptz")
    op.execute("ALTER TABLE document ALTER COLUMN stored_as DROP NOT NULL")
    make_index(op, "ix_document_scan", "document (tenant_id, scan, scan_at) WHERE scan IN ('unseen', 'waiting')")
    op.execute("GRANT UPDATE (stored_as, scan, scan_at) ON document TO weerklank_app")

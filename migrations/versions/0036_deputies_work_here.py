"""Every deputy is somebody of the organisation."""

from alembic import op

revision = "0036"
down_revision = "0035"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE absence VALIDATE CONSTRAINT fk_absence_tenant_id_deputy_id")

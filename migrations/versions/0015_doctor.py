"""What the doctor found, until it is gone."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0015"
down_revision = "0014"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE doctor_finding (
            tenant_id uuid NOT NULL,
            sort text NOT NULL,
            about text NOT NULL,
            case_id uuid,
            since timestamptz,
            found_at timestamptz NOT NULL,
            told_at timestamptz,
            CONSTRAINT pk_doctor_finding PRIMARY KEY (tenant_id, sort, about),
            CONSTRAINT fk_doctor_finding_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "doctor_finding")

"""What the worklist narrows by: a case's language and its classes."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0026"
down_revision = "0025"
compatible_from = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE case_file ADD COLUMN language text NOT NULL DEFAULT ''")
    op.execute(
        """
        CREATE TABLE case_class (
            tenant_id uuid NOT NULL,
            label text NOT NULL,
            case_id uuid NOT NULL,
            CONSTRAINT pk_case_class PRIMARY KEY (tenant_id, label, case_id),
            CONSTRAINT fk_case_class_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_case_class_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_case_class_tenant_id_case_id ON case_class (tenant_id, case_id)")
    protect(op, "case_class")

"""Files of whole cases made up for somebody: what was asked for and where it lies sealed."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE dossier (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            case_id uuid NOT NULL,
            made_by uuid,
            language text NOT NULL,
            choice bytea NOT NULL,
            state text NOT NULL,
            done integer NOT NULL,
            total integer NOT NULL,
            zip_as text,
            pdf_as text,
            asked_at timestamptz NOT NULL,
            ready_at timestamptz,
            CONSTRAINT pk_dossier PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_dossier_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_dossier_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_dossier_tenant_id_case_id ON dossier (tenant_id, case_id)")
    protect(op, "dossier")

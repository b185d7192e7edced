"""Exports of a whole organisation that two people asked for, until they are removed."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0023"
down_revision = "0022"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE tenant_export (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            state text NOT NULL,
            asked_by uuid NOT NULL,
            asked_at timestamptz NOT NULL,
            agreed_by uuid,
            agreed_at timestamptz,
            halves bytea,
            done integer DEFAULT 0 NOT NULL,
            total integer DEFAULT 0 NOT NULL,
            parts jsonb DEFAULT '[]' NOT NULL,
            ready_at timestamptz,
            CONSTRAINT pk_tenant_export PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_tenant_export_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "tenant_export")

"""Which forms were sent and carried out, so that one that comes twice is done once."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0040"
down_revision = "0039"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE sent_form (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            sent_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_sent_form PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_sent_form_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "sent_form", ("SELECT", "INSERT", "DELETE"))

"""What an organisation says of its own on the pages about privacy, accessibility and rules: every version stays."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0043"
down_revision = "0042"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE statement_text (
            tenant_id uuid NOT NULL,
            name text NOT NULL,
            number integer NOT NULL,
            words jsonb NOT NULL,
            written_at timestamptz NOT NULL,
            written_by uuid,
            CONSTRAINT pk_statement_text PRIMARY KEY (tenant_id, name, number),
            CONSTRAINT fk_statement_text_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "statement_text", ("SELECT", "INSERT"))

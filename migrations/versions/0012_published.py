"""What an organisation published on its own page: plain words, since they are for everybody."""

from alembic import op

from weerklank.kernel.rowlevel import RECORD, protect

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE published (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            case_id uuid NOT NULL,
            name text NOT NULL,
            language text NOT NULL,
            subject text NOT NULL,
            paragraphs jsonb NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT pk_published PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_published_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_published_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_published_tenant_id_at_id ON published (tenant_id, at, id)")
    protect(op, "published", RECORD)

"""What somebody wishes to be told in one mail a day or a week, until that mail goes."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0029"
down_revision = "0028"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE held_notice (
            tenant_id uuid NOT NULL,
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            case_id uuid NOT NULL,
            name text NOT NULL,
            held_at timestamptz NOT NULL,
            CONSTRAINT pk_held_notice PRIMARY KEY (tenant_id, person_id, id),
            CONSTRAINT fk_held_notice_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_held_notice_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_held_notice_tenant_id_case_id ON held_notice (tenant_id, case_id)")
    protect(op, "held_notice")

"""Days on which something is to happen in a case, such as a hearing, for calendars."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0033"
down_revision = "0032"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE case_day (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            fact text NOT NULL,
            day date NOT NULL,
            CONSTRAINT pk_case_day PRIMARY KEY (tenant_id, case_id, fact),
            CONSTRAINT fk_case_day_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_case_day_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_case_day_tenant_id_day ON case_day (tenant_id, day)")
    protect(op, "case_day")

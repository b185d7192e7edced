"""How long a closed case is kept, when it was destroyed, and the declarations of what was destroyed."""

from alembic import op

from weerklank.kernel.rowlevel import RECORD, protect

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE case_file ADD COLUMN keep_until date, ADD COLUMN destroyed_at timestamptz")
    op.execute(
        "CREATE INDEX ix_case_file_archived ON case_file (tenant_id, keep_until)"
        " WHERE phase = 'archived' AND destroyed_at IS NULL"
    )
    op.execute(
        """
        CREATE TABLE destruction (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            reference text NOT NULL,
            person_id uuid NOT NULL,
            at timestamptz NOT NULL,
            kept_until date NOT NULL,
            reason bytea NOT NULL,
            CONSTRAINT pk_destruction PRIMARY KEY (tenant_id, case_id),
            CONSTRAINT fk_destruction_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_destruction_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    protect(op, "destruction", RECORD)

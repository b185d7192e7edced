"""Who saw what of a case and when, told once somebody turns out to be involved; and who is related to whom."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE case_seen (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            person_id uuid NOT NULL,
            what text NOT NULL,
            times integer NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            CONSTRAINT pk_case_seen PRIMARY KEY (tenant_id, case_id, person_id, what),
            CONSTRAINT fk_case_seen_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_case_seen_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    protect(op, "case_seen")
    op.execute(
        """
        CREATE TABLE relative (
            tenant_id uuid NOT NULL,
            person_id uuid NOT NULL,
            relative_id uuid NOT NULL,
            CONSTRAINT pk_relative PRIMARY KEY (tenant_id, person_id, relative_id),
            CONSTRAINT fk_relative_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_relative_tenant_id_person_id
                FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
            CONSTRAINT fk_relative_tenant_id_relative_id
                FOREIGN KEY (tenant_id, relative_id) REFERENCES person (tenant_id, id)
        )
        """
    )
    protect(op, "relative")

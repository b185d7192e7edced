"""What is learnt from complaints: reports, the measures and recommendations that come of them, and what is noted."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    make_report()
    make_improvement()
    make_recommendation()
    make_log()


def make_report() -> None:
    op.execute(
        """
        CREATE TABLE report (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            first_day date NOT NULL,
            last_day date NOT NULL,
            due_on date,
            opened_at timestamptz NOT NULL,
            figures jsonb NOT NULL,
            counted_at timestamptz NOT NULL,
            words bytea,
            told text[] NOT NULL,
            released_at timestamptz,
            deciders uuid[] NOT NULL,
            decided_at timestamptz,
            presented_on date,
            evaluated_on date,
            participants uuid[] NOT NULL,
            recorded_at timestamptz,
            seq integer NOT NULL,
            CONSTRAINT pk_report PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_report_tenant_id_name UNIQUE (tenant_id, name, first_day),
            CONSTRAINT fk_report_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_report_tenant_id_unrecorded ON report (tenant_id) WHERE recorded_at IS NULL")
    protect(op, "report")


def make_improvement() -> None:
    op.execute(
        """
        CREATE TABLE improvement (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            report_id uuid NOT NULL,
            kind text NOT NULL,
            owner_id uuid NOT NULL,
            day date NOT NULL,
            cases uuid[] NOT NULL,
            words bytea,
            carried_out_at timestamptz,
            verified_at timestamptz,
            seq integer NOT NULL,
            CONSTRAINT pk_improvement PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_improvement_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_improvement_tenant_id_report_id FOREIGN KEY (tenant_id, report_id)
                REFERENCES report (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_improvement_tenant_id_report_id ON improvement (tenant_id, report_id)")
    op.execute("CREATE INDEX ix_improvement_tenant_id_open ON improvement (tenant_id) WHERE verified_at IS NULL")
    protect(op, "improvement")


def make_recommendation() -> None:
    op.execute(
        """
        CREATE TABLE recommendation (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            number integer NOT NULL,
            duty text NOT NULL,
            addressee text NOT NULL,
            state text NOT NULL,
            report_id uuid,
            case_id uuid,
            made_by uuid NOT NULL,
            made_on date NOT NULL,
            words bytea,
            seq integer NOT NULL,
            CONSTRAINT pk_recommendation PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_recommendation_tenant_id_number UNIQUE (tenant_id, number),
            CONSTRAINT fk_recommendation_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_recommendation_tenant_id_report_id FOREIGN KEY (tenant_id, report_id)
                REFERENCES report (tenant_id, id)
        )
        """
    )
    protect(op, "recommendation")


def make_log() -> None:
    op.execute(
        """
        CREATE TABLE log_entry (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            element text NOT NULL,
            kind text NOT NULL,
            day date,
            by_id uuid,
            case_id uuid,
            version_id uuid,
            words bytea,
            struck_at timestamptz,
            created_at timestamptz NOT NULL,
            seq integer NOT NULL,
            CONSTRAINT pk_log_entry PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_log_entry_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_log_entry_tenant_id_element ON log_entry (tenant_id, element, kind, day)")
    op.execute("CREATE INDEX ix_log_entry_tenant_id_case ON log_entry (tenant_id, case_id) WHERE case_id IS NOT NULL")
    protect(op, "log_entry")

"""Cases with their index (tasks, parties, walls, deadlines, measures), messages, files and the running reference."""

from alembic import op

from weerklank.kernel.rowlevel import expose_to_clock, protect

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    make_case_file()
    make_case_task()
    make_case_party()
    make_case_wall()
    make_deadline()
    make_measure()
    make_message()
    make_document()
    make_case_counter()


def of_case(table: str) -> str:
    return f"""
        CONSTRAINT fk_{table}_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
        CONSTRAINT fk_{table}_tenant_id_case_id
            FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
    """


def make_case_file() -> None:
    op.execute(
        """
        CREATE TABLE case_file (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            reference text,
            code_hash bytea NOT NULL,
            dedupe uuid,
            policy_version_id uuid NOT NULL,
            seq integer NOT NULL,
            phase text NOT NULL,
            channel text NOT NULL,
            received_on date NOT NULL,
            created_at timestamptz NOT NULL,
            closed_at timestamptz,
            next_due_on date NOT NULL,
            waiting boolean NOT NULL,
            handlers uuid[] NOT NULL,
            complainant bytea,
            CONSTRAINT pk_case_file PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_case_file_tenant_id_reference UNIQUE (tenant_id, reference),
            CONSTRAINT uq_case_file_tenant_id_code_hash UNIQUE (tenant_id, code_hash),
            CONSTRAINT uq_case_file_tenant_id_dedupe UNIQUE (tenant_id, dedupe),
            CONSTRAINT fk_case_file_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_case_file_tenant_id_policy_version_id
                FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_case_file_open ON case_file (tenant_id, next_due_on, id) WHERE closed_at IS NULL")
    op.execute("CREATE INDEX ix_case_file_closed ON case_file (tenant_id, id) WHERE closed_at IS NOT NULL")
    op.execute("CREATE INDEX ix_case_file_waiting ON case_file (tenant_id, next_due_on, id) WHERE waiting")
    protect(op, "case_file")


def make_case_task() -> None:
    op.execute(
        f"""
        CREATE TABLE case_task (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            what text NOT NULL,
            person_id uuid NOT NULL,
            measure boolean NOT NULL,
            due_on date NOT NULL,
            CONSTRAINT pk_case_task PRIMARY KEY (tenant_id, case_id, what, person_id),
            {of_case("case_task")}
        )
        """
    )
    op.execute("CREATE INDEX ix_case_task_mine ON case_task (tenant_id, person_id, due_on, case_id, what)")
    protect(op, "case_task")


def make_case_party() -> None:
    op.execute(
        f"""
        CREATE TABLE case_party (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            person_id uuid NOT NULL,
            next_due_on date NOT NULL,
            open boolean NOT NULL,
            CONSTRAINT pk_case_party PRIMARY KEY (tenant_id, case_id, person_id),
            {of_case("case_party")}
        )
        """
    )
    op.execute("CREATE INDEX ix_case_party_open ON case_party (tenant_id, person_id, next_due_on, case_id) WHERE open")
    op.execute("CREATE INDEX ix_case_party_closed ON case_party (tenant_id, person_id, case_id) WHERE NOT open")
    protect(op, "case_party")


def make_case_wall() -> None:
    op.execute(
        f"""
        CREATE TABLE case_wall (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            person_id uuid NOT NULL,
            CONSTRAINT pk_case_wall PRIMARY KEY (tenant_id, case_id, person_id),
            {of_case("case_wall")}
        )
        """
    )
    op.execute("CREATE INDEX ix_case_wall_person ON case_wall (tenant_id, person_id)")
    protect(op, "case_wall")


def make_deadline() -> None:
    """`next_at` is compared with business time, `lease_until` with the database's own clock."""
    op.execute(
        f"""
        CREATE TABLE deadline (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            term text NOT NULL,
            state text NOT NULL,
            starts_at timestamptz NOT NULL,
            nominal date,
            due_on date,
            due_at timestamptz,
            due_before timestamptz,
            provisional boolean NOT NULL,
            late boolean NOT NULL,
            strength text NOT NULL,
            owners uuid[] NOT NULL,
            next_at timestamptz,
            next_step text,
            lease_until timestamptz,
            attempts integer DEFAULT 0 NOT NULL,
            set_aside_at timestamptz,
            CONSTRAINT pk_deadline PRIMARY KEY (tenant_id, case_id, term),
            {of_case("deadline")}
        )
        """
    )
    op.execute("CREATE INDEX ix_deadline_next ON deadline (next_at) WHERE next_at IS NOT NULL AND set_aside_at IS NULL")
    op.execute("CREATE INDEX ix_deadline_aside ON deadline (tenant_id) WHERE set_aside_at IS NOT NULL")
    protect(op, "deadline")
    expose_to_clock(op, "deadline", ("tenant_id", "case_id", "term", "next_at", "lease_until", "set_aside_at"))


def make_measure() -> None:
    op.execute(
        f"""
        CREATE TABLE measure (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            id uuid NOT NULL,
            owner_id uuid NOT NULL,
            day date NOT NULL,
            carried_out boolean NOT NULL,
            verified boolean NOT NULL,
            CONSTRAINT pk_measure PRIMARY KEY (tenant_id, case_id, id),
            {of_case("measure")}
        )
        """
    )
    op.execute("CREATE INDEX ix_measure_open ON measure (tenant_id, day, case_id) WHERE NOT verified")
    protect(op, "measure")


def make_message() -> None:
    op.execute(
        f"""
        CREATE TABLE message (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            case_id uuid NOT NULL,
            seq integer NOT NULL,
            kind text NOT NULL,
            name text NOT NULL,
            about text NOT NULL,
            role text NOT NULL,
            person_id uuid,
            copy boolean NOT NULL,
            language text NOT NULL,
            state text NOT NULL,
            body bytea,
            address bytea,
            message_id text,
            created_at timestamptz NOT NULL,
            sent_at timestamptz,
            CONSTRAINT pk_message PRIMARY KEY (tenant_id, id),
            CONSTRAINT ck_message_kind CHECK (kind IN ('policy', 'notice')),
            CONSTRAINT ck_message_state CHECK (state IN ('queued', 'sent', 'failed', 'dead', 'printed')),
            {of_case("message")}
        )
        """
    )
    op.execute("CREATE INDEX ix_message_case ON message (tenant_id, case_id, created_at)")
    op.execute("CREATE INDEX ix_message_trouble ON message (tenant_id, created_at) WHERE state IN ('failed', 'dead')")
    protect(op, "message")


def make_document() -> None:
    """What the rows stand for lies sealed in the file store under `stored_as`, which says nothing."""
    op.execute(
        f"""
        CREATE TABLE document (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            case_id uuid NOT NULL,
            stored_as text NOT NULL,
            name bytea NOT NULL,
            media_type text NOT NULL,
            size integer NOT NULL,
            added_at timestamptz NOT NULL,
            CONSTRAINT pk_document PRIMARY KEY (tenant_id, id),
            {of_case("document")}
        )
        """
    )
    op.execute("CREATE INDEX ix_document_case ON document (tenant_id, case_id)")
    protect(op, "document", ("SELECT", "INSERT", "DELETE"))


def make_case_counter() -> None:
    op.execute(
        """
        CREATE TABLE case_counter (
            tenant_id uuid NOT NULL,
            year integer NOT NULL,
            last integer NOT NULL,
            CONSTRAINT pk_case_counter PRIMARY KEY (tenant_id, year),
            CONSTRAINT fk_case_counter_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "case_counter")

"""What a complainant has not sent yet, with the files he chose, and who gave a complaint's secret code lately."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    make_draft()
    make_file()
    make_session()


def make_draft() -> None:
    op.execute(
        """
        CREATE TABLE intake_draft (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            sealed bytea NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            case_id uuid,
            CONSTRAINT pk_intake_draft PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_intake_draft_tenant_id_token_hash UNIQUE (tenant_id, token_hash),
            CONSTRAINT fk_intake_draft_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_intake_draft_tenant_id_expires_at ON intake_draft (tenant_id, expires_at)")
    protect(op, "intake_draft")


def make_file() -> None:
    op.execute(
        """
        CREATE TABLE intake_file (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            draft_id uuid NOT NULL,
            name bytea NOT NULL,
            data bytea NOT NULL,
            size integer NOT NULL,
            CONSTRAINT pk_intake_file PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_intake_file_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_intake_file_tenant_id_draft_id FOREIGN KEY (tenant_id, draft_id)
                REFERENCES intake_draft (tenant_id, id) ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX ix_intake_file_tenant_id_draft_id ON intake_file (tenant_id, draft_id)")
    protect(op, "intake_file")


def make_session() -> None:
    op.execute(
        """
        CREATE TABLE complainant_session (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            case_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            ended_at timestamptz,
            CONSTRAINT pk_complainant_session PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_complainant_session_tenant_id_token_hash UNIQUE (tenant_id, token_hash),
            CONSTRAINT fk_complainant_session_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_complainant_session_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    protect(op, "complainant_session")

"""The mailbox of an organisation and what arrives in it; our messages found by the Message-ID that is answered."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    make_mailbox()
    make_mail()
    op.execute("CREATE INDEX ix_message_tenant_id_message_id ON message (tenant_id, message_id)")


def make_mailbox() -> None:
    op.execute(
        """
        CREATE TABLE mailbox (
            tenant_id uuid NOT NULL,
            channel text NOT NULL,
            sealed bytea NOT NULL,
            active boolean NOT NULL,
            read_at timestamptz,
            failed_at timestamptz,
            failure text,
            changed_at timestamptz NOT NULL,
            CONSTRAINT pk_mailbox PRIMARY KEY (tenant_id),
            CONSTRAINT fk_mailbox_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "mailbox")


def make_mail() -> None:
    op.execute(
        """
        CREATE TABLE inbound_mail (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            dedupe bytea NOT NULL,
            channel text NOT NULL,
            state text NOT NULL,
            sort text NOT NULL,
            size integer NOT NULL,
            arrived_at timestamptz NOT NULL,
            taken_at timestamptz NOT NULL,
            case_id uuid,
            sealed bytea,
            raw bytea,
            handled_by uuid,
            handled_at timestamptz,
            CONSTRAINT pk_inbound_mail PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_inbound_mail_tenant_id_dedupe UNIQUE (tenant_id, dedupe),
            CONSTRAINT fk_inbound_mail_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_inbound_mail_tenant_id_case_id
                FOREIGN KEY (tenant_id, case_id) REFERENCES case_file (tenant_id, id)
        )
        """
    )
    op.execute("CREATE INDEX ix_inbound_mail_tenant_id_state ON inbound_mail (tenant_id, state, arrived_at)")
    protect(op, "inbound_mail")

"""Roles, the tenant, events, seals, the outbox, ticks and room for keyed tokens.

The roles are the cluster's, hence `IF NOT EXISTS` by hand: another database may have made them before.
"""

from alembic import op

from weerklank.kernel.rowlevel import RECORD, expose_to_clock, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    make_roles()
    make_tenant()
    make_event()
    make_seals()
    make_outbox()
    make_tick()
    make_keyed_token()


def make_roles() -> None:
    for role in ("weerklank_app", "weerklank_clock"):
        op.execute(
            f"""
            DO $$ BEGIN
                CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
        op.execute(f"GRANT {role} TO CURRENT_USER")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT ON alembic_version TO {role}")
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def make_tenant() -> None:
    """The platform's own table: it is how a host or path becomes a tenant, so it stands before any scope."""
    op.execute(
        """
        CREATE TABLE tenant (
            id uuid NOT NULL,
            slug text NOT NULL,
            name text NOT NULL,
            state text NOT NULL,
            plan text NOT NULL,
            locale text NOT NULL,
            prefix text NOT NULL,
            branding jsonb DEFAULT '{}' NOT NULL,
            settings jsonb DEFAULT '{}' NOT NULL,
            created_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_tenant PRIMARY KEY (id),
            CONSTRAINT uq_tenant_slug UNIQUE (slug),
            CONSTRAINT ck_tenant_state CHECK (state IN ('pending', 'trial', 'active', 'suspended', 'ended'))
        )
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON tenant TO weerklank_app")
    op.execute("GRANT SELECT (id, slug, state) ON tenant TO weerklank_clock")


def make_event() -> None:
    op.execute(
        """
        CREATE TABLE event (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            seq integer NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL,
            at timestamptz NOT NULL,
            actor_kind text NOT NULL,
            actor_id uuid,
            open jsonb NOT NULL,
            sealed bytea,
            mac bytea NOT NULL,
            CONSTRAINT pk_event PRIMARY KEY (tenant_id, case_id, seq),
            CONSTRAINT uq_event_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT fk_event_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT ck_event_seq CHECK (seq > 0)
        )
        """
    )
    protect(op, "event", RECORD)


def make_seals() -> None:
    """`unsealed_head` is the sealer's inbox: one row for each append, gone once it is sealed."""
    op.execute(
        """
        CREATE TABLE unsealed_head (
            tenant_id uuid NOT NULL,
            case_id uuid NOT NULL,
            seq integer NOT NULL,
            mac bytea NOT NULL,
            CONSTRAINT pk_unsealed_head PRIMARY KEY (tenant_id, case_id, seq),
            CONSTRAINT fk_unsealed_head_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "unsealed_head", ("SELECT", "INSERT", "DELETE"))
    op.execute(
        """
        CREATE TABLE seal (
            tenant_id uuid NOT NULL,
            no integer NOT NULL,
            at timestamptz NOT NULL,
            mac bytea NOT NULL,
            CONSTRAINT pk_seal PRIMARY KEY (tenant_id, no),
            CONSTRAINT fk_seal_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    protect(op, "seal", RECORD)
    op.execute(
        """
        CREATE TABLE seal_entry (
            tenant_id uuid NOT NULL,
            seal_no integer NOT NULL,
            case_id uuid NOT NULL,
            seq integer NOT NULL,
            mac bytea NOT NULL,
            CONSTRAINT pk_seal_entry PRIMARY KEY (tenant_id, seal_no, case_id),
            CONSTRAINT fk_seal_entry_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT fk_seal_entry_tenant_id_seal_no
                FOREIGN KEY (tenant_id, seal_no) REFERENCES seal (tenant_id, no)
        )
        """
    )
    protect(op, "seal_entry", RECORD)


def make_outbox() -> None:
    op.execute(
        """
        CREATE TABLE outbox (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL,
            dedupe_key text NOT NULL,
            case_id uuid,
            args jsonb NOT NULL,
            state text DEFAULT 'pending' NOT NULL,
            run_at timestamptz DEFAULT now() NOT NULL,
            attempts integer DEFAULT 0 NOT NULL,
            max_attempts integer NOT NULL,
            lease_id uuid,
            lease_until timestamptz,
            error_class text,
            created_at timestamptz DEFAULT now() NOT NULL,
            done_at timestamptz,
            CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_outbox_tenant_id_dedupe_key UNIQUE (tenant_id, dedupe_key),
            CONSTRAINT fk_outbox_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id),
            CONSTRAINT ck_outbox_state CHECK (state IN ('pending', 'done', 'dead'))
        )
        """
    )
    op.execute("CREATE INDEX ix_outbox_due ON outbox (run_at) WHERE state = 'pending'")
    op.execute("CREATE INDEX ix_outbox_done ON outbox (tenant_id, done_at) WHERE state = 'done'")
    op.execute("CREATE INDEX ix_outbox_dead ON outbox (tenant_id, created_at) WHERE state = 'dead'")
    protect(op, "outbox")
    expose_to_clock(op, "outbox", ("tenant_id", "id", "run_at", "lease_until", "state"))


def make_tick() -> None:
    """One row for each repeating job, with the last slot that somebody claimed. The platform's own."""
    op.execute(
        """
        CREATE TABLE tick (
            name text NOT NULL,
            slot text COLLATE "C" NOT NULL,
            claimed_at timestamptz DEFAULT now() NOT NULL,
            CONSTRAINT pk_tick PRIMARY KEY (name)
        )
        """
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON tick TO weerklank_app, weerklank_clock")


def make_keyed_token() -> None:
    """Words are searched by keyed hash, never in the clear; see docs/searchable.md."""
    op.execute(
        """
        CREATE TABLE keyed_token (
            tenant_id uuid NOT NULL,
            token bytea NOT NULL,
            case_id uuid NOT NULL,
            CONSTRAINT pk_keyed_token PRIMARY KEY (tenant_id, token, case_id),
            CONSTRAINT fk_keyed_token_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_keyed_token_tenant_id_case_id ON keyed_token (tenant_id, case_id)")
    protect(op, "keyed_token", ("SELECT", "INSERT", "DELETE"))

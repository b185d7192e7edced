"""Organisations with their hosts, looks and policy versions; people with posts and absences, and how they log in.

Policy versions can be added and never changed: the application's role has no right to, and a case relies on it.
"""

from alembic import op

from weerklank.kernel.rowlevel import APP, RECORD, protect

revision = "0002"
down_revision = "0001"

OF_TENANT = "FOREIGN KEY (tenant_id) REFERENCES tenant (id)"
OF_PERSON = "FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)"


def upgrade() -> None:
    make_organisations()
    make_policy_version()
    make_person()
    make_whereabouts()
    make_credentials()
    make_sessions()
    make_operators()


def make_organisations() -> None:
    op.execute(
        """
        ALTER TABLE tenant
            ADD COLUMN address text,
            ADD COLUMN terms_accepted_at timestamptz,
            ADD COLUMN email_verified_at timestamptz
        """
    )
    op.execute(
        f"""
        CREATE TABLE tenant_change (
            id uuid NOT NULL,
            tenant_id uuid NOT NULL,
            at timestamptz NOT NULL,
            from_state text NOT NULL,
            to_state text NOT NULL,
            operator_id uuid,
            reason text,
            CONSTRAINT pk_tenant_change PRIMARY KEY (id),
            CONSTRAINT fk_tenant_change_tenant_id {OF_TENANT}
        )
        """
    )
    op.execute("CREATE INDEX ix_tenant_change_tenant_id_at ON tenant_change (tenant_id, at)")
    op.execute(f"GRANT SELECT, INSERT ON tenant_change TO {APP}")
    op.execute(
        f"""
        CREATE TABLE tenant_host (
            host text NOT NULL,
            tenant_id uuid NOT NULL,
            verified_at timestamptz,
            CONSTRAINT pk_tenant_host PRIMARY KEY (host),
            CONSTRAINT fk_tenant_host_tenant_id {OF_TENANT},
            CONSTRAINT ck_tenant_host_lower CHECK (host = lower(host))
        )
        """
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_host TO {APP}")
    op.execute(
        f"""
        CREATE TABLE tenant_logo (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL,
            data bytea NOT NULL,
            sha256 text NOT NULL,
            uploaded_at timestamptz NOT NULL,
            CONSTRAINT pk_tenant_logo PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_tenant_logo_tenant_id {OF_TENANT}
        )
        """
    )
    protect(op, "tenant_logo")


def make_policy_version() -> None:
    op.execute(
        f"""
        CREATE TABLE policy_version (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            number integer NOT NULL,
            text text NOT NULL,
            sha256 text NOT NULL,
            in_force_from date NOT NULL,
            published_at timestamptz NOT NULL,
            published_by uuid,
            origin text NOT NULL,
            readings boolean NOT NULL,
            CONSTRAINT pk_policy_version PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_policy_version_tenant_id_number UNIQUE (tenant_id, number),
            CONSTRAINT fk_policy_version_tenant_id {OF_TENANT},
            CONSTRAINT ck_policy_version_origin CHECK (origin IN ('folder', 'office'))
        )
        """
    )
    protect(op, "policy_version", RECORD)


def make_person() -> None:
    op.execute(
        f"""
        CREATE TABLE person (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name bytea NOT NULL,
            email bytea,
            email_hash bytea,
            manager_id uuid,
            coordinator_id uuid,
            team text,
            external boolean NOT NULL,
            locale text NOT NULL,
            active_from date NOT NULL,
            active_to date,
            CONSTRAINT pk_person PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_person_tenant_id_email_hash UNIQUE (tenant_id, email_hash),
            CONSTRAINT fk_person_tenant_id {OF_TENANT},
            CONSTRAINT fk_person_tenant_id_manager_id
                FOREIGN KEY (tenant_id, manager_id) REFERENCES person (tenant_id, id),
            CONSTRAINT fk_person_tenant_id_coordinator_id
                FOREIGN KEY (tenant_id, coordinator_id) REFERENCES person (tenant_id, id),
            CONSTRAINT ck_person_not_own_manager CHECK (manager_id <> id)
        )
        """
    )
    protect(op, "person", ("SELECT", "INSERT", "UPDATE"))


def make_whereabouts() -> None:
    for table, columns in {"post_holder": "post text NOT NULL,", "absence": ""}.items():
        op.execute(
            f"""
            CREATE TABLE {table} (
                tenant_id uuid NOT NULL,
                id uuid NOT NULL,
                person_id uuid NOT NULL,
                {columns}
                from_day date NOT NULL,
                to_day date,
                CONSTRAINT pk_{table} PRIMARY KEY (tenant_id, id),
                CONSTRAINT fk_{table}_tenant_id {OF_TENANT},
                CONSTRAINT fk_{table}_tenant_id_person_id {OF_PERSON},
                CONSTRAINT ck_{table}_days CHECK (to_day >= from_day)
            )
            """
        )
        op.execute(f"CREATE INDEX ix_{table}_tenant_id_person_id ON {table} (tenant_id, person_id)")
        protect(op, table)
    op.execute(
        f"""
        CREATE TABLE admin (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            person_id uuid NOT NULL,
            granted_at timestamptz NOT NULL,
            granted_by uuid,
            ended_at timestamptz,
            ended_by uuid,
            CONSTRAINT pk_admin PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_admin_tenant_id {OF_TENANT},
            CONSTRAINT fk_admin_tenant_id_person_id {OF_PERSON}
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_admin_running ON admin (tenant_id, person_id) WHERE ended_at IS NULL")
    protect(op, "admin", ("SELECT", "INSERT", "UPDATE"))


def make_credentials() -> None:
    op.execute(
        f"""
        CREATE TABLE credential (
            tenant_id uuid NOT NULL,
            person_id uuid NOT NULL,
            password_hash text NOT NULL,
            changed_at timestamptz NOT NULL,
            totp_secret bytea,
            totp_confirmed_at timestamptz,
            totp_last_step bigint DEFAULT 0 NOT NULL,
            CONSTRAINT pk_credential PRIMARY KEY (tenant_id, person_id),
            CONSTRAINT fk_credential_tenant_id {OF_TENANT},
            CONSTRAINT fk_credential_tenant_id_person_id {OF_PERSON}
        )
        """
    )
    protect(op, "credential")
    op.execute(
        f"""
        CREATE TABLE login_failure (
            tenant_id uuid NOT NULL,
            email_hash bytea NOT NULL,
            since timestamptz NOT NULL,
            count integer NOT NULL,
            CONSTRAINT pk_login_failure PRIMARY KEY (tenant_id, email_hash),
            CONSTRAINT fk_login_failure_tenant_id {OF_TENANT}
        )
        """
    )
    op.execute("CREATE INDEX ix_login_failure_tenant_id_since ON login_failure (tenant_id, since)")
    protect(op, "login_failure")


def make_sessions() -> None:
    op.execute(
        f"""
        CREATE TABLE staff_session (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            person_id uuid NOT NULL,
            second_factor boolean NOT NULL,
            created_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            CONSTRAINT pk_staff_session PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_staff_session_tenant_id_token_hash UNIQUE (tenant_id, token_hash),
            CONSTRAINT fk_staff_session_tenant_id {OF_TENANT},
            CONSTRAINT fk_staff_session_tenant_id_person_id {OF_PERSON}
        )
        """
    )
    op.execute("CREATE INDEX ix_staff_session_tenant_id_person_id ON staff_session (tenant_id, person_id)")
    protect(op, "staff_session")
    op.execute(
        f"""
        CREATE TABLE one_time_link (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            token bytea,
            purpose text NOT NULL,
            person_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            CONSTRAINT pk_one_time_link PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_one_time_link_tenant_id_token_hash UNIQUE (tenant_id, token_hash),
            CONSTRAINT fk_one_time_link_tenant_id {OF_TENANT},
            CONSTRAINT fk_one_time_link_tenant_id_person_id {OF_PERSON},
            CONSTRAINT ck_one_time_link_purpose CHECK (purpose IN ('verify', 'admin', 'invite', 'reset'))
        )
        """
    )
    op.execute("CREATE INDEX ix_one_time_link_tenant_id_person_id ON one_time_link (tenant_id, person_id)")
    protect(op, "one_time_link")


def make_operators() -> None:
    """The platform's own; no tenant, no name and no address in them."""
    op.execute(
        """
        CREATE TABLE operator (
            id uuid NOT NULL,
            username text NOT NULL,
            password_hash text NOT NULL,
            created_at timestamptz NOT NULL,
            disabled_at timestamptz,
            failures integer DEFAULT 0 NOT NULL,
            failing_since timestamptz,
            CONSTRAINT pk_operator PRIMARY KEY (id),
            CONSTRAINT uq_operator_username UNIQUE (username)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE operator_session (
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            operator_id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            CONSTRAINT pk_operator_session PRIMARY KEY (id),
            CONSTRAINT uq_operator_session_token_hash UNIQUE (token_hash),
            CONSTRAINT fk_operator_session_operator_id FOREIGN KEY (operator_id) REFERENCES operator (id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE operator_link (
            id uuid NOT NULL,
            token_hash bytea NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            CONSTRAINT pk_operator_link PRIMARY KEY (id),
            CONSTRAINT uq_operator_link_token_hash UNIQUE (token_hash)
        )
        """
    )
    for table in ("operator", "operator_session", "operator_link"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {APP}")

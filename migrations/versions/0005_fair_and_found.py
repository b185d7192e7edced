"""Who waits is found tenant by tenant, so that a long queue holds up no other; and hosts that are asked for.

Several organisations may ask for a name; it serves one, the one for which it was verified. `token` is what the
organisation shows in its DNS to prove that the name is its own.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_outbox_waiting ON outbox (tenant_id, run_at) WHERE state = 'pending'")
    op.execute(
        """
        ALTER TABLE tenant_host
            ADD COLUMN token text DEFAULT replace(gen_random_uuid()::text, '-', '') NOT NULL,
            ADD COLUMN asked_at timestamptz DEFAULT now() NOT NULL,
            DROP CONSTRAINT pk_tenant_host,
            ADD CONSTRAINT pk_tenant_host PRIMARY KEY (tenant_id, host)
        """
    )
    op.execute("CREATE UNIQUE INDEX uq_tenant_host_verified ON tenant_host (host) WHERE verified_at IS NOT NULL")

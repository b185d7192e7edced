"""Rehearsals of a version of the procedure: which text, on what, how far it is, and what came of it."""

from alembic import op

from weerklank.kernel.rowlevel import protect

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE rehearsal (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL,
            text text NOT NULL,
            state text NOT NULL,
            done integer NOT NULL,
            total integer NOT NULL,
            found jsonb NOT NULL,
            asked_by uuid,
            asked_at timestamptz NOT NULL,
            ready_at timestamptz,
            CONSTRAINT pk_rehearsal PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_rehearsal_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenant (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_rehearsal_tenant_id_asked_at ON rehearsal (tenant_id, asked_at)")
    protect(op, "rehearsal")

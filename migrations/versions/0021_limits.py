"""What limits a connection stands with the roles too: behind a pooler a connection cannot bring its own.

Roles are the cluster's and another database may have given them their limits, hence by hand and once. A server whose
administrator keeps roles to himself is told by `weerklank db check` what is missing.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
compatible_from = "0014"


def upgrade() -> None:
    op.execute(
        """
        DO $$ DECLARE alter_role text; BEGIN
            FOR alter_role IN
                SELECT 'ALTER ROLE ' || rolname || ' SET ' FROM pg_roles
                WHERE rolname IN ('weerklank_app', 'weerklank_clock') AND rolconfig IS NULL
            LOOP
                EXECUTE alter_role || 'statement_timeout = ''10s''';
                EXECUTE alter_role || 'lock_timeout = ''5s''';
                EXECUTE alter_role || 'idle_in_transaction_session_timeout = ''60s''';
                EXECUTE alter_role || 'timezone = ''UTC''';
            END LOOP;
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END $$
        """
    )

"""The second wall, for migrations: row-level security, and what each role may do with a table.

The application's role owns nothing and cannot step past a policy; FORCE binds the owner too. Without a tenant
in the transaction the setting is empty or absent and the policy matches no row.
"""

from collections.abc import Sequence
from typing import Protocol

APP = "weerklank_app"
CLOCK = "weerklank_clock"
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
RECORD = ("SELECT", "INSERT")  # what may be added to and never changed
THIS_TENANT = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"


class Operations(Protocol):
    """Alembic's `op`, as far as it is needed here."""

    def execute(self, sqltext: str) -> None: ...


def protect(op: Operations, table: str, allow: Sequence[str] = ALL) -> None:
    """Close a tenant's table: only rows of the transaction's tenant, only what `allow` names, only the app."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_only ON {table} USING ({THIS_TENANT}) WITH CHECK ({THIS_TENANT})")
    op.execute(f"GRANT {', '.join(allow)} ON {table} TO {APP}")


def expose_to_clock(op: Operations, table: str, columns: Sequence[str]) -> None:
    """Let the clock read these columns of all tenants, to find what is due: ids, moments, states; no content."""
    op.execute(f"CREATE POLICY clock_sees_all ON {table} FOR SELECT TO {CLOCK} USING (true)")
    op.execute(f"GRANT SELECT ({', '.join(columns)}) ON {table} TO {CLOCK}")

"""What complaints take in the database, by table: rows and bytes for each, indexes included.

Asks the installation of this folder, filled before by `make demo`, after sealing and indexing what is in it; prints a
table in Markdown. Tables are packed first, so that room which updates leave open is not counted.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import select

from weerklank.assembly import Platform, assemble
from weerklank.audit.seals import seal_heads
from weerklank.cases.model import CaseFile
from weerklank.cases.search.index import index_case
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.postgres import borrowed_cluster
from weerklank.kernel.settings import load
from weerklank.tenancy.organisations import all_organisations

TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""


def main() -> None:
    settings = load()
    with borrowed_cluster(settings.var.resolve()) as cluster:
        platform = assemble(settings)
        finish(platform)
        platform.database.dispose()
        platform.keyring.keystore.dispose()
        for database in ("weerklank", "weerklank_keys"):
            with closing(psycopg.connect(cluster.dsn(database, "postgres"), autocommit=True)) as connection:
                measure(connection)


def finish(platform: Platform) -> None:
    """What the clock and the workers would do in the end: seal every chain, and make the words findable."""
    with open_session(platform.database) as session, without_tenant(session, "sizes are those of all"):
        tenants = [tenant.id for tenant in all_organisations(session)]
    for tenant_id in tenants:
        with platform.tenant(tenant_id) as session:
            seal_heads(session, platform.engine.audit_key, tenant_id, datetime.now(UTC))
            for case_id in session.scalars(select(CaseFile.id).where(CaseFile.tenant_id == tenant_id)).all():
                index_case(session, platform.engine, tenant_id, case_id, datetime.now(UTC))
            session.commit()


def measure(connection: psycopg.Connection) -> None:
    """Pack every table, and print its rows and bytes."""
    for (name,) in connection.execute(TABLES).fetchall():
        connection.execute(SQL("VACUUM (FULL, ANALYZE) {}").format(Identifier(name)))
        size = SQL("SELECT count(*), pg_total_relation_size({}) FROM {}").format(name, Identifier(name))
        rows, taken = connection.execute(size).fetchone() or (0, 0)
        if rows:
            print(f"| {name} | {rows} | {taken} | {taken / rows:.0f} |")


if __name__ == "__main__":
    main()

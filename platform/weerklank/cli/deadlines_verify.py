"""`weerklank deadlines verify`: recompute every stored deadline from the events of its case, and list differences."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify` to the commands of `deadlines`."""
    parser = commands.add_parser("verify", help="recompute every stored deadline (exit code 1: one differs)")
    parser.add_argument("--tenant", metavar="SLUG", help="of this organisation only")
    parser.set_defaults(run=run_verify, needs_database=True)


def run_verify(arguments: argparse.Namespace) -> int:
    """0: all stored deadlines are what they should be; 1: one differs, or there is no such organisation."""
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine
    from weerklank.kernel.settings import load

    engine = make_engine(load().database_url)
    try:
        with schema.reachable("database"), engine.connect() as connection:
            schema.check(connection)
        return verify_all(engine, arguments.tenant)
    finally:
        engine.dispose()


def verify_all(engine: "Engine", slug: str | None) -> int:
    """Print each difference, by ids and days only, and how many there are."""
    from sqlalchemy import select

    from weerklank.cases.clocks import verify
    from weerklank.kernel.database import open_session, tenant_scope, without_tenant
    from weerklank.tenancy.model import Tenant

    with open_session(engine) as session, without_tenant(session, "the deadlines of all organisations are verified"):
        rows = session.execute(select(Tenant.id, Tenant.slug).order_by(Tenant.slug)).all()
    tenants = [row for row in rows if slug in (None, row.slug)]
    if slug and not tenants:
        print(f"There is no organisation {slug}.")
        return 1
    count = 0
    for tenant_id, name in tenants:
        with open_session(engine) as session, tenant_scope(session, tenant_id):
            for found in verify(session, tenant_id, datetime.now(UTC)):
                count += 1
                print(f"{name}: case {found.case_id}, {found.term}: ", end="")
                print(f"{found.column} is {found.stored}, not {found.computed}")
    print(f"{len(tenants)} organisations verified, {count} differences")
    return 1 if count else 0

"""`weerklank deadlines verify`: recompute every stored deadline from the events of its case, and list differences."""

import argparse
from datetime import UTC, datetime


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify` to the commands of `deadlines`."""
    parser = commands.add_parser("verify", help="recompute every stored deadline (exit code 1: one differs)")
    parser.add_argument("--tenant", metavar="SLUG", help="of this organisation only")
    parser.set_defaults(run=run_verify, needs_database=True)


def run_verify(arguments: argparse.Namespace) -> int:
    """0: all stored deadlines are what they should be; 1: one differs, or there is no such organisation."""
    from sqlalchemy import select

    from weerklank.cases.clocks import verify
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine, open_session, tenant_scope, without_tenant
    from weerklank.kernel.settings import load
    from weerklank.tenancy.model import Tenant

    engine = make_engine(load().database_url)
    with schema.reachable("database"), engine.connect() as connection:
        schema.check(connection)
    with open_session(engine) as session, without_tenant(session, "the deadlines of all organisations are verified"):
        chosen = select(Tenant.id, Tenant.slug).order_by(Tenant.slug)
        tenants = [tuple(row) for row in session.execute(chosen) if arguments.tenant in (None, row.slug)]
    if arguments.tenant and not tenants:
        print(f"There is no organisation {arguments.tenant}.")
        return 1
    count = 0
    for tenant_id, slug in tenants:
        with open_session(engine) as session, tenant_scope(session, tenant_id):
            for found in verify(session, tenant_id, datetime.now(UTC)):
                count += 1
                print(f"{slug}: case {found.case_id}, {found.term}: {found.column} is {found.stored}, not {found.computed}")
    print(f"{len(tenants)} organisations verified, {count} differences")
    return 1 if count else 0

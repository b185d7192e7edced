"""`weerklank audit verify`: prove every organisation's trail, and say what is not sealed yet."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine

    from weerklank.audit.verify import Report


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("audit", help="prove that no event was changed, removed or reordered")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    proof = commands.add_parser("verify", help="recompute all chains and seals (exit code 1: something is wrong)")
    proof.add_argument("--tenant", metavar="SLUG", help="of this organisation only")
    proof.set_defaults(run=run_verify, needs_database=True)


def run_verify(arguments: argparse.Namespace) -> int:
    """0: all trails are whole; 1: a finding, or no such organisation."""
    from weerklank.audit.verify import verify
    from weerklank.kernel import schema
    from weerklank.kernel.database import engine_for, open_session, tenant_scope
    from weerklank.kernel.settings import load

    settings = load()
    with schema.reachable("database"), engine_for(settings.database_url) as engine:
        with engine.connect() as connection:
            schema.check(connection)
        tenants = organisations(engine)
        chosen = {slug: tenant_id for slug, tenant_id in tenants.items() if arguments.tenant in (None, slug)}
        if arguments.tenant and not chosen:
            print(f"There is no organisation {arguments.tenant}.")
            return 1
        faults = removed_organisations(settings.audit_folder, tenants.values())
        for slug, tenant_id in chosen.items():
            with open_session(engine) as session, tenant_scope(session, tenant_id):
                keys = settings.audit_key, settings.audit_folder, tenant_id, settings.old_audit_keys
                faults += tell(slug, verify(session, *keys))
    return 1 if faults else 0


def organisations(engine: "Engine") -> "dict[str, UUID]":
    from sqlalchemy import text

    from weerklank.kernel.database import open_session, without_tenant

    with open_session(engine) as session, without_tenant(session, "the trails of all organisations are proven"):
        return {row.slug: row.id for row in session.execute(text("SELECT slug, id FROM tenant ORDER BY slug"))}


def removed_organisations(folder: "Path", known: "Collection[UUID]") -> int:
    """Print the organisations that were sealed once and are not in the database; answers how many."""
    missing = sorted({file.stem for file in folder.glob("*.head")} - {str(tenant_id) for tenant_id in known})
    for name in missing:
        print(f"{name}: FAULT: an organisation that was sealed is missing")
    return len(missing)


def tell(slug: str, report: "Report") -> int:
    """Print what was found, ids and numbers only; answers the number of findings."""
    state = f"{len(report.findings)} FAULTS" if report.findings else "whole"
    print(f"{slug}: {state}; {report.cases} cases, {report.events} events, {report.seals} seals", end="")
    print(f"; not yet sealed: {report.unsealed} cases; not yet written outside: {report.unwitnessed} seals")
    for finding in report.findings:
        where = f"seal {finding.number}" if finding.case_id is None else f"case {finding.case_id}, {finding.number}"
        print(f"{slug}: FAULT: {finding.fault.value} ({where})")
    return len(report.findings)

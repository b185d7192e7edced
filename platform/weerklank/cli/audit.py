"""`weerklank audit verify`: prove every organisation's trail, and say what is not sealed yet."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weerklank.audit.verify import Report


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("audit", help="prove that no event was changed, removed or reordered")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    proof = commands.add_parser("verify", help="recompute all chains and seals (exit code 1: something is wrong)")
    proof.add_argument("--tenant", metavar="SLUG", help="of this organisation only")
    proof.set_defaults(run=run_verify, needs_database=True)


def run_verify(arguments: argparse.Namespace) -> int:
    """0: all trails are whole; 1: a finding, or no such organisation."""
    from sqlalchemy import text

    from weerklank.audit.verify import verify
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine, open_session, tenant_scope, without_tenant
    from weerklank.kernel.settings import load

    settings = load()
    engine = make_engine(settings.database_url)
    with schema.reachable("database"), engine.connect() as connection:
        schema.check(connection)
    with open_session(engine) as session, without_tenant(session, "the trails of all organisations are proven"):
        chosen = text("SELECT id, slug FROM tenant WHERE slug = coalesce(:slug, slug) ORDER BY slug")
        tenants = session.execute(chosen, {"slug": arguments.tenant}).all()
        known = {tenant.hex for tenant in session.scalars(text("SELECT id FROM tenant"))}
    if arguments.tenant and not tenants:
        print(f"There is no organisation {arguments.tenant}.")
        return 1
    faults = 0
    for tenant_id, slug in tenants:
        with open_session(engine) as session, tenant_scope(session, tenant_id):
            faults += tell(slug, verify(session, settings.audit_key, settings.audit_folder, tenant_id))
    for file in sorted(settings.audit_folder.glob("*.head")):
        if file.stem.replace("-", "") not in known:
            faults += 1
            print(f"{file.stem}: FAULT: an organisation that was sealed is missing")
    return 1 if faults else 0


def tell(slug: str, report: "Report") -> int:
    """Print what was found, ids and numbers only; answers the number of findings."""
    state = f"{len(report.findings)} FAULTS" if report.findings else "whole"
    print(f"{slug}: {state}; {report.cases} cases, {report.events} events, {report.seals} seals", end="")
    print(f"; not yet sealed: {report.unsealed} cases; not yet written outside: {report.unwitnessed} seals")
    for finding in report.findings:
        where = f"seal {finding.number}" if finding.case_id is None else f"case {finding.case_id}, {finding.number}"
        print(f"{slug}: FAULT: {finding.fault.value} ({where})")
    return len(report.findings)

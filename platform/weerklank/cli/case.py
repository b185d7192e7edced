"""`weerklank case why REF`: every explanation of a case, made from the open parts of its events."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from weerklank.policy.why import Why


def register(subparsers: Any) -> None:
    """Add `case` with its commands."""
    parser = subparsers.add_parser("case", help="explain a case, without opening what is sealed in it")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    why = commands.add_parser(
        "why",
        help="why each day, handler, step, message and refusal is as it is",
        description="For an operator, who may read no files: it works with the open parts of the events only (codes, "
        "days, ids). No key is used, and no name, address or written word is printed; people are told by their role.",
    )
    why.add_argument("reference", metavar="REF", help="the reference of the case, such as ABC-2026-0042")
    why.add_argument("--tenant", required=True, metavar="SLUG", help="the organisation it belongs to")
    why.add_argument("--language", choices=("nl", "en"), default="en", help="default: en")
    why.add_argument("--json", action="store_true", help="as JSON")
    why.set_defaults(run=print_why, needs_database=True)


def print_why(arguments: argparse.Namespace) -> int:
    """Exit 0: printed; 1: there is no such case; 2: there is no such organisation."""
    from weerklank.cli.policy_simulate import in_organisation
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine
    from weerklank.kernel.settings import load

    engine = make_engine(load().database_url)

    def run(session: "Session", tenant_id: UUID) -> "Iterator[Why]":
        return whys(session, tenant_id, arguments.reference, arguments.language, datetime.now(UTC))

    try:
        with schema.reachable("database"), engine.connect() as connection:
            schema.check(connection)
        found = list(in_organisation(engine, arguments.tenant, run))
    finally:
        engine.dispose()
    if not found:
        print(f"There is no case {arguments.reference} in {arguments.tenant}.")
        return 1
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        print("\n\n".join(told(one) for one in found))
    return 0


def whys(session: "Session", tenant_id: UUID, reference: str, language: str, now: datetime) -> "Iterator[Why]":
    from sqlalchemy import select

    from weerklank.cases.act import as_event, open_case
    from weerklank.cases.model import CaseFile
    from weerklank.policy.why import explain_case

    mine = (CaseFile.tenant_id == tenant_id, CaseFile.reference == reference.strip().upper())
    case_id = session.scalar(select(CaseFile.id).where(*mine))
    if case_id is not None:
        opened = open_case(session, tenant_id, case_id, now)
        yield from explain_case(opened.world, [as_event(each) for each in opened.stored], language)


def told(one: "Why") -> str:
    """One explanation as lines: what, the rule with its source, why, and what was passed over."""
    source = f" ({', '.join(one.source)})" if one.source else ""
    lines = [f"{one.kind}: {one.label or one.name}", f"  {one.rule}{source}"]
    lines += [f"  - {each}" for each in one.because]
    lines += [f"  x {each.rule}: {'; '.join(each.failed)}" for each in one.passed]
    return "\n".join(lines)

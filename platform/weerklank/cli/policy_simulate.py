"""`weerklank policy simulate NEW --against OLD`: what would change if the new version were in force."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from weerklank.rehearsal.simulation.run import Compared


def add_simulate(commands: Any) -> None:
    parser = commands.add_parser("simulate", help="play cases or stories under two versions and list what changes")
    parser.add_argument("new", type=Path, metavar="NEW", help="the new policy, or its folder")
    parser.add_argument("--against", type=Path, required=True, metavar="OLD", help="the policy as it is, or its folder")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--stories", type=Path, metavar="DIR", help="stories to play (default: those beside OLD)")
    what.add_argument("--cases", metavar="TENANT", help="play all cases of this organisation instead")
    parser.add_argument("--language", choices=("nl", "en"), default="en", help="of what is printed (default: en)")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=simulate, needs_database=True)


def simulate(arguments: argparse.Namespace) -> int:
    """Exit 0: nothing changes; 1: something would; 2: a policy, story or organisation that cannot be read.

    Cases are played from the open parts of their events: no key is used and nobody's name is read.
    """
    from weerklank.cli.words import translator
    from weerklank.kernel import schema
    from weerklank.kernel.database import make_engine
    from weerklank.kernel.settings import load

    settings, translate = load(), translator(arguments.language)
    schema.upgrade(settings.database_owner_url)
    database = make_engine(settings.database_url)
    try:
        compared = list(compare(database, arguments))
    finally:
        database.dispose()
    if arguments.json:
        print(json.dumps([one.as_data(translate) for one in compared], ensure_ascii=False, indent=2))
    else:
        for one in compared:
            for line in one.as_data(translate)["changes"]:
                print(f"{one.name}: {line['message']}")
            if one.unreadable:
                print(f"{one.name}: {one.as_data(translate)['unreadable']}")
        changed = sum(bool(one.changes) for one in compared)
        print(translate("{count} played, {changed} would change").format(count=len(compared), changed=changed))
    if any(one.unreadable for one in compared):
        return 2
    return int(any(one.changes for one in compared))


def compare(database: "Engine", arguments: argparse.Namespace) -> "Iterator[Compared]":
    from weerklank.cli.policy import policies, read
    from weerklank.rehearsal.run import stories_of
    from weerklank.rehearsal.simulation.run import over_cases, over_stories

    old, new = (policies(path)[0] for path in (arguments.against, arguments.new))
    readings = [read(path) for path in (old, new)]
    for path, reading in zip((old, new), readings, strict=True):
        if reading.policy is None:
            raise BadSurroundings(f"{path} cannot be used: {reading.findings[0]}")
    if not arguments.cases:
        folder = (
            arguments.stories.parent if arguments.stories and arguments.stories.name == "stories" else arguments.stories
        )
        stories = stories_of(folder or old.parent) or sorted((arguments.stories or old.parent).glob("*.y*ml"))
        stories = [path for path in stories if path.name != "policy.yaml"]
        if not stories:
            raise BadSurroundings(f"there are no stories in {folder or old.parent}.")
        yield from over_stories(database, old, new, stories)
        return
    before, after = (reading.policy for reading in readings)
    assert before is not None and after is not None
    yield from in_organisation(database, arguments.cases, lambda session, tenant_id: over_cases(
        session, tenant_id, before, after, datetime.now(UTC)))  # fmt: skip


def in_organisation(database: "Engine", slug: str, run: Any) -> "Iterator[Any]":
    """Run something within one organisation; BadSurroundings when there is none of this name."""
    from sqlalchemy import select

    from weerklank.kernel.database import open_session, tenant_scope, without_tenant
    from weerklank.tenancy.model import Tenant

    with open_session(database) as session:
        with without_tenant(session, "a command names an organisation"):
            tenant_id = session.scalar(select(Tenant.id).where(Tenant.slug == slug))
        if tenant_id is None:
            raise BadSurroundings(f"there is no organisation {slug}.")
        with tenant_scope(session, tenant_id):
            yield from run(session, tenant_id)

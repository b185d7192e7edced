"""`weerklank demo`: fills the organisations that have a `demo.yaml` with a year of invented complaints."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from weerklank.cli.main import main
from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from weerklank.cli.installation import Installation
    from weerklank.rehearsal.demo.play import Organisation, Stopped
    from weerklank.rehearsal.demo.script import Script

WIDTH = 30
T = TypeVar("T")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("demo", help="fill the tenants with a year of invented complaints; may be repeated")
    parser.add_argument("--links", action="store_true", help="print fresh links to log in, also when nothing is added")
    parser.set_defaults(run=demo, needs_database=True)


def demo(arguments: argparse.Namespace) -> int:
    """Fill every organisation that has a demo; answers 1 when a policy stopped some complaint on its way."""
    from weerklank.cli.installation import installation

    for step in (["db", "upgrade"], ["tenants", "import"]):
        if code := main(step):
            return code
    with installation() as installed:
        found = list(organisations(installed))
        stopped = [each for here, script in found for each in fill_one(here, script, arguments.links)]
    for one in stopped:
        print(f"not played on from {one.at:%Y-%m-%d} by {one.rule}: {one.words} ({one.text[:50]})", file=sys.stderr)
    return 1 if stopped else 0


def organisations(installed: "Installation") -> "Iterator[tuple[Organisation, Script]]":
    """Each organisation of the folder of tenants that has a demo, with its script. Nothing has changed yet."""
    from weerklank.cases.act import Engine
    from weerklank.kernel.database import open_session, without_tenant
    from weerklank.rehearsal.demo.play import Organisation
    from weerklank.rehearsal.demo.script import read_script
    from weerklank.rehearsal.stage import NoFiles
    from weerklank.tenancy.folder import folders
    from weerklank.tenancy.organisations import find_by_slug

    settings = installed.settings
    engine = Engine(installed.keyring, settings.audit_key, NoFiles())
    found = [folder for folder in folders(settings.tenants) if (folder / "demo.yaml").is_file()]
    if not found:
        raise BadSurroundings(f"No organisation in {settings.tenants} has a demo.yaml.")
    for folder in found:
        with open_session(installed.engine) as session, without_tenant(session, "the demo visits each organisation"):
            tenant_id = find_by_slug(session, folder.name).id
        here = Organisation(installed.engine, engine, tenant_id, folder.name, settings.base_url)
        yield here, read_script(folder / "demo.yaml")


def fill_one(here: "Organisation", script: "Script", wants_links: bool) -> "list[Stopped]":
    """Add what is missing in one organisation, and say what is there now."""
    from weerklank.kernel.errors import Refused
    from weerklank.rehearsal.demo.play import bring_on, links, missing, play

    now, added = datetime.now(UTC), missing(here, script)
    stopped = []
    if added:
        try:
            people = bring_on(here, script, now)
        except Refused as refused:
            print(f"{here.slug}: left alone, it has people of its own ({refused.code} {refused.values}).")
            return []
        played = (play(here, script, complaint, people, now) for complaint in added)
        stopped = [each for each in progress(here.slug, played, len(added)) if each]
    report(here, len(added), now)
    if added or wants_links:
        for name, email, token in links(here, script, now):
            print(f"    {name:28} {email:44} {here.base_url}/{here.slug}/link/{token}")
    return stopped


def report(here: "Organisation", added: int, now: datetime) -> None:
    """One line: how many complaints, in which phases, and how many are late."""
    from weerklank.rehearsal.demo.play import phases

    found, late = phases(here, now.date())
    counted = ", ".join(f"{number} {phase}" for phase, number in sorted(found.items()))
    said = f"{added} complaints added" if added else "the demo is already there"
    print(f"{here.slug}: {said}; {counted}; {late} late")


def progress(what: str, items: Iterable[T], total: int) -> Iterator[T]:
    """The items, with a bar on stderr that grows as they come; without a terminal a line at the end."""
    shown = sys.stderr.isatty()
    for done, item in enumerate(items, 1):
        if shown:
            bar = "#" * (WIDTH * done // total)
            print(f"\r{what:24} [{bar:.<{WIDTH}}] {done}/{total} ", end="", file=sys.stderr, flush=True)
        yield item
    print(file=sys.stderr) if shown else print(f"{what}: {total} played", file=sys.stderr)

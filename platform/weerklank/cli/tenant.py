"""`weerklank tenant`: write one organisation's export, or take one in. See docs/export.md."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from weerklank.cli.backup import say
from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

SAY_EVERY = 5_000


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("tenant", help="export one organisation, or take one in")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    out = commands.add_parser("export", help="write everything of an organisation into one sealed file")
    out.add_argument("slug", help="short name of the organisation")
    out.add_argument("--to", type=Path, required=True, metavar="FILE", help="a file that is not there yet")
    out.set_defaults(run=run_export, needs_database=True)
    take = commands.add_parser("import", help="take an organisation in from its export, under new keys")
    take.add_argument("file", type=Path, help="the export")
    take.set_defaults(run=run_import, needs_database=True)
    show = commands.add_parser("open", help="write what is in an export as an ordinary zip file")
    show.add_argument("file", type=Path, help="the export")
    show.add_argument("--to", type=Path, required=True, metavar="ZIP", help="a file that is not there yet")
    show.set_defaults(run=run_open)
    for command in (out, take, show):
        command.add_argument(
            "--passphrase-file",
            type=Path,
            action="append",
            metavar="FILE",
            help="holds the passphrase; twice for two of them (default: ask)",
        )


def run_export(arguments: argparse.Namespace) -> int:
    """Write it; 1 if files are missing in the store. Raises BadSurroundings; then there is no file."""
    from weerklank.assembly import assembled
    from weerklank.backup.asking import note_by_operator
    from weerklank.backup.box import half_of
    from weerklank.backup.export import export_to
    from weerklank.backup.stored import reachable
    from weerklank.kernel.settings import load

    now = datetime.now(UTC)
    with assembled(load()) as platform, reachable():
        tenant_id = find(platform.database, arguments.slug)
        halves = [half_of(each) for each in passphrases(arguments.passphrase_file)]
        note_by_operator(platform, tenant_id, now)
        done = export_to(platform, tenant_id, arguments.to, halves, now, every(SAY_EVERY))
    print(f"{arguments.to}: {done.rows} rows, {done.files} files.")
    if done.missing:
        print(f"{done.missing} files are not in the store; the manifest lists them.", file=sys.stderr)
    return 1 if done.missing else 0


def run_import(arguments: argparse.Namespace) -> int:
    """Take it in. Raises BadSurroundings; then nothing was taken in."""
    from weerklank.assembly import assembled
    from weerklank.backup.importing import take_in
    from weerklank.backup.stored import reachable
    from weerklank.kernel.settings import load

    given = passphrases(arguments.passphrase_file)
    with assembled(load()) as platform, reachable():
        done = take_in(platform, arguments.file, given, datetime.now(UTC), say)
    print(f"{done.slug} is here: {done.rows} rows, {done.files} files.")
    if done.unsent:
        print(f"{done.unsent} messages had not gone out yet; the organisation's administrators see them as failed.")
    print(f"Its people log in by a new link: weerklank tenants admin-link {done.slug}")
    return 0


def run_open(arguments: argparse.Namespace) -> int:
    """Write the zip file. Raises BadSurroundings."""
    import shutil

    from weerklank.backup.box import open_box

    if arguments.to.exists():
        raise BadSurroundings(f"{arguments.to} is there already.")
    with open_box(arguments.file, passphrases(arguments.passphrase_file)) as box, arguments.to.open("xb") as file:
        arguments.to.chmod(0o600)
        shutil.copyfileobj(box, file)
    print(f"{arguments.to}: anybody can read this; remove it when you are done.")
    return 0


def passphrases(files: list[Path] | None) -> list[str]:
    """Out of the files, else asked for at the terminal."""
    try:
        given = [file.read_text(encoding="utf-8").strip("\r\n") for file in files or ()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadSurroundings(f"A passphrase file cannot be read ({type(error).__name__}).") from error
    if given:
        return given
    first, second = getpass("Passphrase: "), getpass("Second passphrase (empty: none): ")
    return [each for each in (first, second) if each]


def find(database: "Engine", slug: str) -> "UUID":
    from weerklank.kernel.database import open_session
    from weerklank.kernel.errors import NotFound
    from weerklank.tenancy.organisations import find_by_slug

    with open_session(database) as session:
        try:
            return find_by_slug(session, slug).id
        except NotFound:
            raise BadSurroundings(f"There is no organisation {slug!r} (`weerklank tenants list`).") from None


def every(number: int) -> Callable[[int, int], None]:
    """A word about how far it is, each so many."""

    def tell(done: int, total: int) -> None:
        if done % number == 0:
            say(f"{done} of {total}")

    return tell

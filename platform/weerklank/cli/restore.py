"""`weerklank restore`: put a back-up back into an empty installation, or one organisation into this one."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from weerklank.cli.backup import say
from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from uuid import UUID

    from weerklank.assembly import Platform
    from weerklank.kernel.settings import Settings

    Gone = set[tuple[UUID, UUID]]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "restore", help="put a back-up back (exit code 2: it cannot be trusted, or not here)"
    )
    parser.add_argument(
        "--from",
        dest="place",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="one back-up, or those of which the newest",
    )
    parser.add_argument("--keys", action="store_true", help="of the key store; do this first, if it is lost too")
    parser.add_argument("--tenant", metavar="SLUG", help="only this organisation, in place of what is here of it")
    ledger = parser.add_mutually_exclusive_group()
    ledger.add_argument(
        "--ledger", type=Path, metavar="FILE", help="what was destroyed (default: AUDIT_FOLDER/erased.log)"
    )
    ledger.add_argument("--without-ledger", action="store_true", help="destroyed cases may come back")
    parser.add_argument("--accept-losses", action="store_true", help="also where keys of cases are lacking")
    parser.set_defaults(run=run, needs_database=True)


def run(arguments: argparse.Namespace) -> int:
    """Put it back. Raises BadSurroundings with what is wrong with the back-up or with the target."""
    from weerklank.assembly import assembled
    from weerklank.backup.manifest import DATA, KEYS, newest
    from weerklank.backup.stored import reachable
    from weerklank.kernel.settings import load

    with assembled(load()) as platform, reachable():
        gone = destroyed(platform.settings, arguments)
        place = newest(arguments.place, KEYS if arguments.keys else DATA)
        way = run_keys if arguments.keys else run_tenant if arguments.tenant else run_data
        way(platform, arguments, place, gone)
    return 0


def run_keys(platform: "Platform", arguments: argparse.Namespace, place: Path, gone: "Gone") -> None:
    from weerklank.backup.keys import restore_keys

    done = restore_keys(platform.settings, platform.keyring, place, gone, say)
    print(f"{done['tenant_key']} keys of organisations and {done['case_key']} of cases are back", end="; ")
    print(f"{done['gone']} of these belonged to destroyed cases and are gone again.")


def run_tenant(platform: "Platform", arguments: argparse.Namespace, place: Path, gone: "Gone") -> None:
    from weerklank.backup.one import restore_tenant

    losses, now = arguments.accept_losses, datetime.now(UTC)
    done = restore_tenant(platform, place, arguments.tenant, gone, now, say, accept_losses=losses)
    print(f"{arguments.tenant} is as it was at {done.made_at}: {done.rows} rows for {done.before}, {done.files} files.")
    print(f"{done.keyless} of its cases cannot be read; {done.erased} were destroyed since, and are again.")


def run_data(platform: "Platform", arguments: argparse.Namespace, place: Path, gone: "Gone") -> None:
    from weerklank.backup.restoring import restore

    done = restore(platform, place, gone, datetime.now(UTC), say, accept_losses=arguments.accept_losses)
    print(f"Back is what there was at {done.made_at}: {done.rows} rows, {done.files} files.")
    for line in done.remarks():
        print(line)
    print("Now prove it: weerklank audit verify; weerklank deadlines verify.")


def destroyed(settings: "Settings", arguments: argparse.Namespace) -> "Gone":
    """The cases that were destroyed, by the ledger. Raises BadSurroundings without one, unless that was asked for."""
    from weerklank.audit.erasures import NAME, erased

    ledger = arguments.ledger or settings.audit_folder / NAME
    if arguments.without_ledger:
        print("Without a ledger: what was destroyed after the back-up of the keys can be read again.", file=sys.stderr)
        return set()
    if not ledger.is_file():
        raise BadSurroundings(
            f"There is no ledger of destroyed cases at {ledger}: give it with --ledger, or say --without-ledger."
        )
    return erased(ledger, (settings.audit_key, *settings.old_audit_keys))

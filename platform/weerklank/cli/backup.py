"""`weerklank backup`: of the database and the files, or with `--keys` of the key store; each in its own folder."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

KEEP_KEYS_DAYS = 30  # a copy of a key undoes that it was destroyed


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("backup", help="make a back-up (exit code 1: files are missing in the store)")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="where the back-ups lie together")
    parser.add_argument("--keys", action="store_true", help="of the key store; its folder must be another")
    parser.add_argument(
        "--keep-days", type=int, metavar="N", help="then remove back-ups older than this (keys: 30, data: never)"
    )
    parser.set_defaults(run=run, needs_database=True)


def run(arguments: argparse.Namespace) -> int:
    """Make one and remove what is too old. Raises BadSurroundings; then there is no new back-up."""
    from weerklank.audit.erasures import begin
    from weerklank.kernel.settings import load

    begin(load().audit_folder)
    return run_keys(arguments) if arguments.keys else run_data(arguments)


def run_data(arguments: argparse.Namespace) -> int:
    from weerklank.assembly import assembled
    from weerklank.backup.stored import reachable
    from weerklank.backup.whole import back_up, remove_older
    from weerklank.kernel.settings import load

    now = datetime.now(UTC)
    with assembled(load()) as platform, reachable():
        made = back_up(platform.settings, platform.files.store, arguments.to, now, say)
    print(f"{made.place}: {made.rows} rows, {made.files} files.")
    if arguments.keep_days is not None:
        print(f"Removed: {remove_older(arguments.to, now, arguments.keep_days)} older back-ups.")
    if made.missing:
        print(f"{made.missing} files of which the database speaks are not in the store.", file=sys.stderr)
    return 1 if made.missing else 0


def run_keys(arguments: argparse.Namespace) -> int:
    from weerklank.backup.keys import back_up_keys
    from weerklank.backup.manifest import KEYS, remove_older
    from weerklank.kernel.settings import load

    now = datetime.now(UTC)
    print(f"{back_up_keys(load(), arguments.to, now, say)}: the keys as they are now.")
    days = KEEP_KEYS_DAYS if arguments.keep_days is None else arguments.keep_days
    print(f"Removed: {remove_older(arguments.to, KEYS, now, days)} back-ups of more than {days} days ago.")
    return 0


def say(line: str) -> None:
    """How far it is."""
    print(f"  {line}", file=sys.stderr, flush=True)

"""`weerklank files`: sealed files, copied from one store to another."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from weerklank.documents.store import Store

BUCKET = "bucket"
SAY_EVERY = 500


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("files", help="copy sealed files from one store to another")
    asked = parser.add_subparsers(metavar="COMMAND", required=True)
    command = asked.add_parser("copy", help="copy every file and compare it (exit code 1: a file there is another one)")
    where = "a folder, or `bucket` for the one that S3_URL and S3_BUCKET name"
    command.add_argument("source", metavar="FROM", help=where)
    command.add_argument("target", metavar="TO", help=where)
    command.set_defaults(run=copy)


def copy(arguments: argparse.Namespace) -> int:
    """Copy what TO lacks, compare everything, remove nothing. Raises BadSurroundings; then do it again."""
    from weerklank.documents.store import StoreAway, same_in_both

    if arguments.source != BUCKET and not Path(arguments.source).is_dir():
        raise BadSurroundings(f"There is no folder {arguments.source}.")
    count, wrong = 0, 0
    try:
        for tenant_id, name, is_same in same_in_both(store_at(arguments.source), store_at(arguments.target)):
            count, wrong = count + 1, wrong + (not is_same)
            if not is_same:
                print(f"{tenant_id}/{name} is another file in {arguments.target}.", file=sys.stderr)
            if count % SAY_EVERY == 0:
                print(f"  files: {count}", file=sys.stderr, flush=True)
    except StoreAway as away:
        raise BadSurroundings(f"After {count} files: {away}. Do it again to go on.") from away
    print(f"{count} files are in {arguments.target}, {wrong} of them are others.")
    return 1 if wrong else 0


def store_at(where: str) -> Store:
    """The store that a word of the command line names."""
    from weerklank.documents.store import Bucket, Folder
    from weerklank.kernel.settings import load

    if where != BUCKET:
        return Folder(Path(where))
    address = load().bucket
    if address is None:
        raise BadSurroundings("There is no bucket: S3_URL is not given.")
    return Bucket(address)

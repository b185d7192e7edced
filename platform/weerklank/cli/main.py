"""`weerklank`: finds the command's module, lets it add its arguments, and runs it.

A command is a module of this package with `register(subparsers)`, which adds its parser and sets
`run=function(arguments) -> exit code or None` as a default, with `needs_database=True` if it works on one.
A module imports what it needs inside that function, so that `weerklank deadlines compute` loads no database
and no Flask.
"""

import argparse
import errno
import importlib
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn

from weerklank.kernel.errors import BadSurroundings

BAD_SURROUNDINGS = 2
# Command -> (its module, one line of help). A new command is one line here.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("weerklank.cli.run", "start everything on this machine and print the address"),
    "web": ("weerklank.cli.web", "serve the pages alone"),
    "db": ("weerklank.cli.database", "migrate the database, or check that it fits"),
    "backup": ("weerklank.cli.backup", "make a back-up of all but the keys, or of the keys"),
    "restore": ("weerklank.cli.restore", "put a back-up back"),
    "keys": ("weerklank.cli.keys", "replace the master key, or look whether the keys open"),
    "tenant": ("weerklank.cli.tenant", "export one organisation, or take one in"),
    "files": ("weerklank.cli.files", "copy sealed files from one store to another"),
    "audit": ("weerklank.cli.audit", "prove that no event was changed, removed or reordered"),
    "tenants": ("weerklank.cli.tenants", "take in, list and help organisations"),
    "first-links": ("weerklank.cli.identity", "print the one-time links of a new installation, once"),
    "policy": ("weerklank.cli.policy", "check, show and try out procedures"),
    "case": ("weerklank.cli.case", "explain a case, without opening what is sealed in it"),
    "worker": ("weerklank.cli.worker", "carry out jobs and keep the clock"),
    "doctor": ("weerklank.cli.doctor", "find what is not as it should be"),
    "deadlines": ("weerklank.cli.deadlines", "count terms, and check how they were counted"),
    "demo": ("weerklank.cli.demo", "fill the tenants with a year of invented complaints"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code (2 for bad surroundings and bad arguments)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parsed = build_parser(given).parse_args(given)
    try:
        with database_for(parsed):
            return parsed.run(parsed) or 0
    except BadSurroundings as error:
        print(f"weerklank: {error}", file=sys.stderr)
        return BAD_SURROUNDINGS
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print("weerklank: the disk is full.", file=sys.stderr)
        return BAD_SURROUNDINGS
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def build_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser in which only the command that was asked for is loaded; the others show their help line."""
    parser = argparse.ArgumentParser(prog="weerklank", description="Complaints procedures, by policy.")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    asked = next((word for word in given if not word.startswith("-")), None)
    for name, (module, summary) in COMMANDS.items():
        if name == asked:
            importlib.import_module(module).register(subparsers)
        else:
            subparsers.add_parser(name, help=summary, add_help=False)
    return parser


def database_for(parsed: argparse.Namespace) -> AbstractContextManager[object]:
    """The private cluster, running, for a command that set `needs_database=True` and has no DATABASE_URL."""
    if not getattr(parsed, "needs_database", False):
        return nullcontext()
    from weerklank.kernel.postgres import borrowed_cluster
    from weerklank.kernel.settings import load

    settings = load()
    if not settings.private_database:
        return nullcontext()
    signal.signal(signal.SIGTERM, end_as_ctrl_c)
    return borrowed_cluster(settings.var)


def end_as_ctrl_c(number: int, frame: object) -> NoReturn:
    """A signal handler by which whoever was lent something gives it back before the process ends."""
    raise KeyboardInterrupt

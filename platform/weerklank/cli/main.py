"""`weerklank`: finds the command's module, lets it add its arguments, and runs it.

A command is a module of this package with `register(subparsers)`, which adds its parser and sets
`run=function(arguments) -> exit code or None` as a default. A module imports what it needs inside that
function, so that `weerklank deadlines compute` needs neither database nor Flask.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from weerklank.kernel.errors import BadSurroundings

# Command -> (its module, one line of help). A new command is one line here.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("weerklank.cli.run", "start everything on this machine and print the address"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answers its exit code (2 for bad surroundings and bad arguments)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = build_parser(given)
    parsed = parser.parse_args(given)
    try:
        return parsed.run(parsed) or 0
    except BadSurroundings as error:
        print(f"weerklank: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


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

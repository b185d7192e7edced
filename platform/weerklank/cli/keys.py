"""`weerklank keys`: wrap the keys of all organisations with a new master key, or look whether they open."""

import argparse

from weerklank.kernel.errors import BadSurroundings


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("keys", help="replace the master key, or look whether the keys open")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    rotate = commands.add_parser("rotate", help="wrap all with MASTER_KEY that MASTER_KEY_OLD wrapped; may be repeated")
    rotate.set_defaults(run=run_rotate, needs_database=True)
    check = commands.add_parser("check", help="whether each opens, and by which key (exit code 1: one by the old key)")
    check.set_defaults(run=run_check, needs_database=True)


def run_rotate(arguments: argparse.Namespace) -> None:
    """Wrap anew what the old key wrapped, beside programs at work. Raises BadSurroundings."""
    from weerklank.cli.installation import installation
    from weerklank.kernel.keys import rotate_master_key
    from weerklank.kernel.sealed import Tampered

    with installation() as here:
        try:
            changed, total = rotate_master_key(here.keyring)
        except Tampered:
            raise BadSurroundings("A key opens neither by MASTER_KEY nor by MASTER_KEY_OLD; nothing is lost.") from None
    print(f"{changed} keys of organisations are wrapped anew; all {total} open by MASTER_KEY.")


def run_check(arguments: argparse.Namespace) -> int:
    """0: all open by MASTER_KEY; 1: some need MASTER_KEY_OLD, so that it may not be forgotten yet."""
    from weerklank.cli.installation import installation
    from weerklank.kernel.keys import opened_by
    from weerklank.kernel.sealed import Tampered

    with installation() as here:
        try:
            new, old = opened_by(here.keyring)
        except Tampered:
            raise BadSurroundings("A key opens neither by MASTER_KEY nor by MASTER_KEY_OLD.") from None
    print(f"{new} keys of organisations open by MASTER_KEY, {old} by MASTER_KEY_OLD only.")
    return 1 if old else 0

"""`weerklank policy clauses`: which element of a policy carries out which clause, as docs/clauses.md.

A tenant's `clauses.txt` holds every clause of its procedure, one a line: the id and its gist. A clause is either
cited by an element's `source` or listed under `clauses:` in the policy with the reason why not (yet).
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weerklank.policy.settle import Settled, settle
from weerklank.policy.tree import decode, read_tree

PLATFORM = "platform"
SHOWN = 4  # elements named in a row; the rest are counted
HEAD = """# Clauses

Made by `weerklank policy clauses`; do not edit. One row a clause of a procedure: the elements of its policy that cite
it (path and line), and what is not carried out yet, with the reason. `later` comes in a later version; `outside` is
no part of the platform.
"""


@dataclass(frozen=True)
class Row:
    """A clause: its gist, the elements citing it as (dotted path, line), and why it is not carried out (in full)."""

    id: str
    gist: str
    elements: tuple[tuple[str, int], ...]
    why: str | None


def add_clauses(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `clauses` to the commands of `weerklank policy`."""
    parser = commands.add_parser("clauses", help="write which element carries out which clause")
    parser.add_argument("--tenants", type=Path, default=Path("tenants"), help="folder of policies")
    parser.add_argument("--to", type=Path, default=Path("docs/clauses.md"), help="file to write")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when the file is not up to date")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: written, or up to date; 1: a clause is neither cited nor listed, is unknown, or --check found a difference."""
    folders = sorted(path.parent for path in arguments.tenants.glob("*/clauses.txt"))
    mistakes = [mistake for folder in folders for mistake in mistakes_in(folder)]
    text = document(folders)
    if arguments.check:
        if not arguments.to.is_file() or arguments.to.read_text(encoding="utf-8") != text:
            mistakes.append(f"{arguments.to} is not up to date; run `weerklank policy clauses`")
    else:
        arguments.to.parent.mkdir(parents=True, exist_ok=True)
        arguments.to.write_text(text, encoding="utf-8")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


def mistakes_in(folder: Path) -> Iterator[str]:
    """Clauses that nothing carries and nothing excuses, and names in the policy that are no clause."""
    known = set(gists_of(folder))
    settled = settled_policy(folder)
    cited, listed = set(citations(settled)), set(settled.data.get("clauses", {}))
    for clause in sorted(known - cited - listed):
        yield f"{folder.name}: {clause} is neither cited by an element nor listed under `clauses`"
    for clause in sorted((cited | listed) - known - {PLATFORM}):
        yield f"{folder.name}: {clause} is cited or listed, but is no clause of clauses.txt"


def document(folders: Iterable[Path]) -> str:
    """The whole page: a table a tenant."""
    return HEAD + "".join(table(folder) for folder in folders)


def table(folder: Path) -> str:
    """One tenant's table, in the order of its clauses.txt."""
    rows = rows_of(folder)
    open_ = sum(row.why is not None for row in rows)
    lines = [
        f"\n## {folder.name}\n",
        f"{len(rows)} clauses, {len(rows) - open_} carried out, {open_} not (in full) yet.\n",
        f"| clause | gist | element: line of tenants/{folder.name}/policy.yaml |\n|---|---|---|",
        *(f"| {row.id} | {row.gist} | {carriers(row)} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def carriers(row: Row) -> str:
    """The last cell of a row."""
    named = "; ".join(f"`{path}`:{line}" for path, line in row.elements[:SHOWN])
    more = f" and {len(row.elements) - SHOWN} more" if len(row.elements) > SHOWN else ""
    return f"{named}{more}" if row.why is None else f"not yet: {row.why}" + (f" ({named}{more})" if named else "")


def rows_of(folder: Path) -> list[Row]:
    """Every clause of a tenant with its carriers."""
    settled = settled_policy(folder)
    cited, listed = citations(settled), settled.data.get("clauses", {})
    return [
        Row(clause, gist, tuple(cited.get(clause, ())), listed.get(clause, {}).get("why"))
        for clause, gist in gists_of(folder).items()
    ]


def gists_of(folder: Path) -> dict[str, str]:
    """Clause id -> its gist, from clauses.txt."""
    lines = (folder / "clauses.txt").read_text(encoding="utf-8").splitlines()
    parted = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {clause: gist for clause, _, gist in parted}


def settled_policy(folder: Path) -> Settled:
    """The tenant's policy as plain data with its lines."""
    tree, _ = read_tree(decode((folder / "policy.yaml").read_bytes()))
    return settle(tree)


def citations(settled: Settled) -> dict[str, list[tuple[str, int]]]:
    """Clause id -> the elements that cite it, in the order of the file."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path, clauses in sources(settled.data):
        for clause in clauses:
            found.setdefault(clause, []).append((".".join(map(str, path)), settled.place(path).line))
    return found


def sources(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], list[str]]]:
    """Every element with a `source`: its path and the clauses it cites."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from sources(each, (*path, number))
    elif isinstance(value, dict):
        given = value.get("source", [])
        if given:
            yield path, given if isinstance(given, list) else [given]
        for name, each in value.items():
            yield from sources(each, (*path, name))

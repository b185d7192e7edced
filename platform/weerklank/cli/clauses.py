"""`weerklank policy clauses`: what carries out each clause of a procedure, and what shows it, as docs/clauses.md.

A tenant's `clauses.txt` holds every clause of its procedure, one a line: its id, how far the platform must carry it,
and its gist. An element of the policy cites it by `source`; a story that shows it names it in its own `source`, and
fails when nothing that cites the clause worked in it; a test that shows it is marked `clause`.
"""

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from weerklank.policy.settle import Settled, settle
from weerklank.policy.tree import decode, read_tree

PLATFORM = "platform"
SHOWN = 4  # elements, stories and tests named in a row; the rest are counted
FULL, ASSISTED, OUTSIDE = "full", "assisted", "outside"
HEAD = """# Clauses

Made by `weerklank policy clauses`; do not edit. One row a clause of a procedure: how far the platform carries it
(`full`: by itself; `assisted`: it prompts, records and guards where a person acts; `outside`: no part of the
platform), the elements of the policy that cite it, and the stories and tests that show it. Their gists stand in
`tenants/<organisation>/clauses.txt`.
"""
COLUMNS = "| id | class | policy element file:line | stories or tests |\n|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """A clause: its class, the elements citing it as (path, line), what shows it, and why it is not carried out."""

    id: str
    level: str
    elements: tuple[tuple[str, int], ...]
    shown: tuple[str, ...]
    why: str | None


def add_clauses(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `clauses` to the commands of `weerklank policy`."""
    parser = commands.add_parser("clauses", help="write what carries out and what shows each clause")
    parser.add_argument("--tenants", type=Path, default=Path("tenants"), help="folder of policies")
    parser.add_argument("--tests", type=Path, default=Path("tests"), help="folder of tests")
    parser.add_argument("--to", type=Path, default=Path("docs/clauses.md"), help="file to write")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when the file is not up to date")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: written, or up to date; 1: a clause lacks something or is unknown, or --check found a difference."""
    folders = sorted(path.parent for path in arguments.tenants.glob("*/clauses.txt"))
    tests = marked(arguments.tests)
    mistakes = [mistake for folder in folders for mistake in mistakes_in(folder, tests)]
    text = document(folders, tests)
    if arguments.check:
        if not arguments.to.is_file() or arguments.to.read_text(encoding="utf-8") != text:
            mistakes.append(f"{arguments.to} is not up to date; run `weerklank policy clauses`")
    else:
        arguments.to.parent.mkdir(parents=True, exist_ok=True)
        arguments.to.write_text(text, encoding="utf-8")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


def mistakes_in(folder: Path, tests: Mapping[str, list[str]]) -> Iterator[str]:
    """Clauses that nothing carries, shows or excuses, and names that are no clause."""
    rows, settled = rows_of(folder, tests), settled_policy(folder)
    for row in rows:
        yield from (f"{folder.name}: {row.id} {wrong}" for wrong in wrongs(row))
    known = {row.id for row in rows}
    for clause in sorted({*citations(settled), *settled.data.get("clauses", {})} - known - {PLATFORM}):
        yield f"{folder.name}: {clause} is cited or listed, but is no clause of clauses.txt"


def wrongs(row: Row) -> Iterator[str]:
    """What is wrong with one clause: outside needs its reason, all others an element and something that shows it."""
    if row.level not in (FULL, ASSISTED, OUTSIDE):
        yield f"is {row.level}; write full, assisted or outside"
    elif row.level == OUTSIDE:
        if row.why is None:
            yield "is outside the platform, but is not listed under `clauses` with the reason"
    elif row.why is not None:
        yield f"is {row.level}, but is listed as {row.why}"
    else:
        if not row.elements:
            yield "is cited by no element of the policy"
        if not row.shown:
            yield "is shown by no story and no test"


def document(folders: Iterable[Path], tests: Mapping[str, list[str]]) -> str:
    """The whole page: how many of each class, and a table a tenant."""
    tables = {folder.name: rows_of(folder, tests) for folder in folders}
    every = [row for rows in tables.values() for row in rows]
    return f"{HEAD}\n{counted(every)}\n" + "".join(table(name, rows) for name, rows in tables.items())


def counted(rows: list[Row]) -> str:
    """How many clauses there are, of each class."""
    of = {level: sum(row.level == level for row in rows) for level in (FULL, ASSISTED, OUTSIDE)}
    return f"{len(rows)} clauses: {', '.join(f'{number} {level}' for level, number in of.items())}."


def table(name: str, rows: list[Row]) -> str:
    """One tenant's table, in the order of its clauses.txt."""
    lines = [f"| {row.id} | {row.level} | {carriers(name, row)} | {row.why or listed(row.shown)} |" for row in rows]
    return "\n".join([f"\n## {name}\n", f"{counted(rows)}\n", COLUMNS, *lines]) + "\n"


def carriers(name: str, row: Row) -> str:
    """The elements of a row: the file, and of each its line and path."""
    named = listed(f":{line} `{path}`" for path, line in row.elements)
    return f"tenants/{name}/policy.yaml{named}" if named else "none"


def listed(names: Iterable[str]) -> str:
    """Some names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return "; ".join(every[:SHOWN]) + more


def rows_of(folder: Path, tests: Mapping[str, list[str]]) -> list[Row]:
    """Every clause of a tenant with what carries it and what shows it."""
    settled, told = settled_policy(folder), told_by(folder)
    cited, excuses = citations(settled), settled.data.get("clauses", {})
    rows = []
    for line in (folder / "clauses.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            clause, level, *_ = line.split()
            shown = (*told.get(clause, ()), *tests.get(clause, ()))
            why = excuses.get(clause, {}).get("why")
            rows.append(Row(clause, level, tuple(cited.get(clause, ())), shown, why))
    return rows


def settled_policy(folder: Path) -> Settled:
    """The tenant's policy as plain data with its lines."""
    return settled_file(folder / "policy.yaml")


def settled_file(path: Path) -> Settled:
    """A file of the language as plain data with its lines."""
    tree, _ = read_tree(decode(path.read_bytes()))
    return settle(tree)


def told_by(folder: Path) -> dict[str, list[str]]:
    """Clause id -> the stories that say they are about it. Playing them proves it (`weerklank policy test`)."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder / "stories").glob("*.y*ml")):
        for clause in many(settled_file(path).data.get("source", [])):
            found.setdefault(clause, []).append(f"stories/{path.name}")
    return found


def marked(tests: Path) -> dict[str, list[str]]:
    """Clause id -> the tests marked `@pytest.mark.clause("id", ...)`, as file::name."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for clause in clauses_of(node):
                    found.setdefault(clause, []).append(f"{path.relative_to(tests.parent)}::{node.name}")
    return found


def clauses_of(test: ast.FunctionDef) -> Iterator[str]:
    """The clauses a test's own marks name, those of a parameter too."""
    calls = (node for each in test.decorator_list for node in ast.walk(each) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "clause":
            yield from (str(each.value) for each in call.args if isinstance(each, ast.Constant))


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
        if value.get("source"):
            yield path, many(value["source"])
        for name, each in value.items():
            yield from sources(each, (*path, name))


def many(given: str | list[str]) -> list[str]:
    """A lone name stands for a list of one."""
    return given if isinstance(given, list) else [given]

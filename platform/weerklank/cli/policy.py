"""`weerklank policy`: check a procedure, show it as text, and help whoever writes one. Needs no database."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weerklank.cli.clauses import add_clauses
from weerklank.cli.policy_simulate import add_simulate
from weerklank.cli.policy_test import add_command
from weerklank.kernel.errors import BadSurroundings

if TYPE_CHECKING:
    from weerklank.policy.findings import Finding
    from weerklank.policy.reader import Reading

POLICY = "policy.yaml"


def register(subparsers: Any) -> None:
    """Add `policy` with its commands; each adds its own arguments."""
    parser = subparsers.add_parser("policy", help="check, show and try out procedures")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)


def add_check(commands: Any) -> None:
    parser = commands.add_parser("check", help="list every mistake with file, line and column")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a policy or a folder (default: all tenants)")
    parser.add_argument("--live", action="store_true", help="list open questions too, and fail on them")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--quick", action="store_true", help="do not walk the whole space of assignment and steps")
    parser.add_argument("--language", choices=("nl", "en"), default="en", help="of the findings (default: en)")
    parser.set_defaults(run=check)


def add_schema(commands: Any) -> None:
    commands.add_parser("schema", help="print the JSON Schema for editors").set_defaults(run=schema)


def add_reference(commands: Any) -> None:
    commands.add_parser("reference", help="print the language's reference as Markdown").set_defaults(run=reference)


def add_show(commands: Any) -> None:
    parser = commands.add_parser("show", help="print a procedure as people will read it")
    parser.add_argument("policy", metavar="PATH|TENANT", help="a policy, a folder, or the short name of a tenant")
    parser.add_argument("--language", metavar="nl|en", help="default: the procedure's first language")
    parser.set_defaults(run=show)


# A command of the group is one function that adds its parser; it imports what it runs only when it runs.
COMMANDS: tuple[Callable[[Any], None], ...] = (
    add_check,
    add_schema,
    add_reference,
    add_show,
    add_clauses,
    add_command,
    add_simulate,
)


@dataclass(frozen=True)
class Checked:
    """A policy by the name of its file: what reading it gave, what walking it found, and what was walked."""

    name: str
    reading: Reading
    findings: tuple[Finding, ...]
    walked: tuple[str, ...]


def check(arguments: argparse.Namespace) -> int:
    """Exit 0: nothing wrong; 1: an error, or with --live an open question; 2: a path that cannot be read."""
    from weerklank.cli.words import translator
    from weerklank.policy.findings import Severity
    from weerklank.policy.reader import check_live

    paths = [path for given in arguments.paths or [tenants()] for path in policies(Path(given))]
    every = [checked(str(path), read(path), quick=arguments.quick) for path in paths]
    translate = translator(arguments.language)
    if arguments.json:
        print(json.dumps([as_json(one, translate) for one in every], ensure_ascii=False, indent=2))
    else:
        for line in lines(every, translate, live=arguments.live):
            print(line)
    wrong = any(found.severity is Severity.ERROR for one in every for found in one.findings)
    return int(wrong or (arguments.live and any(check_live(one.reading) for one in every)))


def checked(name: str, reading: Reading, *, quick: bool) -> Checked:
    """The findings of the reader, and those of the walk when there is a policy to walk."""
    from weerklank.rehearsal.proof import prove

    if reading.policy is None or quick:
        return Checked(name, reading, reading.findings, ())
    proof = prove(reading.policy)
    found = (reading.finding(name, problem) for problem in proof.problems)
    findings = sorted((*reading.findings, *found), key=lambda one: (one.line, one.column))
    return Checked(name, reading, tuple(findings), tuple(proof.summary()))


def lines(every: list[Checked], translate: Callable[[str], str], *, live: bool) -> Iterator[str]:
    """One finding, open question or walk a line."""
    from weerklank.policy.words import in_words

    for one in every:
        yield from (finding.in_(translate) for finding in one.findings)
        for question in one.reading.open if live else ():
            used = "a reading is used meanwhile" if question.reading else "there is no value meanwhile"
            asked = " ".join(question.question.split())
            yield f"{one.name}:{question.line}:1: open: {question.path}: {asked} ({translate(used)})"
        yield from (f"{one.name}: {in_words(walked, translate)}" for walked in one.walked)


def as_json(one: Checked, translate: Callable[[str], str]) -> dict[str, Any]:
    from weerklank.policy.words import in_words

    return {
        "file": one.name,
        "sha256": one.reading.sha256,
        "findings": [{**asdict(each), "message": in_words(each.message, translate)} for each in one.findings],
        "open": [asdict(question) for question in one.reading.open],
        "walked": [in_words(walked, translate) for walked in one.walked],
    }


def schema(arguments: argparse.Namespace) -> int:
    from weerklank.policy.schema import json_schema

    print(json.dumps(json_schema(), indent=2))
    return 0


def reference(arguments: argparse.Namespace) -> int:
    from weerklank.policy.reference import reference

    print(reference(), end="")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Exit 0: shown; 1: the policy has errors; 2: there is no such policy or language."""
    from weerklank.policy.show import plain_text

    by_name = {path.parent.name: path for path in tenants().glob(f"*/{POLICY}")}
    path = by_name.get(arguments.policy) or policies(Path(arguments.policy))[0]
    reading = read(path)
    if reading.policy is None:
        print(*reading.findings, sep="\n", file=sys.stderr)
        return 1
    language = arguments.language or reading.policy.procedure.languages[0]
    if language not in reading.policy.procedure.languages:
        raise BadSurroundings(f"{path} is not offered in {language!r}.")
    print(plain_text(reading.policy, language), end="")
    return 0


def read(path: Path) -> Reading:
    from weerklank.policy.reader import read_policy

    try:
        return read_policy(path, name=str(path))
    except OSError as error:
        raise BadSurroundings(f"{path} cannot be read ({error.strerror}).") from error


def policies(path: Path) -> list[Path]:
    """The policy at a path: the file itself, or that of the folder or of each folder in it."""
    try:
        found = [path] if path.is_file() else sorted((*path.glob(POLICY), *path.glob(f"*/{POLICY}")))
    except (OSError, ValueError):
        found = []
    if not found:
        raise BadSurroundings(f"{str(path)[:200]} is not a policy and holds none.")
    return found


def tenants() -> Path:
    """The folder of tenants; of all settings only this one is read, so that no key or database is asked for."""
    from weerklank.kernel.settings import ROOT, Reader

    return Reader(os.environ).folder("TENANTS", ROOT / "tenants")

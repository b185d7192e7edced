"""The table of what can be undone, in docs/cases.md, says of every event what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from weerklank.cases.undoing import STANDING, TO_CORRECT, Back
from weerklank.policy.events import Kind

DOCS = Path("docs/cases.md")
NAME = re.compile(r"`([a-z_-]+)`")


def table() -> list[tuple[str, set[str]]]:
    """Each event of the table with the forms that put it right."""
    text = DOCS.read_text("utf-8").split("## Undoing, and putting right")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [(kind, set(NAME.findall(row[2]))) for row in rows[2:] for kind in NAME.findall(row[1])]


def forms_of(kind: Kind) -> set[str]:
    """The forms by which the code lets an event be put right."""
    found = {STANDING[kind][0]} if kind in STANDING else {Back.CORRECT} if kind in TO_CORRECT else set()
    also = {Kind.NOTED: {Back.TAKE_BACK}, Kind.FACTS_RECORDED: {Back.PUT_BACK}}.get(kind, set())
    return {back.value for back in found | also}


def test_every_event_stands_in_the_table_once() -> None:
    assert sorted(kind for kind, _ in table()) == sorted(kind.value for kind in Kind)


def test_the_table_says_how_each_is_put_right() -> None:
    assert dict(table()) == {kind.value: forms_of(kind) for kind in Kind}


def test_every_form_that_puts_right_stands_in_the_table() -> None:
    assert {form for _, forms in table() for form in forms} == {back.value for back in Back}

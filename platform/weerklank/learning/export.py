"""Reports and the register as rows of text, for a spreadsheet: what a page shows, never more."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from weerklank.learning.labels import code_title, outcome_title, table_title, value_title, word
from weerklank.learning.place import Place
from weerklank.learning.register import Line, facts_of
from weerklank.learning.show import ReportView
from weerklank.policy.model import Policy

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV, in UTF-8 with its mark, so that a spreadsheet reads it; no cell is taken for a formula."""
    out = StringIO()
    csv.writer(out, delimiter=";").writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def register_rows(place: Place, lines: Sequence[Line], language: str) -> Iterator[list[str]]:
    """A heading and a row a complaint."""
    policy, facts = place.world.policy, facts_of(place.world.policy)
    plain = ("reference", "day_received", "channel", "phase", "day_closed", "days", "outcome")
    yield [word(name, language) for name in plain] + [table_title(policy, fact, language) for fact in facts]
    for one in lines:
        yield [
            one.reference,
            one.received.isoformat(),
            code_title(policy, "channels", one.channel, language),
            word(one.phase, language),
            one.closed.isoformat() if one.closed else "",
            "" if one.days is None else str(one.days),
            outcome_title(policy, one.outcome, language),
            *(fact_cell(place, one, fact, language) for fact in facts),
        ]


def fact_cell(place: Place, one: Line, fact: str, language: str) -> str:
    """The values of a fact in one cell."""
    if fact in one.struck:
        return word("struck", language)
    return ", ".join(value_title(place.world.policy, fact, value, language) for value in one.facts[fact])


def report_rows(place: Place, view: ReportView, language: str) -> Iterator[list[str]]:
    """The numbers of a report: table, what was counted, how often."""
    policy = place.world.policy
    for name, number in view.figures["totals"].items():
        yield ["", table_title(policy, name, language), shown(number, language)]
    for table in view.figures["tables"]:
        for code, number in table["rows"]:
            title = code_title(policy, table["name"], code, language)
            yield [table_title(policy, table["name"], language), title, shown(number, language)]
    for name, rows in view.texts:
        for *words, number in rows:
            yield [table_title(policy, name, language), " / ".join(words), str(number)]
    for each in view.figures["lists"]:
        yield from list_rows(policy, each["name"], each["rows"], language)


def list_rows(policy: Policy, name: str, lines: Sequence[dict[str, Any]], language: str) -> Iterator[list[str]]:
    """A list with its heading, a row a case."""
    columns = ("reference", "day_received", "day_closed", "days", "outcome", "phase", "day", "state")
    yield [table_title(policy, name, language), *(word(column, language) for column in columns)]
    for one in lines:
        outcome, days = outcome_title(policy, one["outcome"], language), one["days"]
        plain = [one["reference"], one["received"], one["closed"] or "", "" if days is None else str(days), outcome]
        phase, state = word(one["phase"], language), word(one["state"], language) if "state" in one else ""
        yield ["", *plain, phase, one.get("day", ""), state]


def shown(number: int | None, language: str) -> str:
    return word("hidden", language) if number is None else str(number)

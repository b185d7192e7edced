"""Counting for reports. Pure: from cases made of the open parts of their events, never from words.

`figures` is plain data: `totals` (name -> number), `tables` (name and rows of codes with a number), `lists` (one line
a case) and `cases` (the ids counted). How things stood is counted at the end of the period; facts, outcomes and terms
as they are known when it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low
from typing import Any

from weerklank.learning.periods import Period
from weerklank.policy.case import Case
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.conditions import holds
from weerklank.policy.model import Condition, Policy
from weerklank.policy.reporting import PER, coded
from weerklank.policy.world import World

SMALL = 5  # numbers below it could point at one case
RATED = "ratings"  # the table of what complainants said after closing
WORTH = {"yes": 100, "partly": 50, "no": 0}  # for the average
Figures = dict[str, Any]
Row = list[Any]


@dataclass(frozen=True)
class Counted:
    """A case for a report: as it stood at the end of the period (`then`), and as it is now."""

    world: World
    then: Case
    case: Case
    reference: str

    @property
    def received(self) -> date:
        assert self.case.received_at is not None
        return self.world.day_of(self.case.received_at)

    @property
    def closed(self) -> date | None:
        """The legal day on which it was closed."""
        at = self.case.first("closed")
        return self.world.day_of(at) if at else None

    @property
    def days(self) -> int | None:
        """Lead time: calendar days from receipt to closing; none while it is open."""
        return (self.closed - self.received).days if self.closed else None

    @property
    def outcome(self) -> str:
        """How it ended, as a code: the judgement if one was given, else the last step that was done."""
        judgement = self.case.facts.get("judgement")
        if isinstance(judgement, str):
            return f"judgement.{judgement}"
        if not self.case.is_closed:
            return "running"
        if self.case.is_withdrawn or not self.case.done:
            return "withdrawn"
        closed = self.case.moments["closed"][0]
        last = next((one for one in reversed(self.case.done) if one.at <= closed), self.case.done[0])
        return f"{last.step}.{last.outcome}"


@dataclass(frozen=True)
class Sheet:
    """Cases that were there in the period; one sheet of a report has none, and what was registered beside them."""

    period: Period
    cases: tuple[Counted, ...] = ()
    improvements_open: int = 0
    registered: Mapping[str, int] = field(default_factory=Counter)

    @property
    def received(self) -> tuple[Counted, ...]:
        return tuple(one for one in self.cases if self.period.first <= one.received <= self.period.last)

    @property
    def closed(self) -> tuple[Counted, ...]:
        return tuple(one for one in self.cases if one.closed and self.period.first <= one.closed <= self.period.last)

    @property
    def running(self) -> tuple[Counted, ...]:
        """Those open at the end of the period's last day."""
        return tuple(one for one in self.cases if one.closed is None or one.closed > self.period.last)


def figures(policy: Policy, sheets: Iterable[Sheet], contains: Sequence[str]) -> Figures:
    """Everything a report counts, some cases after others; `contains` are the words of the policy in force."""
    cases, sums = list[str](), Counter[str]()
    tables: dict[str, Counter[Any]] = {name: Counter() for name in named(policy, contains)}
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in contains if name in LISTS}
    for sheet in sheets:
        cases += [str(one.case.id) for one in sheet.cases]
        sums.update(totals(sheet))
        for name, found in tables.items():
            found.update(TABLES[name](sheet) if name in TABLES else of_fact(sheet, name))
        for name, lines in lists.items():
            lines += LISTS[name](sheet)
    return {
        "cases": cases,
        "totals": dict(sums),
        "tables": [
            {"name": name, "rows": SUMMED.get(name, rows)(found)}
            for name, found in tables.items()
            if found or name in contains
        ],
        "lists": [{"name": name, "rows": lines} for name, lines in lists.items()],
    }


def named(policy: Policy, contains: Sequence[str]) -> list[str]:
    """The tables of a report, in order; last of all what complainants thought, whatever the policy names."""
    asked = [name for name in contains if name in TABLES] + [name for name in contains if coded(policy, name)]
    return list(dict.fromkeys((*asked, RATED)))


def totals(sheet: Sheet) -> dict[str, int]:
    measures = [measure for one in sheet.running for measure in one.then.measures.values()]
    return {
        "received": len(sheet.received),
        "running": len(sheet.running),
        "closed": len(sheet.closed),
        "withdrawn": sum(one.case.is_withdrawn for one in sheet.closed),
        "measures_open": sum(not measure.verified for measure in measures) + sheet.improvements_open,
    }


def rows(found: Counter[Any]) -> list[Row]:
    """Rows of a code and how often it was there."""
    return [[key, number] for key, number in sorted(found.items())]


def lead_times(found: Counter[int]) -> list[Row]:
    """From how often each number of days was there."""
    days = sorted(found.elements())
    if not days:
        return []
    return [["settled", len(days)], ["shortest", days[0]], ["median", median_low(days)], ["longest", days[-1]]]


def ratings(found: Counter[str]) -> list[Row]:
    """How many complainants said whether they are satisfied, what they said, and the average of `WORTH`."""
    answered = found.total()
    if not answered:
        return []
    average = round(sum(worth * found[rating] for rating, worth in WORTH.items()) / answered)
    return [["answered", answered], *([rating, found[rating]] for rating in WORTH), ["average", average]]


def terms(sheet: Sheet) -> Iterator[str]:
    """Per term how often it was met in time, met late, passed unmet, and is still running."""
    for one in sheet.cases:
        for clock in clocks(one.world, one.case):
            yield f"{clock.term}.{term_state(clock.state, clock.late, clock.term in missed(one.case))}"


def missed(case: Case) -> frozenset[str]:
    return frozenset(name.removeprefix("missed.") for name in case.moments if name.startswith("missed."))


def term_state(state: ClockState, late: bool, missed: bool) -> str:
    if state is ClockState.MET:
        return "late" if late else "in_time"
    return "missed" if missed else state.value


def grounds(sheet: Sheet) -> Iterator[str]:
    for one in sheet.received:
        for name in one.world.policy.grounds:
            if holds(one.world, one.case, Condition(ground=(name,))):
                yield name


def measures(sheet: Sheet) -> Iterator[str]:
    for one in sheet.cases:
        for each in one.then.measures.values():
            yield "verified" if each.verified else "carried_out" if each.carried_out else "planned"
            if not each.carried_out and each.day <= sheet.period.last:
                yield "overdue"


def of_fact(sheet: Sheet, name: str) -> Iterator[str]:
    """Each value, or each pair of values, of the complaints received."""
    return (" / ".join(pair) for one in sheet.received for pair in pairs(one.case, name.split(PER)))


def pairs(case: Case, facts: Sequence[str]) -> list[tuple[str, ...]]:
    """The combinations of values of these facts in a case; none while one of them is not known."""
    found: list[tuple[str, ...]] = [()]
    for fact in facts:
        value = case.facts.get(fact)
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        found = [(*before, code(each)) for before in found for each in values]
    return found


def code(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# What a table counts: a key for each time that it is there.
TABLES: Mapping[str, Callable[[Sheet], Iterable[Any]]] = {
    "cases_received": lambda sheet: (one.received.strftime("%Y-%m") for one in sheet.received),
    "channels": lambda sheet: (one.case.channel for one in sheet.received),
    "forms": lambda sheet: (one.case.form.value for one in sheet.received),
    "phases": lambda sheet: (one.then.phase.value for one in sheet.running),
    "outcomes": lambda sheet: (one.outcome for one in sheet.received),
    "lead_times": lambda sheet: (one.days for one in sheet.closed),
    "terms": terms,
    "grounds": grounds,
    "actions": lambda sheet: (step for one in sheet.running for step in one.then.open),
    "measures": measures,
    "registered": lambda sheet: Counter(sheet.registered).elements(),
    RATED: lambda sheet: (one.case.rating for one in sheet.closed if one.case.rating),
}
SUMMED: Mapping[str, Callable[[Counter[Any]], list[Row]]] = {"lead_times": lead_times, RATED: ratings}


def line(one: Counted) -> dict[str, Any]:
    """A case in a list: no names, no words."""
    day = one.closed.isoformat() if one.closed else None
    return {
        "case": str(one.case.id),
        "reference": one.reference,
        "received": one.received.isoformat(),
        "closed": day,
        "days": one.days,
        "outcome": one.outcome,
        "phase": one.then.phase.value,
    }


def open_measures(sheet: Sheet) -> list[dict[str, Any]]:
    return [
        line(one) | {"day": measure.day.isoformat(), "state": "carried_out" if measure.carried_out else "planned"}
        for one in sheet.running
        for measure in one.then.measures.values()
        if not measure.verified
    ]


LISTS: Mapping[str, Callable[[Sheet], list[dict[str, Any]]]] = {
    "cases_received": lambda sheet: [line(one) for one in sheet.received],
    "running_cases": lambda sheet: [line(one) for one in sheet.running],
    "measures": open_measures,
}


def without_small(counted: Figures) -> Figures:
    """The figures for somebody who is kept out of one of the cases: no lists, and no number that could point at it.

    A number below SMALL becomes None; where a single one is hidden in a table, the next smallest is hidden too, so
    that it does not follow from the rest.
    """
    return {
        **counted,
        "totals": {name: hide(number) for name, number in counted["totals"].items()},
        "tables": [
            {"name": table["name"], "rows": HIDE.get(table["name"], hide_rows)(table["rows"])}
            for table in counted["tables"]
        ],
        "lists": [],
    }


def hide(number: int) -> int | None:
    return number if number >= SMALL else None


def hide_rows(rows: Sequence[Row]) -> list[Row]:
    hidden = [[key, hide(number)] for key, number in rows]
    if sum(number is None for _, number in hidden) == 1 and len(hidden) > 1:
        least = min((number for _, number in hidden if number is not None))
        place = next(index for index, (_, number) in enumerate(hidden) if number == least)
        hidden[place][1] = None
    return hidden


def hide_ratings(rows: Sequence[Row]) -> list[Row]:
    """With a number that is hidden goes the average, from which it would follow."""
    if not rows:
        return []
    (answered, number), *each, (average, worth) = rows
    shown = hide_rows(each)
    whole = all(often is not None for _, often in shown)
    return [[answered, hide(number)], *shown, [average, worth if whole else None]]


HIDE: Mapping[str, Callable[[Sequence[Row]], list[Row]]] = {RATED: hide_ratings}

"""Counting for reports. Pure: from cases made of the open parts of their events, never from words.

`figures` is plain data: `totals` (name -> number), `tables` (name and rows of codes with a number), `lists` (one line
a case) and `cases` (the ids counted). How things stood is counted at the end of the period; facts, outcomes and terms
as they are known when it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median_low
from typing import Any
from uuid import UUID

from weerklank.learning.periods import Period
from weerklank.policy.case import Case
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.conditions import holds
from weerklank.policy.model import Condition, Policy
from weerklank.policy.reporting import PER, coded
from weerklank.policy.world import World

SMALL = 5  # numbers below it could point at one case
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
    """What is counted over: the cases that were there in the period, with the measures decided on in reports."""

    policy: Policy
    period: Period
    cases: tuple[Counted, ...]
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


def figures(sheet: Sheet, contains: Sequence[str]) -> Figures:
    """Everything a report over this period counts; `contains` are the words of the policy."""
    found = [TABLES[name](sheet) for name in contains if name in TABLES]
    found += [of_fact(sheet, name) for name in contains if coded(sheet.policy, name)]
    return {
        "cases": [str(one.case.id) for one in sheet.cases],
        "totals": totals(sheet),
        "tables": [
            {"name": name, "rows": rows} for name, rows in zip(named(sheet.policy, contains), found, strict=True)
        ],
        "lists": [{"name": name, "rows": LISTS[name](sheet)} for name in contains if name in LISTS],
    }


def named(policy: Policy, contains: Sequence[str]) -> list[str]:
    """The tables of a report, in order."""
    return [name for name in contains if name in TABLES] + [name for name in contains if coded(policy, name)]


def totals(sheet: Sheet) -> dict[str, int]:
    measures = [measure for one in sheet.running for measure in one.then.measures.values()]
    return {
        "received": len(sheet.received),
        "running": len(sheet.running),
        "closed": len(sheet.closed),
        "withdrawn": sum(one.case.is_withdrawn for one in sheet.closed),
        "measures_open": sum(not measure.verified for measure in measures) + sheet.improvements_open,
    }


def tally(keys: Iterable[Any]) -> list[Row]:
    """Rows of a code and how often it was there, in the order in which the codes first came."""
    return [[key, number] for key, number in Counter(keys).items()]


def per_month(sheet: Sheet) -> list[Row]:
    return tally(one.received.strftime("%Y-%m") for one in sorted(sheet.received, key=lambda one: one.received))


def lead_times(sheet: Sheet) -> list[Row]:
    days = sorted(one.days for one in sheet.closed if one.days is not None)
    if not days:
        return []
    return [["settled", len(days)], ["shortest", days[0]], ["median", median_low(days)], ["longest", days[-1]]]


def terms(sheet: Sheet) -> list[Row]:
    """Per term how often it was met in time, met late, passed unmet, and is still running."""
    every = [(clock.term, term_state(clock.state, clock.late, clock.term in missed(one.case)))
             for one in sheet.cases for clock in clocks(one.world, one.case)]  # fmt: skip
    return tally(f"{term}.{state}" for term, state in sorted(every))


def missed(case: Case) -> frozenset[str]:
    return frozenset(name.removeprefix("missed.") for name in case.moments if name.startswith("missed."))


def term_state(state: ClockState, late: bool, missed: bool) -> str:
    if state is ClockState.MET:
        return "late" if late else "in_time"
    return "missed" if missed else state.value


def grounds(sheet: Sheet) -> list[Row]:
    return tally(
        name
        for one in sheet.received
        for name in one.world.policy.grounds
        if holds(one.world, one.case, Condition(ground=(name,)))
    )


def measures(sheet: Sheet) -> list[Row]:
    every = [measure for one in sheet.cases for measure in one.then.measures.values()]
    states = ["verified" if each.verified else "carried_out" if each.carried_out else "planned" for each in every]
    overdue = [each for each in every if not each.carried_out and each.day <= sheet.period.last]
    return [*tally(sorted(states)), *([["overdue", len(overdue)]] if overdue else [])]


def of_fact(sheet: Sheet, name: str) -> list[Row]:
    """How often each value, or each pair of values, was there among the complaints received."""
    return tally(sorted(" / ".join(pair) for one in sheet.received for pair in pairs(one.case, name.split(PER))))


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


TABLES: Mapping[str, Callable[[Sheet], list[Row]]] = {
    "cases_received": per_month,
    "channels": lambda sheet: tally(sorted(one.case.channel for one in sheet.received)),
    "forms": lambda sheet: tally(sorted(one.case.form.value for one in sheet.received)),
    "phases": lambda sheet: tally(sorted(one.then.phase.value for one in sheet.running)),
    "outcomes": lambda sheet: tally(sorted(one.outcome for one in sheet.received)),
    "lead_times": lead_times,
    "terms": terms,
    "grounds": grounds,
    "actions": lambda sheet: tally(sorted(step for one in sheet.running for step in one.then.open)),
    "measures": measures,
    "registered": lambda sheet: [[kind, number] for kind, number in sorted(sheet.registered.items())],
}


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
        "tables": [{"name": table["name"], "rows": hide_rows(table["rows"])} for table in counted["tables"]],
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


def ids(counted: Figures) -> frozenset[UUID]:
    """The cases that were counted."""
    return frozenset(UUID(one) for one in counted["cases"])

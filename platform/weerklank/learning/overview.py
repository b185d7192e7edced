"""How it goes with all complaints together, for whoever the procedure gives its reports to. Numbers only, no person.

Counted by the database from its open columns; who is kept out of a complaint sees no number that could point at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Date, case, cast, func, literal_column, select

from weerklank.cases.model import NO_DAY, CaseClass, CaseFile, Deadline
from weerklank.deadlines import Duration, Unit
from weerklank.kernel.events import Event
from weerklank.learning.counts import Row, hide, hide_ratings, hide_rows, ratings
from weerklank.learning.gather import walls_of
from weerklank.learning.periods import Period, period_of
from weerklank.learning.place import Place
from weerklank.policy.clocks import ClockState
from weerklank.policy.events import Kind
from weerklank.policy.model import Strength

QUARTER = Duration(3, Unit.MONTHS)
QUARTERS = 8
SOON = timedelta(days=7)
PHASES = ("received", "triage", "treatment", "decided", "measures")


@dataclass(frozen=True)
class Quarter:
    """Complaints received and closed in it, and the binding terms that ended in it: met in time, or not."""

    period: Period
    received: int | None
    closed: int | None
    in_time: int | None
    late: int | None


@dataclass(frozen=True)
class Overview:
    """`phases` and `days` count open complaints; `classes` (fact, rows) those received since `since`.

    `ratings` is `counts.ratings` of what complainants said since then, after closing.
    `days` has the rows late, soon (today or in the next seven days), later and none. A number that is not told is
    None; `walled` says that this is so because the reader is kept out of a complaint.
    """

    phases: Sequence[Row]
    days: Sequence[Row]
    quarters: Sequence[Quarter]
    classes: Sequence[tuple[str, Sequence[Row]]]
    ratings: Sequence[Row]
    since: date
    walled: bool

    @property
    def is_empty(self) -> bool:
        return not self.phases and not any(one.received or one.closed for one in self.quarters)


def may_oversee(place: Place, person: UUID) -> bool:
    """Whoever writes a report of the procedure, gets it, decides on it or evaluates it."""
    reports = place.world.policy.reports.values()
    roles = [role for one in reports for role in (one.by, *one.to, one.decides, *one.evaluated_by)]
    return person in place.among(roles)


def overview(place: Place, person: UUID) -> Overview:
    """The numbers of today for this reader."""
    periods = last_quarters(place.today)
    since = date(place.today.year, 1, 1)
    of_quarters, about, said = quarters(place, periods), classes(place, since), rated(place, since)
    found = Overview(phases(place), days(place), of_quarters, about, said, since, False)
    return without_small(found) if walls_of(place, person) else found


def last_quarters(today: date) -> list[Period]:
    """The quarter of today and those before it, the oldest first."""
    found = [period_of(QUARTER, today)]
    while len(found) < QUARTERS:
        found.insert(0, period_of(QUARTER, found[0].first - timedelta(days=1)))
    return found


def phases(place: Place) -> list[Row]:
    """Open complaints by phase, in the order of the procedure."""
    is_open = (CaseFile.tenant_id == place.tenant_id, CaseFile.closed_at.is_(None))
    rows = place.session.execute(select(CaseFile.phase, func.count()).where(*is_open).group_by(CaseFile.phase))
    found = {row[0]: row[1] for row in rows}
    return [[phase, found[phase]] for phase in (*PHASES, *sorted(found.keys() - set(PHASES))) if phase in found]


def days(place: Place) -> list[Row]:
    """Open complaints by how far their nearest day is."""
    due = CaseFile.next_due_on
    far = case(
        (due < place.today, "late"), (due <= place.today + SOON, "soon"), (due < NO_DAY, "later"), else_="none"
    ).label("far")
    is_open = (CaseFile.tenant_id == place.tenant_id, CaseFile.closed_at.is_(None))
    rows = place.session.execute(select(far, func.count()).where(*is_open).group_by(far))
    found = {row[0]: row[1] for row in rows}
    return [[name, found.get(name, 0)] for name in ("late", "soon", "later", "none")]


def quarters(place: Place, periods: Sequence[Period]) -> list[Quarter]:
    """What happened in each of these quarters, from the first in which anything did."""
    first = periods[0].first
    zone = place.world.zone.key
    closed_on = cast(func.timezone(zone, CaseFile.closed_at), Date)
    received = per_quarter(place, CaseFile.received_on, CaseFile.received_on >= first)
    closed = per_quarter(place, closed_on, closed_on >= first)
    binding = (Deadline.strength == Strength.HARD, Deadline.due_on.between(first, place.today))
    met = (Deadline.state == ClockState.MET, Deadline.late.is_(False))
    in_time = per_quarter(place, Deadline.due_on, *binding, *met)
    not_met = (Deadline.state == ClockState.RUNNING) & (Deadline.due_on < place.today)
    late = per_quarter(place, Deadline.due_on, *binding, not_met | (Deadline.state == ClockState.MET) & Deadline.late)
    every = (received, closed, in_time, late)
    begun = [one for one in periods if any(numbers and min(numbers) <= one.first for numbers in every)]
    return [Quarter(one, *(numbers.get(one.first, 0) for numbers in every)) for one in begun or periods[-1:]]


def per_quarter(place: Place, day: object, *where: object) -> dict[date, int]:
    """How many rows there are by the first day of the quarter that their day lies in."""
    table = Deadline if day is Deadline.due_on else CaseFile
    first = cast(func.date_trunc("quarter", day), Date).label("first")
    rows = place.session.execute(
        select(first, func.count()).where(table.tenant_id == place.tenant_id, *where).group_by(first)  # type: ignore[arg-type]  # conditions, however they are made
    )
    return {row[0]: row[1] for row in rows}


def classes(place: Place, since: date) -> list[tuple[str, Sequence[Row]]]:
    """What complaints were about: for each fact with choices how often each was there, the most first."""
    mine = (CaseFile.tenant_id == CaseClass.tenant_id) & (CaseFile.id == CaseClass.case_id)
    number = func.count().label("number")
    rows = place.session.execute(
        select(CaseClass.label, number)
        .join(CaseFile, mine)
        .where(CaseClass.tenant_id == place.tenant_id, CaseFile.received_on >= since)
        .group_by(CaseClass.label)
        .order_by(number.desc(), CaseClass.label)
    )
    found: dict[str, list[Row]] = {}
    for label, often in rows:
        fact, _equals, value = label.partition("=")
        found.setdefault(fact, []).append([value, often])
    return [(fact, found[fact]) for fact in place.world.policy.facts if fact in found]


def rated(place: Place, since: date) -> list[Row]:
    """What complainants said after closing: their answers alone, from the open part of the events."""
    begins = datetime.combine(since, time(), place.world.zone)
    said = Event.open["rating"].astext
    mine = (Event.tenant_id == place.tenant_id, Event.kind == literal_column(f"'{Kind.RATED.value}'"))
    rows = place.session.execute(select(said, func.count()).where(*mine, Event.at >= begins).group_by(said))
    return ratings(Counter({row[0]: row[1] for row in rows}))


def without_small(found: Overview) -> Overview:
    """No number that could point at one complaint, by the rule of the reports."""
    return Overview(
        hide_rows(found.phases),
        hide_rows(found.days),
        [Quarter(one.period, *(hide(number or 0) for number in (one.received, one.closed, one.in_time, one.late)))
         for one in found.quarters],
        [(fact, hide_rows(rows)) for fact, rows in found.classes],
        hide_ratings(found.ratings),
        found.since,
        True,
    )  # fmt: skip

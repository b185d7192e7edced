"""What somebody has to do outside single cases: reports, measures, recommendations, duties, publication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from weerklank.learning.log import CHECKED, DONE, EXPECTED, PLACES
from weerklank.learning.model import Advice, Improvement, LogEntry, Recommendation, Report
from weerklank.learning.periods import Period, countable, period_of
from weerklank.learning.place import Place
from weerklank.policy.model import Duty, Policy
from weerklank.policy.model import Report as Rules


@dataclass(frozen=True)
class Task:
    """`what`: write, decide, present, evaluate, carry_out, verify, consult, answer, duty, check or tell.

    `element` is the policy's element, `id` the report, measure or recommendation, `due_on` its last legal day if any.
    """

    what: str
    element: str
    id: UUID | None = None
    due_on: date | None = None
    period: Period | None = None

    def __str__(self) -> str:
        return f"{self.element}.{self.what}"


def tasks_of(place: Place, person: UUID, manages: bool = False) -> list[Task]:
    """Everything that is this person's to do today, what has the nearest day first."""
    found = [
        *reports(place, person),
        *improvements(place, person),
        *recommendations(place, person),
        *duties(place, person),
        *publication(place, person, manages),
    ]
    return sorted(found, key=lambda task: (task.due_on or date.max, task.element, task.what))


def may_have_tasks(session: Session, tenant_id: UUID, policy: Policy, manages: bool) -> bool:
    """Whether anybody here could have something to do outside cases: one question at the most, for busy pages."""
    asked = any(duty.every for duty in policy.duties.values())
    asked = asked or any(manages or one.by for one in policy.publication.values())
    return asked or bool(session.scalar(open_query(), {"tenant": tenant_id}))


@lru_cache
def open_query() -> Select[bool]:
    """Whether a report, measure or recommendation is under way; built once, since building costs more than asking."""
    tenant = bindparam("tenant", type_=Uuid)
    open_advice = Recommendation.state.in_([Advice.MADE.value, Advice.CONSULTED.value])
    under_way = (
        exists().where(Report.tenant_id == tenant, Report.recorded_at.is_(None)),
        exists().where(Improvement.tenant_id == tenant, Improvement.verified_at.is_(None)),
        exists().where(Recommendation.tenant_id == tenant, open_advice),
    )
    return select(or_(*under_way))


def reports(place: Place, person: UUID) -> Iterator[Task]:
    query = select(Report).where(Report.tenant_id == place.tenant_id, Report.recorded_at.is_(None))
    for report in place.session.scalars(query.order_by(Report.first_day)):
        rules = place.world.policy.reports.get(report.name)
        if rules is None:
            continue
        span = Period(report.first_day, report.last_day)
        for what, roles in open_steps(report, rules):
            if person in place.among(roles) and not (what == "decide" and person in report.deciders):
                due = report.due_on if what == "write" else None
                yield Task(what, f"reports.{report.name}", report.id, due, span)


def open_steps(report: Report, rules: Rules) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """What is to be done with a report now, and by which roles."""
    if report.released_at is None:
        yield "write", (rules.by,)
        return
    if rules.decides and report.decided_at is None:
        yield "decide", (rules.decides,)
    elif rules.presented_to and report.presented_on is None:
        yield "present", (rules.by,)
    if rules.evaluated_by and report.evaluated_on is None:
        yield "evaluate", rules.evaluated_by


def improvements(place: Place, person: UUID) -> Iterator[Task]:
    verifies = person in place.holders(place.world.policy.measures.verified_by)
    query = select(Improvement).where(Improvement.tenant_id == place.tenant_id, Improvement.verified_at.is_(None))
    mine = or_(Improvement.owner_id == person, Improvement.carried_out_at.is_not(None)) if verifies else (
        Improvement.owner_id == person
    )
    for one in place.session.scalars(query.where(mine).order_by(Improvement.day)):
        if one.carried_out_at is None:
            yield Task("carry_out", "measures", one.id, one.day)
        elif verifies:
            yield Task("verify", "measures", one.id, one.day)


def recommendations(place: Place, person: UUID) -> Iterator[Task]:
    query = select(Recommendation).where(
        Recommendation.tenant_id == place.tenant_id,
        Recommendation.state.in_([Advice.MADE.value, Advice.CONSULTED.value]),
    )
    for one in place.session.scalars(query.order_by(Recommendation.number)):
        duty = place.world.policy.duties.get(one.duty)
        ready = duty is not None and (not duty.consult or one.state == Advice.CONSULTED)
        if ready and person in place.holders(one.addressee):
            yield Task("answer", f"duties.{one.duty}", one.id)
        if duty and not ready and person in place.holders(duty.by):
            yield Task("consult", f"duties.{one.duty}", one.id)


def duties(place: Place, person: UUID) -> Iterator[Task]:
    """Duties that come back and were not done yet in the period of today."""
    for name, duty in place.world.policy.duties.items():
        if duty.every and countable(duty.every) and person in place.among([duty.by, *duty.also_by]):
            period = period_of(duty.every, place.today)
            if not done_in(place, name, period):
                yield Task("duty", f"duties.{name}", None, warn_day(duty, place.today) or period.last, period)


def done_in(place: Place, name: str, period: Period) -> bool:
    """Whether a duty was done in this period."""
    wanted = select(LogEntry.id).where(
        LogEntry.tenant_id == place.tenant_id,
        LogEntry.element == f"duties.{name}",
        LogEntry.kind == DONE,
        LogEntry.day.between(period.first, period.last),
    )
    return place.session.scalar(wanted.limit(1)) is not None


def warn_day(duty: Duty, today: date) -> date | None:
    """The day of this year on which is told that the duty was not done; 29 February is the 28th in other years."""
    if duty.warn_on is None:
        return None
    month, day = map(int, duty.warn_on.split("-"))
    try:
        return date(today.year, month, day)
    except ValueError:
        return date(today.year, month, 28)


def publication(place: Place, person: UUID, manages: bool) -> Iterator[Task]:
    """Places where nobody has looked yet since the version in force, and those who are still to be told."""
    mine = [
        name
        for name, one in place.world.policy.publication.items()
        if (person in place.holders(one.by) if one.by else manages)
    ]
    if not mine:
        return
    seen = checked(place)
    waiting = select(LogEntry.element).where(LogEntry.tenant_id == place.tenant_id, LogEntry.kind == EXPECTED)
    expected = set(place.session.scalars(waiting))
    for name in mine:
        if place.world.policy.publication[name].where in PLACES and name not in seen:
            yield Task("check", f"publication.{name}")
        elif f"publication.{name}" in expected:
            yield Task("tell", f"publication.{name}")


def checked(place: Place) -> dict[str, LogEntry]:
    """The places that were checked for the version in force, with the last look at each."""
    query = select(LogEntry).where(
        LogEntry.tenant_id == place.tenant_id, LogEntry.kind == CHECKED, LogEntry.version_id == place.version.id
    )
    rows = place.session.scalars(query.order_by(LogEntry.created_at))
    return {row.element.removeprefix("publication."): row for row in rows}


def is_published(place: Place) -> bool:
    """Whether the version in force counts as made known: every place was looked at."""
    places = {name for name, one in place.world.policy.publication.items() if one.where in PLACES}
    return places <= checked(place).keys()

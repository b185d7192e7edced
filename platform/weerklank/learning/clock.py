"""What comes by itself: reports open on their day, writers are reminded, and what was not done is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.deadlines import Counting, Term, Unit, compute
from weerklank.kernel.errors import NotFound
from weerklank.learning.counting import ask_what_was_lost
from weerklank.learning.log import WARNED, entry
from weerklank.learning.model import LogEntry, Report
from weerklank.learning.periods import Period, countable, ended, following, period_of
from weerklank.learning.place import Place, place_of
from weerklank.learning.reports import ask
from weerklank.learning.tasks import done_in, open_steps, warn_day
from weerklank.policy.model import Duty
from weerklank.policy.model import Report as Rules
from weerklank.tenancy.model import PolicyVersion

LATE = "late"


def every_day(session: Session, engine: Engine, tenant_id: UUID, now: datetime) -> None:
    """Everything that is due today in this organisation; doing it twice does nothing. Nothing without a policy."""
    try:
        place = place_of(session, engine, tenant_id, now)
    except NotFound:
        return
    open_due(place)
    ask_what_was_lost(place)
    remind(place)
    warn(place)


def next_day(place: Place, after: date) -> date | None:
    """The next legal day on which `every_day` may have something to do, if nothing happens before it."""
    policy = place.world.policy
    days = [
        period_of(rules.every, after).last + timedelta(1)
        for rules in policy.reports.values()
        if rules.every and countable(rules.every)
    ]
    days += [day for duty in policy.duties.values() for day in warn_days(duty, after)]
    waiting = select(Report).where(
        Report.tenant_id == place.tenant_id, Report.released_at.is_(None), Report.due_on.is_not(None)
    )
    for report in place.session.scalars(waiting):
        rules = policy.reports.get(report.name)
        days += [day for _, day in reminders(place, rules, report.due_on)] if rules and report.due_on else []
    return min((day for day in days if day > after), default=None)


def warn_days(duty: Duty, after: date) -> list[date]:
    days = (warn_day(duty, date(year, 1, 1)) for year in (after.year, after.year + 1))
    return [day for day in days if day]


def open_due(place: Place) -> None:
    """Open the reports over periods that have ended, from the first one that ended under a policy."""
    for name, rules in place.world.policy.reports.items():
        for period in waiting(place, name, rules):
            ask(place, name, period, rules.within)
            tell_again(place, name, rules, period)


def tell_again(place: Place, name: str, rules: Rules, period: Period) -> None:
    """With each new report it is told what still has to be done with the ones before it."""
    query = select(Report).where(
        Report.tenant_id == place.tenant_id, Report.name == name, Report.recorded_at.is_(None),
        Report.last_day < period.first,
    )  # fmt: skip
    for report in place.session.scalars(query.order_by(Report.first_day)):
        for what, roles in open_steps(report, rules):
            place.tell(report, what, f"reports.{name}", place.among(roles))


def waiting(place: Place, name: str, rules: Rules) -> Iterator[Period]:
    """The periods that are over and have no report yet: those after the last report, else the latest one."""
    if rules.every is None or not countable(rules.every):
        return
    last = place.session.scalar(
        select(func.max(Report.last_day)).where(Report.tenant_id == place.tenant_id, Report.name == name)
    )
    latest = ended(rules.every, place.today)
    period = following(rules.every, period_of(rules.every, last)) if last else latest
    begun = place.session.scalar(
        select(func.min(PolicyVersion.in_force_from)).where(PolicyVersion.tenant_id == place.tenant_id)
    )
    while period <= latest:
        if begun is None or period.last >= begun:
            yield period
        period = following(rules.every, period)


def remind(place: Place) -> None:
    """Remind the writers of reports that are not released, and tell when the day has passed."""
    query = select(Report).where(
        Report.tenant_id == place.tenant_id, Report.released_at.is_(None), Report.due_on.is_not(None)
    )
    for report in place.session.scalars(query.order_by(Report.id).with_for_update()):
        rules = place.world.policy.reports.get(report.name)
        if rules is None or report.due_on is None:
            continue
        for word, day in reminders(place, rules, report.due_on):
            if word not in report.told and day <= place.today:
                report.told = [*report.told, word]
                roles = [rules.by, *(rules.tell if word == LATE else ())]
                said = LATE if word == LATE else "remind"
                place.tell(report, said, f"reports.{report.name}", place.among(roles))


def reminders(place: Place, rules: Rules, due: date) -> Iterator[tuple[str, date]]:
    """The reminders of a report, each with its legal day; the last one is that its day has passed."""
    for number, before in enumerate(rules.remind):
        counting = Counting.WORKING_DAYS if before.unit is Unit.WORKING_DAYS else Counting.CALENDAR
        day = compute(Term(before, counting), due, place.world.calendar, backward=True).due
        if day is not None:
            yield f"remind.{number}", day
    yield LATE, due + timedelta(1)


def warn(place: Place) -> None:
    """Tell once that a duty was not done in this period, from the day on which the policy wants it told."""
    for name, duty in place.world.policy.duties.items():
        day = warn_day(duty, place.today)
        if day and duty.every and countable(duty.every) and day <= place.today:
            warn_of(place, name, duty, day)


def warn_of(place: Place, name: str, duty: Duty, day: date) -> None:
    element, period = f"duties.{name}", period_of(duty.every, place.today) if duty.every else None
    warned = select(LogEntry.id).where(
        LogEntry.tenant_id == place.tenant_id, LogEntry.element == element, LogEntry.kind == WARNED, LogEntry.day == day
    )
    if period and not done_in(place, name, period) and place.session.scalar(warned) is None:
        row = entry(place, element, WARNED, None, day=day)
        place.tell(row, "warn", element, place.among([duty.by, *duty.also_by, *duty.tell]))

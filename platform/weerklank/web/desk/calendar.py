"""The calendar: days of cases, hearings, absences and closed days, as a month or as a list of the days to come.

There is no address to subscribe to: whoever has it would get the references of cases without logging in, and a
calendar elsewhere keeps what somebody may not see any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from babel.dates import format_date
from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select

from weerklank.cases.agenda import appointments_between, due_between, my_tasks
from weerklank.cases.walls import Reader
from weerklank.identity.model import Absence
from weerklank.identity.people import names
from weerklank.kernel.database import db
from weerklank.policy.model import Policy
from weerklank.policy.world import calendar_of
from weerklank.web import texts
from weerklank.web.access import Access, access
from weerklank.web.desk import blueprint
from weerklank.web.desk.here import today
from weerklank.web.desk.worklist import label, me
from weerklank.web.parts import parts

WEEKS = 5  # of the list of days to come
SHOWN = 6  # lines of one sort on a day
MOST_ABSENCES = 200
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class Entry:
    """A line on a day: of which sort (mine, due, day), what it says, and where it leads."""

    sort: str
    text: str
    address: str


@dataclass
class Day:
    """A legal day, with what falls on it. `closed`: why nobody works; `away`: who is not there; `more`: not shown."""

    day: date
    entries: list[Entry] = field(default_factory=list)
    closed: str = ""
    away: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def short(self) -> str:
        """Such as `ma 2`, below the name of the month."""
        return str(format_date(self.day, "EEE d", locale=texts.language()))

    @property
    def filled(self) -> bool:
        return bool(self.entries or self.closed or self.away)


@blueprint.get("/calendar")
@access(Access.STAFF)
def calendar() -> str:
    """A month, or the days to come."""
    mine, policy = me()
    month = month_asked()
    as_list = request.args.get("show") == "list"
    first, last = (today(), today() + timedelta(weeks=WEEKS)) if as_list else (month, last_of(month))
    every = request.args.get("whose") == "all"
    days = {day.day: day for day in days_of(first, last)}
    for day, entry in entries(mine, policy, first, last, every=every):
        put(days[day], entry)
    for day, why in closed_days(policy, first, last):
        days[day].closed = why
    for day, name in absences(first, last):
        days[day].away.append(name)
    return render_template(
        "desk/calendar.html",
        days=[day for day in days.values() if day.filled] if as_list else list(days.values()),
        as_list=as_list,
        month=month,
        title=format_date(month, "LLLL y", locale=texts.language()),
        before=month_of(month - timedelta(days=1)),
        after=month_of(last_of(month) + timedelta(days=1)),
        every=every,
        today=today(),
    )


def month_asked() -> date:
    """The first day of the month that is asked for, such as `2026-03`; of this one, when none is."""
    try:
        asked = date.fromisoformat(f"{request.args.get('month', '')[:7]}-01")
    except ValueError:
        return today().replace(day=1)
    return asked if EARLIEST <= asked <= LATEST else today().replace(day=1)


def last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def days_of(first: date, last: date) -> Iterator[Day]:
    yield from (Day(first + timedelta(days=n)) for n in range((last - first).days + 1))


def entries(mine: Reader, policy: Policy, first: date, last: date, *, every: bool) -> Iterator[tuple[date, Entry]]:
    """Hearings and the like, then what is asked of this reader, or the nearest days of all cases he may see."""
    session, tenant_id = db.session(), g.tenant.id
    for line in appointments_between(session, tenant_id, mine, first, last):
        if line.day:
            yield line.day, Entry("day", f"{line.reference}: {label(policy.facts, line.what)}", case_of(line.case_id))
    if every:
        for line in due_between(session, tenant_id, mine, first, last):
            if line.day:
                yield line.day, Entry("due", line.reference, case_of(line.case_id))
        return
    for line in my_tasks(session, tenant_id, mine.person_id, last):
        if line.day and line.day >= first:
            what = _("Carry out a measure") if line.measure else label(policy.steps, line.what)
            yield line.day, Entry("mine", f"{line.reference}: {what}", case_of(line.case_id))


def case_of(case_id: object) -> str:
    return url_for("desk.case", case_id=case_id)


def put(day: Day, entry: Entry) -> None:
    """On its day, as long as there is room for its sort."""
    if sum(each.sort == entry.sort for each in day.entries) < SHOWN:
        day.entries.append(entry)
    else:
        day.more += 1


def closed_days(policy: Policy, first: date, last: date) -> Iterator[tuple[date, str]]:
    """Holidays and the organisation's own closed days; weekends are seen as such."""
    for day, closed in calendar_of(policy.calendar).closed_days(first, last):
        if closed.name != "weekday":
            yield day, closed.label or _("Closed: public holiday")


def absences(first: date, last: date) -> Iterator[tuple[date, str]]:
    """Who is away: on the first of these days, and again on each Monday."""
    query = select(Absence.person_id, Absence.from_day, Absence.to_day).where(Absence.tenant_id == g.tenant.id)
    query = query.where(Absence.from_day <= last, or_(Absence.to_day.is_(None), Absence.to_day >= first))
    rows = db.session().execute(query.order_by(Absence.from_day, Absence.id).limit(MOST_ABSENCES)).all()
    called = names(db.session(), parts().keyring, g.tenant.id, {row.person_id for row in rows})
    for person_id, from_day, to_day in rows:
        begin, end = max(from_day, first), min(to_day or last, last)
        days = (begin + timedelta(days=n) for n in range((end - begin).days + 1))
        yield from ((day, called[person_id]) for day in days if day == begin or day.weekday() == 0)

"""The periods a report or duty is about: whole years, months or weeks of the calendar. Pure; days are legal days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from weerklank.deadlines import Duration, Unit, shift

FIRST_MONDAY = date(2001, 1, 1)
DAY = timedelta(1)


@dataclass(frozen=True, order=True)
class Period:
    """From `first` to `last`, both days included."""

    first: date
    last: date


def countable(every: Duration) -> bool:
    """Whether whole periods of this length can be found in the calendar."""
    return every.amount > 0 and every.unit not in (Unit.HOURS, Unit.WORKING_DAYS)


def period_of(every: Duration, day: date) -> Period:
    """The period this day lies in: 3 months are the quarters of the year, weeks begin on Monday."""
    first = _first(every, day)
    return Period(first, shift(first, every) - DAY)


def ended(every: Duration, today: date) -> Period:
    """The last period that is over today."""
    return period_of(every, period_of(every, today).first - DAY)


def following(every: Duration, period: Period) -> Period:
    """The period right after this one."""
    return period_of(every, period.last + DAY)


def _first(every: Duration, day: date) -> date:
    if every.unit is Unit.YEARS:
        return date(day.year - day.year % every.amount, 1, 1)
    if every.unit is Unit.MONTHS:
        months = day.year * 12 + day.month - 1
        year, month = divmod(months - months % every.amount, 12)
        return date(year, month + 1, 1)
    days = every.amount * (7 if every.unit is Unit.WEEKS else 1)
    return day - timedelta((day - FIRST_MONDAY).days % days)

"""From a term and what happened to it, the day it is due, and why: pure functions.

The Act is the General Extension of Time Limits Act (Algemene termijnenwet). The readings where its text
leaves room (R1-R8) are listed in docs/deadlines.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from functools import partial
from itertools import count as numbers
from typing import Any

from weerklank.deadlines.calendars import Calendar, legal_day
from weerklank.deadlines.days import due_counted_back, due_in_days, moved
from weerklank.deadlines.durations import CountingError, Duration, Unit, shift
from weerklank.deadlines.hours import due_in_hours
from weerklank.deadlines.steps import Again, Count
from weerklank.deadlines.terms import Counting, Due, Extension, Reason, Suspension, Term, Window


def compute(
    term: Term,
    start: date | datetime,
    calendar: Calendar,
    *,
    extensions: Iterable[Extension] = (),
    suspensions: Iterable[Suspension] = (),
    agreed_until: date | None = None,
    backward: bool = False,
) -> Due:
    """When a term that starts at `start` is due.

    term: its duration and how it is counted. start: the day (legal day of the calendar's zone) or the aware
    instant of the event; that day itself never counts. calendar: the tenant's. extensions: counted together
    from the nominal end (R1). suspensions: any number, in any order, overlapping ones are one (R2, R6).
    agreed_until: the date agreed with the complainant, which stands as it is (R3), also during a suspension.
    backward: count back from `start`, as for a hearing; that knows no extension, suspension or agreed date.

    Raises CountingError for what cannot be counted: an instant without offset, a date beyond the year 9999,
    a calendar without working days, an extension in hours of a term in days.
    """
    longer, suspended = tuple(extension.duration for extension in extensions), tuple(suspensions)
    if backward and (longer or suspended or agreed_until):
        raise CountingError("a term that is counted back knows no extension, suspension or agreed date")
    happened = (term, start, calendar, longer, suspended, agreed_until, backward)
    return _due(*happened, again=partial(_reasons, *happened))


def _reasons(*happened: Any) -> tuple[Reason, ...]:
    return _due(*happened).why


def _due(
    term: Term,
    start: date | datetime,
    calendar: Calendar,
    extensions: Sequence[Duration],
    suspensions: Sequence[Suspension],
    agreed_until: date | None,
    backward: bool,
    again: Again | None = None,
) -> Due:
    count = Count(term, calendar.day_of(start), calendar, again)
    if term.duration.unit is Unit.HOURS:
        return due_in_hours(count, start, extensions, suspensions, agreed_until, backward)
    if backward:
        return due_counted_back(count)
    return due_in_days(count, extensions, suspensions, agreed_until)


def between(
    least: Duration,
    most: Duration,
    counting: Counting,
    start: date | datetime,
    calendar: Calendar,
    *,
    extensions: Iterable[Extension] = (),
    suspensions: Iterable[Suspension] = (),
    agreed_until: date | None = None,
) -> Window:
    """A range: not before the end of `least`, at the latest at the end of `most`; both as `compute` counts.

    Extensions and an agreed date move the upper bound only. Raises CountingError also when the lower bound,
    as it stands without suspensions, lies after the upper one.
    """
    bottom, top, suspended = Term(least, counting), Term(most, counting), tuple(suspensions)
    low, high = compute(bottom, start, calendar).bound, compute(top, start, calendar).bound
    if low and high and low > high:
        raise CountingError("the least of a range is more than its most")
    return Window(
        compute(bottom, start, calendar, suspensions=suspended),
        compute(top, start, calendar, extensions=extensions, suspensions=suspended, agreed_until=agreed_until),
    )


def repeats(every: Term, start: date | datetime, calendar: Calendar) -> Iterator[date]:
    """The days on which an interval ends, in order and without an end of their own; none comes twice.

    Each is counted from `start` (the 31st stays the 31st where a month has one) and then moved as a single
    term would be. Raises CountingError for an interval in hours or of zero, and when the years run out.
    """
    if every.duration.unit is Unit.HOURS or not every.duration.amount:
        raise CountingError("an interval is at least one day, working day, week, month or year")
    return _repeats(every, calendar.day_of(start), calendar)


def _repeats(every: Term, start: date, calendar: Calendar) -> Iterator[date]:
    before, latest = start, start
    for number in numbers(1):
        count = Count(every, before, calendar)
        before = count.advance(start, every.duration, number)
        due = moved(count, before)
        if due > latest:
            latest = due
            yield due


def on_day(day: date, calendar: Calendar) -> Due:
    """A due date that somebody stated, such as a promised day: it stands as it is (R3)."""
    count = Count(Term(Duration(0, Unit.DAYS)), day, calendar)
    count.because(day, "stated")
    return count.due_on(day, day, day)


def older_than(duration: Duration, day: date, before: date | datetime, zone: tzinfo) -> bool:
    """Whether more than `duration` passed from `day` to the legal day of `before`; exactly that long is not.

    The Act does not move the end (article 4: a year is out of its reach). Raises CountingError for hours and
    working days, and for an instant without its offset.
    """
    return legal_day(before, zone) > shift(day, duration)

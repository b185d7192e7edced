"""Counting a term in days, working days, weeks, months or years."""

from collections.abc import Sequence
from datetime import date

from weerklank.deadlines.durations import CountingError, Duration, Unit, shift, shift_days
from weerklank.deadlines.steps import DAY_UNITS, STILL_OPEN, Count, Stretch
from weerklank.deadlines.terms import (
    Counting,
    Due,
    Suspension,
    is_at_least_three_days,
    is_outside_the_act,
    together,
)


def due_in_days(
    count: Count,
    extensions: Sequence[Duration],
    suspensions: Sequence[Suspension],
    agreed_until: date | None,
) -> Due:
    """From the start to the nominal end (R1, R6), and from there to the last day (R3, R4, R5)."""
    duration = count.term.duration
    count.because(count.start, "starts", term=duration)
    nominal = count.advance(count.start, duration)
    count.because(nominal, "counted", term=duration)
    if extensions:
        nominal = _extended(count, nominal, extensions)
    remaining, stretches = None, count.stretches(suspensions) if suspensions or count.term.rests else []
    if stretches:
        nominal, remaining = _stood_still(count, nominal, stretches)
    if agreed_until is not None:
        return count.agreed(nominal if remaining is None else None, agreed_until)
    if remaining is not None:
        return count.suspended(remaining)
    due = moved(count, nominal, extensions, stretches)
    return count.due_on(nominal, due, due)


def _extended(count: Count, nominal: date, extensions: Sequence[Duration]) -> date:
    """R1: from the nominal end. Together, the largest unit first, so that their order does not matter."""
    if any(extension.unit is Unit.HOURS for extension in extensions):
        raise CountingError("a term in days cannot be extended by hours")
    by = together(extensions, DAY_UNITS)
    for extension in by:
        nominal = count.advance(nominal, extension)
    count.because(nominal, "extended", by=by)
    return nominal


def _stood_still(count: Count, nominal: date, stretches: list[Stretch]) -> tuple[date, int | None]:
    """The end moved by what stood still before it, or what is left of the term while it stands still.

    R6: what is asked after the last day of the term has no effect; on that day it still has. What was lost is given
    back in the term's own unit: working days for a term in working days, else calendar days.
    """
    working = count.in_working_days(count.term.duration)
    for stretch in stretches:
        first, last = stretch.first, stretch.last
        if stretch.begins_after(nominal):
            count.too_late(stretch, nominal)
        elif last == STILL_OPEN:
            left = _length(count, first, nominal, working)
            count.still(stretch, "stands_still", left=left)
            return nominal, left.amount
        else:
            lost = _length(count, first, last, working)
            nominal = count.advance(nominal, lost) if working else shift(nominal, lost)
            count.still(stretch, "stood_still", last=last, lost=lost, until=nominal)
    return nominal, None


def _length(count: Count, first: date, last: date, working: bool) -> Duration:
    if working:
        return Duration(count.days.working_days(first, last), Unit.WORKING_DAYS)
    return Duration((last - first).days + 1, Unit.DAYS)


def moved(count: Count, nominal: date, extensions: Sequence[Duration] = (), stretches: Sequence[Stretch] = ()) -> date:
    """The last day of a term that nominally ends on `nominal`: moved by the Act or to a working day, or not."""
    if count.term.counting is Counting.CALENDAR:
        _stays(count, nominal, "stays")
        return nominal
    if count.term.counting is Counting.WORKING_DAYS:
        return _runs_on(count, nominal)
    durations = (count.term.duration, *extensions)
    too_long = next(filter(is_outside_the_act, durations), None)
    if too_long:  # R4: each term on its own; an extension shares the fate of its first term
        count.because(nominal, "outside_the_act", "4", term=too_long)
        return nominal
    due = _runs_on(count, nominal)
    if any(map(is_at_least_three_days, durations)):
        return _with_two_working_days(count, nominal, due, stretches)
    return due


def _stays(count: Count, day: date, code: str, article: str | None = None) -> None:
    closed = count.days.reason_closed(day)
    if closed:
        count.because(day, code, article, closed=closed.name, label=closed.label)


def _runs_on(count: Count, nominal: date) -> date:
    """Article 1, or the same by the tenant's own calendar: up to and including the next day that is open."""
    closed = count.days.reason_closed(nominal)
    if closed is None:
        return nominal
    due = count.days.next_working_day(nominal)
    article = count.by_the_act("1:1")
    count.because(nominal, "runs_on", article, closed=closed.name, label=closed.label, until=due)
    count.skip(nominal, due)
    return due


def _with_two_working_days(count: Count, nominal: date, due: date, stretches: Sequence[Stretch]) -> date:
    """Article 2 on the term as article 1 leaves it (R5); days on which it stood still are not in the term."""
    days = count.days
    held = days.working_days(shift_days(count.start, 1), due)
    held -= sum(days.working_days(each.first, each.last) for each in stretches if each.first <= nominal)
    if held >= 2:
        return due
    later = days.add_working_days(due, 2 - held)
    count.because(due, "too_few_working_days", "2", held=held, until=later)
    count.skip(due, later)
    return later


def due_counted_back(count: Count) -> Due:
    """Article 1, paragraph 2: a term that is counted back is not moved; other counting follows suit."""
    duration = count.term.duration
    count.because(count.start, "counts_back", term=duration)
    due = count.advance(count.start, duration, -1)
    count.because(due, "counted_back", term=duration)
    _stays(count, due, "stays_back", count.by_the_act("1:2"))
    return count.due_on(due, due, count.start if count.in_working_days(duration) else due)

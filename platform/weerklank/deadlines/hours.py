"""Counting a term in hours: elapsed hours, whatever the clocks do; article 4 keeps the Act out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from weerklank.deadlines.calendars import local_time
from weerklank.deadlines.durations import CountingError, Duration, Unit
from weerklank.deadlines.steps import DAY_UNITS, STILL_OPEN, Count, Stretch
from weerklank.deadlines.terms import Due, Suspension, together

HOUR = timedelta(hours=1)


def due_in_hours(
    count: Count,
    start: date | datetime,
    extensions: Sequence[Duration],
    suspensions: Sequence[Suspension],
    agreed_until: date | None,
    backward: bool,
) -> Due:
    """From the instant of `start`; a day starts at midnight on the clocks of the zone (R7)."""
    began = local_time(start, UTC) if isinstance(start, datetime) else count.calendar.start_of(start)
    amount = count.term.duration.amount
    count.because(began, "counts_back" if backward else "starts_hours", term=count.term.duration)
    ends = _later(began, HOUR * (-amount if backward else amount))
    if extensions:
        ends = _extended(count, ends, extensions)
    ends, remaining = _stood_still(count, ends, count.stretches(suspensions))
    if agreed_until is not None:
        return count.agreed(None, agreed_until)
    if remaining is not None:
        return count.suspended(remaining)
    count.because(ends, "ends_hours", count.by_the_act("4"))
    return count.due_at(ends)


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        raise CountingError("the date lies outside the years 1 to 9999") from None


def _extended(count: Count, ends: datetime, extensions: Sequence[Duration]) -> datetime:
    """Hours are added as they elapse; days, weeks, months and years keep the time on the clock."""
    for extension in together(extensions, (Unit.HOURS,)):
        ends = _later(ends, HOUR * extension.amount)
    local = local_time(ends, count.calendar.zone)
    day = local.date()
    for extension in together(extensions, DAY_UNITS):
        day = count.advance(day, extension)
    if day != local.date():
        ends = local_time(datetime.combine(day, local.timetz()), UTC)
    count.because(ends, "extended", by=together(extensions, (Unit.HOURS, *DAY_UNITS)))
    return ends


def _stood_still(count: Count, ends: datetime, stretches: list[Stretch]) -> tuple[datetime, int | None]:
    """The end moved by the hours of the days on which the term stood still, or the whole hours left."""
    for stretch in stretches:
        first, last = stretch.first, stretch.last
        stopped = count.calendar.start_of(first)
        if stopped >= ends:
            count.too_late(stretch, ends)
        elif last == STILL_OPEN:
            left = Duration((ends - stopped) // HOUR, Unit.HOURS)
            count.still(stretch, "stands_still", left=left)
            return ends, left.amount
        else:
            lost = count.calendar.end_of(last) - stopped
            ends = _later(ends, lost)
            hours = Duration(lost // HOUR, Unit.HOURS)
            count.still(stretch, "stood_still", last=last, lost=hours, until=ends)
    return ends, None

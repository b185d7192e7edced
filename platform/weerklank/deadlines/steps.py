"""What counting in days and in hours share: one step forward, where a term stands still, the outcome."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple

from weerklank.deadlines.calendars import Calendar
from weerklank.deadlines.durations import Duration, Unit, shift, shift_days
from weerklank.deadlines.terms import Counting, Due, Label, Reason, Suspension, Term, Value

Again = Callable[[], tuple[Reason, ...]]
STILL_OPEN = date.max
DAY_UNITS = (Unit.YEARS, Unit.MONTHS, Unit.WEEKS, Unit.DAYS, Unit.WORKING_DAYS)


class Stretch(NamedTuple):
    """Days on which a term stands still, both ends included; `STILL_OPEN` when the end is not known yet.

    `why` has a label for each reason; `rests`: it is a closed period, which does nothing for a term that has ended.
    """

    first: date
    last: date
    why: tuple[Label, ...] = ()
    rests: bool = False

    def begins_after(self, nominal: date) -> bool:
        """R6: what is asked on the last day still has effect; a closed period that begins the day after has none."""
        return self.first > (nominal if self.rests else shift_days(nominal, 1))


class Count:
    """One count under way: the term, the legal day it starts on, whose closed days matter, the reasons so far.

    The Act's closed days matter for a statutory term, else the tenant's. Reasons are only kept when nothing can
    count `again` for them; a due date that is only compared does not pay for them.
    """

    __slots__ = ("again", "calendar", "days", "start", "term", "why")

    def __init__(self, term: Term, start: date, calendar: Calendar, again: Again | None = None) -> None:
        self.term, self.start, self.calendar, self.again = term, start, calendar, again
        self.days = calendar.act if term.counting is Counting.STATUTORY else calendar
        self.why: list[Reason] = []

    def because(
        self, day: date | datetime, code: str, article: str | None = None, said: tuple[Label, ...] = (), **values: Value
    ) -> None:
        if self.again is None:
            self.why.append(Reason(day, code, article, values, said))

    def still(self, stretch: Stretch, code: str, **values: Value) -> None:
        """The reason that it stands or stood still: with the policy's words for it where there are any."""
        self.because(stretch.first, f"{code}_for" if stretch.why else code, None, stretch.why, **values)

    def too_late(self, stretch: Stretch, end: date | datetime) -> None:
        """The reason that standing still has no effect; of a closed period nobody would have expected one."""
        if not stretch.rests:
            self.because(stretch.first, "suspended_too_late", end=end)

    def reasons(self) -> tuple[Reason, ...]:
        return tuple(self.why)

    def by_the_act(self, article: str | None) -> str | None:
        """An article is a reason only where the Act rules."""
        return article if self.term.counting is Counting.STATUTORY else None

    def in_working_days(self, duration: Duration) -> bool:
        unit = duration.unit
        return unit is Unit.WORKING_DAYS or (unit is Unit.DAYS and self.term.counting is Counting.WORKING_DAYS)

    def advance(self, day: date, duration: Duration, times: int = 1) -> date:
        """`day` moved by `times` (may be negative) x the duration; the closed days it skips are reasons."""
        if not self.in_working_days(duration):
            return shift(day, duration, times)
        end = self.days.add_working_days(day, duration.amount * times)
        self.skip(*sorted((day, end)))
        return end

    def skip(self, after: date, before: date) -> None:
        """Every closed day between the two, which themselves are not looked at, becomes a reason."""
        if self.again or (before - after).days < 2:
            return
        for day, closed in self.days.closed_days(shift_days(after, 1), shift_days(before, -1)):
            article = self.by_the_act(closed.article)
            self.because(day, "closed", article, closed=closed.name, label=closed.label)

    def stretches(self, suspensions: Iterable[Suspension]) -> list[Stretch]:
        """R2: from the day after the request up to the day before the answer. R6: overlapping ones are one."""
        merged: list[Stretch] = []
        every = [*map(self._stretch, suspensions), *(self._rests() if self.term.rests else ())]
        for stretch in sorted(every, key=lambda each: (each.first, each.rests, each.last, each.why)):
            if stretch.last < stretch.first:
                self.because(stretch.first, "stood_still_no_day")
            elif merged and stretch.first <= merged[-1].last:
                merged[-1] = _as_one(merged[-1], stretch)
            else:
                merged.append(stretch)
        return merged

    def _stretch(self, suspension: Suspension) -> Stretch:
        completed = suspension.completed
        last = STILL_OPEN if completed is None else shift_days(completed, -1)
        why = (suspension.label,) if suspension.label else ()
        return Stretch(shift_days(max(suspension.requested, self.start), 1), last, why)

    def _rests(self) -> Iterable[Stretch]:
        """The tenant's closed periods as far as they lie after the start."""
        begins = shift_days(self.start, 1)
        for period in self.calendar.closed:
            if period.last >= begins:
                yield Stretch(max(period.first, begins), period.last, ((("", period.label),),), rests=True)

    def suspended(self, remaining: int) -> Due:
        return Due(state="suspended", remaining=remaining, again=self.again or self.reasons)

    def agreed(self, nominal: date | None, day: date) -> Due:
        """R3: the date agreed with the complainant stands as it is."""
        self.because(day, "agreed")
        return self.due_on(nominal, day, day)

    def due_on(self, nominal: date | None, due: date, reach: date) -> Due:
        """The result for a last day. `reach`: the last day that the count looked at."""
        provisional = self.provisional(reach)
        return Due(nominal, due, self.calendar.end_of(due), provisional=provisional, again=self.again or self.reasons)

    def due_at(self, instant: datetime) -> Due:
        provisional = self.provisional(self.calendar.day_of(instant))
        return Due(due_at=instant, provisional=provisional, again=self.again or self.reasons)

    def provisional(self, day: date) -> str | None:
        """R6: beyond the last year with equated days a due date is provisional, whatever the counting."""
        horizon = self.calendar.decrees.horizon
        if day.year <= horizon:
            return None
        self.because(day, "provisional", "3:3", horizon=horizon)
        return f"days equated by decree not known after {horizon}"


def _as_one(earlier: Stretch, later: Stretch) -> Stretch:
    why = tuple(dict.fromkeys((*earlier.why, *later.why)))
    return Stretch(earlier.first, max(earlier.last, later.last), why, earlier.rests)

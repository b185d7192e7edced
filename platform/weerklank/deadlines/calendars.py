"""Which days are open: a tenant's own calendar, and beside it the Act's."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weerklank.deadlines.durations import CountingError, shift_days
from weerklank.deadlines.holidays import ARTICLES, Decrees, Holiday, holidays_of, known_decrees

MONDAY_TO_FRIDAY = frozenset(range(5))
YEARS_WITHOUT_AN_OPEN_DAY = 10


class Closed(NamedTuple):
    """Why a day is no working day: a Holiday's name, `weekday` (outside the week) or `own` with its label.

    `article` is the Act's article (`3:2` is article 3, paragraph 2) that makes it a day off for the Act.
    """

    name: str
    article: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """Days on which a tenant is closed, both ends included. Raises CountingError when it ends too early."""

    first: date
    last: date
    label: str

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise CountingError("a closed period ends before it starts")


class _Year(NamedTuple):
    closed: dict[int, Closed]  # by ordinal, in order
    closed_days: list[int]
    open_days: list[int]


@dataclass(frozen=True)
class Calendar:
    """A tenant's calendar: its zone, the weekdays it works (Monday is 0), its holidays and own closed days.

    Immutable and a value: two equal calendars count alike and have the same `version`. Raises CountingError
    for an unknown zone, and for a week without a day or with another than 0-6.
    """

    timezone: str = "Europe/Amsterdam"
    week: frozenset[int] = MONDAY_TO_FRIDAY
    holidays: frozenset[Holiday] = frozenset(Holiday)
    closed: tuple[ClosedPeriod, ...] = ()
    decrees: Decrees = field(default_factory=known_decrees)

    def __post_init__(self) -> None:
        if not self.week or not self.week <= frozenset(range(7)):
            raise CountingError("a week has at least one working day, numbered from 0 (Monday) to 6")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise CountingError("the time zone is unknown") from None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def act(self) -> "Calendar":
        """The Act's calendar for the same zone and decrees: Monday to Friday without the Act's holidays."""
        return act_calendar(self.timezone, self.decrees)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with anything that can change a count."""
        content = (
            self.timezone,
            sorted(self.week),
            sorted(self.holidays),
            [(str(period.first), str(period.last), period.label) for period in self.closed],
            sorted(map(str, self.decrees.days)),
            self.decrees.horizon,
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()[:12]

    def reason_closed(self, day: date) -> Closed | None:
        """Why `day` is no working day, or None when it is one. A holiday is named before a weekday."""
        return self._year(day.year).closed.get(day.toordinal())

    def is_working_day(self, day: date) -> bool:
        return self.reason_closed(day) is None

    def closed_days(self, first: date, last: date) -> Iterator[tuple[date, Closed]]:
        """The days from `first` up to and including `last` that are no working days, with why."""
        for year in range(first.year, last.year + 1):
            closed, days, _ = self._year(year)
            low, high = bisect_left(days, first.toordinal()), bisect_right(days, last.toordinal())
            for day in days[low:high]:
                yield date.fromordinal(day), closed[day]

    def working_days(self, first: date, last: date) -> int:
        """How many working days there are from `first` up to and including `last`."""
        if last < first:
            return 0
        if first.year == last.year:
            days = self._year(first.year).open_days
            return bisect_right(days, last.toordinal()) - bisect_left(days, first.toordinal())
        ends = date(first.year, 12, 31), date(last.year, 1, 1)
        between = sum(len(self._year(year).open_days) for year in range(first.year + 1, last.year))
        return self.working_days(first, ends[0]) + between + self.working_days(ends[1], last)

    def add_working_days(self, day: date, amount: int) -> date:
        """The `amount`-th working day after `day` (before it when negative); `day` itself never counts.

        Raises CountingError when ten years in a row have no working day, and outside the years 1 to 9999.
        """
        if not amount:
            return day
        year, step = day.year, 1 if amount > 0 else -1
        days = self._year(year).open_days
        place = bisect_right(days, day.toordinal()) if amount > 0 else bisect_left(days, day.toordinal())
        index, empty = place + amount - (amount > 0), 0
        while not 0 <= index < len(days):
            passed, year = len(days), year + step
            empty = empty + 1 if not passed else 0
            if empty > YEARS_WITHOUT_AN_OPEN_DAY or not date.min.year <= year <= date.max.year:
                raise CountingError("the calendar has no working day there")
            days = self._year(year).open_days
            index = index - passed if amount > 0 else index + len(days)
        return date.fromordinal(days[index])

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is a working day, else the next that is. Raises as `add_working_days`."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def day_of(self, moment: date | datetime) -> date:
        """The legal day of `moment` here; raises as `legal_day`."""
        return legal_day(moment, self.zone)

    def start_of(self, day: date) -> datetime:
        """The instant (UTC) at which `day` begins here."""
        try:
            return datetime.combine(day, time.min, self.zone).astimezone(UTC)
        except OverflowError:
            raise CountingError("the date lies outside the years 1 to 9999") from None

    def end_of(self, day: date) -> datetime:
        """The instant (UTC) before which `day` ends here: 24:00, the start of the next."""
        return self.start_of(shift_days(day, 1))

    @cached_property
    def _years(self) -> dict[int, _Year]:
        return {}

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._build(year)
        return known

    def _build(self, year: int) -> _Year:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        off = frozenset(range(7)) - self.week
        closed = {day: Closed("weekday", "1") for day in range(first, last + 1) if (day + 6) % 7 in off}
        for period in self.closed:
            days = range(max(first, period.first.toordinal()), min(last, period.last.toordinal()) + 1)
            closed |= dict.fromkeys(days, Closed("own", None, period.label))
        for day, holiday in holidays_of(year, self.decrees).items():
            if holiday in self.holidays:
                closed[day.toordinal()] = Closed(holiday, ARTICLES.get(holiday, "3:1"))
        return _Year(closed, sorted(closed), [day for day in range(first, last + 1) if day not in closed])


def legal_day(moment: date | datetime, zone: tzinfo) -> date:
    """R7: the local date of an instant in the zone; a date is that day. Raises as `local_time`."""
    return local_time(moment, zone).date() if isinstance(moment, datetime) else moment


def local_time(moment: datetime, zone: tzinfo) -> datetime:
    """An instant as the clocks of the zone show it. Raises CountingError without offset or beyond year 9999."""
    if moment.tzinfo is None:
        raise CountingError("an instant needs its offset from UTC")
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise CountingError("the date lies outside the years 1 to 9999") from None


@lru_cache(256)
def act_calendar(timezone: str, decrees: Decrees) -> Calendar:
    return Calendar(timezone=timezone, decrees=decrees)

"""What goes into a count (term, suspension) and what comes out (due, with its reasons): values only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

from weerklank.deadlines.durations import CountingError, Duration, Unit

Label = tuple[tuple[str, str], ...]  # language -> words; "" stands for any language
Value = str | int | date | Duration | tuple[Duration, ...] | None


class Counting(StrEnum):
    """By the General Extension of Time Limits Act, by calendar days, or by the tenant's working days."""

    STATUTORY = "statutory"
    CALENDAR = "calendar"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Term:
    """A duration and how it is counted.

    Hours are always elapsed hours. A duration in working days counts the open days of the Act's calendar when
    statutory, else of the tenant's. Under `working_days`, days are working days too, and weeks, months and
    years that end on a closed day run on to the next working day. `rests`: it stands still in the tenant's closed
    periods (school holidays), however it is counted.
    """

    duration: Duration
    counting: Counting = Counting.CALENDAR
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, counted from the nominal end of the term."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Suspension:
    """The term stands still from the day after `requested`; the day `completed` counts again (None: open).

    `label` says why, in the policy's words; empty: something was asked of the complainant.
    """

    requested: date
    completed: date | None = None
    label: Label = ()

    def __post_init__(self) -> None:
        if self.completed is not None and self.completed < self.requested:
            raise CountingError("a suspension is completed before it was requested")


class Reason(NamedTuple):
    """One step of a count, as data; `explain` words it. `article` is the Act's: `1:2` is article 1, paragraph 2.

    `said` are the policy's own words for why a term stands still.
    """

    day: date | datetime | None
    code: str
    article: str | None = None
    values: Mapping[str, Value] = MappingProxyType({})
    said: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """The outcome of a count.

    nominal: the day on which the term ends before the Act, or a closed day, moves it; None for hours and
    while suspended. due: the last day (legal day) on which the act is in time. due_before: the same as an instant
    (UTC, exclusive). due_at: the instant (UTC) for a term in hours. remaining: what is left while suspended,
    in days, working days or whole hours, as the term is counted. provisional: why the day may still move, as
    days equated by decree are not known that far ahead.
    """

    nominal: date | None = None
    due: date | None = None
    due_before: datetime | None = None
    due_at: datetime | None = None
    state: Literal["running", "suspended"] = "running"
    remaining: int | None = None
    provisional: str | None = None
    again: "Callable[[], tuple[Reason, ...]]" = field(default=tuple, compare=False, repr=False)

    @property
    def why(self) -> tuple[Reason, ...]:
        """The steps of the count in order; counted again when asked for, as most dates are only compared."""
        return self.again()

    @property
    def bound(self) -> datetime | None:
        """The instant (UTC) at which the term has run out, for days and hours alike; None while suspended."""
        return self.due_at or self.due_before


class Window(NamedTuple):
    """A lower and an upper bound: not before the end of `earliest`, and at the latest on `latest`."""

    earliest: Due
    latest: Due


IN_DAYS = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 28, Unit.YEARS: 365, Unit.WORKING_DAYS: 1, Unit.HOURS: 0}
LONGEST = {Unit.DAYS: 90, Unit.WEEKS: 12, Unit.MONTHS: 3, Unit.YEARS: -1, Unit.HOURS: -1}


def is_outside_the_act(duration: Duration) -> bool:
    """Article 4: hours, years, more than 90 days, twelve weeks or three months."""
    return duration.amount > LONGEST.get(duration.unit, duration.amount)


def is_at_least_three_days(duration: Duration) -> bool:
    """Article 2 protects such terms."""
    return duration.amount * IN_DAYS[duration.unit] >= 3


def together(durations: Iterable[Duration], units: Iterable[Unit]) -> tuple[Duration, ...]:
    """The sums of the durations, one for each of `units` that occurs, in that order."""
    amounts = dict.fromkeys(units, 0)
    for duration in durations:
        if duration.unit in amounts:
            amounts[duration.unit] += duration.amount
    return tuple(Duration(amount, unit) for unit, amount in amounts.items() if amount)

"""A length of time as a procedure states it: an amount and a unit."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

MOST = 100_000


class CountingError(ValueError):
    """What was asked cannot be counted; the text says why and holds no personal data."""


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Duration:
    """`amount` (0 up to 100,000) of `unit`. Raises CountingError for anything else."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 <= self.amount <= MOST:
            raise CountingError(f"an amount is a whole number from 0 to {MOST}")
        if type(self.unit) is not Unit:
            object.__setattr__(self, "unit", _unit(self.unit))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2 working_days` or `1 week`: an amount, a space, a unit in plural or singular."""
        found = re.fullmatch(r"([0-9]{1,6}) ([a-z_]{3,12})", text)
        if found is None:
            raise CountingError("a duration is an amount and a unit, such as '2 weeks' or '5 working_days'")
        amount, unit = found.groups()
        return cls(int(amount), _unit(unit if unit.endswith("s") else unit + "s"))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


def _unit(name: str) -> Unit:
    try:
        return Unit(name)
    except ValueError:
        raise CountingError(f"a unit is one of {', '.join(Unit)}") from None


def shift(day: date, duration: Duration, times: int = 1) -> date:
    """`day` moved by `times` (may be negative) x a duration in days, weeks, months or years.

    Months and years keep the day's number; where the month has no such day, its last day. Raises
    CountingError outside the years 1 to 9999, and for hours and working days, which need more than a day.
    """
    amount = duration.amount * times
    match duration.unit:
        case Unit.DAYS:
            return shift_days(day, amount)
        case Unit.WEEKS:
            return shift_days(day, amount * 7)
        case Unit.MONTHS:
            return _shift_months(day, amount)
        case Unit.YEARS:
            return _shift_months(day, amount * 12)
        case _:
            raise CountingError(f"{duration.unit} cannot be counted in calendar days")


def shift_days(day: date, days: int) -> date:
    """`day` moved by a number of days. Raises CountingError outside the years 1 to 9999."""
    try:
        return day + timedelta(days)
    except OverflowError:
        raise CountingError("the date lies outside the years 1 to 9999") from None


def _shift_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise CountingError("the date lies outside the years 1 to 9999")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

"""The generally recognised holidays of the General Extension of Time Limits Act (articles 1 and 3).

The days of the Act's article 3 follow from Easter and a few fixed dates; the days equated by decree are data
(`decrees.toml`). King's Day is right from 1980 on.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Self


class Holiday(StrEnum):
    NEW_YEAR = "new_year"
    GOOD_FRIDAY = "good_friday"
    EASTER_MONDAY = "easter_monday"
    KINGS_DAY = "kings_day"
    LIBERATION_DAY = "liberation_day"
    ASCENSION_DAY = "ascension_day"
    WHIT_MONDAY = "whit_monday"
    CHRISTMAS_DAY = "christmas_day"
    BOXING_DAY = "boxing_day"
    DECREE = "decree"


ARTICLES = {Holiday.GOOD_FRIDAY: "3:2", Holiday.DECREE: "3:3"}  # all others: article 3, paragraph 1


@dataclass(frozen=True, slots=True)
class Decrees:
    """The days equated by royal decree, known up to and including the year `horizon`."""

    days: frozenset[date]
    horizon: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the format of `decrees.toml`; raises KeyError or ValueError when it is not that."""
        decrees = tomllib.loads(text)["decree"]
        return cls(
            frozenset(day for decree in decrees for day in decree["days"]),
            max(decree["years"][1] for decree in decrees),
        )


@cache
def known_decrees() -> Decrees:
    """The decrees that this version of Weerklank ships."""
    return Decrees.parse(files(__package__).joinpath("decrees.toml").read_text("utf-8"))


def holidays_of(year: int, decrees: Decrees) -> dict[date, Holiday]:
    """The Act's holidays of one year, Good Friday and the equated days included."""
    easter = _easter(year)
    return {
        **{day: Holiday.DECREE for day in decrees.days if day.year == year},
        date(year, 5, 5): Holiday.LIBERATION_DAY,
        _kings_day(year): Holiday.KINGS_DAY,
        easter - timedelta(2): Holiday.GOOD_FRIDAY,
        easter + timedelta(1): Holiday.EASTER_MONDAY,
        easter + timedelta(39): Holiday.ASCENSION_DAY,
        easter + timedelta(50): Holiday.WHIT_MONDAY,
        date(year, 1, 1): Holiday.NEW_YEAR,
        date(year, 12, 25): Holiday.CHRISTMAS_DAY,
        date(year, 12, 26): Holiday.BOXING_DAY,
    }


def _kings_day(year: int) -> date:
    day = date(year, 4, 27) if year >= 2014 else date(year, 4, 30)  # until 2013: Queen's Day
    return day - timedelta(1) if day.isoweekday() == 7 else day


def _easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, by the anonymous algorithm of 1876."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)

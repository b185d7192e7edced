"""What the pure rules look at beside the case: the policy, its calendar, the people of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from weerklank.deadlines import Calendar, ClosedPeriod, Holiday
from weerklank.policy.model import CalendarRules, Policy
from weerklank.policy.people import People

WEEK = ("mo", "tu", "we", "th", "fr", "sa", "su")


@dataclass(frozen=True)
class World:
    """A policy with the calendar it counts by and the people who are there."""

    policy: Policy
    calendar: Calendar
    people: People

    @classmethod
    def of(cls, policy: Policy, people: People) -> World:
        """The world of a policy: its calendar follows from its rules."""
        return cls(policy, calendar_of(policy.calendar), people)

    @property
    def zone(self) -> ZoneInfo:
        return self.calendar.zone

    def day_of(self, instant: datetime) -> date:
        """The legal day of an instant: the local date in the organisation's zone."""
        return instant.astimezone(self.zone).date()

    def noon(self, day: date) -> datetime:
        """An instant that stands for a day of which no hour is known."""
        return datetime.combine(day, time(12), self.zone)


@lru_cache(512)
def calendar_of(rules: CalendarRules) -> Calendar:
    """The calendar these rules describe; `national` stands for every holiday of the Act."""
    names = set(rules.holidays)
    holidays = frozenset(Holiday) if "national" in names else frozenset(Holiday(name) for name in names)
    return Calendar(
        timezone=rules.timezone,
        week=frozenset(WEEK.index(day) for day in rules.week),
        holidays=holidays,
        closed=tuple(ClosedPeriod(each.from_, each.to, each.label.in_("nl")) for each in rules.closed),
    )

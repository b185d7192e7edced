"""What the pure rules look at beside the case: the policy, its calendar, the people of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from weerklank.deadlines import Calendar
from weerklank.policy.model import Policy
from weerklank.policy.people import People


@dataclass(frozen=True)
class World:
    """A policy with the calendar it counts by and the people who are there."""

    policy: Policy
    calendar: Calendar
    people: People

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.calendar.timezone)

    def day_of(self, instant: datetime) -> date:
        """The legal day of an instant: the local date in the organisation's zone."""
        return instant.astimezone(self.zone).date()

    def noon(self, day: date) -> datetime:
        """An instant that stands for a day of which no hour is known."""
        return datetime.combine(day, time(12), self.zone)

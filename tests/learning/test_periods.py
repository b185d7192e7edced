"""Whole years, quarters and weeks of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weerklank.deadlines import Duration, Unit
from weerklank.learning.periods import Period, countable, ended, following, period_of


@pytest.mark.parametrize(
    ("every", "first", "last"),
    [
        ("1 years", date(2026, 1, 1), date(2026, 12, 31)),
        ("3 months", date(2026, 4, 1), date(2026, 6, 30)),
        ("1 months", date(2026, 5, 1), date(2026, 5, 31)),
        ("1 weeks", date(2026, 5, 11), date(2026, 5, 17)),
    ],
)
def test_it_takes_whole_periods_of_the_calendar(every: str, first: date, last: date) -> None:
    assert period_of(Duration.parse(every), date(2026, 5, 13)) == Period(first, last)


def test_it_names_the_period_that_is_over() -> None:
    assert ended(Duration.parse("3 months"), date(2026, 4, 1)) == Period(date(2026, 1, 1), date(2026, 3, 31))
    assert ended(Duration.parse("1 years"), date(2026, 12, 31)).last == date(2025, 12, 31)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.builds(Duration, st.integers(1, 12), st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS])),
)
def test_periods_follow_each_other_without_a_gap(day: date, every: Duration) -> None:
    period = period_of(every, day)
    after = following(every, period)
    assert countable(every)
    assert period.first <= day <= period.last
    assert after.first == period.last + timedelta(1)
    assert period_of(every, period.last) == period


def test_hours_and_working_days_make_no_periods() -> None:
    assert not any(countable(Duration(1, unit)) for unit in (Unit.HOURS, Unit.WORKING_DAYS))

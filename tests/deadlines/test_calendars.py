"""Which days are open."""

from datetime import UTC, date, datetime

import pytest

from weerklank.deadlines import Calendar, Closed, ClosedPeriod, CountingError, Decrees, Holiday, known_decrees

KERST = ClosedPeriod(date(2026, 12, 24), date(2027, 1, 3), "kerstsluiting")


def test_it_says_why_a_day_is_closed_and_names_a_holiday_first() -> None:
    calendar = Calendar(closed=(KERST,))
    assert calendar.reason_closed(date(2026, 12, 23)) is None
    assert calendar.reason_closed(date(2026, 12, 24)) == Closed("own", None, "kerstsluiting")
    assert calendar.reason_closed(date(2026, 12, 26)) == Closed(Holiday.BOXING_DAY, "3:1")
    assert calendar.reason_closed(date(2027, 1, 9)) == Closed("weekday", "1")
    assert calendar.reason_closed(date(2026, 4, 3)) == Closed(Holiday.GOOD_FRIDAY, "3:2")
    assert calendar.reason_closed(date(2026, 5, 15)) == Closed(Holiday.DECREE, "3:3")


def test_it_counts_working_days_within_and_across_years() -> None:
    calendar = Calendar()
    assert calendar.working_days(date(2026, 6, 1), date(2026, 6, 7)) == 5
    assert calendar.working_days(date(2026, 12, 24), date(2027, 1, 4)) == 6
    assert calendar.working_days(date(2025, 12, 31), date(2028, 1, 1)) == 1 + 251 + 253
    assert calendar.working_days(date(2026, 6, 2), date(2026, 6, 1)) == 0


def test_it_has_the_acts_calendar_beside_the_tenants() -> None:
    tenant = Calendar(week=frozenset({5, 6}), holidays=frozenset(), closed=(KERST,), timezone="Europe/Brussels")
    assert tenant.act == Calendar(timezone="Europe/Brussels")
    assert tenant.act is tenant.act.act
    assert tenant.is_working_day(date(2026, 6, 6))
    assert not tenant.act.is_working_day(date(2026, 6, 6))


def test_it_changes_its_version_with_anything_that_can_change_a_count() -> None:
    variants = [
        Calendar(),
        Calendar(timezone="Europe/Brussels"),
        Calendar(week=frozenset(range(6))),
        Calendar(holidays=frozenset(Holiday) - {Holiday.GOOD_FRIDAY}),
        Calendar(closed=(KERST,)),
        Calendar(decrees=Decrees(frozenset(), 2028)),
        Calendar(decrees=Decrees(known_decrees().days, 2031)),
    ]
    assert len({calendar.version for calendar in variants}) == len(variants)
    assert Calendar().version == Calendar().version
    assert Calendar() == Calendar()
    assert hash(Calendar()) == hash(Calendar())


def test_it_gives_the_bounds_of_a_day_as_instants() -> None:
    calendar = Calendar()
    assert calendar.start_of(date(2026, 3, 29)) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert calendar.end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert calendar.end_of(date(2026, 10, 25)) == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Amsterdam", "Europe", "../etc/passwd", "/etc/localtime", "Europe/\0"])
def test_it_refuses_a_zone_that_it_does_not_know(zone: str) -> None:
    with pytest.raises(CountingError):
        Calendar(timezone=zone)


@pytest.mark.parametrize("week", [frozenset[int](), frozenset({7}), frozenset({-1, 0})])
def test_it_refuses_a_week_without_a_real_day(week: frozenset[int]) -> None:
    with pytest.raises(CountingError):
        Calendar(week=week)


def test_it_refuses_a_closed_period_that_ends_before_it_starts() -> None:
    with pytest.raises(CountingError):
        ClosedPeriod(date(2026, 6, 2), date(2026, 6, 1), "andersom")


def test_it_reads_decrees_as_data_with_their_horizon() -> None:
    decrees = Decrees.parse(
        """
        [[decree]]
        years = [2029, 2031]
        days = [2029-05-11]
        source = "invented for this test"
        [[decree]]
        years = [2026, 2028]
        days = [2026-01-02]
        source = "the one before"
        """
    )
    assert decrees == Decrees(frozenset({date(2029, 5, 11), date(2026, 1, 2)}), 2031)
    assert Calendar(decrees=decrees).reason_closed(date(2029, 5, 11)) == Closed(Holiday.DECREE, "3:3")


def test_it_ships_every_decreed_day_within_the_years_its_decree_covers_and_with_a_source() -> None:
    import tomllib
    from importlib.resources import files

    for decree in tomllib.loads(files("weerklank.deadlines").joinpath("decrees.toml").read_text("utf-8"))["decree"]:
        first, last = decree["years"]
        assert decree["source"]
        assert all(first <= day.year <= last for day in decree["days"])

"""Counting by hand: combinations that the published cases do not hold. Every date was worked out on paper."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice, permutations
from zoneinfo import ZoneInfo

import pytest

from weerklank.deadlines import (
    Calendar,
    ClosedPeriod,
    Counting,
    CountingError,
    Decrees,
    Due,
    Duration,
    Extension,
    Suspension,
    Term,
    Unit,
    between,
    compute,
    older_than,
    on_day,
    repeats,
)

STATUTORY, CALENDAR, WORKING_DAYS = Counting.STATUTORY, Counting.CALENDAR, Counting.WORKING_DAYS
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OURS = Calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


def pause(requested: str, completed: str | None = None) -> Suspension:
    return Suspension(day(requested), day(completed) if completed else None)


def count(
    within: str,
    counting: Counting,
    start: str,
    *pauses: Suspension,
    longer: Iterable[str] = (),
    agreed: str | None = None,
    backward: bool = False,
    calendar: Calendar = OURS,
) -> Due:
    return compute(
        Term(Duration.parse(within), counting),
        day(start),
        calendar,
        extensions=[Extension(Duration.parse(each)) for each in longer],
        suspensions=pauses,
        agreed_until=day(agreed) if agreed else None,
        backward=backward,
    )


def codes(due: Due) -> list[str]:
    return [reason.code for reason in due.why]


# --- the units -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("1 months", "2026-01-31", "2026-02-28"),
        ("1 months", "2028-01-31", "2028-02-29"),
        ("13 months", "2026-01-31", "2027-02-28"),
        ("12 months", "2026-12-31", "2027-12-31"),
        ("1 years", "2024-02-29", "2025-02-28"),
        ("4 years", "2024-02-29", "2028-02-29"),
        ("0 days", "2026-06-06", "2026-06-06"),
        ("1 week", "2026-06-06", "2026-06-13"),
    ],
)
def test_it_keeps_the_number_of_the_day_or_takes_the_last_of_the_month(within: str, start: str, due: str) -> None:
    assert count(within, CALENDAR, start).due == day(due)


def test_it_gives_the_last_day_and_the_instant_before_which_it_ends() -> None:
    due = count("1 week", CALENDAR, "2026-03-22")  # Sunday 29 March has 23 hours
    assert (due.nominal, due.due) == (day("2026-03-29"), day("2026-03-29"))
    assert due.due_before == due.bound == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert (due.due_at, due.state, due.remaining, due.provisional) == (None, "running", None, None)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (datetime(2026, 6, 1, 22, 30, tzinfo=UTC), "2026-06-03"),
        (datetime(2026, 6, 2, 1, 30, tzinfo=timezone(timedelta(hours=2))), "2026-06-03"),
        (datetime(2026, 6, 1, 18, 30, tzinfo=timezone(-timedelta(hours=4))), "2026-06-03"),
        (datetime(2026, 6, 1, 21, 59, 59, tzinfo=UTC), "2026-06-02"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=1), "2026-10-26"),
        (datetime(2026, 3, 29, 2, 30, tzinfo=AMSTERDAM), "2026-03-30"),
    ],
)
def test_it_starts_on_the_local_day_whatever_the_offset_says(start: datetime, expected: str) -> None:
    assert compute(Term(Duration(1, Unit.DAYS)), start, OURS).due == day(expected)


def test_it_starts_on_the_day_of_the_tenants_own_zone() -> None:
    start = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
    due = compute(Term(Duration(1, Unit.DAYS)), start, Calendar(timezone="America/Curacao"))
    assert (due.due, due.due_before) == (day("2026-06-02"), datetime(2026, 6, 3, 4, tzinfo=UTC))


# --- hours -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ((2026, 3, 28, 12, 0, 0), 48, "2026-03-30T13:00:00+02:00"),
        ((2026, 10, 24, 12, 0, 0), 24, "2026-10-25T11:00:00+01:00"),
        ((2026, 3, 29, 2, 30, 0), 1, "2026-03-29T04:30:00+02:00"),  # 02:30 does not exist: read as 03:30
        ((2026, 10, 25, 2, 30, 0), 1, "2026-10-25T02:30:00+01:00"),  # 02:30 comes twice: the first
        ((2026, 6, 5, 23, 59, 59), 0, "2026-06-05T23:59:59+02:00"),
    ],
)
def test_it_lets_hours_elapse_over_a_clock_change(
    counting: Counting, start: tuple[int, int, int, int, int, int], hours: int, due: str
) -> None:
    answer = compute(Term(Duration(hours, Unit.HOURS), counting), datetime(*start, tzinfo=AMSTERDAM), OURS)
    assert answer.due_at == answer.bound == datetime.fromisoformat(due)
    assert (answer.nominal, answer.due, answer.due_before) == (None, None, None)


def test_it_counts_hours_from_midnight_when_only_the_day_is_known() -> None:
    assert count("48 hours", STATUTORY, "2026-06-01").due_at == datetime(2026, 6, 2, 22, tzinfo=UTC)


def test_it_counts_hours_back() -> None:
    due = count("48 hours", STATUTORY, "2026-06-03", backward=True)
    assert due.due_at == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert codes(due) == ["counts_back", "ends_hours"]


def test_it_extends_hours_by_elapsed_hours_and_by_days_on_the_clock() -> None:
    start = datetime(2026, 10, 23, 16, tzinfo=AMSTERDAM)
    term = Term(Duration(24, Unit.HOURS))
    hours = compute(term, start, OURS, extensions=[Extension(Duration(24, Unit.HOURS))])
    days = compute(term, start, OURS, extensions=[Extension(Duration(1, Unit.DAYS))])
    assert hours.due_at == datetime(2026, 10, 25, 15, tzinfo=AMSTERDAM)
    assert days.due_at == datetime(2026, 10, 25, 16, tzinfo=AMSTERDAM)


def test_it_lets_hours_stand_still_for_whole_days() -> None:
    closed = count("48 hours", CALENDAR, "2026-06-01", pause("2026-06-01", "2026-06-04"))
    assert closed.due_at == datetime(2026, 6, 4, 22, tzinfo=UTC)
    standing = count("48 hours", CALENDAR, "2026-06-01", pause("2026-06-01"))
    assert (standing.state, standing.remaining, standing.due_at) == ("suspended", 24, None)
    late = count("48 hours", CALENDAR, "2026-06-01", pause("2026-06-02", "2026-06-09"))
    assert late.due_at == datetime(2026, 6, 2, 22, tzinfo=UTC)
    assert "suspended_too_late" in codes(late)


# --- the Act ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("12 weeks", "2026-06-06", "2026-08-31"),  # Saturday 29 August
        ("13 weeks", "2026-06-06", "2026-09-05"),
        ("90 days", "2026-06-07", "2026-09-07"),
        ("91 days", "2026-06-06", "2026-09-05"),
        ("3 months", "2026-06-05", "2026-09-07"),  # Saturday 5 September
        ("4 months", "2026-06-05", "2026-10-05"),
        ("4 months", "2026-06-04", "2026-10-04"),  # a Sunday, and it stays
        ("1 years", "2025-06-06", "2026-06-06"),  # a Saturday, and it stays
        ("0 years", "2026-06-06", "2026-06-06"),
        ("0 days", "2026-06-06", "2026-06-08"),
    ],
)
def test_it_moves_a_term_only_within_the_reach_of_article_4(within: str, start: str, due: str) -> None:
    assert count(within, STATUTORY, start).due == day(due)


@pytest.mark.parametrize(
    ("within", "start", "due"),
    [
        ("3 days", "2026-12-23", "2026-12-28"),  # Thursday 24 and Monday 28 are in it
        ("3 days", "2026-12-24", "2026-12-29"),
        ("2 days", "2026-12-24", "2026-12-28"),  # too short for article 2
        ("1 days", "2026-04-02", "2026-04-07"),
        ("4 days", "2026-04-02", "2026-04-08"),  # Easter Monday: to Tuesday, and one day more
        ("5 days", "2026-04-02", "2026-04-08"),  # Tuesday is the only one
        ("6 days", "2026-04-02", "2026-04-08"),
        ("7 days", "2026-04-02", "2026-04-09"),
    ],
)
def test_it_leaves_two_working_days_in_a_term_of_three_days(within: str, start: str, due: str) -> None:
    assert count(within, STATUTORY, start).due == day(due)


def test_it_does_not_count_days_that_stood_still_as_working_days_in_a_short_term() -> None:
    # Three days from Thursday 4 June; Friday to Tuesday stood still: Wednesday 10, Thursday 11, Friday 12.
    assert count("3 days", STATUTORY, "2026-06-04", pause("2026-06-04", "2026-06-10")).due == day("2026-06-12")
    # Friday 5 counts; Saturday up to Thursday stood still; Friday 12, Saturday 13, on to Monday 15.
    due = count("3 days", STATUTORY, "2026-06-04", pause("2026-06-05", "2026-06-12"))
    assert (due.nominal, due.due) == (day("2026-06-13"), day("2026-06-15"))
    # Saturday, Sunday, Monday: Monday 8 stood still, so only Tuesday 9 is in it; Wednesday is added.
    due = count("3 days", STATUTORY, "2026-06-05", pause("2026-06-07", "2026-06-09"))
    assert (due.nominal, due.due) == (day("2026-06-09"), day("2026-06-10"))


def test_it_counts_statutory_working_days_by_the_act_and_not_by_the_tenant() -> None:
    tenant = Calendar(week=frozenset(range(7)), holidays=frozenset())
    assert count("2 working_days", STATUTORY, "2026-04-02", calendar=tenant).due == day("2026-04-08")
    assert count("2 working_days", CALENDAR, "2026-04-02", calendar=tenant).due == day("2026-04-04")


def test_it_ignores_the_tenants_closed_days_in_a_statutory_term() -> None:
    tenant = Calendar(closed=(ClosedPeriod(day("2026-07-01"), day("2026-08-31"), "bouwvak"),))
    assert count("6 weeks", STATUTORY, "2026-06-01", calendar=tenant).due == day("2026-07-13")


# --- working days ----------------------------------------------------------------------------------------------


def test_it_counts_days_as_working_days_where_working_days_are_counted() -> None:
    assert count("5 days", WORKING_DAYS, "2026-06-05").due == day("2026-06-12")


def test_it_lets_weeks_and_months_run_on_to_the_tenants_next_working_day() -> None:
    tenant = Calendar(
        week=frozenset(range(6)),
        closed=(ClosedPeriod(day("2026-07-04"), day("2026-07-07"), "verhuizing"),),
    )
    due = count("4 weeks", WORKING_DAYS, "2026-06-06", calendar=tenant)
    assert (due.nominal, due.due) == (day("2026-07-04"), day("2026-07-08"))
    assert [reason.article for reason in due.why] == [None] * len(due.why)
    assert count("13 weeks", WORKING_DAYS, "2026-06-06").due == day("2026-09-07")  # no article 4 here


def test_it_counts_a_six_day_week_in_which_kings_day_matters() -> None:
    monday_to_saturday = Calendar(week=frozenset(range(6)))
    assert count("2 working_days", WORKING_DAYS, "2025-04-24", calendar=monday_to_saturday).due == day(
        "2025-04-28"
    )  # Friday 25; Saturday 26 is King's Day


def test_it_skips_only_the_holidays_the_tenant_observes() -> None:
    tenant = Calendar(holidays=frozenset())
    assert count("2 working_days", WORKING_DAYS, "2026-04-02", calendar=tenant).due == day("2026-04-06")


def test_it_gives_working_days_back_for_what_stood_still() -> None:
    # Ten working days from Monday 1 June: 2-15 June. Still from Thursday 4 to Tuesday 9: four working days.
    due = count("10 working_days", WORKING_DAYS, "2026-06-01", pause("2026-06-03", "2026-06-10"))
    assert due.due == day("2026-06-19")
    standing = count("10 working_days", WORKING_DAYS, "2026-06-01", pause("2026-06-05"))
    assert (standing.state, standing.remaining) == ("suspended", 6)


def test_it_gives_calendar_days_back_to_weeks_that_run_on_to_a_working_day() -> None:
    due = count("1 week", WORKING_DAYS, "2026-06-05", pause("2026-06-06", "2026-06-10"))
    assert due.due == day("2026-06-15")  # Friday 12, and Sunday up to Tuesday stood still


def test_it_extends_working_days_by_weeks_and_the_other_way_round() -> None:
    longer = count("5 working_days", WORKING_DAYS, "2026-06-01", longer=["2 weeks"])
    assert longer.due == day("2026-06-22")  # Monday 8 June, and two weeks
    longer = count("2 weeks", CALENDAR, "2026-06-05", longer=["5 working_days"])
    assert longer.due == day("2026-06-26")
    longer = count("2 weeks", STATUTORY, "2026-03-20", longer=["1 working_day"])
    assert longer.due == day("2026-04-07")  # nominal end Good Friday; the next working day is Tuesday


# --- extensions, agreed dates and suspensions together ---------------------------------------------------------


def test_it_extends_from_the_nominal_end_and_moves_once_at_the_very_end() -> None:
    due = count("6 weeks", STATUTORY, "2026-06-06", longer=["2 days"])
    assert (due.nominal, due.due) == (day("2026-07-20"), day("2026-07-20"))


def test_it_takes_several_extensions_as_one() -> None:
    for longer in permutations(["1 months", "2 weeks", "1 months", "3 days"]):
        assert count("1 months", CALENDAR, "2026-01-31", longer=longer).due == day("2026-05-15")


def test_it_excludes_an_extension_when_article_4_excludes_its_first_term_or_itself() -> None:
    assert count("13 weeks", STATUTORY, "2026-06-06", longer=["4 weeks"]).due == day("2026-10-03")
    assert count("10 weeks", STATUTORY, "2026-06-06", longer=["4 weeks"]).due == day("2026-09-14")
    assert count("1 weeks", STATUTORY, "2026-06-06", longer=["13 weeks"]).due == day("2026-09-12")


def test_it_takes_the_agreed_date_as_it_is() -> None:
    due = count("6 weeks", STATUTORY, "2026-06-01", longer=["4 weeks"], agreed="2026-08-29")
    assert (due.nominal, due.due) == (day("2026-08-10"), day("2026-08-29"))
    early = count("6 weeks", STATUTORY, "2026-06-01", agreed="2026-06-20")
    assert early.due == day("2026-06-20")
    standing = count("6 weeks", STATUTORY, "2026-06-01", pause("2026-06-10"), agreed="2026-08-29")
    assert (standing.state, standing.nominal, standing.due) == ("running", None, day("2026-08-29"))
    hours = count("48 hours", STATUTORY, "2026-06-01", agreed="2026-06-20")
    assert (hours.due, hours.due_at) == (day("2026-06-20"), None)


def test_it_counts_a_suspension_and_an_extension_in_any_order_alike() -> None:
    # 6 + 4 weeks end on Monday 10 August; 6 + 3 days stood still, of which two days overlap.
    pauses = (
        pause("2026-06-10", "2026-06-17"),
        pause("2026-06-14", "2026-06-18"),
        pause("2026-07-20", "2026-07-23"),
    )
    for order in permutations(pauses):
        due = count("6 weeks", STATUTORY, "2026-06-01", *order, longer=["4 weeks"])
        assert (due.nominal, due.due) == (day("2026-08-19"), day("2026-08-19"))


@pytest.mark.parametrize(
    ("pauses", "nominal"),
    [
        ([pause("2026-05-20", "2026-05-30")], "2026-07-13"),  # over before the term starts
        ([pause("2026-05-20", "2026-06-03")], "2026-07-14"),  # only 2 June is in the term
        ([pause("2026-06-01", "2026-06-03")], "2026-07-14"),  # from the day of receipt on
        ([pause("2026-06-10", "2026-06-11")], "2026-07-13"),
        ([pause("2026-07-12", "2026-07-20")], "2026-07-20"),  # the last day itself stood still
        ([pause("2026-07-13", "2026-07-20")], "2026-07-19"),  # asked on the last day, not after it
        ([pause("2026-07-14", "2026-07-20")], "2026-07-13"),  # asked when the term was over
        ([pause("2026-06-10", "2026-06-17"), pause("2026-07-15", "2026-07-17")], "2026-07-20"),
        ([pause("2026-06-10", "2026-06-17"), pause("2026-06-10", "2026-06-17")], "2026-07-19"),
        ([pause("2026-06-10", "2026-06-17"), pause("2026-06-16", "2026-06-19")], "2026-07-21"),
    ],
)
def test_it_counts_every_day_that_stood_still_once(pauses: list[Suspension], nominal: str) -> None:
    assert count("6 weeks", CALENDAR, "2026-06-01", *pauses).due == day(nominal)
    assert count("6 weeks", STATUTORY, "2026-06-01", *pauses).nominal == day(nominal)


@pytest.mark.parametrize(
    ("pauses", "longer", "remaining"),
    [
        ([pause("2026-06-10")], [], 33),
        ([pause("2026-06-10")], ["4 weeks"], 61),
        ([pause("2026-05-10")], [], 42),
        ([pause("2026-06-01")], [], 42),
        ([pause("2026-07-12")], [], 1),
        ([pause("2026-06-10", "2026-06-17"), pause("2026-06-20")], [], 29),
        ([pause("2026-06-10", "2026-06-17"), pause("2026-06-12")], [], 33),
        ([pause("2026-06-10"), pause("2026-06-20", "2026-06-22")], [], 33),
    ],
)
def test_it_says_what_is_left_while_the_term_stands_still(
    pauses: list[Suspension], longer: list[str], remaining: int
) -> None:
    due = count("6 weeks", STATUTORY, "2026-06-01", *pauses, longer=longer)
    assert (due.state, due.remaining) == ("suspended", remaining)
    assert (due.nominal, due.due, due.due_before, due.bound, due.provisional) == (None, None, None, None, None)


def test_it_stands_still_with_nothing_left_when_asked_on_the_last_day() -> None:
    due = count("6 weeks", STATUTORY, "2026-06-01", pause("2026-07-13"))
    assert (due.state, due.remaining) == ("suspended", 0)


@pytest.mark.parametrize("requested", ["2026-07-14", "2027-01-01"])
def test_it_runs_on_when_an_open_request_came_too_late(requested: str) -> None:
    due = count("6 weeks", STATUTORY, "2026-06-01", pause(requested))
    assert (due.state, due.due) == ("running", day("2026-07-13"))
    assert "suspended_too_late" in codes(due)


# --- counted back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "counting", "start", "due"),
    [
        ("10 days", STATUTORY, "2026-06-23", "2026-06-13"),  # a Saturday, and it stays
        ("1 months", CALENDAR, "2026-03-31", "2026-02-28"),
        ("2 weeks", WORKING_DAYS, "2026-04-17", "2026-04-03"),  # Good Friday, and it stays
        ("2 working_days", WORKING_DAYS, "2026-06-08", "2026-06-04"),
        ("2 working_days", WORKING_DAYS, "2026-06-07", "2026-06-04"),
        ("3 working_days", STATUTORY, "2026-01-05", "2025-12-29"),
        ("0 working_days", WORKING_DAYS, "2026-06-07", "2026-06-07"),
    ],
)
def test_it_counts_back_without_moving(within: str, counting: Counting, start: str, due: str) -> None:
    assert count(within, counting, start, backward=True).due == day(due)


@pytest.mark.parametrize("what", [{"longer": ["1 week"]}, {"agreed": "2026-06-20"}])
def test_it_refuses_to_extend_a_term_that_is_counted_back(what: dict[str, object]) -> None:
    with pytest.raises(CountingError):
        count("1 week", CALENDAR, "2026-06-01", backward=True, **what)  # type: ignore[arg-type]  # mixed keys


# --- beyond the decrees ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("unit", ["days", "hours", "working_days"])
def test_it_calls_a_date_beyond_the_decrees_provisional_whatever_the_counting(counting: Counting, unit: str) -> None:
    amount = 48 if unit == "hours" else 2
    assert count(f"{amount} {unit}", counting, "2028-12-20").provisional is None
    beyond = count(f"{amount} {unit}", counting, "2029-01-08")
    assert beyond.provisional == "days equated by decree not known after 2028"
    assert codes(beyond)[-1] == "provisional"


def test_it_moves_the_horizon_with_a_new_decree() -> None:
    later = Calendar(decrees=Decrees(OURS.decrees.days | {day("2029-05-11")}, 2031))
    before = count("6 weeks", STATUTORY, "2029-03-30")
    after = count("6 weeks", STATUTORY, "2029-03-30", calendar=later)
    assert (before.due, after.due) == (day("2029-05-11"), day("2029-05-14"))
    assert before.provisional
    assert after.provisional is None
    assert later.version != OURS.version


def test_it_is_provisional_when_working_days_are_counted_back_from_beyond_the_decrees() -> None:
    due = count("5 working_days", WORKING_DAYS, "2029-01-04", backward=True)
    assert due.due == day("2028-12-27")
    assert due.provisional


def test_it_calls_an_agreed_day_beyond_the_decrees_provisional_too() -> None:
    assert count("1 week", CALENDAR, "2028-12-01", agreed="2029-01-02").provisional
    assert on_day(day("2029-01-02"), OURS).provisional


# --- ranges, intervals, age ------------------------------------------------------------------------------------


def test_it_gives_both_ends_of_a_range() -> None:
    window = between(Duration.parse("1 week"), Duration.parse("2 weeks"), STATUTORY, day("2026-06-06"), OURS)
    assert (window.earliest.due, window.latest.due) == (day("2026-06-15"), day("2026-06-22"))
    longer = between(
        Duration.parse("2 working_days"),
        Duration.parse("2 weeks"),
        WORKING_DAYS,
        day("2026-06-01"),
        OURS,
        extensions=[Extension(Duration.parse("1 week"))],
        suspensions=iter([pause("2026-06-01", "2026-06-04")]),
    )
    assert (longer.earliest.due, longer.latest.due) == (day("2026-06-05"), day("2026-06-24"))


def test_it_refuses_a_range_that_is_upside_down() -> None:
    with pytest.raises(CountingError):
        between(Duration.parse("15 days"), Duration.parse("2 weeks"), CALENDAR, day("2026-06-01"), OURS)


@pytest.mark.parametrize(
    ("every", "counting", "expected"),
    [
        ("1 months", CALENDAR, ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2 weeks", STATUTORY, ["2026-02-16", "2026-03-02", "2026-03-16"]),
        ("1 days", STATUTORY, ["2026-02-02", "2026-02-03", "2026-02-04"]),
        ("3 months", STATUTORY, ["2026-04-30", "2026-07-31", "2026-11-02"]),
        ("10 working_days", WORKING_DAYS, ["2026-02-13", "2026-02-27", "2026-03-13"]),
        ("1 years", CALENDAR, ["2027-01-31", "2028-01-31", "2029-01-31"]),
    ],
)
def test_it_repeats_an_interval_without_drifting(every: str, counting: Counting, expected: list[str]) -> None:
    days = repeats(Term(Duration.parse(every), counting), day("2026-01-31"), OURS)
    assert [str(each) for each in islice(days, 3)] == expected


@pytest.mark.parametrize("every", ["0 days", "24 hours"])
def test_it_refuses_an_interval_that_is_no_number_of_days(every: str) -> None:
    with pytest.raises(CountingError):
        repeats(Term(Duration.parse(every)), day("2026-01-31"), OURS)


def test_it_stops_repeating_where_the_years_run_out() -> None:
    with pytest.raises(CountingError):
        list(repeats(Term(Duration.parse("99 years")), day("9000-01-01"), OURS))


def test_it_calls_a_day_older_only_after_the_whole_duration() -> None:
    year = Duration.parse("1 year")
    assert not older_than(year, day("2025-06-06"), day("2026-06-06"), AMSTERDAM)
    assert older_than(year, day("2025-06-06"), day("2026-06-07"), AMSTERDAM)
    assert older_than(year, day("2025-06-06"), datetime(2026, 6, 6, 22, 30, tzinfo=UTC), AMSTERDAM)
    for unit in ("hours", "working_days"):
        with pytest.raises(CountingError):
            older_than(Duration.parse(f"1 {unit}"), day("2025-06-06"), day("2026-06-06"), AMSTERDAM)


# --- what cannot be counted ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "2", "weeks", "2  weeks", "-2 weeks", "2 fortnights", "2.5 weeks", "2 weeks ", "٢ weeks", "1000001 days"],
)
def test_it_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(CountingError):
        Duration.parse(text)


@pytest.mark.parametrize("amount", [-1, True, 2.0, "2", None, 10**6])
def test_it_refuses_an_amount_that_is_no_whole_number_in_reach(amount: object) -> None:
    with pytest.raises(CountingError):
        Duration(amount, Unit.DAYS)  # type: ignore[arg-type]  # the point of the test


def test_it_writes_a_duration_as_it_reads_it() -> None:
    assert [str(Duration.parse(text)) for text in ("2 working_days", "1 weeks")] == ["2 working_days", "1 weeks"]
    assert Duration.parse("1 week") == Duration.parse("1 weeks") == Duration(1, Unit("weeks"))


def test_it_refuses_an_instant_without_its_offset() -> None:
    for unit in Unit:
        with pytest.raises(CountingError):
            compute(Term(Duration(1, unit)), datetime(2026, 6, 1), OURS)  # noqa: DTZ001  # the point of the test


def test_it_refuses_hours_on_top_of_days() -> None:
    with pytest.raises(CountingError):
        count("1 week", CALENDAR, "2026-06-01", longer=["24 hours"])


def test_it_refuses_a_suspension_that_ends_before_it_begins() -> None:
    with pytest.raises(CountingError):
        pause("2026-06-10", "2026-06-09")


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("start", [date.max, date.min, datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("backward", [False, True])
def test_it_never_leaves_the_calendar_silently(counting: Counting, unit: Unit, start: date, backward: bool) -> None:
    try:
        due = compute(Term(Duration(100_000, unit), counting), start, OURS, backward=backward)
    except CountingError:
        return
    assert due.bound


def test_it_does_not_look_for_a_working_day_for_ever() -> None:
    closed = Calendar(closed=(ClosedPeriod(day("2026-01-01"), date.max, "opgeheven"),))
    for backward, start in ((False, "2026-06-01"), (True, "2050-06-01")):
        with pytest.raises(CountingError):
            count("1 working_day", WORKING_DAYS, start, backward=backward, calendar=closed)
    year = Calendar(closed=(ClosedPeriod(day("2026-01-01"), day("2027-12-31"), "verbouwing"),))
    assert count("1 working_day", WORKING_DAYS, "2026-06-01", calendar=year).due == day("2028-01-03")
    assert count("1 working_day", WORKING_DAYS, "2027-06-01", backward=True, calendar=year).due == day("2025-12-31")


def test_it_is_a_value() -> None:
    first, second = count("6 weeks", STATUTORY, "2026-06-06"), count("6 weeks", STATUTORY, "2026-06-06")
    assert first == second
    assert hash(first) == hash(second)
    assert first.why == second.why == first.why


SUMMER = ClosedPeriod(date(2026, 7, 11), date(2026, 8, 23), "zomervakantie")
AUTUMN = ClosedPeriod(date(2026, 10, 17), date(2026, 10, 25), "herfstvakantie")
SCHOOL = Calendar(closed=(SUMMER, AUTUMN))


@pytest.mark.parametrize(
    ("within", "counting", "start", "due"),
    [
        ("4 weeks", CALENDAR, "2026-06-22", "2026-09-02"),  # 20 July + 44 days
        ("4 weeks", CALENDAR, "2026-07-20", "2026-09-20"),  # began inside: 24 August is its first day
        ("3 weeks", CALENDAR, "2026-06-19", "2026-07-10"),  # over on the day before it closes
        ("8 weeks", CALENDAR, "2026-07-01", "2026-10-09"),  # before the autumn
        ("10 weeks", CALENDAR, "2026-07-01", "2026-11-01"),  # over two periods: 44 and 9 days
        ("6 weeks", STATUTORY, "2026-06-15", "2026-09-09"),
        ("1 month", WORKING_DAYS, "2026-06-30", "2026-09-14"),  # 12 September is a Saturday
        ("10 working_days", WORKING_DAYS, "2026-07-06", "2026-08-31"),  # not counted twice: no working days anyhow
    ],
)
def test_it_stands_still_in_the_closed_periods_of_a_school(
    within: str, counting: Counting, start: str, due: str
) -> None:
    assert compute(Term(Duration.parse(within), counting, rests=True), day(start), SCHOOL).due == day(due)


def test_it_stands_still_in_hours_too() -> None:
    began = datetime(2026, 7, 10, 12, tzinfo=UTC)
    due = compute(Term(Duration.parse("24 hours"), CALENDAR, rests=True), began, SCHOOL)
    assert due.due_at == datetime(2026, 8, 24, 12, tzinfo=UTC)


def test_it_counts_a_closed_day_and_a_pause_on_the_same_day_once() -> None:
    rests = Term(Duration.parse("4 weeks"), CALENDAR, rests=True)
    lawsuit = pause("2026-07-01", "2026-08-01")  # from 2 July; the closed period goes on until 23 August
    assert compute(rests, day("2026-06-22"), SCHOOL, suspensions=[lawsuit]).due == day("2026-09-11")
    open_ended = compute(rests, day("2026-06-22"), SCHOOL, suspensions=[pause("2026-07-20")])
    assert (open_ended.state, open_ended.remaining) == ("suspended", 10)


def test_it_has_no_effect_when_it_closes_the_day_after_the_last_day_whatever_was_asked_in_that_time() -> None:
    rests = Term(Duration.parse("3 weeks"), CALENDAR, rests=True)
    asked = pause("2026-07-14", "2026-07-20")
    assert compute(rests, day("2026-06-19"), SCHOOL, suspensions=[asked]).due == day("2026-07-10")

"""What holds for every count, and a second way of counting that walks one day at a time."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import takewhile
from random import Random

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from weerklank.deadlines import (
    Calendar,
    ClosedPeriod,
    Counting,
    Duration,
    Extension,
    Holiday,
    Suspension,
    Term,
    Unit,
    compute,
    explain,
    known_decrees,
    repeats,
)

DAY = timedelta(1)
untimed = settings(deadline=None)  # a busy machine is no error
WALKED = (Unit.DAYS, Unit.WEEKS, Unit.WORKING_DAYS)

days = st.dates(date(2022, 12, 1), date(2032, 1, 31))
few_days = st.integers(0, 30).map(timedelta)
tenants = st.builds(
    Calendar,
    week=st.frozensets(st.integers(0, 6), min_size=2),
    holidays=st.frozensets(st.sampled_from(Holiday)),
    closed=st.lists(
        st.builds(lambda day, length: ClosedPeriod(day, day + length, "vrij"), days, few_days), max_size=2
    ).map(tuple),
)


def durations(units: tuple[Unit, ...], most: int = 20, least: int = 0) -> st.SearchStrategy[Duration]:
    return st.builds(Duration, st.integers(least, most), st.sampled_from(units))


@st.composite
def suspensions(draw: st.DrawFn, start: date) -> list[Suspension]:
    asked = st.builds(start.__add__, st.integers(-20, 80).map(timedelta))
    closed = st.builds(lambda day, length: Suspension(day, day + length), asked, few_days)
    return draw(st.lists(closed | st.builds(Suspension, asked), max_size=4))


@dataclass(frozen=True)
class Story:
    term: Term
    start: date
    calendar: Calendar
    extensions: tuple[Duration, ...]
    suspensions: tuple[Suspension, ...]


@st.composite
def stories(draw: st.DrawFn, units: tuple[Unit, ...] = WALKED) -> Story:
    """A term that is extended in its own kind of days, so that walking needs one counter."""
    start, term = draw(days), Term(draw(durations(units)), draw(st.sampled_from(Counting)))
    same = tuple(unit for unit in units if is_walked_by_working_days(unit, term) == in_working_days(term))
    extensions = draw(st.lists(durations(same, 5), max_size=2)) if same else []
    pauses = draw(suspensions(start))
    return Story(term, start, draw(tenants), tuple(extensions), tuple(pauses))


@untimed
@given(stories())
def test_it_never_ends_sooner_because_the_tenant_was_closed_and_never_without_it_later(story: Story) -> None:
    def due(rests: bool, calendar: Calendar) -> date | None:
        extensions = [Extension(each) for each in story.extensions]
        term = replace(story.term, rests=rests)
        return compute(term, story.start, calendar, extensions=extensions, suspensions=story.suspensions).nominal

    never_closed = replace(story.calendar, closed=())
    assert due(True, never_closed) == due(False, never_closed)
    runs, rests = due(False, story.calendar), due(True, story.calendar)
    assert runs is None or rests is None or rests >= runs


def is_walked_by_working_days(unit: Unit, term: Term) -> bool:
    return unit is Unit.WORKING_DAYS or (unit is Unit.DAYS and term.counting is Counting.WORKING_DAYS)


def in_working_days(term: Term) -> bool:
    return is_walked_by_working_days(term.duration.unit, term)


def told(story: Story) -> tuple[date | None, date | None, int | None]:
    due = compute(
        story.term,
        story.start,
        story.calendar,
        extensions=[Extension(each) for each in story.extensions],
        suspensions=story.suspensions,
    )
    return due.nominal, due.due, due.remaining


# --- walking ---------------------------------------------------------------------------------------------------


@cache
def national() -> holidays.HolidayBase:
    return holidays.country_holidays("NL", years=range(2020, 2040), categories=("public", "optional"))


def open_by_the_act(day: date) -> bool:
    free = day in national() or day in known_decrees().days
    return day.weekday() < 5 and not free


def walk(story: Story) -> tuple[date | None, date | None, int | None]:
    statutory = story.term.counting is Counting.STATUTORY
    is_open = open_by_the_act if statutory else story.calendar.is_working_day
    left = sum(each.amount * (7 if each.unit is Unit.WEEKS else 1) for each in (story.term.duration, *story.extensions))
    day, counted = story.start, []
    while left:
        day += DAY
        still = [each for each in story.suspensions if each.requested < day]
        if any(each.completed is None for each in still):
            return None, None, left
        if any(each.completed and day < each.completed for each in still):
            continue
        if in_working_days(story.term) and not is_open(day):
            continue
        left -= 1
        counted.append(day)
    return day, walk_on(story, day, counted, is_open), None


def pauses_on_its_last_day(story: Story, nominal: date | None) -> bool:
    """That is told in test_counting."""
    return any(max(each.requested, story.start) == nominal for each in story.suspensions)


def walk_on(story: Story, nominal: date, counted: list[date], is_open: object) -> date:
    assert callable(is_open)
    due = nominal
    if story.term.counting is Counting.CALENDAR:
        return due
    durations = (story.term.duration, *story.extensions)
    statutory = story.term.counting is Counting.STATUTORY
    if statutory and any(
        (each.unit is Unit.DAYS and each.amount > 90) or (each.unit is Unit.WEEKS and each.amount > 12)
        for each in durations
    ):
        return due
    while not is_open(due):
        due += DAY
        counted.append(due)
    if statutory and any(each.amount * (7 if each.unit is Unit.WEEKS else 1) >= 3 for each in durations):
        while sum(map(open_by_the_act, counted)) < 2:
            due += DAY
            counted.append(due)
    return due


@untimed
@given(stories())
def test_it_counts_like_somebody_who_walks_one_day_at_a_time(story: Story) -> None:
    walked = walk(story)
    assume(not pauses_on_its_last_day(story, walked[0]))
    assert told(story) == walked


def test_it_counts_so_in_ten_thousand_cases_by_chance() -> None:
    chance, judged = Random(2027), 0
    while judged < 10_000:
        story = by_chance(chance)
        walked = walk(story)
        if not pauses_on_its_last_day(story, walked[0]):
            judged += 1
            assert told(story) == walked, story


def by_chance(chance: Random) -> Story:
    """A story as `stories` draws them, faster: no case of it is ever made smaller."""
    start, term = some_day(chance), Term(some(chance, WALKED), chance.choice(list(Counting)))
    same = tuple(unit for unit in WALKED if is_walked_by_working_days(unit, term) == in_working_days(term))
    week = frozenset(chance.sample(range(7), chance.randint(2, 7)))
    closed = (ClosedPeriod(day, day + chance.randint(0, 30) * DAY, "vrij") for day in (some_day(chance), start))
    free = frozenset(chance.sample(list(Holiday), chance.randint(0, len(Holiday))))
    asked = [start + chance.randint(-20, 80) * DAY for _ in range(chance.choice((0, 0, 1, 2)))]
    pauses = (Suspension(day, chance.choice((None, *[day + chance.randint(0, 30) * DAY] * 9))) for day in asked)
    extensions = [some(chance, same, 5) for _ in range(chance.randint(0, 2))] if same else []
    return Story(
        term, start, Calendar(week=week, holidays=free, closed=tuple(closed)), tuple(extensions), tuple(pauses)
    )


def some_day(chance: Random) -> date:
    return date(2022, 12, 1) + chance.randint(0, 3_300) * DAY


def some(chance: Random, units: tuple[Unit, ...], most: int = 20) -> Duration:
    return Duration(chance.randint(0, most), chance.choice(units))


# --- properties ------------------------------------------------------------------------------------------------


@untimed
@given(stories(tuple(unit for unit in Unit if unit is not Unit.HOURS)))
def test_it_is_never_due_before_the_nominal_end_nor_that_before_the_start(story: Story) -> None:
    nominal, due, remaining = told(story)
    if nominal is None:
        assert remaining is not None
        assert remaining >= 0
    else:
        assert due is not None
        assert story.start <= nominal <= due


@untimed
@given(stories(), st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_pauses_and_extensions_are_told(story: Story, random: Random) -> None:
    mixed_suspensions, mixed_extensions = list(story.suspensions), list(story.extensions)
    random.shuffle(mixed_suspensions)
    random.shuffle(mixed_extensions)
    other = Story(story.term, story.start, story.calendar, tuple(mixed_extensions), tuple(mixed_suspensions))
    assert told(other) == told(story)


@untimed
@given(stories(), days)
def test_it_is_never_due_earlier_because_of_one_pause_more(story: Story, requested: date) -> None:
    more = Story(
        story.term,
        story.start,
        story.calendar,
        story.extensions,
        (*story.suspensions, Suspension(requested, requested + 9 * DAY)),
    )
    before, after = told(story), told(more)
    if before[1] and after[1]:
        assert before[1] <= after[1]


@untimed
@given(st.integers(1, 40), days, tenants, st.sampled_from([Counting.CALENDAR, Counting.WORKING_DAYS]))
def test_it_takes_one_step_of_many_days_like_many_steps_of_one_day(
    amount: int, start: date, calendar: Calendar, counting: Counting
) -> None:
    for unit in (Unit.DAYS, Unit.WORKING_DAYS):
        day: date | None = start
        for _ in range(amount):
            assert day is not None
            day = compute(Term(Duration(1, unit), counting), day, calendar).due
        assert compute(Term(Duration(amount, unit), counting), start, calendar).due == day


@untimed
@given(durations((Unit.WORKING_DAYS,), 60, 1), days, tenants)
def test_it_comes_back_to_a_working_day_when_it_counts_there_and_back(
    duration: Duration, start: date, calendar: Calendar
) -> None:
    first = calendar.next_working_day(start)
    term = Term(duration, Counting.WORKING_DAYS)
    there = compute(term, first, calendar).due
    assert there is not None
    assert calendar.working_days(first + DAY, there) == duration.amount
    assert compute(term, there, calendar, backward=True).due == first


@untimed
@given(stories(tuple(unit for unit in Unit if unit is not Unit.HOURS)))
def test_it_can_put_every_step_into_words(story: Story) -> None:
    due = compute(story.term, story.start, story.calendar, suspensions=story.suspensions)
    for reason in due.why:
        for locale in ("nl", "en"):
            sentence = explain(reason, locale)
            assert sentence.endswith(".")
            assert sentence[0] == sentence[0].upper()
            assert "{" not in sentence


@untimed
@given(durations(WALKED, 10, 1), days, tenants, st.sampled_from(Counting))
def test_it_repeats_on_ever_later_days(every: Duration, start: date, calendar: Calendar, counting: Counting) -> None:
    end = start + timedelta(200)
    found = list(takewhile(lambda day: day < end, repeats(Term(every, counting), start, calendar)))
    assert found == sorted(set(found))
    assert start not in found


@pytest.mark.parametrize("year", range(2014, 2040))
def test_it_has_the_holidays_of_the_public_library_but_not_its_two_sundays(year: int) -> None:
    sundays = {"Eerste paasdag", "Eerste Pinksterdag", "Eerste pinksterdag"}
    library = holidays.country_holidays("NL", years=year, categories=("public", "optional"), language="nl")
    calendar = Calendar(week=frozenset(range(7)))
    ours = {day for day, closed in calendar.closed_days(date(year, 1, 1), date(year, 12, 31))}
    assert ours - known_decrees().days == {day for day, name in library.items() if name not in sundays}

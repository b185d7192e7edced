"""What is counted, and what somebody who is kept out of a case does not see of it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, SMALL, Office, by
from tests.learning.conftest import NEW_YEAR, at, bram_complained_about, rated, worker_counts
from weerklank.cases.actions.record import Record
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.learning import clock, counts, reports
from weerklank.learning.gather import count, shown_to
from weerklank.learning.model import Report
from weerklank.learning.periods import Period
from weerklank.learning.show import report_view
from weerklank.policy import reporting
from weerklank.policy.case import Case
from weerklank.policy.events import COMPLAINANT
from weerklank.policy.held import Done
from weerklank.policy.people import People
from weerklank.policy.reader import load_version
from weerklank.policy.world import World

YEAR = Period(FRIDAY.date().replace(month=1, day=1), FRIDAY.date().replace(month=12, day=31))


def test_every_table_and_list_the_language_names_is_counted() -> None:
    assert tuple(counts.TABLES) == reporting.TABLES
    assert tuple(counts.LISTS) == reporting.LISTS


def test_it_counts_as_things_stood_when_the_period_ended(office: Office) -> None:
    first, _, last = bram_complained_about(office, 3)
    office.do(first, Withdraw("", None), COMPLAINANT, FRIDAY + timedelta(days=3))
    office.do(last, Withdraw("", None), COMPLAINANT, NEW_YEAR)  # after the year
    figures = count(at(office), ["outcomes", "cases_received", "about_what"], YEAR)
    assert figures["totals"] == {"received": 3, "running": 2, "closed": 1, "withdrawn": 1, "measures_open": 0}
    assert {table["name"]: table["rows"] for table in figures["tables"]} == {
        "outcomes": [["running", 1], ["withdrawn", 2]],
        "cases_received": [["2026-03", 3]],
        "about_what": [["price", 3]],
    }
    assert [row["days"] for row in figures["lists"][0]["rows"]].count(3) == 1


def test_it_counts_nothing_of_another_period(office: Office) -> None:
    bram_complained_about(office, 2)
    earlier = Period(YEAR.first - timedelta(365), YEAR.first - timedelta(1))
    assert count(at(office), ["outcomes"], earlier)["totals"]["received"] == 0


def test_who_is_kept_out_of_a_case_sees_no_number_that_could_point_at_it(office: Office) -> None:
    bram_complained_about(office, 6)
    bram_complained_about(office, 1, "tone")
    figures = count(at(office), ["about_what", "cases_received"], YEAR)
    seen, walled = shown_to(at(office), office.bram, figures)
    assert walled
    assert seen["lists"] == []
    assert seen["totals"] == {"received": 7, "running": 7, "closed": None, "withdrawn": None, "measures_open": None}
    assert seen["tables"][1]["rows"] == [["price", None], ["tone", None]]  # one hidden number would follow from 7
    whole, walled = shown_to(at(office), office.eva, figures)
    assert (whole, walled) == (figures, False)


def test_it_shows_words_of_no_case_that_the_reader_is_kept_out_of(office: Office) -> None:
    case_id, other = bram_complained_about(office, 1)[0], office.receive(facts={"about": office.fred}).case_id
    for one, words in ((case_id, "De balie was dicht"), (other, "De directie zweeg")):
        office.do(one, Record(texts={"cause": words}), by(office.eva))
    clock.every_day(office.session, office.engine, office.tenant_id, NEW_YEAR)
    worker_counts(office)
    report = office.session.scalars(select(Report)).one()
    reports.write(at(office), office.eva, report.id, "analysis", "Zie de cijfers.")
    reports.release(at(office), office.eva, report.id)
    whole, walled = (report_view(at(office), report.id, reader) for reader in (office.eva, office.fred))
    assert whole.texts == (("cause", (["De balie was dicht", 1], ["De directie zweeg", 1])),)
    assert walled.texts == (("cause", (["De balie was dicht", 1],)),)
    assert (whole.walled, walled.walled) == (False, True)


TABLE = st.lists(st.tuples(st.text("ab", min_size=1, max_size=4), st.integers(0, 20)), max_size=6)


@given(TABLE)
def test_no_small_number_is_left_and_none_follows_from_the_others(rows: list[tuple[str, int]]) -> None:
    hidden = counts.hide_rows([list(row) for row in rows])
    numbers = [number for _, number in hidden]
    assert all(number is None or number >= counts.SMALL for number in numbers)
    assert numbers.count(None) != 1 or len(numbers) == 1


@pytest.mark.parametrize(("name", "known"), [("about_what", True), ("cause per about_what", True), ("about", False)])
def test_it_knows_which_facts_can_be_counted(office: Office, name: str, known: bool) -> None:
    assert reporting.knows(at(office).world.policy, name) is known


def test_it_says_how_a_case_ended_by_the_last_step_up_to_its_closing() -> None:
    world = World.of(load_version(SMALL.read_text("utf-8")), People({}))
    ended, later = FRIDAY + timedelta(days=10), FRIDAY + timedelta(days=20)
    done = (Done("close", "done", ended, None), Done("copy_to_authority", "sent", later, None))
    case = Case(id=uuid4(), done=done, moments={"closed": (ended,)})
    assert counts.Counted(world, case, case, "VBD-2026-0001").outcome == "close.done"


def test_it_counts_what_complainants_said_after_closing_in_every_report(office: Office) -> None:
    assert [table["name"] for table in count(at(office), ["outcomes"], YEAR)["tables"]] == ["outcomes"]
    rated(office, "yes", "yes", "partly", "no")
    figures = count(at(office), ["outcomes"], YEAR)
    (table,) = (each for each in figures["tables"] if each["name"] == "ratings")
    assert table["rows"] == [["answered", 4], ["yes", 2], ["partly", 1], ["no", 1], ["average", 62]]
    assert "Dank u." not in repr(figures)
    other = Period(YEAR.first + timedelta(days=400), YEAR.last + timedelta(days=400))
    assert "ratings" not in [table["name"] for table in count(at(office), ["outcomes"], other)["tables"]]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ((7, 6, 5), [18, 7, 6, 5, 56]),
        ((7, 6, 2), [15, 7, None, None, None]),
        ((3, 0, 0), [None, None, None, None, None]),
    ],
)
def test_who_is_kept_out_learns_no_small_number_of_answers_from_the_average(
    said: tuple[int, ...], shown: list[int | None]
) -> None:
    rows = counts.ratings(Counter(dict(zip(counts.WORTH, said, strict=True))))
    assert [number for _, number in counts.hide_ratings(rows)] == shown
    assert counts.hide_ratings([]) == []

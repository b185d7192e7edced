"""The overview of all complaints together: what it counts, for whom, and what it keeps to itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.cases.conftest import Office
from tests.learning.conftest import at, bram_complained_about, rated
from weerklank.cases.model import CaseFile, Deadline
from weerklank.learning.counts import SMALL
from weerklank.learning.overview import last_quarters, may_oversee, overview
from weerklank.learning.periods import Period

SOON = timedelta(days=1)


def received(office: Office) -> datetime:
    found = office.session.query(CaseFile).first()
    assert found is not None
    return datetime.combine(found.received_on, datetime.min.time(), UTC) + timedelta(hours=12)


def test_it_is_for_whom_the_procedure_gives_its_reports_to(office: Office) -> None:
    place = at(office)
    assert may_oversee(place, office.eva) and may_oversee(place, office.fred)
    assert not may_oversee(place, office.bram) and not may_oversee(place, office.gijs)


def test_it_counts_what_is_open_by_phase_and_by_how_far_its_day_is(office: Office) -> None:
    bram_complained_about(office, 3)
    now = received(office)
    found = overview(at(office, now), office.fred)
    assert not found.walled
    assert [number for _phase, number in found.phases] == [3]
    assert sum(number for _name, number in found.days) == 3
    due = min(row.next_due_on for row in office.session.query(CaseFile))
    late = overview(at(office, now + (due - now.date()) + SOON), office.fred)
    assert late.days[0] == ["late", 3]
    on_the_day = overview(at(office, now + (due - now.date())), office.fred)
    assert on_the_day.days[:2] == [["late", 0], ["soon", 3]]


def test_it_tells_the_quarters_since_the_first_of_the_last_eight_in_which_anything_happened(office: Office) -> None:
    bram_complained_about(office, 2)
    now = received(office)
    found = overview(at(office, now), office.fred)
    assert [(one.received, one.closed) for one in found.quarters] == [(2, 0)]
    ended = overview(at(office, now + timedelta(days=400)), office.fred)
    assert [one.received for one in ended.quarters] == [2, 0, 0, 0, 0, 0]
    binding = office.session.query(Deadline).filter(Deadline.strength == "hard", Deadline.state == "running")
    assert sum(one.late or 0 for one in ended.quarters) == binding.filter(Deadline.due_on.is_not(None)).count() > 0
    gone = overview(at(office, now + timedelta(days=1000)), office.fred)
    assert sum(one.received or 0 for one in gone.quarters) == 0


def test_its_quarters_follow_one_another() -> None:
    found = last_quarters(date(2027, 1, 4))
    assert found[-1] == Period(date(2027, 1, 1), date(2027, 3, 31))
    assert found[0] == Period(date(2025, 4, 1), date(2025, 6, 30))


def test_it_says_what_complaints_were_about(office: Office) -> None:
    bram_complained_about(office, 2)
    bram_complained_about(office, 1, "tone")
    found = overview(at(office, received(office)), office.fred)
    assert ("about_what", [["price", 2], ["tone", 1]]) in [(fact, list(rows)) for fact, rows in found.classes]


def test_who_is_kept_out_of_a_complaint_sees_no_number_that_points_at_it(office: Office) -> None:
    bram_complained_about(office, SMALL)
    bram_complained_about(office, 1, "tone")
    found = overview(at(office, received(office)), office.bram)
    assert found.walled
    assert dict(found.classes)["about_what"] == [["price", None], ["tone", None]]
    assert found.quarters[-1].received == SMALL + 1
    assert {one.closed for one in found.quarters} == {None}


def test_it_is_empty_before_the_first_complaint(office: Office) -> None:
    assert overview(at(office), office.fred).is_empty


def test_it_counts_what_complainants_said_this_year(office: Office) -> None:
    rated(office, "yes", "no")
    now = received(office)
    assert overview(at(office, now), office.fred).ratings == [
        ["answered", 2], ["yes", 1], ["partly", 0], ["no", 1], ["average", 50],
    ]  # fmt: skip
    assert overview(at(office, now + timedelta(days=400)), office.fred).ratings == []
    assert {number for _, number in overview(at(office, now), office.bram).ratings} == {None}

"""Tasks, calendar and board: what is asked of one and when, in lists that keep to the walls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, counted, today
from tests.web.pages import Page
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.measures import PlanMeasure
from weerklank.identity.people import find_person, record_absence
from weerklank.kernel.ids import new_id

HEARING = """
  hearing_day:
    label: {nl: hoorzitting, en: hearing}
    type: day
    source: art-5
"""
TALK = """
  invite:
    label: {nl: uitnodigen, en: invite}
    does: send
    by: quality_officer
    on: received
    asks: [hearing_day]
    message: invitation
    source: art-5
"""


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def lists(page: Page, kind: str) -> str:
    return " ".join(each.text for each in page.root.all("ol", **{"class": kind}))


def test_it_lists_all_that_is_asked_of_one_by_day(desk: Desk) -> None:
    received = desk.receive()
    desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    plan = PlanMeasure(new_id(), desk.cast.bram, today() + timedelta(days=30), "Een cursus")
    desk.do(received.case_id, plan, desk.cast.femke)
    page = desk.staff(desk.cast.bram).get("/desk/tasks")
    titles = [each.text for each in page.root.one("main").all("h2")]
    assert titles == ["In the next 7 days 1", "Later 1"]
    asked = [each.text for each in page.root.one("main").all("li")]
    assert received.reference in asked[0]
    assert "Carry out a measure" in asked[1]
    assert "Nothing is asked of you" in desk.staff(desk.cast.hugo).get("/desk/tasks").text


def test_it_shows_a_month_with_days_absences_and_hearings(desk: Desk) -> None:
    received = desk.receive()
    with desk.session() as session:
        record_absence(session, find_person(session, desk.cast.gijs), today(), today())
        session.commit()
    bram = desk.staff(desk.cast.bram)
    page = bram.get("/desk/calendar?show=list&whose=all")
    assert received.reference in lists(page, "agenda")
    assert "Away: Gijs Groot" in lists(page, "agenda")
    assert received.reference in lists(bram.get("/desk/calendar?show=list"), "agenda")
    month = bram.get(f"/desk/calendar?month={month_of(today())}")
    assert "Away: Gijs Groot" in month.text
    assert len(list(month.root.one("main").all("time"))) >= 28
    for odd in ("2026-13", "x", "0000-01", "9999-12", ""):
        bram.get(f"/desk/calendar?month={odd}")


def test_it_names_days_on_which_the_organisation_is_closed(desk: Desk) -> None:
    page = desk.staff(desk.cast.bram).get("/desk/calendar?month=2026-12")
    assert "Closed: public holiday" in page.text


def test_it_shows_open_cases_by_the_phases_of_the_procedure(desk: Desk) -> None:
    one, two = desk.receive(), desk.receive()
    desk.do(two.case_id, Complete("assign"), desk.cast.bram)
    bram = desk.staff(desk.cast.bram)
    columns = {
        each.one("h2").text: each.text for each in bram.get("/desk/board").root.all("li") if list(each.all("h2"))
    }
    (handled,) = [text for text in columns.values() if two.reference in text]
    assert "Femke Faber" in handled
    assert one.reference not in handled
    assert two.reference in desk.staff(desk.cast.femke).get("/desk/board").text
    assert one.reference not in desk.staff(desk.cast.femke).get("/desk/board").text


@pytest.mark.parametrize("path", ["/tasks", "/calendar?whose=all", "/calendar?show=list&whose=all", "/board"])
def test_it_keeps_a_case_from_who_is_involved(desk: Desk, path: str) -> None:
    kept = desk.receive(facts={"about": desk.cast.bram})
    page = desk.staff(desk.cast.bram).get(f"/desk{path}")
    assert kept.reference not in page.text
    assert str(kept.case_id) not in page.response.get_data(as_text=True)
    if path == "/board":
        assert {each.text for each in page.root.one("main").all("span", **{"class": "count-badge"})} == {"0"}


def test_it_tells_who_may_see_the_case_of_a_hearing_and_nobody_else(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(with_hearing())
    case_id = desk.receive().case_id
    day = today() + timedelta(days=9)
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.do(case_id, Complete("invite", facts={"hearing_day": day}), desk.cast.bram)
    path = "/desk/calendar?show=list"
    assert "hearing" in desk.staff(desk.cast.bram).get(path).text
    assert "hearing" in desk.staff(desk.cast.femke).get(path).text
    assert "hearing" not in desk.staff(desk.cast.els).get(path).text
    assert "hearing" not in desk.staff(desk.cast.gijs).get(path).text


def with_hearing() -> str:
    invitation = "  invitation:\n    label: {nl: uitnodiging, en: invitation}\n    to: complainant\n"
    invitation += "    contains: [fact.hearing_day]\n    source: art-5\n"
    text = SMALL.replace("\ninvolvement:\n", f"{HEARING}\ninvolvement:\n", 1)
    text = text.replace("\nmessages:\n", f"\nmessages:\n{invitation}", 1)
    return text.replace("\nsteps:\n", f"\nsteps:\n{TALK}", 1)


def test_it_asks_the_database_little(desk: Desk) -> None:
    for _ in range(3):
        desk.receive()
    bram = desk.staff(desk.cast.bram)
    for path in ("/desk/tasks", "/desk/calendar", "/desk/calendar?whose=all", "/desk/board"):
        bram.get(path)
        with counted(desk.app) as asked:
            bram.get(path)
        assert len([each for each in asked if "set_config" not in each]) <= 8, (path, asked)

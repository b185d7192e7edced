"""The overview of all complaints, as a page."""

from __future__ import annotations

from tests.web.desk.conftest import Desk
from tests.web.desk.test_learning import TEXT, OpenDesk
from tests.web.test_speed import statements

MOST = 14  # statements; the number of complaints does not matter


def test_the_board_sees_numbers_and_no_names(open_desk: OpenDesk) -> None:
    desk = open_desk(TEXT)
    for _ in range(2):
        desk.receive(facts={"about": desk.cast.els, "about_what": "price"})
    dewi = desk.staff(desk.cast.dewi)
    assert "Overview of all complaints" in dewi.get("/desk/learning").text
    page = dewi.get("/desk/overview")
    assert page.root.one("h1").text == "Overview"
    captions = [each.text for each in page.root.all("caption")]
    assert captions[0] == "Open complaints by phase" and "subject" in captions
    assert "Anna" not in page.text and "VBD-" not in page.text
    assert all(each.attributes.get("scope") for each in page.root.all("th"))
    with statements(desk.app) as sent:
        dewi.client.get(f"{dewi.base}/desk/overview")
    assert len(sent) <= MOST, sent


def test_it_is_not_found_by_anybody_else(open_desk: OpenDesk) -> None:
    desk = open_desk(TEXT)
    gijs = desk.staff(desk.cast.gijs)
    gijs.get("/desk/overview", status=404)
    assert "Overview of all complaints" not in gijs.get("/desk/learning").text


def test_it_says_so_when_there_is_nothing_yet(open_desk: OpenDesk) -> None:
    desk: Desk = open_desk(TEXT)
    page = desk.staff(desk.cast.dewi, "nl").get("/desk/overview")
    assert "Er zijn nog geen klachten" in page.text

"""Who works here, and one's own absence."""

from __future__ import annotations

from datetime import timedelta

from tests.web.desk.conftest import Desk, today
from tests.web.pages import Reader
from weerklank.web.forms import day_fields


def test_it_shows_who_has_which_post_and_manager(desk: Desk) -> None:
    page = desk.staff(desk.cast.gijs).get("/desk/people")
    row = next(each.text for each in page.root.all("tr") if "Bram Bakker" in each.text)
    assert "quality officer" in row
    assert "Dewi Dekker" in row
    assert "from outside" in page.text


def test_it_registers_ones_own_absence_and_ends_it(desk: Desk) -> None:
    gijs = desk.staff(desk.cast.gijs)
    page = gijs.send(gijs.get("/desk/absence"), day_fields("first", today() - timedelta(days=1)), action="")
    assert "until you are back" in page.text
    assert is_away(gijs)
    page = gijs.send(gijs.get("/desk/absence"), action="/end")
    assert "until you are back" not in page.text
    assert not is_away(gijs)


def is_away(reader: Reader) -> bool:
    rows = reader.get("/desk/people").root.all("tr")
    return "away today" in next(each.text for each in rows if "Gijs Groot" in each.text)


def test_it_takes_no_last_day_before_the_first(desk: Desk) -> None:
    gijs = desk.staff(desk.cast.gijs)
    days = day_fields("first", today()) | day_fields("last", today() - timedelta(days=2))
    page = gijs.send(gijs.get("/desk/absence"), days, status=422)
    assert page.errors() == ["The last day lies before the first."]


def test_it_ends_nobody_elses_absence(desk: Desk) -> None:
    gijs, els = desk.staff(desk.cast.gijs), desk.staff(desk.cast.els)
    page = gijs.send(gijs.get("/desk/absence"), day_fields("first", today()))
    end = page.form("/end").attributes["action"].removeprefix(gijs.base)
    token = next(iter(els.get("/desk/absence").root.all("input", name="csrf_token"))).attributes["value"]
    els.post(end, {"csrf_token": token}, 404)
    assert "until you are back" in gijs.get("/desk/absence").text


def test_it_leads_who_manages_the_organisation_to_the_office_and_back(desk: Desk) -> None:
    dewi, gijs = desk.staff(desk.cast.dewi), desk.staff(desk.cast.gijs)
    assert "Office" in dewi.get("/desk/").root.one("header").text
    assert "Office" not in gijs.get("/desk/").root.one("header").text
    assert "Worklist" in dewi.get("/office/").root.one("header").text

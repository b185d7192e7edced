"""Choosing which mail one gets, on the page of one's account."""

from __future__ import annotations

from tests.web.desk.conftest import Desk
from tests.web.pages import Page
from weerklank.correspondence.wishes import About, How, wishes_of


def chosen(page: Page) -> list[str]:
    boxes = [each for each in page.root.all("input", type="radio") if "checked" in each.attributes]
    return [each.attributes["value"] for each in boxes]


def test_it_keeps_what_one_chose_for_oneself_only(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.get("/account")
    assert chosen(page) == ["each", "each"]
    page = bram.send(page, {"mail-work": "daily", "mail-news": "none"}, action="/account/mail")
    assert chosen(page) == ["daily", "none"]
    assert chosen(desk.staff(desk.cast.dewi).get("/account")) == ["each", "each"]
    with desk.session() as session:
        wished = wishes_of(session, desk.organisation.id, desk.cast.bram)
    assert wished == {About.WORK: How.DAILY, About.NEWS: How.NONE}


def test_it_says_what_is_wrong_and_keeps_nothing(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram, "nl")
    page = bram.send(bram.get("/account"), {"mail-work": "hourly"}, action="/account/mail", status=422)
    assert page.errors()
    assert chosen(bram.get("/account")) == ["each", "each"]
    assert "Mail over uw werk" in page.text

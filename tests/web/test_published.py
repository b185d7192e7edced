"""What an organisation published: a list and pages for everybody, of its own only."""

from __future__ import annotations

from collections.abc import Callable

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, open_desk
from tests.web.pages import Reader

__all__ = ["open_desk"]  # the fixture of the desk: an organisation of its own

EVERYBODY = """
  everybody:
    label: {nl: iedereen, en: everybody}
    kind: public
    source: art-4
channels:
"""
LEARN = """
  learn:
    label: {nl: openbaar maken, en: publish}
    does: send
    by: quality_officer
    on: received
    message: lesson
    source: art-2

messages:
  lesson:
    label: {nl: les, en: lesson}
    to: everybody
    subject: {nl: Wat wij leerden, en: What we learnt}
    body: {nl: '{text}', en: '{text}'}
    source: art-2
"""
LESSON = SMALL.replace("\nchannels:\n", EVERYBODY, 1).replace("\nmessages:\n", LEARN, 1)


def test_it_publishes_what_is_for_everybody_and_not_who_complained(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(LESSON)
    visitor = Reader(desk.app.test_client(), f"/{desk.organisation.slug}", "en")
    assert "Nothing has been published yet." in visitor.get("/published").text
    case_id = desk.receive().case_id
    bram = desk.staff(desk.cast.bram)
    path = f"/desk/cases/{case_id}"
    page = bram.send(bram.get(path), {"learn-text": "Anna de Wit had gelijk."}, action="/steps/learn", status=422)
    assert "Everybody will be able to read this, and it says who complained." in page.text
    bram.send(bram.get(path), {"learn-text": "Wij luisteren voortaan."}, action="/steps/learn")
    desk.write_out()

    assert "What we publish" in visitor.get("/").text
    page = visitor.get("/published")
    (link,) = (
        each.attributes["href"] for each in page.root.one("main").all("a") if "/published/" in each.attributes["href"]
    )
    shown = visitor.get(link.removeprefix(visitor.base))
    assert shown.heading == "Wat wij leerden"
    assert "Wij luisteren voortaan." in shown.text
    assert "Anna" not in shown.text

    other = open_desk(LESSON)
    elsewhere = Reader(other.app.test_client(), f"/{other.organisation.slug}", "en")
    elsewhere.get(link.removeprefix(visitor.base), 404)
    assert "Nothing has been published yet." in elsewhere.get("/published").text


def test_it_leads_to_no_such_page_where_the_procedure_publishes_nothing(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    visitor = Reader(desk.app.test_client(), f"/{desk.organisation.slug}", "en")
    assert "What we publish" not in visitor.get("/").text

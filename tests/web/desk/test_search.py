"""Searching by words: what is asked stays out of the address, and nobody finds what he may not see."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from tests.web.desk.conftest import Desk
from tests.web.pages import Page, Reader
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Record
from weerklank.cases.model import CaseFile
from weerklank.cases.saved import SavedView
from weerklank.cases.search.index import index_case
from weerklank.identity.people import find_person
from weerklank.web.parts import NAME

HITS = {"class": "hits"}


def complain(desk: Desk, story: str, about: UUID | None = None) -> str:
    """A complaint that is in the index; its reference."""
    received = desk.receive(story=story, facts={"about": about} if about else {})
    with desk.session() as session:
        engine = desk.app.extensions[NAME].engine
        index_case(session, engine, desk.organisation.id, received.case_id, datetime.now(UTC))
        session.commit()
    return received.reference


def search(reader: Reader, words: str, **more: str) -> Page:
    return reader.send(reader.get("/desk/search"), {"words": words, **more}, action="/search")


def test_it_shows_the_cases_and_marks_the_words(desk: Desk) -> None:
    reference = complain(desk, "Mijn fietsen zijn gestolen bij het loket.")
    complain(desk, "De telefoon werd niet opgenomen.")
    page = search(desk.staff(desk.cast.bram), "fiets loket")
    assert [hit.one("a").text for hit in page.root.one("ol", **HITS).all("li")] == [reference]
    assert [mark.text for mark in page.root.all("mark")] == ["fietsen", "loket"]


def test_it_finds_nothing_that_one_may_not_see(desk: Desk) -> None:
    complain(desk, "Mijn fiets is gestolen.", desk.cast.bram)
    for person in (desk.cast.bram, desk.cast.gijs):
        assert "Nothing found" in search(desk.staff(person), "gestolen").text


def test_it_leads_on_to_the_next_ones(desk: Desk) -> None:
    references = [complain(desk, f"Het loket was dicht, keer {number}.") for number in range(12)]
    reader = desk.staff(desk.cast.bram)
    first = search(reader, "loket dicht")
    after = first.root.one("button", name="after").attributes["value"]
    second = reader.send(first, action="/search", button=("after", after))
    shown = [hit.one("a").text for page in (first, second) for hit in page.root.one("ol", **HITS).all("li")]
    assert shown == references[::-1]


def test_it_keeps_what_was_typed_and_says_what_is_wrong(desk: Desk) -> None:
    reader = desk.staff(desk.cast.bram)
    page = reader.send(reader.get("/desk/search"), {"words": "de het"}, status=422)
    assert "stand in nearly every text" in page.text
    assert page.root.one("input", name="words").attributes["value"] == "de het"
    page = reader.send(reader.get("/desk/search"), {"words": "fiets", "from-day": "31", "from-month": "2"}, status=422)
    assert "This day does not exist" in page.text
    assert "Type what you look for" in reader.send(reader.get("/desk/search"), {"words": ""}, status=422).text


def test_it_says_it_in_dutch_too(desk: Desk) -> None:
    complain(desk, "Mijn fiets is gestolen.")
    page = search(desk.staff(desk.cast.bram, "nl"), "fiets")
    assert page.heading == "Zoeken"
    assert "Gevonden" in page.text


def test_it_narrows_by_class_department_handler_and_language(desk: Desk) -> None:
    with desk.session() as session:
        find_person(session, desk.cast.femke).team = "Zorg"
        session.commit()
    one, other = complain(desk, "Mijn fiets is gestolen.", desk.cast.els), complain(desk, "Een fiets is weg.")
    case_id = case_of(desk, one)
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.do(case_id, Record({"judgement": "upheld"}), desk.cast.femke)
    bram = desk.staff(desk.cast.bram)
    for narrowed in ({"class": "judgement=upheld"}, {"department": "Zorg"}, {"handler": str(desk.cast.femke)}):
        assert found(search(bram, "fiets", **narrowed)) == [one], narrowed
    assert found(search(bram, "fiets", language="nl", state="open")) == [other, one]
    assert found(search(bram, other)) == [other]


def found(page: Page) -> list[str]:
    return [hit.one("a").text for hits in page.root.all("ol", **HITS) for hit in hits.all("li")]


def case_of(desk: Desk, reference: str) -> UUID:
    with desk.session() as session:
        return session.scalars(select(CaseFile.id).where(CaseFile.reference == reference)).one()


def test_it_keeps_a_search_sealed_and_for_oneself(desk: Desk) -> None:
    one = complain(desk, "Mijn fiets is gestolen.")
    bram, dewi = desk.staff(desk.cast.bram), desk.staff(desk.cast.dewi)
    page = search(bram, "gestolen", phase="triage", state="open")
    assert bram.send(page, {"name": ""}, action="/kept", status=422).errors() == ["Give this search a name."]
    page = bram.send(page, {"name": "Fietsen van Jansen"}, action="/kept")
    assert "Fietsen van Jansen" in page.text
    with desk.session() as session:
        (row,) = session.scalars(select(SavedView).where(SavedView.person_id == desk.cast.bram)).all()
        assert b"gestolen" not in (row.words or b"")
        assert b"Jansen" not in row.name
        assert row.filters == {"phase": "triage", "state": "open"}
        saved = str(row.id)
    (again,) = [form for form in page.root.all("form") if list(form.all("input", name="saved"))]
    csrf = again.one("input", name="csrf_token").attributes["value"]
    assert found(bram.post("/desk/search", {"csrf_token": csrf, "saved": saved})) == [one]
    own = next(dewi.get("/desk/search").root.all("input", name="csrf_token")).attributes["value"]
    assert "Fietsen" not in dewi.get("/desk/search").text
    dewi.post("/desk/search", {"csrf_token": own, "saved": saved}, status=404)
    assert "Fietsen" not in bram.send(bram.get("/desk/search"), action="/remove").text

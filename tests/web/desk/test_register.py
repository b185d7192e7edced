"""Registering a letter: little to fill in, a look beforehand, a hint at the same complaint, and the answer at hand."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tests.web.desk.conftest import Desk, today
from tests.web.desk.test_flow import case_path
from tests.web.pages import Page, values_of
from weerklank.cases.search.index import index_case
from weerklank.web.forms import day_fields
from weerklank.web.parts import NAME

LETTER = {"name": "Anna de Wit", "address": "Dorpsstraat 2\n1234 AB Ergens", "story": "Het gesprek ging mis."}
HINT = "Was this complaint registered before?"


def index(desk: Desk, case_id: UUID) -> None:
    """Do what the worker does a minute after a case came in."""
    with desk.session() as session:
        index_case(session, desk.app.extensions[NAME].engine, desk.organisation.id, case_id, datetime.now(UTC))
        session.commit()


def links(page: Page) -> list[str]:
    return [each.text for each in page.root.one("main").all("a")]


def test_it_takes_a_letter_of_today_with_three_fields_filled_in(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    form = bram.get("/desk/register")
    given = values_of(form.form())
    assert given["channel"] == ["letter"]
    assert {name: value[0] for name, value in given.items() if name in day_fields("received", today())} == day_fields(
        "received", today()
    )
    page = bram.send(form, LETTER)
    assert page.heading.startswith("Registered as")
    case = bram.get(case_path(page))
    assert "by Bram Bakker" in case.text
    assert "Wants letters" in case.text


def test_it_leads_at_once_to_the_acknowledgement_and_to_its_print(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.send(bram.get("/desk/register"), LETTER)
    assert links(page)[0] == "acknowledge receipt"
    step = next(each for each in page.root.all("a") if each.text == "acknowledge receipt").attributes["href"]
    bram.send(bram.get(step.removeprefix(bram.base)), {"acknowledge-text": "Wij gaan ermee aan de slag."})
    desk.write_out()
    page = bram.get("/desk/registered")
    assert links(page)[0].startswith("Print:")
    letter = next(each for each in page.root.all("a") if each.text.startswith("Print:")).attributes["href"]
    assert "Wij gaan ermee aan de slag." in bram.get(letter.removeprefix(bram.base)).text


def test_it_looks_first_and_keeps_nothing_but_what_was_typed(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.send(bram.get("/desk/register"), LETTER, button=("do", "check"), files=[(b"%PDF-1.7 x", "brief.pdf")])
    assert "Everything is right. Nothing was kept yet." in page.text
    assert "Choose the file again before you register." in page.text
    assert "All open cases 0" in bram.get("/desk/?view=all").text
    assert bram.send(page).heading.startswith("Registered as")
    wrong = bram.send(bram.get("/desk/register"), {**LETTER, "story": " "}, button=("do", "check"), status=422)
    assert wrong.errors() == ["Write what the complaint is about."]


def test_it_hints_at_cases_of_the_same_name_address_or_reference(desk: Desk) -> None:
    first = desk.receive(facts={}, contact={"name": "Anna de Wit", "email": "anna@voorbeeld.example"})
    other = desk.receive(
        facts={}, contact={"name": "Kees Kok", "email": "kees@voorbeeld.example"}, story="Anna de Wit zei"
    )
    for received in (first, other):
        index(desk, received.case_id)
    bram = desk.staff(desk.cast.bram)

    def hint(**more: str) -> str:
        page = bram.send(bram.get("/desk/register"), {**LETTER, **more}, button=("do", "check"))
        return page.text.partition("Is it the same?")[0] if HINT in page.text else ""

    assert f"{first.reference} Anna de Wit" in hint()
    assert other.reference not in hint()
    assert "same e-mail address" in hint(name="A. Wit", email="kees@voorbeeld.example")
    assert "is named in the complaint" in hint(name="Iemand anders", story=f"Zie {other.reference.lower()}.")
    assert hint(name="Iemand Anders") == ""


def test_it_hints_at_nothing_that_who_registers_may_not_see(desk: Desk) -> None:
    received = desk.receive(facts={"about": desk.cast.bram})
    index(desk, received.case_id)
    for person in (desk.cast.bram, desk.cast.gijs):
        reader = desk.staff(person)
        page = reader.send(reader.get("/desk/register"), LETTER, button=("do", "check"))
        assert HINT not in page.text
        page = reader.send(reader.get("/desk/register"), {**LETTER, "story": f"Zie {received.reference}."})
        assert HINT not in page.text
        assert received.reference not in page.text


def test_it_hints_at_the_same_complaint_once_it_is_registered(desk: Desk) -> None:
    received = desk.receive(facts={}, contact={"name": "Anna de Wit", "email": "anna@voorbeeld.example"})
    index(desk, received.case_id)
    bram = desk.staff(desk.cast.bram)
    page = bram.send(bram.get("/desk/register"), LETTER)
    assert HINT in page.text
    assert received.reference in page.text

"""Handing over at the desk: the form says beforehand who may and who may not, and the receiver reads the note."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.cases.test_hand_over import CHOSEN, RULES
from tests.cast import SMALL
from tests.web.desk.conftest import Desk, counted, today
from tests.web.pages import Page
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.identity.people import find_person, record_absence

FREE = CHOSEN.replace("  from: quality_officer\n", "")
NOTE = "Gebeld met Anna; zij stuurt nog een brief."


@pytest.fixture
def choosing(open_desk: Callable[..., Desk]) -> Desk:
    """An organisation where any colleague may be chosen to handle."""
    return open_desk(SMALL.replace(RULES, FREE))


def handled_by_femke(desk: Desk) -> str:
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign", persons=(desk.cast.femke,)), desk.cast.bram)
    return f"/desk/cases/{case_id}"


def takers(page: Page) -> str:
    """The names one can choose."""
    form = page.form()
    return " ".join(label.text for label in form.all("label"))


def test_it_hands_over_with_a_note_that_the_receiver_reads_first(choosing: Desk) -> None:
    desk, path = choosing, handled_by_femke(choosing)
    femke, gijs = desk.staff(desk.cast.femke), desk.staff(desk.cast.gijs)
    gijs.get(path, 404)
    assert "Hand over to a colleague" in femke.get(path).text
    page = femke.send(femke.get(f"{path}/hand-over"), {"to": str(desk.cast.gijs), "note": NOTE})
    assert page.heading == "Worklist"
    assert "Gijs Groot handles this complaint now." in page.text
    page = gijs.get(path)
    assert "Handed over to you by Femke Faber" in page.text
    assert NOTE in page.text
    page = gijs.send(gijs.get(f"{path}/note"), {"text": "Gelezen."})
    assert "Handed over to you" not in page.text
    assert "Handed over by Femke Faber" in page.text


def test_it_says_who_may_not_take_it_and_why_before_one_chooses(choosing: Desk) -> None:
    desk, path = choosing, handled_by_femke(choosing)
    with desk.session() as session:
        record_absence(session, find_person(session, desk.cast.dewi), today(), today())
        session.commit()
    page = desk.staff(desk.cast.femke).get(f"{path}/hand-over")
    assert "Gijs Groot" in takers(page)
    for name, why in (("Els Evers", "the complaint is about this person"), ("Dewi Dekker", "is away today")):
        assert name not in takers(page)
        assert f"{name} {why}" in page.text


def test_it_asks_for_a_reason_where_somebody_is_involved_and_keeps_what_was_typed(choosing: Desk) -> None:
    desk, path = choosing, handled_by_femke(choosing)
    desk.do(UUID(path[-36:]), Involve(desk.cast.gijs, reason="Zat erbij."), desk.cast.bram)
    femke = desk.staff(desk.cast.femke)
    page = femke.get(f"{path}/hand-over")
    assert "Gijs Groot – involved: only with a reason" in takers(page)
    page = femke.send(page, {"to": str(desk.cast.gijs), "note": NOTE}, status=422)
    assert NOTE in page.text
    page = femke.send(page, {"reason": "Er is niemand anders."})
    assert page.heading == "Worklist"


def test_it_hands_over_to_nobody_who_is_not_on_the_form_and_not_without_a_note(choosing: Desk) -> None:
    desk, path = choosing, handled_by_femke(choosing)
    femke = desk.staff(desk.cast.femke)
    page = femke.send(femke.get(f"{path}/hand-over"), {"to": str(desk.cast.els), "note": " "}, status=422)
    assert page.errors() == ["Choose one of the answers.", "Write what your colleague has to know."]


def test_it_says_that_the_procedure_leaves_no_choice(desk: Desk) -> None:
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    page = desk.staff(desk.cast.femke).get(f"/desk/cases/{case_id}/hand-over")
    assert "Nobody else may take this complaint over now. The procedure gives it to: manager." in page.text


def test_it_is_no_page_for_who_does_not_see_the_case(choosing: Desk) -> None:
    desk, path = choosing, handled_by_femke(choosing)
    for person in (desk.cast.els, desk.cast.gijs):
        desk.staff(person).get(f"{path}/hand-over", 404)
    with counted(desk.app) as asked:
        desk.staff(desk.cast.femke).get(f"{path}/hand-over")
    assert len(asked) <= 8, asked

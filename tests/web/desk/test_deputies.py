"""Being away with a deputy: chosen by oneself, shown to everybody whom it concerns, and ended early by either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.cases.test_hand_over import RULES
from tests.cast import SMALL
from tests.web.desk.conftest import Desk, today
from tests.web.desk.test_hand_over import FREE
from weerklank.cases.actions.complete import Complete
from weerklank.cases.refresh import refresh
from weerklank.identity.people import find_person, record_absence
from weerklank.web.forms import day_fields
from weerklank.web.parts import NAME


@pytest.fixture
def handled(open_desk: Callable[..., Desk]) -> tuple[Desk, UUID]:
    """A case that Femke handles, where any colleague might."""
    desk = open_desk(SMALL.replace(RULES, FREE))
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign", persons=(desk.cast.femke,)), desk.cast.bram)
    return desk, case_id


def leave(desk: Desk, deputy: UUID, status: int = 200) -> list[str]:
    femke = desk.staff(desk.cast.femke)
    days = day_fields("first", today()) | day_fields("last", today() + timedelta(days=3))
    page = femke.send(femke.get("/desk/absence"), {**days, "deputy": str(deputy)}, action="", status=status)
    return page.errors()


def refreshed(desk: Desk, case_id: UUID) -> None:
    """What the job does that a change of people asks for."""
    with desk.session() as session:
        engine = desk.app.extensions[NAME].engine
        refresh(session, engine, desk.organisation.id, case_id, datetime.now(UTC))
        session.commit()


def test_it_gives_the_cases_of_who_is_away_to_the_deputy_and_shows_who_acts(handled: tuple[Desk, UUID]) -> None:
    desk, case_id = handled
    gijs, bram = desk.staff(desk.cast.gijs), desk.staff(desk.cast.bram)
    gijs.get(f"/desk/cases/{case_id}", 404)
    assert leave(desk, desk.cast.gijs) == []
    assert "Gijs Groot acts for you" in desk.staff(desk.cast.femke).get("/desk/absence").text
    assert "Femke Faber From" in gijs.get("/desk/absence").text
    row = next(each.text for each in bram.get("/desk/people").root.all("tr") if each.text.startswith("Femke Faber"))
    assert "Gijs Groot acts as handler" in row
    refreshed(desk, case_id)
    page = gijs.get(f"/desk/cases/{case_id}")
    assert "Femke Faber is away; Gijs Groot acts" in page.text
    decision = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}
    assert "Done: decide." in gijs.send(page, decision, action="/steps/decision").text


def test_it_shows_the_deputy_nothing_of_a_case_that_concerns_himself(handled: tuple[Desk, UUID]) -> None:
    desk, case_id = handled
    assert leave(desk, desk.cast.els) == []
    refreshed(desk, case_id)
    desk.staff(desk.cast.els).get(f"/desk/cases/{case_id}", 404)
    assert "Nothing to do here." in desk.staff(desk.cast.els).get("/desk/").text
    assert "Femke Faber is away" in desk.staff(desk.cast.bram).get(f"/desk/cases/{case_id}").text


def test_it_ends_early_by_either_of_them_and_by_nobody_else(handled: tuple[Desk, UUID]) -> None:
    desk, case_id = handled
    leave(desk, desk.cast.gijs)
    gijs, bram = desk.staff(desk.cast.gijs), desk.staff(desk.cast.bram)
    page = gijs.get("/desk/absence")
    address = page.form("/decline").attributes["action"].removeprefix(gijs.base)
    token = next(bram.get("/desk/absence").root.all("input", name="csrf_token")).attributes["value"]
    for end in (address, address.replace("decline", "end")):
        bram.post(end, {"csrf_token": token}, 404)
    assert "You no longer act for this colleague." in gijs.send(page, action="/decline").text
    refreshed(desk, case_id)
    gijs.get(f"/desk/cases/{case_id}", 404)
    femke = desk.staff(desk.cast.femke)
    assert "acts for you" not in femke.get("/desk/absence").text
    assert "You are back." in femke.send(femke.get("/desk/absence"), action="/end").text
    assert "is away" not in femke.get(f"/desk/cases/{case_id}").text


def test_it_takes_no_deputy_who_is_away_or_works_elsewhere_or_oneself(handled: tuple[Desk, UUID]) -> None:
    desk, _ = handled
    with desk.session() as session:
        record_absence(session, find_person(session, desk.cast.gijs), today() + timedelta(days=3), None)
        session.commit()
    assert leave(desk, desk.cast.gijs, 422) == ["This colleague is away then too. Choose somebody else."]
    assert leave(desk, desk.cast.hugo, 422) == ["This colleague does not work here then. Choose somebody else."]
    assert leave(desk, desk.cast.femke, 422) == ["Choose somebody else: you are away yourself."]
    assert "You are away" not in desk.staff(desk.cast.femke).get("/desk/absence").text

"""Choosing a handler where the procedure leaves it to a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import SMALL
from tests.web.desk.conftest import Desk
from tests.web.pages import Page
from weerklank.cases.actions.involve import Involve

CHOSEN = SMALL.replace("    - id: rest\n      to: quality_officer\n", "    - id: rest\n").replace(
    "  chosen_by: board\n", "  chosen_by: quality_officer\n  warn: involved\n"
)


@pytest.fixture
def chosen(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk(CHOSEN)


def options(page: Page) -> list[str]:
    select = next(each for each in page.root.all("select") if each.attributes["name"] == "assign-person")
    return [option.text for option in select.all("option")]


def test_it_offers_everybody_employed_and_takes_the_choice(chosen: Desk) -> None:
    path, bram = f"/desk/cases/{chosen.receive(facts={}).case_id}", chosen.staff(chosen.cast.bram)
    page = bram.get(path)
    assert "Gijs Groot" in options(page)
    assert "Hugo Haan" not in options(page)
    page = bram.send(page, {"assign-person": str(chosen.cast.gijs)}, action="/steps/assign")
    assert "Handler Gijs Groot" in page.text
    assert "Gijs Groot" in chosen.staff(chosen.cast.gijs).get(path).text


def test_it_demands_a_choice_and_names_the_rule(chosen: Desk) -> None:
    path, bram = f"/desk/cases/{chosen.receive(facts={}).case_id}", chosen.staff(chosen.cast.bram)
    page = bram.send(bram.get(path), action="/steps/assign", status=422)
    assert "assignment.rules.rest" in page.text


def test_it_offers_nobody_whom_it_is_about_and_the_involved_with_a_warning(chosen: Desk) -> None:
    case_id = chosen.receive(facts={}).case_id
    chosen.do(case_id, Involve(chosen.cast.els, "respondent", "Over haar."), chosen.cast.bram)
    chosen.do(case_id, Involve(chosen.cast.gijs, "involved", "Was erbij."), chosen.cast.bram)
    path, bram = f"/desk/cases/{case_id}", chosen.staff(chosen.cast.bram)
    page = bram.get(path)
    assert "Els Evers" not in options(page)
    assert "Gijs Groot – involved: only with a reason" in options(page)
    choice = {"assign-person": str(chosen.cast.gijs)}
    assert "assignment.warn" in bram.send(page, choice, action="/steps/assign", status=422).text
    page = bram.send(page, choice | {"assign-reason": "Hij weet er het meest van."}, action="/steps/assign")
    assert "Handler Gijs Groot" in page.text

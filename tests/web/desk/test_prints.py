"""Several letters printed in one go, by who may see their cases."""

from __future__ import annotations

from tests.web.desk.conftest import Desk
from weerklank.cases.actions.ask import Ask
from weerklank.cases.actions.complete import Complete


def letter_for(desk: Desk, name: str) -> None:
    received = desk.receive(contact={"name": name, "address": "Dorpsstraat 2\n1234 AB Ergens"}, way="post")
    desk.do(received.case_id, Complete("acknowledge", text="Wij gaan ermee aan de slag."), desk.cast.bram)


def test_it_prints_the_letters_that_were_ticked_each_on_its_own_sheet(desk: Desk) -> None:
    letter_for(desk, "Anna de Wit")
    letter_for(desk, "Berend Zwart")
    desk.write_out()
    bram = desk.staff(desk.cast.bram)

    listed = bram.get("/desk/letters")
    boxes = [each.attributes["value"] for each in listed.root.all("input", name="letter")]
    assert len(boxes) == 2
    everything = bram.get("/desk/letters/print")
    assert len([each for each in everything.root.all("article") if each.attributes["class"] == "sheet"]) == 2
    one = bram.get(f"/desk/letters/print?letter={boxes[0]}")
    assert "Anna de Wit" in one.text
    assert "Berend Zwart" not in one.text
    assert desk.organisation.name in one.root.one("article").text


def test_it_prints_nothing_for_who_does_not_see_the_case(desk: Desk) -> None:
    letter_for(desk, "Anna de Wit")
    desk.write_out()
    gijs = desk.staff(desk.cast.gijs)
    page = gijs.get("/desk/letters/print?letter=nonsense")
    assert "There is no letter to print." in page.text


def test_it_calls_a_letter_of_the_platform_itself_by_what_it_is(desk: Desk) -> None:
    received = desk.receive(contact={"name": "Anna de Wit", "address": "Dorpsstraat 2\n1234 AB Ergens"}, way="post")
    desk.do(received.case_id, Ask("Op welke dag was het?"), desk.cast.bram)
    desk.write_out()
    page = desk.staff(desk.cast.bram).get("/desk/letters")
    assert f"Completion asked for {received.reference}" in page.text

"""The page and the list of whoever is involved himself: all that the procedure gives him, and nothing more."""

from __future__ import annotations

from tests.web.desk.conftest import STORY, Desk, counted
from tests.web.desk.test_walls import NOTICE, with_reply
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve


def with_notice() -> str:
    """The small procedure, which also writes to the person it is about."""
    return with_reply().replace("\nmessages:\n", f"\nmessages:{NOTICE}", 1)


def test_it_lists_a_case_to_whom_it_is_about_as_soon_as_it_was_written_to_him(open_desk: type[Desk]) -> None:
    desk = open_desk(with_notice())
    received = desk.receive()
    els = desk.staff(desk.cast.els)
    assert "No complaint concerns you." in els.get("/desk/about-me").text
    assert "Complaints that concern you" not in els.get("/desk/").text
    desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    desk.write_out()
    assert "Complaints that concern you 1" in els.get("/desk/").text
    page = els.get("/desk/about-me")
    assert received.reference in page.text
    assert "something is asked of you" in page.text
    desk.do(received.case_id, Complete("reply", texts={"answer": "Zo ging het niet."}), desk.cast.els)
    page = els.get("/desk/about-me")
    assert received.reference in page.text
    assert "nothing is asked of you now" in page.text
    link = next(each for each in page.root.all("a") if each.text == received.reference)
    assert els.get(link.attributes["href"].removeprefix(els.base)).heading == received.reference


def test_it_lists_to_nobody_a_case_of_which_he_may_see_nothing(open_desk: type[Desk]) -> None:
    desk = open_desk(with_notice())
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    # Femke got what a handler gets; being involved herself she sees nothing of it any more.
    desk.do(case_id, Involve(desk.cast.femke, reason="Zij was erbij."), desk.cast.bram)
    desk.write_out()
    for person in (desk.cast.femke, desk.cast.gijs, desk.cast.bram):
        assert "No complaint concerns you." in desk.staff(person).get("/desk/about-me").text
    desk.staff(desk.cast.femke).get(f"/desk/cases/{case_id}", 404)


def test_it_shows_nobody_the_list_of_another_organisation(open_desk: type[Desk]) -> None:
    desk, other = open_desk(with_notice()), open_desk(with_notice())
    desk.do(desk.receive().case_id, Complete("assign"), desk.cast.bram)
    desk.write_out()
    assert "No complaint concerns you." in other.staff(other.cast.els).get("/desk/about-me").text


def test_it_tells_whom_it_is_about_his_part_and_whom_he_can_turn_to(open_desk: type[Desk]) -> None:
    desk = open_desk(with_notice())
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.write_out()
    els = desk.staff(desk.cast.els)
    page = els.get(f"/desk/cases/{case_id}")
    part = next(each for each in page.root.all("section") if each.attributes.get("aria-labelledby") == "part")
    assert "now reply" in part.text
    for words in ("Who you can turn to", "Bram Bakker", "quality officer", STORY):
        assert words in page.text
    for hidden in ("Femke", "anna@voorbeeld.example", "decide", "Also possible"):
        assert hidden not in page.text
    desk.do(case_id, Complete("reply", texts={"answer": "Zo ging het niet."}), desk.cast.els)
    assert "done reply" in els.get(f"/desk/cases/{case_id}").text


def test_it_names_nobody_to_turn_to_who_is_involved_himself(open_desk: type[Desk]) -> None:
    desk = open_desk(with_notice())
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.do(case_id, Involve(desk.cast.bram, reason="Hij was erbij."), desk.cast.bram)
    desk.write_out()
    page = desk.staff(desk.cast.els).get(f"/desk/cases/{case_id}")
    assert "Bram Bakker" not in page.text
    assert "Dewi Dekker" in page.text


def test_it_asks_few_queries_for_ones_own_list_and_page(open_desk: type[Desk]) -> None:
    desk = open_desk(with_notice())
    cases = [desk.receive() for _ in range(3)]
    for received in cases:
        desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    desk.write_out()
    els = desk.staff(desk.cast.els)
    # The worklist asks one more than usual of whoever complaints concern: which version of the procedure they follow.
    for path, most in (("/desk/about-me", 8), ("/desk/", 9), (f"/desk/cases/{cases[0].case_id}", 8)):
        with counted(desk.app) as asked:
            els.get(path)
        assert len(asked) <= most, (path, asked)

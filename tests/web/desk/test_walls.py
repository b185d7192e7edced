"""What nobody may see or do at the desk, and how it says so."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from structlog.testing import capture_logs

from tests.cast import SMALL
from tests.web.desk.conftest import STORY, Desk, counted
from tests.web.pages import Reader
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.record import Note
from weerklank.cases.doors import UploadedFile

ACTS = ("note", "ask", "answered", "involve", "step-back", "plan", "facts", "withdraw", "files")


def refuses_everything(reader: Reader, case_id: object) -> None:
    path = f"/desk/cases/{case_id}"
    for page in ("", *(f"/{act}" for act in ACTS), "/steps/acknowledge", f"/file/{uuid4()}", f"/messages/{uuid4()}"):
        reader.get(f"{path}{page}", 404)
    token = reader.get("/desk/absence").root.one("main").all("input", name="csrf_token")
    typed = {"csrf_token": next(iter(token)).attributes["value"], "text": "x", "reason": "x", "seq": "1"}
    for act in (*ACTS, "steps/acknowledge"):
        reader.post(f"{path}/{act}", typed, 404)


def test_it_does_not_exist_for_another_organisation(desk: Desk, open_desk: type[Desk]) -> None:
    other = open_desk()
    refuses_everything(other.staff(other.cast.bram), desk.receive().case_id)


def test_it_does_not_exist_for_whom_it_is_about(desk: Desk) -> None:
    case_id = desk.receive().case_id
    refuses_everything(desk.staff(desk.cast.els), case_id)


def test_it_does_not_exist_for_who_has_no_part_in_it(desk: Desk) -> None:
    refuses_everything(desk.staff(desk.cast.gijs), desk.receive().case_id)


def test_it_does_not_exist_at_all(desk: Desk) -> None:
    refuses_everything(desk.staff(desk.cast.bram), uuid4())


def test_it_counts_and_lists_only_what_one_may_see(desk: Desk) -> None:
    seen, hidden = desk.receive(facts={}), desk.receive(facts={"about": desk.cast.bram})
    page = desk.staff(desk.cast.bram).get("/desk/?view=all")
    assert seen.reference in page.text
    assert hidden.reference not in page.text
    assert "All open cases 1" in page.text
    assert "All open cases 0" in desk.staff(desk.cast.gijs).get("/desk/?view=all").text


def test_it_finds_by_reference_what_one_may_see(desk: Desk) -> None:
    reference = desk.receive().reference
    found = desk.staff(desk.cast.bram).get(f"/desk/find?reference={reference.lower()}")
    assert found.heading.startswith(reference)
    number = str(int(reference.rsplit("-", 1)[1]))
    assert desk.staff(desk.cast.bram).get(f"/desk/find?reference={number}").heading == found.heading
    for person in (desk.cast.els, desk.cast.gijs):
        page = desk.staff(person).get(f"/desk/find?reference={reference}")
        assert "There is no case with this reference" in page.text


def test_it_lets_somebody_step_back_and_go_without_the_case(desk: Desk) -> None:
    case_id = desk.receive(facts={}).case_id
    bram = desk.staff(desk.cast.bram)
    page = bram.send(bram.get(f"/desk/cases/{case_id}/step-back"), {"reason": "Zij is mijn zus."})
    assert page.heading == "Worklist"
    bram.get(f"/desk/cases/{case_id}", 404)


@pytest.fixture
def said() -> Iterator[list[Any]]:
    """What the log says from warnings up."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with capture_logs() as lines:
        yield lines
    structlog.configure(**before)


@pytest.mark.clause("KZ-IP4", "SVD-art1.behandelaar-d")
def test_it_writes_down_who_looked_at_a_case_that_is_not_for_him(desk: Desk, said: list[Any]) -> None:
    case_id = desk.receive().case_id
    desk.staff(desk.cast.gijs).get(f"/desk/cases/{case_id}", 404)
    kept = [each for each in said if each["event"] == "case_kept_from"]
    assert [(each["case"], each["user_id"]) for each in kept] == [(str(case_id), str(desk.cast.gijs))]


def test_it_marks_somebody_involved_and_finds_another_handler(desk: Desk) -> None:
    case_id = desk.receive().case_id
    bram = desk.staff(desk.cast.bram)
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    typed = {"person": str(desk.cast.femke), "relation": "involved", "reason": "Zij zat erbij."}
    page = bram.send(bram.get(f"/desk/cases/{case_id}/involve"), typed)
    assert "Dewi Dekker" in page.text
    desk.staff(desk.cast.femke).get(f"/desk/cases/{case_id}", 404)
    page = bram.send(bram.get(f"/desk/cases/{case_id}/release/{desk.cast.femke}"), {"reason": "Toch niet."})
    assert "no longer registered as involved" in page.text


REPLY = """
  reply:
    label: {nl: reageren, en: reply}
    does: record
    by: named
    on: assigned
    asks: answer
    source: art-4
"""


def with_reply() -> str:
    """The small procedure, with a step for the person it is about."""
    text = SMALL.replace("\nmessages:\n", f"{REPLY}\nmessages:\n", 1)
    fact = "facts:\n  answer:\n    label: {nl: Uw kant, en: Your side}\n    type: story\n    source: art-4\n"
    return text.replace("facts:\n", fact, 1)


def test_it_shows_whom_it_is_about_his_own_step_and_nothing_else(open_desk: type[Desk]) -> None:
    desk = open_desk(with_reply())
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.do(case_id, Note("Niet voor haar ogen."), desk.cast.bram)
    els = desk.staff(desk.cast.els)
    assert "reply" in els.get("/desk/").text
    page = els.get(f"/desk/cases/{case_id}")
    assert STORY in page.text
    for hidden in ("Niet voor haar ogen.", "anna@voorbeeld.example", "Femke", "Also possible"):
        assert hidden not in page.text
    for act in ("note", "plan", "files"):
        els.get(f"/desk/cases/{case_id}/{act}", 404)
    assert "steps.reply.asks" in els.send(page, action="/steps/reply", status=422).text
    page = els.send(page, {"reply-fact-answer": "Zo ging het niet."}, action="/steps/reply")
    assert page.heading == "Worklist"


NOTICE = """
  heard:
    label: {nl: bericht aan wie het aangaat, en: notice to whom it concerns}
    to: named
    on: assigned
    subject: {nl: "Er is een klacht", en: "There is a complaint"}
    body: {nl: "Wij horen u graag.", en: "We would like to hear you."}
    source: art-4
"""


def test_it_lets_whom_it_is_about_read_again_what_was_sent_to_him(open_desk: type[Desk]) -> None:
    desk = open_desk(with_reply().replace("\nmessages:\n", f"\nmessages:{NOTICE}", 1))
    case_id = desk.receive().case_id
    els = desk.staff(desk.cast.els)
    els.get(f"/desk/cases/{case_id}", 404)
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    desk.do(case_id, Complete("acknowledge", text="Niet voor haar ogen."), desk.cast.bram)
    desk.write_out()
    assert "What was sent to you" in els.get(f"/desk/cases/{case_id}").text
    desk.do(case_id, Complete("reply", texts={"answer": "Zo ging het niet."}), desk.cast.els)
    page = els.get(f"/desk/cases/{case_id}")
    assert "Wij horen u graag." in page.text
    assert "Nothing is asked of you now." in page.text
    for hidden in (STORY, "Niet voor haar ogen.", "anna@voorbeeld.example", "Femke"):
        assert hidden not in page.text
    desk.staff(desk.cast.gijs).get(f"/desk/cases/{case_id}", 404)


def test_it_shows_a_refusal_with_its_rule_and_source_and_keeps_what_was_typed(desk: Desk) -> None:
    path, bram = f"/desk/cases/{desk.receive().case_id}", desk.staff(desk.cast.bram)
    bram.send(bram.get(path), action="/steps/assign")
    femke = desk.staff(desk.cast.femke)
    page = femke.send(femke.get(path), {"decision-text": "U heeft gelijk."}, action="/steps/decision", status=422)
    for words in ("messages.decision.contains", "art-5", "U heeft gelijk."):
        assert words in page.text


def test_it_tells_who_comes_second_and_keeps_his_words(desk: Desk) -> None:
    case_id = desk.receive().case_id
    path, bram, dewi = f"/desk/cases/{case_id}", desk.staff(desk.cast.bram), desk.staff(desk.cast.bram)
    first, second = bram.get(path), dewi.get(path)
    bram.send(first, {"acknowledge-text": "Van Bram."}, action="/steps/acknowledge")
    typed = {"acknowledge-text": "Dit schreef ik een uur lang."}
    page = dewi.send(second, typed, action="/steps/acknowledge", status=409)
    assert page.heading == "Somebody was just before you"
    assert "Dit schreef ik een uur lang." in page.text
    assert "Bram Bakker" in page.text


def test_it_lets_who_comes_second_look_and_send_again(desk: Desk) -> None:
    case_id = desk.receive(facts={}).case_id
    path, bram = f"/desk/cases/{case_id}", desk.staff(desk.cast.bram)
    stale = bram.get(path)
    desk.do(case_id, Involve(desk.cast.gijs, "involved", "Was erbij."), desk.cast.bram)
    page = bram.send(stale, {"acknowledge-text": "Dank u wel."}, action="/steps/acknowledge", status=409)
    assert "Gijs Groot" in page.text
    page = bram.send(page, action="/steps/acknowledge")
    assert "Done: acknowledge receipt." in page.text


def test_it_takes_a_note_though_the_case_has_moved_on(desk: Desk) -> None:
    case_id = desk.receive(facts={}).case_id
    path, bram = f"/desk/cases/{case_id}", desk.staff(desk.cast.bram)
    form = bram.get(f"{path}/note")
    desk.do(case_id, Involve(desk.cast.gijs, "involved", "Was erbij."), desk.cast.bram)
    assert "The note is kept." in bram.send(form, {"text": "Gebeld, in gesprek."}).text


def test_it_asks_at_most_eight_queries_for_a_page(desk: Desk) -> None:
    cases = [desk.receive() for _ in range(3)]
    for received in cases:
        desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    case = f"/desk/cases/{cases[0].case_id}"
    bram = desk.staff(desk.cast.bram)
    pages = ["/desk/", "/desk/?view=all", "/desk/register", "/desk/people", "/desk/absence", case, f"{case}/involve"]
    for path in (*pages, f"{case}/steps/acknowledge", f"{case}/facts", f"{case}/facts/about"):
        with counted(desk.app) as asked:
            bram.get(path)
        assert len(asked) <= 8, (path, asked)


def test_it_sends_who_is_not_logged_in_to_the_login_and_back(desk: Desk) -> None:
    slug = desk.organisation.slug
    answer = desk.app.test_client().get(f"/{slug}/desk/?view=all")
    assert answer.status_code == 302
    assert "next=/desk/" in answer.location
    assert desk.app.test_client().post(f"/{slug}/desk/absence", data={}).status_code in (400, 401)


def test_it_tells_who_handles_what_somebody_saw_before_he_was_known_to_be_involved(desk: Desk) -> None:
    case_id = desk.receive(files=[UploadedFile("brief.txt", b"Geachte mevrouw,")]).case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    femke = desk.staff(desk.cast.femke)
    for _ in range(2):
        page = femke.get(f"/desk/cases/{case_id}")
    link = next(each.attributes["href"] for each in page.root.all("a") if "/file/" in each.attributes["href"])
    assert femke.client.get(link).status_code == 200
    assert "saw of this case" not in desk.staff(desk.cast.bram).get(f"/desk/cases/{case_id}").text
    desk.do(case_id, Involve(desk.cast.femke, reason="Zij was erbij."), desk.cast.bram)
    seen = desk.staff(desk.cast.bram).get(f"/desk/cases/{case_id}").text.split("Femke Faber saw of this case")[1]
    assert "The case itself: 2 times" in seen
    assert "brief.txt: 1 time" in seen

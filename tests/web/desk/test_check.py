"""Before an action is saved its page says what follows, and saving does just that."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tests.web.desk.conftest import Desk
from tests.web.pages import Page, Reader
from weerklank.cases.act import open_case
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Record
from weerklank.cases.model import CaseFile, Message

DECISION = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}


def to_decide(desk: Desk) -> tuple[str, Reader]:
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    return f"/desk/cases/{case_id}", desk.staff(desk.cast.femke)


def seq_of(desk: Desk, path: str) -> int:
    with desk.session() as session:
        return session.query(CaseFile).filter_by(id=path.rpartition("/")[2]).one().seq


def check(reader: Reader, path: str, given: dict[str, str], status: int = 200) -> Page:
    return reader.send(reader.get(path), given | {"do": "check"}, action="/steps/decision", status=status)


def test_it_says_who_gets_what_and_what_stops_before_anything_is_saved(desk: Desk) -> None:
    path, femke = to_decide(desk)
    before = seq_of(desk, path)
    page = check(femke, path, DECISION)
    assert page.heading.endswith("This is what follows")
    assert "by e-mail" in page.text
    assert "U heeft gelijk." in page.text
    assert "cannot be undone" in page.text
    assert seq_of(desk, path) == before


def test_it_saves_what_it_showed(desk: Desk) -> None:
    path, femke = to_decide(desk)
    page = check(femke, path, DECISION)
    done = femke.send(page, {"do": "save"})
    assert "Done: decide." in done.text
    with desk.session() as session:
        assert "decision" in {row.name for row in session.query(Message)}


def test_it_goes_back_to_the_form_with_what_was_typed(desk: Desk) -> None:
    path, femke = to_decide(desk)
    before = seq_of(desk, path)
    page = femke.send(check(femke, path, DECISION), {"do": "change"})
    assert "U heeft gelijk." in page.text
    assert seq_of(desk, path) == before


def test_it_refuses_on_the_check_as_on_saving(desk: Desk) -> None:
    path, femke = to_decide(desk)
    page = check(femke, path, {"decision-text": ""}, status=422)
    assert page.errors() == ["Write what the message has to say."]


def test_it_shows_anew_what_follows_when_that_has_changed(desk: Desk) -> None:
    path, femke = to_decide(desk)
    before = seq_of(desk, path)
    page = femke.send(check(femke, path, DECISION), {"do": "save", "checked": "0" * 32})
    assert "What follows has changed" in page.text
    assert seq_of(desk, path) == before
    assert "Done: decide." in femke.send(page, {"do": "save"}).text


def test_it_asks_nothing_where_nothing_follows(desk: Desk) -> None:
    path, femke = to_decide(desk)
    page = femke.send(femke.get(f"{path}/note"), {"text": "Gebeld.", "do": "check"})
    assert "The note is kept." in page.text


def test_it_keeps_what_was_typed_over_a_session_that_has_ended(desk: Desk) -> None:
    path, femke = to_decide(desk)
    page = femke.get(path)
    cookie = f"weerklank-{desk.organisation.slug}-staff"
    femke.client.delete_cookie(cookie, path=f"{femke.base}/")
    femke.client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    ended = femke.send(page, DECISION | {"do": "check"}, action="/steps/decision", status=401)
    assert "Log in again" in ended.text
    femke.client.set_cookie(cookie, desk.tokens[desk.cast.femke], path=f"{femke.base}/")
    back = femke.send(ended)
    assert back.heading.endswith("This is what follows")
    assert "U heeft gelijk." in back.text
    assert "Done: decide." in femke.send(back, {"do": "save"}).text


def test_it_shows_what_two_people_filled_in_side_by_side_and_saves_what_is_chosen(desk: Desk) -> None:
    path, femke = to_decide(desk)
    page, case_id = femke.get(path), path.rpartition("/")[2]
    desk.do(UUID(case_id), Record({"judgement": "not_upheld"}), desk.cast.bram)
    both = femke.send(page, DECISION | {"do": "check"}, action="/steps/decision", status=409)
    assert "two answers" in both.text
    assert "In the case now, by Bram Bakker" in both.text
    assert "U heeft gelijk." in both.text
    femke.send(both, {"take-decision-fact-judgement": "theirs"}, action="/steps/decision")
    with desk.session() as session:
        opened = open_case(session, desk.organisation.id, UUID(case_id), datetime.now(UTC))
    assert opened.case.facts["judgement"] == "not_upheld"
    assert opened.case.outcome_of("decision")

"""The complainant is asked for more time at the desk, reads why on his page, and says yes or no once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from tests.web.portal.conftest import Complain, Do
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.consent import AskConsent
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.doors import perform
from weerklank.cases.model import Message
from weerklank.correspondence.delivery import write_out
from weerklank.kernel.database import tenant_scope
from weerklank.policy.events import COMPLAINANT
from weerklank.web.parts import NAME

WHY = "A witness is ill."
DAY = datetime.now(UTC).date() + timedelta(days=200)
SAID = "My lawyer is on holiday."


@pytest.fixture(scope="module")
def own(app: Flask, web_database: Database) -> Own:
    further = SMALL.replace("      in_all: 4 weeks\n", "      in_all: 4 weeks\n      further: true\n")
    return make_own(app, web_database, further)


@pytest.fixture
def handled(do: Do) -> None:
    do("bram", Complete("assign"))


@pytest.fixture
def asked(do: Do, handled: None) -> None:
    do("bram", AskConsent("decide", DAY, WHY))


def page_of(case_id: UUID) -> str:
    return f"/desk/cases/{case_id}"


def shown(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def day_fields(day: date) -> dict[str, str]:
    return {"until-day": str(day.day), "until-month": str(day.month), "until-year": str(day.year)}


def ask_at_desk(bram: Reader, case_id: UUID) -> Page:
    form = bram.get(f"{page_of(case_id)}/later/decide")
    check = bram.send(form, {"reason": WHY, "do": "check", **day_fields(DAY)})
    assert "This is what follows" in check.heading
    assert "May we take longer over your complaint?" in check.text
    assert WHY in check.text
    assert "the last day is" not in check.text
    return bram.send(check, {"do": "save"})


@pytest.mark.usefixtures("handled")
def test_it_is_asked_at_the_desk_after_a_look_at_what_follows_and_answered_on_his_page(
    own: Own, browser: Reader, case_id: UUID
) -> None:
    bram = own.log_in("bram")
    page = ask_at_desk(bram, case_id)
    assert "The question is on its way." in page.text
    assert "no answer yet" in page.text
    top = browser.get("/status/complaint").root.one("section", **{"aria-labelledby": "standing"})
    assert "We ask you for more time: until " in top.text and shown(DAY) in top.text and WHY in top.text
    answer = browser.get("/status/more-time/decide")
    assert answer.heading == "May we take longer?"
    page = browser.send(answer, {"answer": "yes", "words": SAID})
    assert page.path.endswith("/status/receipt")
    assert page.heading == "Thank you. We have your answer."
    assert shown(DAY) in page.text and SAID in page.text
    page = browser.get("/status/complaint")
    assert "We agreed on this day with you." in page.text
    assert "May we take longer?" not in page.text
    case = bram.get(page_of(case_id)).text
    assert f"Agreed: {DAY:%A} {shown(DAY)}" in case and SAID in case
    assert "no answer yet" not in case


@pytest.mark.usefixtures("asked")
def test_a_no_leaves_the_day_and_is_told_to_who_handles(
    own: Own, session: Session, browser: Reader, case_id: UUID
) -> None:
    page = browser.send(browser.get("/status/more-time/decide"), {"answer": "no", "words": SAID})
    assert "You did not agree to a later day" in page.text
    assert shown(DAY) not in own.log_in("bram").get(page_of(case_id)).root.one("aside").text
    with tenant_scope(session, own.id):
        told = session.scalars(select(Message.person_id).where(
            Message.case_id == case_id, Message.name == "later_refused"
        )).all()  # fmt: skip
    assert told == [own.cast.bram]


@pytest.mark.usefixtures("asked")
def test_the_question_goes_by_mail_with_the_day_and_the_reason(own: Own, session: Session, case_id: UUID) -> None:
    engine, now = own.app.extensions[NAME].engine, datetime.now(UTC)
    with tenant_scope(session, own.id):
        (row,) = session.scalars(select(Message).where(Message.case_id == case_id, Message.name == "later_asked"))
        out = write_out(session, engine, own.id, row.id, "http://here", "us@here", now)
    assert out is not None
    (mail,) = out.envelopes
    assert mail.to == "somebody@example.nl"
    said = " ".join(out.letter.paragraphs)
    assert shown(DAY) in said and WHY in said and f"http://here/{own.slug}/status" in said


@pytest.mark.usefixtures("asked")
def test_it_takes_one_answer_and_keeps_what_was_typed_without_one(browser: Reader) -> None:
    form = browser.get("/status/more-time/decide")
    page = browser.send(form, {"words": SAID}, status=422)
    assert page.errors() == ["Choose an answer."]
    assert page.form().one("textarea").text == SAID
    browser.send(page, {"answer": "no"})
    browser.send(form, {"answer": "yes"}, status=409)
    assert browser.get("/status/more-time/decide").path.endswith("/status/complaint")


@pytest.mark.usefixtures("asked")
def test_it_answers_the_question_that_was_read_and_no_other(browser: Reader, do: Do) -> None:
    form = browser.get("/status/more-time/decide")
    do("bram", AskConsent("decide", DAY + timedelta(days=30), "It takes even longer."))
    page = browser.send(form, {"answer": "yes"}, status=422)
    assert page.errors() == ["We changed our question meanwhile. Read it again before you answer."]
    assert "It takes even longer." in page.text


@pytest.mark.usefixtures("asked")
def test_only_he_is_asked(own: Own, browser: Reader, complain: Complain) -> None:
    other = own.reader()
    other.send(other.get("/status"), {"code": complain("Bert Bos").code})
    assert other.get("/status/more-time/decide").path.endswith("/status/complaint")
    typed = {"csrf_token": other.get("/status/add").form().one("input", name="csrf_token").attributes["value"]}
    other.post("/status/more-time/decide", {**typed, "answer": "yes", "asked": "1"}, status=409)
    assert own.reader().get("/status/more-time/decide").heading == "Where is my complaint?"


@pytest.mark.usefixtures("asked")
def test_a_question_ends_with_the_case(own: Own, session: Session, browser: Reader, case_id: UUID) -> None:
    form = browser.get("/status/more-time/decide")
    with tenant_scope(session, own.id):
        engine = own.app.extensions[NAME].engine
        perform(session, engine, own.id, case_id, Withdraw(), COMPLAINANT, datetime.now(UTC))
        session.commit()
    browser.send(form, {"answer": "yes"}, status=409)
    assert "May we take longer?" not in browser.get("/status/complaint").text


def test_nobody_is_asked_where_the_procedure_knows_no_consent(own: Own, case_id: UUID, do: Do) -> None:
    do("bram", Complete("assign"))
    bram = own.log_in("bram")
    page = bram.get(page_of(case_id))
    links = [each.attributes["href"] for each in page.root.all("a") if "/later/" in each.attributes["href"]]
    assert [link.rsplit("/", 1)[1] for link in links] == ["decide"]
    form = bram.get(f"{page_of(case_id)}/later/acknowledge")
    page = bram.send(form, {"reason": WHY, "do": "save", **day_fields(DAY)}, status=422)
    assert "The procedure has no extension for this term." in page.text
    bram.get(f"{page_of(case_id)}/later/nonsense", status=404)

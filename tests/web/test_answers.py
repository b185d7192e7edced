"""Something is put to the complainant: a proposal with his own answers, or a question for what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from weerklank.cases.actions.ask import Ask
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import perform
from weerklank.cases.model import CaseFile
from weerklank.kernel.database import tenant_scope
from weerklank.policy.events import Actor, ActorKind
from weerklank.web.parts import NAME

STEPS = """steps:
  propose:
    label: {nl: een voorstel doen, en: make a proposal}
    does: propose
    by: quality_officer
    on: received
    message: proposal
    then: verdict
    source: art-5
  verdict:
    label: {nl: Wat vindt u van ons voorstel?, en: What do you think of our proposal?}
    does: answer
    by: complainant
    outcomes:
      agree:
        label: {nl: Akkoord, en: I agree}
      another:
        label: {nl: Liever iets anders, en: Rather something else}
        asks: wish
        then: propose
    source: art-5
"""
FACTS = """facts:
  wish:
    label: {nl: Wat wilt u liever?, en: What would you rather have?}
    type: story
    source: art-5
"""
MESSAGES = """messages:
  proposal:
    to: complainant
    subject: {nl: Ons voorstel, en: Our proposal}
    body: {nl: "{text}", en: "{text}"}
    contains: text
    source: art-5
"""
ASKING = SMALL.replace("steps:\n", STEPS, 1).replace("facts:\n", FACTS, 1).replace("messages:\n", MESSAGES, 1)


@pytest.fixture(scope="module")
def own(app: Flask, web_database: Database) -> Own:
    """An organisation that makes proposals."""
    return make_own(app, web_database, ASKING)


@pytest.fixture
def browser(own: Own) -> Reader:
    """Somebody who complained there, on the page where he follows it."""
    reader = own.reader()
    page = reader.send(reader.get("/complain"), {"story": "The parcel was late."})
    page = reader.send(page)
    page = reader.send(page, button=("do", "next"))
    page = reader.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email"})
    reader.send(reader.send(page))
    return reader


@pytest.fixture
def case_id(own: Own, session: Session, browser: Reader) -> UUID:
    with tenant_scope(session, own.id):
        return session.scalars(select(CaseFile.id).order_by(CaseFile.created_at.desc())).first() or own.id


def do(own: Own, session: Session, case_id: UUID, action: Action) -> None:
    """Bram does something in the case."""
    with tenant_scope(session, own.id):
        bram = Actor(ActorKind.PERSON, own.cast.bram)
        perform(session, own.app.extensions[NAME].engine, own.id, case_id, action, bram, datetime.now(UTC))
        session.commit()


@pytest.fixture
def proposal(own: Own, session: Session, case_id: UUID, browser: Reader) -> Page:
    """Where the complainant answers once a proposal was made to him."""
    do(own, session, case_id, Complete("propose", text="A new parcel."))
    page = browser.get("/status/complaint")
    assert "Yes, we need your answer." in page.text
    return browser.get("/status/answer/verdict")


def test_it_puts_a_proposal_to_the_complainant_with_his_answers_as_buttons(proposal: Page) -> None:
    assert "What do you think of our proposal?" in proposal.text
    assert [each.text for each in proposal.root.all("button", name="outcome")] == ["I agree", "Rather something else"]


def test_it_takes_his_answer(browser: Reader, proposal: Page) -> None:
    page = browser.send(proposal, action="/status/answer", button=("outcome", "agree"))
    assert "Thank you. We have your answer." in page.text
    assert not list(page.root.all("button", name="outcome"))


def test_it_says_what_an_answer_needs_and_keeps_what_was_typed(browser: Reader, proposal: Page) -> None:
    page = browser.send(proposal, action="/status/answer", button=("outcome", "another"), status=422)
    assert page.errors()[0].startswith("Fill in first")
    page = browser.send(
        page,
        {"answer-verdict-another-wish": "x" * 20_001},
        action="/status/answer",
        button=("outcome", "another"),
        status=422,
    )
    assert "too long" in page.errors()[0]
    page = browser.send(
        page, {"answer-verdict-another-wish": "My money back."}, action="/status/answer", button=("outcome", "another")
    )
    assert "We have your answer" in page.text


def test_it_takes_an_answer_once(browser: Reader, proposal: Page) -> None:
    browser.send(proposal, action="/status/answer", button=("outcome", "agree"))
    browser.send(proposal, action="/status/answer", button=("outcome", "another"), status=409)


def test_it_refuses_an_answer_that_is_not_on_offer(browser: Reader, proposal: Page) -> None:
    page = browser.send(proposal, action="/status/answer", button=("outcome", "upheld"), status=422)
    assert page.errors() == ["Choose an answer."]
    page = browser.send(proposal, action="/status/answer", status=422)
    assert page.errors() == ["Choose an answer."]


def test_it_shows_what_we_asked_him_to_add(own: Own, session: Session, case_id: UUID, browser: Reader) -> None:
    do(own, session, case_id, Ask("When was it?"))
    page = browser.get("/status/complaint")
    assert "Yes, we need your answer." in page.text
    assert "When was it?" in page.text
    page = browser.send(browser.get("/status/add"), {"text": "On 2 November."})
    assert "On 2 November." in page.text

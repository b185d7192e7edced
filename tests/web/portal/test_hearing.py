"""A hearing: the complainant reads when and where it is, and says whether he comes, in another way, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Reader
from tests.web.portal.conftest import Do
from weerklank.cases.actions.complete import Complete

STEPS = """steps:
  invite:
    label: {nl: Uitnodigen voor een gesprek, en: Invite to a hearing}
    does: choose
    by: quality_officer
    on: received
    outcomes:
      invited:
        label: {nl: Uitnodigen, en: Invite}
        asks: [hearing_day, hearing_place]
        sends: invitation
        then: reply
    source: art-5
  reply:
    label: {nl: Wilt u worden gehoord?, en: Do you want to be heard?}
    help: {nl: Laat weten of u komt., en: Say whether you come.}
    does: answer
    by: complainant
    outcomes:
      comes:
        label: {nl: Ik kom, en: I come}
      otherwise:
        label: {nl: Liever op een andere manier, en: Rather in another way}
        asks: other_way
      waives:
        label: {nl: Een gesprek is niet nodig, en: No hearing is needed}
    source: art-5
"""
FACTS = """facts:
  hearing_day:
    label: {nl: Dag van het gesprek, en: Day of the hearing}
    type: day
    source: art-5
  hearing_place:
    label: {nl: Plaats en uur, en: Place and hour}
    type: text
    source: art-5
  other_way:
    label: {nl: Hoe liever?, en: How would you rather be heard?}
    type: story
    source: art-5
"""
MESSAGES = """messages:
  invitation:
    to: complainant
    subject: {nl: Uitnodiging, en: Invitation}
    body: {nl: "U bent welkom.", en: "You are welcome."}
    contains: [fact.hearing_day, fact.hearing_place]
    source: art-5
"""
HEARING = SMALL.replace("steps:\n", STEPS, 1).replace("facts:\n", FACTS, 1).replace("messages:\n", MESSAGES, 1)


@pytest.fixture(scope="module")
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database, HEARING)


@pytest.fixture
def invited(do: Do, write_out: Callable[[str], UUID]) -> None:
    """Bram invites her for a day two weeks from now."""
    day = (datetime.now(UTC) + timedelta(days=14)).date()
    do("bram", Complete("invite", "invited", facts={"hearing_day": day}, texts={"hearing_place": "Town hall, 10:00"}))
    write_out("Invitation")


def test_it_shows_the_day_and_place_on_top_and_beside_the_answers(browser: Reader, invited: None) -> None:
    for path in ("/status/complaint", "/status/answer/reply"):
        page = browser.get(path)
        assert "Appointment" in page.text
        assert "Town hall, 10:00" in page.text
    assert [each.text for each in page.root.all("button", name="outcome")] == [
        "I come", "Rather in another way", "No hearing is needed",
    ]  # fmt: skip


def test_it_takes_that_somebody_would_rather_be_heard_in_another_way(browser: Reader, invited: None) -> None:
    page = browser.send(browser.get("/status/answer/reply"), button=("outcome", "otherwise"), status=422)
    assert page.errors()[0].startswith("Fill in first")
    wish = {"answer-reply-otherwise-other_way": "By telephone, please."}
    page = browser.send(page, wish, button=("outcome", "otherwise"))
    assert page.heading == "Thank you. We have your answer."
    assert "Your answer: Rather in another way" in page.text


def test_it_takes_that_somebody_waives_a_hearing(browser: Reader, invited: None) -> None:
    page = browser.send(browser.get("/status/answer/reply"), button=("outcome", "waives"))
    assert "Your answer: No hearing is needed" in page.text
    assert browser.get("/status/answer/reply").path.endswith("/status/complaint")

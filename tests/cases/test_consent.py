"""The complainant is asked for more time, and his yes is the agreement that staff record too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.cases.test_edges import clock, small
from tests.cases.test_engine import BRAM, DINA, EVA, FRIDAY, Play, by
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.consent import AnswerConsent, AskConsent, waits_for_consent
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.deadlines import Duration
from weerklank.policy.events import COMPLAINANT, Actor, Kind
from weerklank.policy.refusals import Refusal

CONSENT = ("      in_all: 4 weeks\n", "      in_all: 4 weeks\n      further: true\n")
BOTH = (CONSENT[0], CONSENT[1] + "      consent_of: [complainant, respondent]\n")
ONLY_OTHERS = (CONSENT[0], CONSENT[1] + "      consent_of: respondent\n")
DAY, WHY = date(2026, 6, 1), "Een getuige is ziek."
ASK = AskConsent("decide", DAY, WHY)


def handled(*changes: tuple[str, str]) -> Play:
    """A case that Dina handles: to be decided by 17 April."""
    play = small(*(changes or (CONSENT,)))
    play.receive()
    play.act(Complete("assign"), by(EVA))
    return play


def asked(*changes: tuple[str, str], ask: AskConsent = ASK) -> Play:
    play = handled(*changes)
    assert play.act(ask, by(DINA)) is None
    return play


def request(play: Play) -> int:
    return play.case.later["decide"].seq


def answered(play: Play, *, agrees: bool = True, words: str = "") -> Refusal | None:
    return play.act(AnswerConsent("decide", request(play), agrees, WHY, words), COMPLAINANT)


def last(play: Play) -> date | None:
    return clock(play, "decide").due.due


def no(play: Play, action: Action, actor: Actor, now: datetime = FRIDAY) -> str:
    refusal = play.act(action, actor, now)
    assert refusal is not None
    return refusal.code


def test_asking_moves_no_day_and_waits_for_his_answer() -> None:
    play = handled()
    before = last(play)
    assert play.act(ASK, by(DINA)) is None
    assert last(play) == before
    waits = waits_for_consent(play.world, play.case, "decide", FRIDAY)
    assert waits is not None and waits.until == DAY


def test_his_yes_does_what_the_recorded_agreement_does() -> None:
    play, recorded = asked(), handled()
    recorded.act(Agree("decide", DAY, WHY), by(DINA))
    assert answered(play, words="Prima.") is None
    assert last(play) == last(recorded) == DAY
    by_himself, by_staff = ([event for event in each.events if event.kind is Kind.AGREED] for each in (play, recorded))
    assert by_himself[0].open == by_staff[0].open
    assert by_himself[0].actor == COMPLAINANT
    assert by_himself[0].sealed == {"reason": WHY, "consent": "Prima."}
    sent = [event.open["message"] for event in play.events if event.kind is Kind.SENT]
    assert sent == [event.open["message"] for event in recorded.events if event.kind is Kind.SENT]
    assert "extension" in sent


def test_his_no_leaves_the_day_as_it_was() -> None:
    play = asked()
    before = last(play)
    assert answered(play, agrees=False, words="Het duurt al te lang.") is None
    assert last(play) == before
    assert play.events[-1].kind is Kind.LATER_REFUSED
    assert play.events[-1].sealed == {"text": "Het duurt al te lang."}


@pytest.mark.parametrize("agrees", [True, False])
def test_it_takes_one_answer(agrees: bool) -> None:
    play = asked()
    seq = request(play)
    answered(play, agrees=agrees)
    for second in (True, False):
        assert no(play, AnswerConsent("decide", seq, second, WHY), COMPLAINANT) == "answered_before"


def test_a_newer_request_replaces_the_one_before_it() -> None:
    play = asked()
    first = request(play)
    later = DAY + timedelta(days=7)
    assert play.act(replace(ASK, until=later), by(DINA)) is None
    assert no(play, AnswerConsent("decide", first, True, WHY), COMPLAINANT) == "answered_before"
    assert answered(play) is None
    assert last(play) == later


def test_what_staff_agree_or_extend_meanwhile_ends_the_question() -> None:
    for action in (Agree("decide", DAY, "Per brief."), Extend("decide", Duration.parse("1 weeks"), "Druk.")):
        play = asked()
        seq = request(play)
        assert play.act(action, by(DINA)) is None
        assert no(play, AnswerConsent("decide", seq, True, WHY), COMPLAINANT) == "answered_before"


def test_it_takes_no_answer_once_the_term_or_the_day_is_past_or_the_case_is_closed() -> None:
    over = datetime.combine(date(2026, 4, 20), FRIDAY.timetz())
    play = asked()
    assert no(play, AnswerConsent("decide", request(play), True, WHY), COMPLAINANT, over) == "answered_before"
    assert waits_for_consent(play.world, play.case, "decide", over) is None
    play.act(Withdraw(), COMPLAINANT)
    assert no(play, AnswerConsent("decide", request(play), True, WHY), COMPLAINANT) == "answered_before"


def test_nobody_else_answers_for_him() -> None:
    play = asked()
    for person in (DINA, EVA, BRAM):
        assert no(play, AnswerConsent("decide", request(play), True, WHY), by(person)) == "answered_before"


def test_it_asks_only_where_the_procedure_asks_for_his_consent() -> None:
    assert no(handled(CONSENT[:1] * 2), ASK, by(DINA)) == "no_extension"
    assert no(handled(ONLY_OTHERS), ASK, by(DINA)) == "no_extension"
    assert no(handled(), AskConsent("acknowledge", DAY, WHY), by(DINA)) == "no_extension"


def test_it_asks_only_what_his_yes_would_be_enough_for() -> None:
    assert no(handled(BOTH), ASK, by(DINA)) == "consent_missing"
    play = asked(BOTH, ask=replace(ASK, consented=("respondent",)))
    assert answered(play) is None
    (agreed,) = (event for event in play.events if event.kind is Kind.AGREED)
    assert set(agreed.open["consented"]) == {"complainant", "respondent"}


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (replace(ASK, until=date(2026, 3, 6)), "day_past"),
        (replace(ASK, until=date(2026, 4, 17)), "day_not_later"),
        (replace(ASK, reason="  "), "reason_needed"),
        (replace(ASK, term="nonsense"), "no_extension"),
    ],
)
def test_it_refuses_a_request_that_cannot_be_meant(ask: AskConsent, code: str) -> None:
    assert no(handled(), ask, by(DINA)) == code


def test_only_who_may_extend_the_term_asks() -> None:
    for person, code in ((EVA, "not_your_step"), (BRAM, "not_your_step")):
        assert no(handled(), ASK, by(person)) == code

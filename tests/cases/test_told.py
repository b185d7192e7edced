"""What used to go by in silence and is now refused or said: a message to nobody, a fact that was not asked, no end."""

from __future__ import annotations

from dataclasses import replace

from tests.cases.test_edges import CHOSEN, GIJS, small
from tests.cases.test_engine import BRAM, DINA, EVA, FRED, by
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.record import Record
from weerklank.cases.offering import offer_views
from weerklank.policy.case import replay
from weerklank.policy.events import Kind
from weerklank.policy.roles import free_to_act, is_walled

TO_NOBODY = """
messages:
  word:
    label: {nl: bericht, en: word}
    to: respondent
    source: art-2
"""


def test_it_says_that_a_message_of_an_outcome_reached_nobody() -> None:
    outcome = "    then: decision\n    source: art-3\n"
    named = "    outcomes: {given: {sends: word, then: decision, label: x}}\n    source: art-3\n"
    play = small(("\nmessages:\n", TO_NOBODY), (outcome, named))
    play.receive(facts={})
    assert play.act(Complete("assign", "given"), by(EVA)) is None
    (unsent,) = (event for event in play.events if event.kind is Kind.UNSENT)
    assert unsent.open["message"] == "word"
    assert "sent.word" not in play.case.moments


def test_it_says_that_a_message_at_a_moment_reached_nobody() -> None:
    play = small(("\nmessages:\n", TO_NOBODY.replace("to: respondent\n", "to: respondent\n    on: received\n")))
    play.receive(facts={})
    assert [event.open["message"] for event in play.events if event.kind is Kind.UNSENT] == ["word"]


def test_it_takes_no_fact_that_the_step_does_not_ask() -> None:
    play = small()
    play.receive(facts={})
    refusal = play.act(Complete("assign", facts={"judgement": "upheld"}), by(EVA))
    assert refusal is not None
    assert (refusal.code, refusal.rule) == ("not_asked", "steps.assign.asks")
    assert "oordeel" in refusal.text("nl")
    assert "judgement" not in play.case.facts
    assert play.act(Complete("assign"), by(EVA)) is None
    deciding = Complete("decision", facts={"judgement": "upheld"}, text="U hebt gelijk.")
    assert play.act(deciding, by(EVA)) is None


EVER = "  acknowledgement:\n    label: {nl: ontvangstbevestiging, en: acknowledgement}\n    to: complainant\n"
AND_EVER = "  decision:\n    label: {nl: besluit, en: decision}\n    to: complainant\n"


def test_it_refuses_what_would_never_end() -> None:
    loop = (EVER, f"{EVER}    on: sent.decision\n"), (AND_EVER, f"{AND_EVER}    on: sent.acknowledgement\n")
    play = small(*loop)
    play.receive()
    before = play.case
    refusal = play.act(Complete("acknowledge", text="Dank u."), by(EVA))
    assert refusal is not None
    assert refusal.code == "endless"
    assert "without end" in refusal.text("en")
    assert play.case == before


def test_it_lets_go_of_who_was_let_off_until_something_names_him_anew() -> None:
    play = small()
    play.receive()
    assert is_walled(play.case, BRAM)
    assert play.act(Release(BRAM, "Het was een ander."), by(EVA)) is None
    assert play.act(Record(facts={"judgement": "upheld"}), by(EVA)) is None
    assert not is_walled(play.case, BRAM)
    assert play.act(Record(facts={"about": BRAM}), by(EVA)) is None
    assert is_walled(play.case, BRAM)
    assert replay(play.case.id, play.events) == play.case


def test_it_lets_only_him_choose_whom_the_policy_lets_choose() -> None:
    play = small(*CHOSEN) if isinstance(CHOSEN[0], tuple) else small(CHOSEN)
    play.receive(facts={})
    offers = {person: offer_views(play.world, play.case, person, {}, {}, "en") for person in (EVA, FRED)}
    choosing = {person: [one for one in each if one.step == "assign"] for person, each in offers.items()}
    chooser = play.world.policy.assignment.chosen_by
    assert chooser is not None
    for person, found in choosing.items():
        may = person in free_to_act(play.world, play.case, chooser)
        assert all(bool(one.choice) is may for one in found)


PANEL = """
  panel:
    label: {nl: commissie, en: panel}
    kind: appointed
    least: 2
    assignment: {rules: [{id: all, to: board}], source: art-4}
    source: art-4
channels:
"""
TWO = (
    "    phase: triage\n    on: received\n    then: decision\n",
    "    phase: triage\n    on: received\n    then: sit\n",
)
SIT = """
steps:
  sit: {label: {nl: x, en: x}, does: assign, of: panel, by: quality_officer, then: decision, source: art-4}
"""


def test_it_names_the_quorum_that_is_missing() -> None:
    boards = (
        "    required: true\n    source: art-4\n\nchannels:\n",
        f"    least: 2\n    seats: 3\n    source: art-4\n{PANEL}",
    )
    play = small(boards, TWO, ("\nsteps:\n", SIT))
    play.receive(facts={})
    assert play.act(Complete("assign"), by(EVA)) is None
    refusal = play.act(Complete("sit"), by(EVA))
    assert refusal is not None
    assert (refusal.code, refusal.rule) == ("nobody_may_handle", "roles.panel.assignment.rules.all")
    assert "‘board’ 1 can take part, and there must be 2 at least" in refusal.text("en")
    people = play.world.people
    play.world = replace(play.world, people=replace(people, posts={**people.posts, "board": (FRED, GIJS)}))
    assert play.act(Complete("sit"), by(EVA)) is None
    assert play.case.appointed == {"panel": (FRED, GIJS)}
    assert play.act(Involve(GIJS, "involved", "Hij was erbij."), by(EVA)) is None
    assert "panel" not in play.case.appointed
    assert "sit" in play.case.open
    assert [event.open["role"] for event in play.events if event.kind is Kind.UNAPPOINTABLE] == ["panel"]
    assert any(notice.what == "unappointable" for notice in play.index.notices)
    assert DINA not in play.index.parties

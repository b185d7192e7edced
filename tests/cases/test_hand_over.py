"""Handing a case over stays within the rules for who may handle it, and changes nothing but that."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.cases.test_engine import BRAM, DINA, EVA, FRED, Play, by, person
from tests.cast import SMALL
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.hand_over import HandOver
from weerklank.cases.actions.involve import Involve
from weerklank.policy.events import Kind
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.world import World

GUUS, HANS = person("Guus"), person("Hans")
RULES = SMALL[SMALL.index("assignment:\n") : SMALL.index("\nterms:\n")]
# The officers choose one of their own; somebody involved only with a reason.
CHOSEN = """assignment:
  rules:
    - id: determined
  chosen_by: quality_officer
  from: quality_officer
  warn: [involved]
  source: art-3
"""


def world_of(text: str) -> World:
    """Eva, Guus and Hans are the officers; Bram is complained about, Dina is his manager, Fred the board."""
    persons = {one: Person(one) for one in (EVA, FRED, GUUS, HANS)}
    persons |= {BRAM: Person(BRAM, manager=DINA), DINA: Person(DINA, manager=FRED)}
    return World.of(load_version(text), People(persons, {"quality_officer": (EVA, GUUS, HANS), "board": (FRED,)}))


@pytest.fixture
def play() -> Play:
    """A case that Eva handles."""
    begun = Play(world_of(SMALL.replace(RULES, CHOSEN)))
    begun.receive()
    assert begun.act(Complete("assign", persons=(EVA,)), by(EVA)) is None
    return begun


def refused(play: Play, to: UUID, actor: UUID, note: str = "Gebeld; wacht op stukken.", reason: str = "") -> str:
    refusal = play.act(HandOver(to, note, reason), by(actor))
    return refusal.code if refusal else ""


def test_it_gives_the_case_to_a_colleague_and_tells_him(play: Play) -> None:
    before = {clock.term: clock.due for clock in play.index.clocks}
    opened, sent = play.case.open, play.sent()
    assert refused(play, GUUS, EVA) == ""
    assert play.case.handlers == (GUUS,)
    assert [(one.what, one.people) for one in play.index.notices] == [("handed_over", (GUUS,))]
    assert {clock.term: clock.due for clock in play.index.clocks} == before
    assert (play.case.open, play.sent()) == (opened, sent)
    assert play.events[-1].sealed == {"text": "Gebeld; wacht op stukken.", "reason": ""}


def test_it_takes_the_next_one_and_goes_back_to_the_first(play: Play) -> None:
    assert refused(play, GUUS, EVA) == ""
    assert refused(play, EVA, GUUS) == ""
    assert play.case.handlers == (EVA,)


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (BRAM, "may_not_handle"),
        (FRED, "may_not_handle"),
        (EVA, "handles_already"),
        (person("nobody"), "unknown_person"),
    ],
)
def test_it_gives_it_to_nobody_whom_the_rules_do_not_let_handle(play: Play, to: UUID, code: str) -> None:
    assert refused(play, to, EVA) == code
    assert play.case.handlers == (EVA,)


def test_it_asks_a_reason_before_it_overrules_an_involvement(play: Play) -> None:
    assert play.act(Involve(GUUS, "involved", "Zat bij het gesprek."), by(EVA)) is None
    assert refused(play, GUUS, EVA) == "reason_needed"
    assert refused(play, GUUS, EVA, reason="Er is niemand anders die dit kent.") == ""
    assert play.case.handlers == (GUUS,)
    assert play.case.overruled == {GUUS}


def test_it_wants_a_note_and_somebody_who_may_hand_over(play: Play) -> None:
    assert refused(play, GUUS, EVA, note=" ") == "note_needed"
    assert refused(play, GUUS, FRED) == "not_yours_to_hand_over"
    assert refused(play, GUUS, BRAM) == "not_yours_to_hand_over"
    assert refused(play, GUUS, HANS) == ""  # an officer may say who handles


def test_it_gives_it_to_nobody_who_is_away(play: Play) -> None:
    play.world = replace(play.world, people=replace(play.world.people, absent=frozenset({GUUS})))
    assert refused(play, GUUS, EVA) == "is_away"


def test_it_keeps_to_the_one_whom_the_procedure_names() -> None:
    play = Play(world_of(SMALL))
    play.receive()
    assert refused(play, DINA, EVA) == "nothing_to_hand_over"
    assert play.act(Complete("assign"), by(EVA)) is None
    assert play.case.handlers == (DINA,)
    assert refused(play, EVA, DINA) == "may_not_handle"
    assert refused(play, DINA, EVA) == "handles_already"


def test_it_finds_somebody_else_when_the_receiver_turns_out_to_be_involved(play: Play) -> None:
    assert refused(play, GUUS, EVA) == ""
    assert play.act(Involve(GUUS, "involved", "Kent de klager."), by(EVA)) is None
    assert GUUS in play.index.walled
    assert GUUS not in play.case.handlers
    assert play.events[-1].kind in (Kind.STEP_OPENED, Kind.UNASSIGNABLE)

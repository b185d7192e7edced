"""A deputy handles what somebody who is away handles: only where the rules would let him, and never in a post."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.cases.test_engine import BRAM, DINA, EVA, FRED, Play, by, person
from tests.cases.test_hand_over import CHOSEN, GUUS, HANS, RULES, world_of
from tests.cast import SMALL
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.policy.people import Person


def away(play: Play, who: UUID, deputy: UUID | None, *also: UUID) -> None:
    """From now on this person is away, with a deputy; others too."""
    deputies = {who: deputy} if deputy else {}
    people = replace(play.world.people, absent=frozenset({who, *also}), deputies=deputies)
    play.world = replace(play.world, people=people)


def may_decide(play: Play, who: UUID) -> bool:
    refusal = play.act(Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk."), by(who))
    return refusal is None


@pytest.fixture
def play() -> Play:
    """A case that Eva handles by choice; Guus and Hans could."""
    begun = Play(world_of(SMALL.replace(RULES, CHOSEN)))
    begun.receive()
    assert begun.act(Complete("assign", persons=(EVA,)), by(EVA)) is None
    return begun


def test_it_lets_the_deputy_do_what_the_absent_handler_would(play: Play) -> None:
    away(play, EVA, GUUS)
    assert not may_decide(play, HANS)
    assert may_decide(play, GUUS)
    assert play.case.handlers == (EVA,)


def test_it_gives_it_back_as_soon_as_the_handler_is_there(play: Play) -> None:
    away(play, EVA, GUUS)
    play.world = replace(play.world, people=replace(play.world.people, absent=frozenset()))
    assert not may_decide(play, GUUS)
    assert may_decide(play, EVA)


@pytest.mark.parametrize("deputy", [BRAM, FRED, person("outsider")])
def test_it_lets_nobody_act_whom_the_rules_would_not_let_handle(play: Play, deputy: UUID) -> None:
    """Bram is complained about, Fred is no officer: the work waits for Eva."""
    away(play, EVA, deputy)
    assert not may_decide(play, deputy)
    assert may_decide(play, EVA)


def test_it_lets_no_deputy_act_who_is_away_or_turns_out_to_be_involved(play: Play) -> None:
    away(play, EVA, GUUS, GUUS)
    assert not may_decide(play, GUUS)
    away(play, EVA, GUUS)
    assert play.act(Involve(GUUS, "involved", "Kent de klager."), by(HANS)) is None
    assert GUUS in play.index.walled
    assert GUUS not in play.index.parties
    assert not may_decide(play, GUUS)


def test_it_lets_no_deputy_take_a_post() -> None:
    """The board has no substitute: what is the board's waits, whoever its member named."""
    play = Play(world_of(SMALL))
    play.receive()
    assert play.act(Complete("assign"), by(EVA)) is None
    assert play.act(Involve(DINA, "involved", "Tekende mee."), by(EVA)) is None
    assert play.case.handlers == (FRED,)
    away(play, FRED, HANS)
    assert not may_decide(play, HANS)


def test_it_lets_nobody_act_who_is_employed_elsewhere() -> None:
    anybody = CHOSEN.replace("  from: quality_officer\n", "")
    play = Play(world_of(SMALL.replace(RULES, anybody)))
    outside = person("outside")
    persons = {**play.world.people.persons, outside: Person(outside, external=True)}
    play.world = replace(play.world, people=replace(play.world.people, persons=persons))
    play.receive()
    assert play.act(Complete("assign", persons=(HANS,)), by(EVA)) is None
    away(play, HANS, outside)
    assert not may_decide(play, outside)
    away(play, HANS, DINA)
    assert may_decide(play, DINA)

"""After closing the complainant says once whether he is satisfied, unless the procedure asked him already."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from weerklank.cases.actions.rate import Rate, may_rate
from weerklank.policy.case import Case, apply
from weerklank.policy.course import imagined_world
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind, Event
from weerklank.policy.held import Done, Linked
from weerklank.policy.reader import load_version
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

NOW = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
CLOSED = Case(UUID(int=1), moments={"received": (NOW,), "closed": (NOW,)})
SOMEBODY = Actor(ActorKind.PERSON, UUID(int=2))


def world_of(slug: str) -> World:
    path = Path(__file__).parents[2] / "tenants" / slug / "policy.yaml"
    return imagined_world(load_version(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def world() -> World:
    return world_of("staatvandienst")


def rated(world: World, case: Case, rating: str = "partly", text: str = "", actor: Actor = COMPLAINANT) -> Any:
    return Rate(rating, text).decide(world, case, actor, NOW)


def test_it_takes_an_answer_with_words_and_then_asks_no_more(world: World) -> None:
    (event,) = rated(world, CLOSED, text=" Faster, please. ")
    assert isinstance(event, Event)
    assert (event.open, event.sealed) == ({"rating": "partly"}, {"text": "Faster, please."})
    after = apply(CLOSED, event)
    assert after.rating == "partly"
    assert isinstance(rated(world, after), Refusal)


def test_it_keeps_no_empty_words(world: World) -> None:
    (event,) = rated(world, CLOSED, "yes", "  ")
    assert event.sealed is None


@pytest.mark.parametrize(
    "case",
    [
        replace(CLOSED, moments={"received": (NOW,)}),
        replace(CLOSED, moments={**CLOSED.moments, "withdrawn": (NOW,)}),
        replace(CLOSED, moments={**CLOSED.moments, "archived": (NOW,)}),
        replace(CLOSED, links={UUID(int=3): Linked("merge", UUID(int=4), back=False)}),
    ],
    ids=["open", "withdrawn", "archived", "merged"],
)
def test_it_asks_only_about_a_case_that_we_closed(world: World, case: Case) -> None:
    assert not may_rate(world, case)
    assert isinstance(rated(world, case), Refusal)


def test_it_asks_nobody_but_the_complainant_and_takes_no_other_answer(world: World) -> None:
    assert isinstance(rated(world, CLOSED, actor=SOMEBODY), Refusal)
    assert isinstance(rated(world, CLOSED, "maybe"), Refusal)


def test_it_does_not_ask_what_the_procedure_asked_already() -> None:
    world = world_of("team-keizer")
    assert may_rate(world, CLOSED)
    assert not may_rate(world, replace(CLOSED, done=(Done("satisfaction", "satisfied", NOW, None),)))


def test_it_asks_about_a_case_that_took_another_one_in(world: World) -> None:
    assert may_rate(world, replace(CLOSED, links={UUID(int=3): Linked("merge", UUID(int=4), back=True)}))

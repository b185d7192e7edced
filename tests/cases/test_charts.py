"""Whoever is involved sees and handles nothing but what the policy gives him on purpose, in whatever organisation.

Random charts: few people with many posts, managers of managers, people without one, teams, people who are away, people
from outside. Then a complaint wanders, and more and more people turn out to be involved.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases.walking import LONGER, POLICIES, WORLDS, Walk, holds, nothing_reached_the_walled, somebody
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.record import Note
from weerklank.cases.walls import Sight, shown_on_purpose, sight
from weerklank.policy.assignment import choosable
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.model import RoleKind
from weerklank.policy.offers import offers
from weerklank.policy.people import People, Person
from weerklank.policy.roles import ON_PURPOSE, found, is_walled
from weerklank.policy.world import World


def any_organisation(world: World, chance: random.Random) -> World:
    """The policy's world with other people in it."""
    names = [somebody(f"person{number}") for number in range(chance.randint(3, 12))]
    persons = {}
    for number, name in enumerate(names):
        manager = chance.choice([*names[:number], None]) if number else None
        team = chance.choice([None, "north", "south"])
        coordinator = chance.choice([*names, None])
        persons[name] = Person(name, manager, coordinator, team, external=chance.random() < 0.2)
    posts = {
        name: tuple(chance.sample(names, chance.choice([0, 1, 1, 1, min(role.seats, len(names))])))
        for name, role in world.policy.roles.items()
        if role.kind is RoleKind.POST
    }
    away = frozenset(chance.sample(names, chance.randint(0, len(names) // 3)))
    return replace(world, people=People(persons, posts, away))


def nobody_walled_off_has_more_than_he_was_given(walk: Walk) -> None:
    for person in sorted(walk.world.people.persons):
        if is_walled(walk.case, person):
            has_only_what_he_was_given(walk, person)


def has_only_what_he_was_given(walk: Walk, person: UUID) -> None:
    world, case, index = walk.world, walk.case, walk.index
    assert index is not None
    assert person not in case.handlers or case.is_closed
    assert person not in index.parties
    assert person not in choosable(world, case).free
    assert all(given_to_him(walk, offer.step, person) for offer in offers(world, case, Actor(ActorKind.PERSON, person)))
    seen = sight(world, case, world.policy, person)
    assert seen is (Sight.GLIMPSE if shown_on_purpose(world, case, person) else Sight.NONE)
    assert not walk.act(Note("Even kijken."), Actor(ActorKind.PERSON, person))
    for notice in index.notices:
        assert person not in notice.people or given_to_him(walk, notice.about, person) or notice.about not in case.open


def given_to_him(walk: Walk, step: str, person: UUID) -> bool:
    """Whether the policy gives this step to him although he is involved."""
    rules = walk.world.policy.steps.get(step)
    roles = (rules.by, *rules.also_by, *rules.signed_by) if rules else ()
    on_purpose = (role for role in roles if walk.world.policy.roles[role].kind in ON_PURPOSE)
    return any(person in found(walk.world, walk.case, role) for role in on_purpose)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@settings(max_examples=40 * LONGER, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9))
def test_it_walls_off_who_is_involved_in_any_organisation(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    walk = Walk(any_organisation(WORLDS[path], chance), chance)
    walk.receive()
    for _ in range(15):
        if chance.random() < 0.3:
            relation = chance.choice(["respondent", "involved"])
            walk.act(Involve(walk.anybody(), relation, "Blijkt."), walk.insider())
        walk.step()
        holds(walk)
        nobody_walled_off_has_more_than_he_was_given(walk)
    nothing_reached_the_walled(walk)

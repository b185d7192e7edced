"""Anything at all, by anybody, at any moment: it is done or refused with its rule in both languages, and never breaks.

`make fuzz` does twenty thousand and more; every test run a short form of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cases.walking import LONGER, POLICIES, WORLDS, Walk, holds, nothing_reached_the_walled, somebody
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import AddFile, AddInformation, Note, Record
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.decide import decide
from weerklank.deadlines import Duration
from weerklank.policy.events import COMPLAINANT, PLATFORM, Actor, ActorKind
from weerklank.policy.model import Does, FactType
from weerklank.policy.offers import Offer, offers
from weerklank.policy.refusals import Refusal

ACTS_A_CASE = 60
CASES = 56 * LONGER  # of each of six procedures: 20,160 acts
DAYS = [date(1899, 12, 31), date(1900, 1, 1), date(2026, 2, 28), date(2026, 12, 24), date(2199, 12, 31), date.max]
WORDS = ["", " ", "Iets in woorden", "\0", "x" * 25_000, "<b>{reference}</b>", "{", "\u202e"]
DURATIONS = ["0 days", "1 days", "2 weeks", "99999 hours", "4 weeks", "10 working_days", "100 years"]


class Anything:
    """Acts with parts that fit, nearly fit, or do not fit at all."""

    def __init__(self, walk: Walk) -> None:
        self.walk, self.chance, self.policy = walk, walk.chance, walk.world.policy

    def next(self) -> tuple[Action, Actor]:
        """As often as not something on offer by who may do it, so that cases get far; else anything by anybody."""
        busy = [(who, offer) for who in self.walk.actors() for offer in offers(self.walk.world, self.walk.case, who)]
        if busy and self.chance.random() < 0.5:
            who, offer = self.chance.choice(busy)
            return self.offered(offer), who
        make: Callable[[], Action] = self.chance.choice(self.verbs())
        return make(), self.actor()

    def verbs(self) -> list[Callable[[], Action]]:
        one = self.chance
        return [
            lambda: Complete(
                self.of(self.policy.steps), self.outcome(), self.facts(), self.texts(), self.words(), self.day(),
                one.choice([(), (self.person(),), (self.person(), self.person())]), self.words(),
            ),
            lambda: Sign(self.of(self.policy.steps)),
            lambda: Record(self.facts(), self.texts()),
            lambda: Note(self.words()),
            lambda: AddFile(somebody(str(one.random())), self.words()),
            lambda: AddInformation(self.words()),
            lambda: Ask(self.words()),
            lambda: TakeAnswer(self.words()),
            lambda: Extend(self.of(self.policy.terms), Duration.parse(one.choice(DURATIONS)), self.words()),
            lambda: Agree(self.of(self.policy.terms), self.day() or date(2026, 6, 1), self.words()),
            lambda: Involve(self.person(), one.choice(["respondent", "involved", "friend", ""]), self.words()),
            lambda: Release(self.person(), self.words()),
            lambda: PlanMeasure(self.measure(), self.person(), self.day() or date(2026, 6, 1), self.words()),
            lambda: MoveMeasure(self.measure(), self.day() or date(2026, 6, 1), self.words()),
            lambda: CarryOutMeasure(self.measure(), self.words()),
            lambda: VerifyMeasure(self.measure()),
            lambda: Withdraw(self.words(), self.day()) if one.random() < 0.05 else Note("Gebeld."),
            lambda: Tick(self.of(self.policy.terms)),
        ]  # fmt: skip

    def offered(self, offer: Offer) -> Action:
        """An open step with one of its ways to end; now and then something is missing or odd."""
        walk, one = self.walk, self.chance
        if offer.does is Does.SIGN and one.random() < 0.7:
            return Sign(offer.step)
        way = one.choice(offer.ways)
        names = (*offer.asks, *offer.offers, *way.asks)
        facts = dict(walk.some_facts(names, lacking=0.05))
        texts = {n: self.words() for n in names if self.policy.facts[n].type in (FactType.TEXT, FactType.STORY)}
        return Complete(offer.step, way.outcome, facts, texts, "Geachte,", None, (self.person(),), self.words())

    def actor(self) -> Actor:
        """Mostly somebody with a part in the case."""
        assert self.walk.index is not None
        stranger = Actor(ActorKind.PERSON, somebody("stranger"))
        insiders = [Actor(ActorKind.PERSON, person) for person in sorted(self.walk.index.parties)]
        return self.chance.choice([*insiders, *insiders, *self.walk.actors(), COMPLAINANT, PLATFORM, stranger])

    def of(self, names: Any) -> str:
        return self.chance.choice([*names, "nonsense", ""])

    def outcome(self) -> str:
        every = [name for step in self.policy.steps.values() for name in step.outcomes]
        return self.chance.choice(["done", *every, "nonsense"])

    def facts(self) -> dict[str, Any]:
        odd: list[Any] = [True, False, 0, -1, 10**12, "nonsense", (), ("nonsense",), self.person(), *DAYS, 1.5]
        names = self.chance.sample([*self.policy.facts, "nonsense"], min(2, len(self.policy.facts)))
        fit = self.chance.random() < 0.6
        return {n: self.walk.value_of(n) if fit and n != "nonsense" else self.chance.choice(odd) for n in names}

    def texts(self) -> dict[str, str]:
        names = self.chance.sample([*self.policy.facts, "nonsense"], min(2, len(self.policy.facts)))
        return {name: self.words() for name in names}

    def words(self) -> str:
        return self.chance.choice(WORDS) if self.chance.random() < 0.15 else "Iets in woorden"

    def day(self) -> date | None:
        near = self.walk.now.date() + timedelta(days=self.chance.randint(-30, 60))
        return self.chance.choice([None, near, near, self.chance.choice(DAYS)])

    def person(self) -> UUID:
        return self.chance.choice([*sorted(self.walk.world.people.persons), somebody("stranger")])

    def measure(self) -> UUID:
        return self.chance.choice([*self.walk.case.measures, somebody(str(self.chance.randint(0, 3)))])


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("seed", range(0, CASES, 7))
def test_it_does_or_refuses_anything_and_never_breaks(path: Path, seed: int) -> None:
    for one in range(seed, seed + 7):
        wander(Walk(WORLDS[path], random.Random(one)))


def wander(walk: Walk) -> None:
    walk.receive()
    anything = Anything(walk)
    for _ in range(ACTS_A_CASE):
        walk.now += timedelta(hours=walk.chance.choice([0, 1, 5, 24, 24 * 5]))
        before, events = walk.case, len(walk.events)
        if not walk.act(*anything.next()):
            assert walk.case is before
            assert len(walk.events) == events
    holds(walk)
    nothing_reached_the_walled(walk)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.parent.name)
def test_it_gives_the_rule_with_every_refusal(path: Path) -> None:
    walk = Walk(WORLDS[path], random.Random(1))
    walk.receive()
    anything = Anything(walk)
    refused = [decide(walk.world, walk.case, *anything.next(), datetime(2026, 4, 1, tzinfo=UTC)) for _ in range(200)]
    refusals = [one for one in refused if isinstance(one, Refusal)]
    assert len(refusals) > 50
    for one in refusals:
        assert one.rule
        assert one.text("nl") != one.text("en") or one.said

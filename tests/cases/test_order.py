"""Order does not matter: pauses, holidays, extensions, reassignment and withdrawal at random moments, in any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.cases.walking import LONGER, POLICIES, WORLDS, Walk, holds, nothing_reached_the_walled
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.record import Note
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.deadlines import Duration
from weerklank.policy.case import replay
from weerklank.policy.clocks import Clock
from weerklank.policy.consequences import consequences
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.policy.offers import extendable, offers

PICK = st.integers(0, 10_000)
HOURS = st.sampled_from([1, 20, 24, 24 * 3, 24 * 7, 24 * 40])
LONGER_BY = st.sampled_from(["1 week", "2 weeks", "4 weeks", "3 working_days", "10 days"])


class Life(RuleBasedStateMachine):
    """One case; what is stored of its terms is written as the rows are: only what moved, after every act."""

    @initialize(path=st.sampled_from(POLICIES), seed=st.integers(0, 10_000))
    def receive(self, path: Path, seed: int) -> None:
        self.walk = Walk(WORLDS[path], random.Random(seed))
        self.walk.receive()
        self.stored: dict[str, Clock] = {}
        self.store()

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        self.walk.now += timedelta(hours=hours)
        self.walk.tick()

    @rule(pick=PICK)
    def a_step_is_done(self, pick: int) -> None:
        walk = self.walk
        busy = [(actor, offer) for actor in walk.actors() for offer in offers(walk.world, walk.case, actor)]
        if busy:
            walk.do(*busy[pick % len(busy)])

    @rule(pick=PICK, longer=LONGER_BY)
    def a_term_is_extended(self, pick: int, longer: str) -> None:
        self.walk.act(*self.extension(pick, longer))

    @rule(pick=PICK, days=st.integers(1, 60))
    def a_later_day_is_agreed(self, pick: int, days: int) -> None:
        terms = tuple(self.walk.world.policy.terms)
        until = self.walk.now.date() + timedelta(days=days)
        self.walk.act(Agree(terms[pick % len(terms)], until, "Zo afgesproken."), self.somebody(pick))

    @rule(pick=PICK)
    def the_complainant_is_asked(self, pick: int) -> None:
        self.walk.act(Ask("Stuur de brief nog."), self.somebody(pick))

    @rule(pick=PICK)
    def the_answer_comes_in(self, pick: int) -> None:
        self.walk.act(TakeAnswer(), self.somebody(pick))

    @rule(pick=PICK, relation=st.sampled_from(["respondent", "involved"]))
    def somebody_is_involved(self, pick: int, relation: str) -> None:
        self.walk.act(Involve(self.person(pick), relation, "Blijkt."), self.somebody(pick // 7))

    @rule(pick=PICK)
    def somebody_was_not_involved(self, pick: int) -> None:
        self.walk.act(Release(self.person(pick), "Vergissing."), self.somebody(pick // 7))

    @rule(pick=PICK)
    def somebody_goes_away_or_comes_back(self, pick: int) -> None:
        people = self.walk.world.people
        away = replace(people, absent=people.absent ^ {self.person(pick)})
        self.walk.world = replace(self.walk.world, people=away)
        self.walk.index = consequences(self.walk.world, self.walk.case, ())

    @rule()
    def a_measure_goes_on(self) -> None:
        self.walk.measure()

    @rule(pick=st.integers(0, 9))
    def it_is_withdrawn(self, pick: int) -> None:
        if pick == 0:
            self.walk.act(Withdraw("Het hoeft niet meer."), COMPLAINANT)

    @rule(pick=PICK, longer=LONGER_BY)
    def two_things_happen_at_once(self, pick: int, longer: str) -> None:
        """Whichever of the two is entered first, every term ends on the same day."""
        acts: Sequence[tuple[Action, Actor]] = [
            self.extension(pick, longer),
            (Ask("Stuur de brief nog."), self.somebody(pick)),
            (Note("Gebeld."), self.somebody(pick)),
        ]
        one, other = acts[pick % 3], acts[(pick + 1) % 3]
        first, second = self.copied(), self.copied()
        done = {first.act(*one), first.act(*other), second.act(*other), second.act(*one)}
        if done == {True}:
            assert ends(first) == ends(second)
            self.walk = first

    @invariant()
    def the_rules_of_the_house_hold(self) -> None:
        holds(self.walk)

    @invariant()
    def what_is_stored_is_what_would_be_computed(self) -> None:
        self.store()
        walk = self.walk
        anew = consequences(walk.world, replay(walk.case.id, walk.events), ()).clocks
        assert list(self.stored.values()) == sorted(anew, key=lambda clock: list(self.stored).index(clock.term))

    def store(self) -> None:
        assert self.walk.index is not None
        now = {clock.term: clock for clock in self.walk.index.clocks}
        kept = {term: clock for term, clock in self.stored.items() if term in now}
        moved = {term: clock for term, clock in now.items() if kept.get(term) != clock}
        self.stored = {**kept, **moved}

    def teardown(self) -> None:
        if hasattr(self, "walk"):
            nothing_reached_the_walled(self.walk)

    def extension(self, pick: int, longer: str) -> tuple[Action, Actor]:
        """An extension somebody may give, if anybody may; else one that is refused."""
        walk = self.walk
        everybody = sorted(walk.world.people.persons)
        able = [(term, who) for who in everybody for term in extendable(walk.world, walk.case, who)]
        term, who = able[pick % len(able)] if able else ("nonsense", self.person(pick))
        return Extend(term, Duration.parse(longer), "Het vraagt tijd."), Actor(ActorKind.PERSON, who)

    def copied(self) -> Walk:
        walk = copy(self.walk)
        walk.events = list(self.walk.events)
        return walk

    def person(self, pick: int) -> UUID:
        everybody = sorted(self.walk.world.people.persons)
        return everybody[pick % len(everybody)]

    def somebody(self, pick: int) -> Actor:
        """Mostly somebody with a part in the case."""
        assert self.walk.index is not None
        people = sorted(self.walk.index.parties) or sorted(self.walk.world.people.persons)
        return Actor(ActorKind.PERSON, people[pick % len(people)])


def ends(walk: Walk) -> list[tuple[object, ...]]:
    assert walk.index is not None
    return [(clock.term, clock.due.due, clock.due.due_at, clock.state) for clock in walk.index.clocks]


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=60 * LONGER, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

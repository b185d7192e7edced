"""A case that wanders through a procedure by chance, and what must be true of any case at any time.

A walk does only what is on offer, by whoever may do it, with facts of the right sort, in any order, at growing times.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.cases.actions.measures import CarryOutMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.receive import Receive
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.decide import decide
from weerklank.policy.case import Case, Value, apply, replay
from weerklank.policy.clocks import ClockState
from weerklank.policy.consequences import Index, consequences
from weerklank.policy.events import COMPLAINANT, PLATFORM, Actor, ActorKind, Event, Kind
from weerklank.policy.model import ChannelState, Does, FactType, RoleKind
from weerklank.policy.offers import Offer, offers
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import ON_PURPOSE, is_walled
from weerklank.policy.world import World

SMALL = Path("tests/policy/examples/small.yaml")
POLICIES = [SMALL, *sorted(Path("tenants").glob("[a-z]*/policy.yaml"))]
LONGER = int(os.environ.get("FUZZ", "1"))  # `make fuzz` asks for more of everything
START = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
NAMES = UUID("00000000-0000-4000-8000-000000000001")


def somebody(name: str) -> UUID:
    return uuid5(NAMES, name)


def world_of(path: Path) -> World:
    """Two people for every post, three employees under two managers, all in the chart."""
    policy = load_version(path.read_text("utf-8"))
    persons: dict[UUID, Person] = {}
    boss = somebody("boss")
    persons[boss] = Person(boss)
    for number, name in enumerate(("first", "second", "third", "fourth")):
        manager = somebody(f"manager{number % 2}")
        persons[manager] = Person(manager, manager=boss)
        persons[somebody(name)] = Person(somebody(name), manager=manager, coordinator=boss, team=f"team{number % 2}")
    posts: dict[str, tuple[UUID, ...]] = {}
    for name, role in policy.roles.items():
        if role.kind is RoleKind.POST:
            holders = [somebody(f"{name}{number}") for number in range(min(2, role.seats))]
            persons |= {each: Person(each, manager=boss, external=bool(role.external)) for each in holders}
            posts[name] = tuple(holders)
    return World.of(policy, People(persons, posts))


@dataclass
class Walk:
    """A case that wanders."""

    world: World
    chance: random.Random
    now: datetime = START
    case: Case = field(default_factory=lambda: Case(id=somebody("case")))
    events: list[Event] = field(default_factory=list)
    index: Index | None = None

    def act(self, action: Action, actor: Actor) -> bool:
        outcome = decide(self.world, self.case, action, actor, self.now)
        if isinstance(outcome, Refusal):
            assert outcome.text("nl")
            assert outcome.text("en")
            return False
        self.case, new = outcome
        self.events += new
        self.index = consequences(self.world, self.case, new)
        return True

    def receive(self) -> None:
        policy = self.world.policy
        open_channels = [name for name, each in policy.channels.items() if each.state is ChannelState.OPEN]
        facts = dict(self.some_facts(policy.facts, lacking=0.4))
        texts = {name: "Iets in woorden" for name, fact in policy.facts.items() if fact.type in (FactType.TEXT,)}
        contact = {"name": "Anna", "email": "anna@voorbeeld.example", "address": "Dorpsstraat 1", "phone": "06"}
        receiver = self.anybody()
        action = Receive(
            self.chance.choice(open_channels), START, contact, "Het ging mis.", receiver, facts=facts, texts=texts
        )
        assert self.act(action, Actor(ActorKind.PERSON, receiver))

    def some_facts(self, names: object, lacking: float = 0.0) -> Iterator[tuple[str, Value]]:
        for name in names:  # type: ignore[attr-defined]  # names of facts, in a mapping or a tuple
            value = self.value_of(name)
            if value is not None and self.chance.random() >= lacking:
                yield name, value

    def value_of(self, name: str) -> Value | None:
        fact = self.world.policy.facts[name]
        match fact.type:
            case FactType.CHOICE:
                return self.chance.choice(list(fact.options))
            case FactType.CHOICES:
                return tuple(self.chance.sample(list(fact.options), self.chance.randint(1, len(fact.options))))
            case FactType.DAY:
                return self.now.date() + timedelta(days=self.chance.randint(-400, 60))
            case FactType.YES_NO:
                return self.chance.random() < 0.5
            case FactType.NUMBER:
                return self.chance.randint(0, 9)
            case FactType.PERSON:
                return self.anybody()
        return None

    def anybody(self) -> UUID:
        return self.chance.choice(sorted(self.world.people.persons))

    def actors(self) -> list[Actor]:
        return [COMPLAINANT, *(Actor(ActorKind.PERSON, person) for person in sorted(self.world.people.persons))]

    def step(self) -> None:
        """One thing somebody does, or time that passes."""
        self.now += timedelta(hours=self.chance.choice([1, 20, 24, 24 * 7]))
        self.tick()
        busy = [(actor, offer) for actor in self.actors() for offer in offers(self.world, self.case, actor)]
        chosen = self.chance.random()
        if chosen < 0.04 and self.index:
            self.act(Involve(self.anybody(), self.chance.choice(["involved", "respondent"]), "Blijkt."), self.insider())
        elif chosen < 0.12:
            self.measure()
        elif chosen < 0.13:
            self.act(Withdraw("Het hoeft niet meer."), COMPLAINANT)
        elif busy:
            self.do(*self.chance.choice(busy))

    def insider(self) -> Actor:
        assert self.index is not None
        people = sorted(self.index.parties) or [self.anybody()]
        return Actor(ActorKind.PERSON, self.chance.choice(people))

    def measure(self) -> None:
        measures = list(self.case.measures.values())
        if not measures or self.chance.random() < 0.3:
            day = self.now.date() + timedelta(days=self.chance.randint(1, 90))
            self.act(PlanMeasure(somebody(str(len(measures))), self.anybody(), day, "Iets doen"), self.insider())
            return
        measure = self.chance.choice(measures)
        self.act(CarryOutMeasure(measure.id, "Gezien"), Actor(ActorKind.PERSON, measure.owner))
        self.act(VerifyMeasure(measure.id), self.insider())

    def do(self, actor: Actor, offer: Offer) -> None:
        if offer.does is Does.SIGN and self.chance.random() < 0.7:
            self.act(Sign(offer.step), actor)
            return
        way = self.chance.choice(offer.ways)
        names = (*offer.asks, *offer.offers, *way.asks)
        texts = {n: "In woorden" for n in names if self.world.policy.facts[n].type in (FactType.TEXT, FactType.STORY)}
        persons = (self.anybody(),) if self.chance.random() < 0.7 else ()
        facts = dict(self.some_facts(names))
        self.act(Complete(offer.step, way.outcome, facts, texts, "Geachte,", None, persons, "Daarom."), actor)

    def tick(self) -> None:
        assert self.index is not None
        for clock in self.index.clocks:
            if clock.next_at and clock.next_at <= self.now:
                assert self.act(Tick(clock.term), PLATFORM)


WORLDS = {path: world_of(path) for path in POLICIES}


def holds(walk: Walk) -> None:
    """What must be true of any case at any time."""
    case, index, policy = walk.case, walk.index, walk.world.policy
    assert index is not None
    assert replay(case.id, walk.events) == case
    assert case.is_closed or not any(is_walled(case, person) for person in case.handlers)
    assert not index.parties & index.walled
    for task in index.tasks:
        meant_for_him = any(policy.roles[role].kind in ON_PURPOSE for role in task.roles)
        assert meant_for_him or not any(is_walled(case, person) for person in task.people)
    if case.is_closed:
        assert all(policy.steps[name].survives for name in case.open if name not in opened_after_closing(walk))
        running = [clock.term for clock in index.clocks if clock.state is ClockState.RUNNING]
        assert all(policy.terms[term].survives for term in running)
    else:
        assert case.open or "unassignable" in {event.kind for event in walk.events}, (
            "an open case without anything to do"
        )


def opened_after_closing(walk: Walk) -> set[str]:
    """Steps that the policy opens with or after closing, such as archiving."""
    closing = next(n for n, event in enumerate(walk.events) if "closed" in event.moments)
    return {event.open["step"] for event in walk.events[closing:] if event.kind is Kind.STEP_OPENED}


def nothing_reached_the_walled(walk: Walk) -> None:
    """No message went to somebody after he was walled off, unless the policy names his own part."""
    case, policy = Case(id=walk.case.id), walk.world.policy
    for event in walk.events:
        case = apply(case, event)
        for to in event.open["to"] if event.kind is Kind.SENT else ():
            on_purpose = policy.roles[to["role"]].kind in ON_PURPOSE
            assert on_purpose or to["person"] is None or not is_walled(case, UUID(to["person"]))

"""A recorded case played again under another policy: what people and the complainant did, at their instants.

Made from the open parts of its events alone, so without any key: words that were written stand as three points. What
followed by itself is left out and follows anew, terms that pass included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.hand_over import HandOver
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import AddInformation, Record
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.decide import decide
from weerklank.deadlines import Duration
from weerklank.policy.case import Case, Value, decode
from weerklank.policy.clocks import clocks
from weerklank.policy.events import PLATFORM, Actor, ActorKind, Event, Kind
from weerklank.policy.follow import follow
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

WORDS = "..."
MOST_TICKS = 200
FIRST = (Kind.RECEIVED, Kind.FACTS_RECORDED)


@dataclass(frozen=True)
class Act:
    """Something somebody did, at its instant; `called` names it for people."""

    at: datetime
    actor: Actor
    action: Action
    called: str


@dataclass(frozen=True)
class Played:
    """The case as it stands at the end, its events, and what was refused on the way (`what: rule`)."""

    case: Case
    events: tuple[Event, ...]
    refused: tuple[str, ...]


def play(world: World, recorded: Sequence[Event], until: datetime, case_id: UUID) -> Played:
    """Play a recorded case under the policy of `world`, its terms running until an instant."""
    case, events = follow(world, Case(id=case_id), beginning(world, recorded))
    every, refused = list(events), list[str]()
    for act in acts(world, recorded):
        case = pass_time(world, case, act.at, every)
        outcome = decide(world, case, act.action, act.actor, act.at)
        if isinstance(outcome, Refusal) and isinstance(act.action, Complete) and act.action.persons:
            # Whoever was given the case then is not who these rules look for: they find somebody themselves.
            outcome = decide(world, case, replace(act.action, persons=()), act.actor, act.at)
        if isinstance(outcome, Refusal):
            refused.append(f"{act.called}: {outcome.rule}")
        else:
            case = outcome[0]
            every += outcome[1]
    case = pass_time(world, case, until, every)
    return Played(case, tuple(every), tuple(refused))


def beginning(world: World, recorded: Sequence[Event]) -> list[Event]:
    """The receipt and what came along with it; facts that this policy does not know are left out."""
    first = recorded[0]
    along = [event for event in recorded[1:] if event.kind is Kind.FACTS_RECORDED and event.at == first.at]
    return [first, *(known(world, event) for event in along if event.actor.kind is not ActorKind.PLATFORM)]


def known(world: World, event: Event) -> Event:
    facts = {name: value for name, value in event.open.get("facts", {}).items() if name in world.policy.facts}
    filled = [name for name in event.open.get("filled", ()) if name in world.policy.facts]
    return Event(event.kind, event.at, event.actor, {"facts": facts, "filled": filled, "named": []})


def pass_time(world: World, case: Case, until: datetime, every: list[Event]) -> Case:
    """Do what falls due before this instant, in the order in which it does."""
    for _ in range(MOST_TICKS):
        due = [(clock.next_at, clock.term) for clock in clocks(world, case) if clock.next_at and clock.next_at <= until]
        if not due:
            return case
        at, term = min(due)
        outcome = decide(world, case, Tick(term), PLATFORM, at)
        if isinstance(outcome, Refusal) or not outcome[1]:
            return case
        case = outcome[0]
        every += outcome[1]
    return case


def acts(world: World, recorded: Sequence[Event]) -> Iterator[Act]:
    """What was done after receipt, each act from the event that shows it and the facts given along with it."""
    given: dict[str, Value] = {}
    texts: dict[str, str] = {}
    for number, event in enumerate(recorded[1:], 1):
        if event.actor.kind is ActorKind.PLATFORM:
            continue
        if event.kind is Kind.FACTS_RECORDED:
            if event.at == recorded[0].at:
                continue
            facts, words = values(world, event)
            if goes_with_a_step(recorded[number + 1 :], event):
                given.update(facts)
                texts.update(words)
            elif facts or words:
                yield Act(event.at, event.actor, Record(facts, words), "facts")
        elif event.kind is Kind.STEP_DONE:
            yield Act(event.at, event.actor, completed(recorded, event, given, texts), f"steps.{event.open['step']}")
            given, texts = {}, {}
        elif event.kind in MADE:
            yield Act(event.at, event.actor, MADE[event.kind](event.open), str(event.kind))


def values(world: World, event: Event) -> tuple[dict[str, Value], dict[str, str]]:
    """The facts of an event that this policy knows, coded and in words."""
    names = world.policy.facts
    facts = {name: decode(value) for name, value in event.open.get("facts", {}).items() if name in names}
    return facts, {name: WORDS for name in event.open.get("filled", ()) if name in names}


def goes_with_a_step(later: Iterable[Event], event: Event) -> bool:
    """Whether these facts were given with a step: the same person did one at that very instant."""
    same = (one for one in later if one.at == event.at and one.actor == event.actor)
    return any(one.kind is Kind.STEP_DONE for one in same)


def completed(recorded: Sequence[Event], event: Event, facts: Mapping[str, Value], texts: Mapping[str, str]) -> Action:
    """Doing a step again as it was done; who was chosen to handle is chosen again."""
    data = event.open
    chosen = [
        UUID(person)
        for one in recorded
        if one.kind is Kind.ASSIGNED and one.at == event.at and one.actor == event.actor
        for person in one.open["handlers"]
    ]
    day = date.fromisoformat(data["at"][:10]) if data.get("at") else None
    if any(one.kind is Kind.SIGNED and one.at == event.at and one.open["step"] == data["step"] for one in recorded):
        return Sign(data["step"])
    return Complete(
        data["step"], data["outcome"], dict(facts), dict(texts), text=WORDS, on=day, persons=tuple(chosen), reason=WORDS
    )


MADE: Mapping[Kind, Callable[[Mapping[str, Any]], Action]] = {
    Kind.PERSON_INVOLVED: lambda data: Involve(UUID(data["person"]), data["relation"], WORDS),
    Kind.INVOLVEMENT_ENDED: lambda data: Release(UUID(data["person"]), WORDS),
    Kind.HANDED_OVER: lambda data: HandOver(UUID(data["handlers"][0]), WORDS, WORDS),
    Kind.COMPLETION_ASKED: lambda data: Ask(WORDS),
    Kind.COMPLETED: lambda data: TakeAnswer(WORDS),
    Kind.INFORMATION_ADDED: lambda data: AddInformation(WORDS),
    Kind.EXTENDED: lambda data: Extend(data["term"], Duration.parse(data["by"]), WORDS),
    Kind.AGREED: lambda data: Agree(data["term"], date.fromisoformat(data["until"]), WORDS),
    Kind.MEASURE_PLANNED: lambda data: PlanMeasure(
        UUID(data["measure"]), UUID(data["owner"]), date.fromisoformat(data["day"]), WORDS
    ),
    Kind.MEASURE_MOVED: lambda data: MoveMeasure(UUID(data["measure"]), date.fromisoformat(data["day"]), WORDS),
    Kind.MEASURE_CARRIED_OUT: lambda data: CarryOutMeasure(UUID(data["measure"]), WORDS),
    Kind.MEASURE_VERIFIED: lambda data: VerifyMeasure(UUID(data["measure"])),
    Kind.WITHDRAWN: lambda data: Withdraw(WORDS),
    Kind.SIGNED: lambda data: Sign(data["step"]),
}

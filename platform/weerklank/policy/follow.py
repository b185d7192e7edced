"""What follows by itself from an event: steps open, people are walled off, messages go, the case is assigned anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from weerklank.policy.assignment import Choice, find_handler, still_may_handle
from weerklank.policy.case import Case, apply, encode
from weerklank.policy.conditions import holds
from weerklank.policy.events import PLATFORM, Actor, Event, Kind
from weerklank.policy.facts import preset_value
from weerklank.policy.measures import state_of_measures
from weerklank.policy.model import Does, Involvement
from weerklank.policy.post import send, sent_by_itself
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import found
from weerklank.policy.world import World

MOST_EVENTS = 300


class EndlessProcedure(Exception):
    """A policy whose steps keep opening each other without anybody acting."""


def follow(world: World, case: Case, first: Iterable[Event]) -> tuple[Case, tuple[Event, ...]]:
    """The case after these events and all that follows from them by itself, with all those events in order.

    In rounds: what happened together is applied together before anything reacts, so that what opens at receipt
    already sees the facts that came along; and the walls they raise stand before anybody is found or written to.
    A step that is open is not opened again, and what follows from two events of a round follows once.
    """
    waiting, all_events = list(first), list[Event]()
    while waiting:
        happened = []
        for event in waiting:
            if not _opens_open_step(case, event):
                case = apply(case, event)
                happened.append(event)
        case, filled = filled_in(world, case, waiting[0].at if waiting else None)
        happened += filled
        case, raised = walled_off(world, case, happened)
        happened += raised
        all_events.extend(happened)
        if len(all_events) > MOST_EVENTS:
            raise EndlessProcedure(world.policy.procedure.prefix)
        waiting = list[Event]()
        for event in happened:
            waiting += [reaction for reaction in reactions(world, case, event) if reaction not in waiting]
    return case, tuple(all_events)


def _opens_open_step(case: Case, event: Event) -> bool:
    return event.kind is Kind.STEP_OPENED and event.open["step"] in case.open


def filled_in(world: World, case: Case, now: datetime | None) -> tuple[Case, list[Event]]:
    """The case with what the policy fills in by itself, one fact after the other, and the events of it."""
    raised = list[Event]()
    for name, fact in world.policy.facts.items():
        chosen = next((one for one in fact.preset if holds(world, case, one.when)), None)
        if now and chosen and not case.is_known(name) and holds(world, case, fact.when):
            data = {"facts": {name: encode(preset_value(fact, chosen))}, "preset": list(chosen.source or fact.source)}
            raised.append(Event(Kind.FACTS_RECORDED, now, PLATFORM, data))
            case = apply(case, raised[-1])
    return case, raised


def reactions(world: World, case: Case, event: Event) -> Iterator[Event]:
    """What one event brings about. The case is the one after the event."""
    now, moments = event.at, _raised(event)
    yield from _reassignment(world, case, event, now)
    yield from _open_by_moment(world, case, moments, now)
    yield from _messages(world, case, moments, now)
    yield from _measures_settled(world, case, event, now)


def walled_off(world: World, case: Case, happened: Iterable[Event]) -> tuple[Case, list[Event]]:
    """The case with everybody walled off whom these events (applied already) show to be involved, and the events."""
    raised = list[Event]()
    for event in happened:
        for entry in world.policy.involvement if event.kind in (Kind.RECEIVED, Kind.FACTS_RECORDED) else ():
            walls = list(_walls(world, case, entry, event.at))
            raised += walls
            for wall in walls:
                case = apply(case, wall)
    return case, raised


def _walls(world: World, case: Case, entry: Involvement, now: datetime) -> Iterator[Event]:
    if holds(world, case, entry.when):
        for person in found(world, case, entry.person):
            if entry.is_ not in case.involved.get(person, frozenset()):
                data = {"person": str(person), "relation": entry.is_, "rule": list(entry.source)}
                yield Event(Kind.PERSON_INVOLVED, now, PLATFORM, data)


def _raised(event: Event) -> tuple[str, ...]:
    return (*event.moments, "registered") if event.kind is Kind.RECEIVED else event.moments


def _reassignment(world: World, case: Case, event: Event, now: datetime) -> Iterator[Event]:
    if event.kind is not Kind.PERSON_INVOLVED or not case.handlers or case.is_closed:
        return
    if still_may_handle(world, case):
        return
    choice = find_handler(world, case)
    yield assigned(choice, now) if isinstance(choice, Choice) else unassignable(choice, now)
    if isinstance(choice, Refusal):
        yield from (opened(world, name, now) for name in _assign_steps(world) if name not in case.open)


def assigned(choice: Choice, now: datetime, *, actor: Actor = PLATFORM, reason: str = "") -> Event:
    """The event that these people handle the case, with the rule that found them."""
    data = {
        "handlers": [str(person) for person in choice.handlers],
        "role": choice.role,
        "rule": choice.rule,
        "passed": list(choice.passed),
        "overruled": [str(person) for person in choice.overruled],
    }
    return Event(Kind.ASSIGNED, now, actor, data, {"reason": reason} if reason else None)


def unassignable(refusal: Refusal, now: datetime) -> Event:
    """The event that nobody may handle: loud, never silent."""
    return Event(Kind.UNASSIGNABLE, now, PLATFORM, {"rule": refusal.rule, "source": list(refusal.source)})


def _assign_steps(world: World) -> tuple[str, ...]:
    return tuple(name for name, step in world.policy.steps.items() if step.does is Does.ASSIGN)


def _open_by_moment(world: World, case: Case, moments: tuple[str, ...], now: datetime) -> Iterator[Event]:
    for name, step in world.policy.steps.items():
        wanted = set(step.on) & set(moments)
        if wanted and name not in case.open and (not case.is_closed or step.survives) and holds(world, case, step.when):
            yield opened(world, name, now)


def opened(world: World, name: str, now: datetime) -> Event:
    """The event that a step opens, moving the case to the step's phase if it has one."""
    phase = world.policy.steps[name].phase
    return Event(Kind.STEP_OPENED, now, PLATFORM, {"step": name, **({"phase": phase.value} if phase else {})})


def _messages(world: World, case: Case, moments: tuple[str, ...], now: datetime) -> Iterator[Event]:
    for name in sent_by_itself(world, case, moments):
        event = send(world, case, name, PLATFORM, now)
        if event:
            yield event


def _measures_settled(world: World, case: Case, event: Event, now: datetime) -> Iterator[Event]:
    if event.kind not in (Kind.STEP_OPENED, Kind.MEASURE_VERIFIED) or "verified" not in state_of_measures(world, case):
        return
    for name in case.open:
        step = world.policy.steps[name]
        if step.does is Does.MEASURES:
            yield from done(world, name, "done", now, moments=("measures_verified",))


def done(
    world: World,
    name: str,
    outcome: str,
    now: datetime,
    *,
    by: Actor = PLATFORM,
    at: datetime | None = None,
    moments: Sequence[str] = (),
    term: str = "",
) -> Iterator[Event]:
    """The event that a step is done, and those that open what it leads to; `term`: done because that one passed."""
    step = world.policy.steps[name]
    ending = step.outcomes.get(outcome)
    data = {"step": name, "outcome": outcome, "moments": list(moments), **({"at": at.isoformat()} if at else {})}
    data |= {"term": term} if term else {}
    closes = {"phase": "closed"} if "closed" in moments else {}
    yield Event(Kind.STEP_DONE, now, by, {**data, **closes})
    for following in ending.then if ending else step.then:
        yield opened(world, following, now)


def lapses(world: World, case: Case, now: datetime, *, but: str = "") -> Iterator[Event]:
    """The events that open steps lapse because the case ends; those that survive closing stay."""
    for name in case.open:
        if name != but and not world.policy.steps[name].survives:
            yield Event(Kind.STEP_LAPSED, now, PLATFORM, {"step": name})

"""What follows by itself from an event: steps open, people are walled off, messages go, the case is assigned anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from weerklank.policy.assignment import Choice, appointed_anew, find_handler, still_may_handle
from weerklank.policy.case import Case, apply, decode, encode
from weerklank.policy.conditions import holds
from weerklank.policy.events import PLATFORM, Actor, Event, Kind
from weerklank.policy.facts import preset_value
from weerklank.policy.measures import state_of_measures
from weerklank.policy.model import Does, Involvement
from weerklank.policy.post import send, sent_by_itself, unsent
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import found, is_walled
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
            walls = list(_walls(world, case, entry, event))
            raised += walls
            for wall in walls:
                case = apply(case, wall)
    return case, raised


def _walls(world: World, case: Case, entry: Involvement, event: Event) -> Iterator[Event]:
    named = [decode(value) for value in event.open.get("facts", {}).values()]
    for person in found(world, case, entry.person) if holds(world, case, entry.when) else ():
        # Who was let off stays so, until something new names him.
        let_off = (person, entry.is_) in case.released and person not in named
        if entry.is_ not in case.involved.get(person, frozenset()) and not let_off:
            data = {"person": str(person), "relation": entry.is_, "rule": list(entry.source)}
            yield Event(Kind.PERSON_INVOLVED, event.at, PLATFORM, data)


def _raised(event: Event) -> tuple[str, ...]:
    return (*event.moments, "registered") if event.kind is Kind.RECEIVED else event.moments


def _reassignment(world: World, case: Case, event: Event, now: datetime) -> Iterator[Event]:
    if event.kind is not Kind.PERSON_INVOLVED or case.is_closed:
        return
    if case.handlers and not still_may_handle(world, case):
        yield from _chosen_anew(world, case, None, find_handler(world, case), now)
    for role, people in case.appointed.items():
        if any(is_walled(case, person) for person in people):
            yield from _chosen_anew(world, case, role, appointed_anew(world, case, role), now)


def _chosen_anew(world: World, case: Case, of: str | None, choice: Choice | Refusal, now: datetime) -> Iterator[Event]:
    """Who was found instead, or the alarm and the step by which somebody chooses."""
    if isinstance(choice, Choice):
        yield assigned(choice, now, of=of)
        return
    yield unassignable(choice, now, of=of)
    yield from (opened(world, name, now) for name in _assign_steps(world, of) if name not in case.open)


def assigned(
    choice: Choice, now: datetime, *, actor: Actor = PLATFORM, reason: str = "", of: str | None = None
) -> Event:
    """The event that these people handle the case, or are appointed (`of`), with the rule that found them."""
    people = [str(person) for person in choice.handlers]
    data: dict[str, object] = {
        "rule": choice.rule,
        "passed": list(choice.passed),
        "overruled": [str(person) for person in choice.overruled],
    }
    if of is None:
        data |= {"handlers": people, "role": choice.role}
        return Event(Kind.ASSIGNED, now, actor, data, {"reason": reason} if reason else None)
    data |= {"persons": people, "role": of, "found": choice.role}
    return Event(Kind.APPOINTED, now, actor, data, {"reason": reason} if reason else None)


def unassignable(refusal: Refusal, now: datetime, of: str | None = None) -> Event:
    """The event that nobody may handle, or be appointed (`of`): loud, never silent."""
    data: dict[str, object] = {"rule": refusal.rule, "source": list(refusal.source)}
    if of is None:
        return Event(Kind.UNASSIGNABLE, now, PLATFORM, data)
    return Event(Kind.UNAPPOINTABLE, now, PLATFORM, {**data, "role": of})


def _assign_steps(world: World, of: str | None) -> tuple[str, ...]:
    return tuple(name for name, step in world.policy.steps.items() if step.does is Does.ASSIGN and step.of == of)


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
        yield send(world, case, name, PLATFORM, now) or unsent(name, PLATFORM, now)


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

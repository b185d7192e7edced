"""Where a case stands for who complained: what is being done now, what is still to come, and by when. Pure.

What is open now is followed along the ordinary course of the policy (the first outcome that can lead on), as the
drawing on an organisation's first page does for a complaint that was not made yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from weerklank.policy.apart import complainant_in, facts_told, hidden_from
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, ClockState, clocks, last_day
from weerklank.policy.conditions import holds
from weerklank.policy.consequences import meets
from weerklank.policy.course import is_told
from weerklank.policy.model import Phase, Step, Strength
from weerklank.policy.parties import LODGERS
from weerklank.policy.world import World


class Change(StrEnum):
    """Why the day of a term is not the day that was told first, or why there is none now."""

    NONE = ""
    EXTENDED = "extended"
    AGREED = "agreed"
    STOOD_STILL = "stood_still"
    WAITS_FOR_YOU = "waits_for_you"
    STANDS_STILL = "stands_still"


@dataclass(frozen=True)
class Ahead:
    """Something now or to come: a step of the policy, or ("") only the running term that has to be met.

    `begun`: it is being done now. `yours`: the complainant's own turn; `role` does it. `clock` is the nearest running
    term that it meets, `change` what happened to its day. The day itself is `by`.
    """

    step: str
    begun: bool
    yours: bool
    role: str
    clock: Clock | None = None
    by: date | None = None
    change: Change = Change.NONE


def ahead(world: World, case: Case) -> tuple[Ahead, ...]:
    """What is being done and what comes, nearest day first for what is begun; after closing only what outlives it."""
    running = sorted(his_clocks(world, case), key=lambda clock: last_day(world, clock.due) or date.max)
    begun, coming = list(_begun(world, case)), list(_coming(world, case))
    whole = [_with_term(world, case, each, running) for each in (*begun, *coming)]
    held = {each.clock.term for each in whole if each.clock}
    bare = [_of_term(world, case, clock) for clock in running if clock.term not in held]
    now = sorted((each for each in whole if each.begun), key=lambda each: each.by or date.max)
    return (*now, *bare, *(each for each in whole if not each.begun))


def his_clocks(world: World, case: Case) -> Iterator[Clock]:
    """The terms that run or stand still; what the organisation set itself beside the procedure is its own."""
    for clock in clocks(world, case):
        waits = clock.state in (ClockState.RUNNING, ClockState.SUSPENDED)
        if waits and world.policy.terms[clock.term].strength is not Strength.HOUSE:
            yield clock


def _begun(world: World, case: Case) -> list[Ahead]:
    """The open steps that he has to know of; when there is none such, all that he may know of."""
    hidden = hidden_from(world, case, complainant_in(world)).steps
    known = [name for name in case.open if name not in hidden]
    told = [name for name in known if is_told(world, case, name)]
    return [_of_step(world, name, begun=True) for name in told or known]


def _coming(world: World, case: Case) -> Iterator[Ahead]:
    hidden = hidden_from(world, case, complainant_in(world)).steps
    names = list(case.open) if not case.is_closed else []
    for name in names:  # grows while it is walked
        names += [each for each in _leads_to(world, case, world.policy.steps[name]) if each not in names]
    for name in names[len(case.open) :]:
        if name not in hidden and is_told(world, case, name):
            yield _of_step(world, name, begun=False)


def _leads_to(world: World, case: Case, step: Step) -> tuple[str, ...]:
    """What follows when a step ends in the first of its ways that goes on and is on offer as things stand."""
    ways = [way for way in step.outcomes.values() if way.then]
    first = next((way for way in ways if holds(world, case, way.when)), next(iter(ways), None))
    following = (*(first.then if first else ()), *step.then)
    return tuple(name for name in following if not _is_past(case, world.policy.steps[name]))


def _is_past(case: Case, step: Step) -> bool:
    """Whether the case is through this phase: something beside the main line can lead back to it."""
    order = list(Phase)
    return step.phase is not None and order.index(step.phase) < order.index(case.phase)


def _of_step(world: World, name: str, *, begun: bool) -> Ahead:
    role = world.policy.steps[name].by
    return Ahead(name, begun, world.policy.roles[role].kind in LODGERS, role)


def _with_term(world: World, case: Case, one: Ahead, running: Iterable[Clock]) -> Ahead:
    step = world.policy.steps[one.step]
    clock = next((each for each in running if meets(world, one.step, step, each.term)), None)
    return _dated(world, case, one, clock) if clock else one


def _of_term(world: World, case: Case, clock: Clock) -> Ahead:
    owner = world.policy.terms[clock.term].owner
    return _dated(world, case, Ahead("", False, world.policy.roles[owner].kind in LODGERS, owner), clock)


def _dated(world: World, case: Case, one: Ahead, clock: Clock) -> Ahead:
    return replace(one, clock=clock, by=last_day(world, clock.due), change=change_of(world, case, clock))


def change_of(world: World, case: Case, clock: Clock) -> Change:
    """What happened to the day of this term."""
    waiting = len(case.asked_on) > len(case.completed_on)
    if clock.state is ClockState.SUSPENDED:
        return Change.WAITS_FOR_YOU if world.policy.terms[clock.term].suspend and waiting else Change.STANDS_STILL
    if clock.term in case.agreed:
        return Change.AGREED
    if case.extensions.get(clock.term):
        return Change.EXTENDED
    stood = any(reason.code in ("stood_still", "stood_still_for") for reason in clock.due.why)
    return Change.STOOD_STILL if stood else Change.NONE


@dataclass(frozen=True)
class Appointment:
    """A day to come that we told the complainant in a message: the fact that holds it, and what else was told of it."""

    fact: str
    day: date
    others: tuple[str, ...]


def appointments(world: World, case: Case, today: date) -> tuple[Appointment, ...]:
    """The days to come, today included, nearest first: a hearing, a talk. The last day of a term is none of these."""
    days = {term.day for term in world.policy.terms.values() if term.day}
    found = dict[str, Appointment]()
    for name, message in world.policy.messages.items():
        if f"sent.{name}" in case.moments and any(world.policy.roles[role].kind in LODGERS for role in message.to):
            told = facts_told(message)
            for fact in told:
                day = case.facts.get(fact)
                if isinstance(day, date) and day >= today and fact not in days:
                    found[fact] = Appointment(fact, day, tuple(each for each in told if each != fact))
    return tuple(sorted(found.values(), key=lambda each: each.day))

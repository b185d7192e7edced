"""The running terms of a case: each is a pure function of its events, the policy and the calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from weerklank import deadlines
from weerklank.deadlines import Counting, Due, Duration, Extension, Suspension, Unit
from weerklank.policy.case import Case
from weerklank.policy.conditions import holds
from weerklank.policy.model import Pause, Term, WhileClosed
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World

MORNING = time(8)


class ClockState(StrEnum):
    RUNNING = "running"
    SUSPENDED = "suspended"
    MET = "met"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Clock:
    """One term as it stands: since when, until which legal day, whose it is, and what happens next.

    `next_at` is the instant of the next reminder (`remind.0`) or of missing it (`missed`); None when nothing comes.
    """

    term: str
    state: ClockState
    starts: datetime
    due: Due
    owners: tuple[UUID, ...]
    ended: datetime | None = None
    late: bool = False
    next_at: datetime | None = None
    next_step: str | None = None


def clocks(world: World, case: Case) -> tuple[Clock, ...]:
    """Every term of the policy that has started in this case, in the policy's order."""
    started = (clock_of(world, case, name) for name in world.policy.terms)
    return tuple(clock for clock in started if clock)


def clock_of(world: World, case: Case, name: str) -> Clock | None:
    """This term as it stands, or None when it has not started or does not apply. One that repeats starts when met."""
    term = world.policy.terms.get(name)
    starts = _start(world, case, term) if term else None
    if term is None or starts is None or not holds(world, case, term.when):
        return None
    due = _due(world, case, name, term, starts)
    if due is None:
        return None
    ended, state = _ending(world, case, term, starts, due)
    late = ended is not None and due.bound is not None and ended >= due.bound
    next_at, next_step = _next(world, case, name, term, due, starts) if state is ClockState.RUNNING else (None, None)
    owners = free_to_act(world, case, term.owner)
    return Clock(name, state, starts, due, owners, ended, late, next_at, next_step)


def last_day(world: World, due: Due) -> date | None:
    """The legal day on which a term ends, also of one in hours; None while it stands still."""
    return due.due or (world.day_of(due.due_at) if due.due_at else None)


def first_day(world: World, clock: Clock) -> date | None:
    """The legal day from which a running term can be met; None when there is no such bound."""
    term = world.policy.terms[clock.term]
    if term.at_least is None or clock.state is not ClockState.RUNNING:
        return None
    counted = deadlines.Term(term.at_least, counting_of(term.at_least, term.counting))
    end = deadlines.compute(counted, clock.starts, world.calendar).bound
    return world.day_of(end) if end else None


def _start(world: World, case: Case, term: Term) -> datetime | None:
    happened = _instants(world, case, term.from_)
    if not happened:
        return None
    if term.repeats:
        return max(happened[-1], *(at for name in term.until for at in case.moments.get(name, ())), happened[0])
    return happened[-1] if term.restarts else happened[0]


def _instants(world: World, case: Case, names: Iterable[str]) -> list[datetime]:
    """When these moments happened, in order; a fact that holds a day stands for that day."""
    found = list[datetime]()
    for name in names:
        day = case.facts.get(name.removeprefix("fact.")) if name.startswith("fact.") else None
        found += [world.noon(day)] if isinstance(day, date) else case.moments.get(name, ())
    return sorted(found)


def _due(world: World, case: Case, name: str, term: Term, starts: datetime) -> Due | None:
    if term.day:
        return _promised(world, case, name, term)
    if term.of_measures:
        return _nearest_measure(world, case)
    if term.back_from:
        return _counted_back(world, case, term)
    within = term.within or term.repeats
    if within is None:
        return None
    return deadlines.compute(
        deadlines.Term(within, counting_of(within, term.counting), term.closed is WhileClosed.STAND_STILL),
        starts,
        world.calendar,
        extensions=[Extension(longer) for longer in case.extensions.get(name, ())],
        suspensions=_suspensions(world, case, term, starts),
        agreed_until=case.agreed.get(name),
    )


def _promised(world: World, case: Case, name: str, term: Term) -> Due | None:
    day = case.agreed.get(name) or case.facts.get(term.day or "")
    return deadlines.on_day(day, world.calendar) if isinstance(day, date) else None


def _nearest_measure(world: World, case: Case) -> Due | None:
    """The day of the measure that has to be done first; of the last one when all were checked."""
    days = [measure.day for measure in case.measures.values()]
    waiting = [measure.day for measure in case.measures.values() if not measure.verified]
    return deadlines.on_day(min(waiting, default=max(days)), world.calendar) if days else None


def _counted_back(world: World, case: Case, term: Term) -> Due | None:
    anchor = (term.back_from or "").removeprefix("fact.")
    day = case.facts.get(anchor)
    if not isinstance(day, date) or term.within is None:
        return None
    counted = deadlines.Term(term.within, counting_of(term.within, term.counting))
    return deadlines.compute(counted, day, world.calendar, backward=True)


def counting_of(within: Duration, counting: Counting) -> Counting:
    """Working days are always counted by the organisation's own calendar."""
    return Counting.WORKING_DAYS if within.unit is Unit.WORKING_DAYS else counting


def _suspensions(world: World, case: Case, term: Term, starts: datetime) -> Iterable[Suspension]:
    if term.suspend:
        yield from _asked(world, case)
    for pause in term.pauses:
        yield from _paused(world, case, pause, world.day_of(starts))


def _paused(world: World, case: Case, pause: Pause, since: date) -> Iterable[Suspension]:
    """Each time this pause began and, if it did, ended; those that were over before the term began say nothing."""
    begun, over = _instants(world, case, pause.from_), _instants(world, case, pause.until)
    ended: datetime | None = None
    for began in begun if holds(world, case, pause.when) else ():
        if ended is not None and began < ended:
            continue
        ended = next((at for at in over if at >= began or _may_follow(world, at, began)), None)
        if ended is None or world.day_of(ended) > since:
            label = pause.label.by_language if pause.label else ()
            yield Suspension(world.day_of(began), world.day_of(ended) if ended else None, label)
        if ended is None:
            return


def _asked(world: World, case: Case) -> Iterable[Suspension]:
    answers = [*case.completed_on, *[None] * (len(case.asked_on) - len(case.completed_on))]
    for asked, answered in zip(case.asked_on, answers, strict=False):
        yield Suspension(world.day_of(asked), world.day_of(answered) if answered else None)


def _ending(
    world: World, case: Case, term: Term, starts: datetime, due: Due
) -> tuple[datetime | None, ClockState]:
    met = None if term.repeats else _first_after(world, case, term.until, starts)
    closing = () if term.survives else ("closed",)
    lapsed = _first_after(world, case, (*term.ends, *closing), starts)
    if met and (lapsed is None or met <= lapsed):
        return met, ClockState.MET
    if lapsed:
        return lapsed, ClockState.LAPSED
    return None, ClockState.SUSPENDED if due.state == "suspended" else ClockState.RUNNING


def _first_after(world: World, case: Case, names: Iterable[str], starts: datetime) -> datetime | None:
    instants = (at for name in names for at in case.moments.get(name, ()))
    return min((at for at in instants if at >= starts or _may_follow(world, at, starts)), default=None)


def _may_follow(world: World, at: datetime, starts: datetime) -> bool:
    """Whether on the day of both it is unknown which was first: of one of them nobody noted the hour."""
    day = world.day_of(starts)
    return world.day_of(at) == day and world.noon(day) in (at, starts)


def _next(
    world: World, case: Case, name: str, term: Term, due: Due, starts: datetime
) -> tuple[datetime | None, str | None]:
    if due.bound is None:
        return None, None
    done = {moment for moment, instants in case.moments.items() if instants[-1] >= starts}
    missed = case.moments.get(f"missed.{name}", ())
    for number, before in sorted(enumerate(term.remind), key=lambda each: _reminder(world, each[1], due)):
        if reminded(name, number, due) not in done:
            return _reminder(world, before, due), f"remind.{number}"
    # What was missed is missed again once the term was extended and its later day passes as well.
    return (None, None) if missed and missed[-1] >= due.bound else (due.bound, "missed")


def reminded(term: str, number: int, due: Due) -> str:
    """The moment that this reminder of a term was given, before this last day or instant of it."""
    return f"reminded.{term}.{number}.{due.due or due.due_at}"


def _reminder(world: World, before: Duration, due: Due) -> datetime:
    assert due.bound is not None
    if before.unit is Unit.HOURS:
        return due.bound - timedelta(hours=before.amount)
    counted = deadlines.Term(before, counting_of(before, Counting.CALENDAR))
    day = deadlines.compute(counted, due.due or world.day_of(due.bound), world.calendar, backward=True).due
    assert day is not None
    return datetime.combine(day, MORNING, world.zone)

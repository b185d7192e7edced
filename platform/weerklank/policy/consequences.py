"""What an event sets in motion, as data: the tasks, clocks, parties and notices that rows are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from weerklank.policy.assignment import assignment_of, in_need
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, ClockState, clocks, last_day
from weerklank.policy.events import COMPLAINANT, Event, Kind
from weerklank.policy.model import Does, Fact, FactType, Phase, RoleKind, Step
from weerklank.policy.parties import LODGERS
from weerklank.policy.roles import free_to_act, is_walled
from weerklank.policy.world import World

# What the complainant did, which whoever handles the case is told of.
OF_COMPLAINANT = (Kind.INFORMATION_ADDED, Kind.LATER_REFUSED, Kind.WITHDRAWN)


@dataclass(frozen=True)
class Task:
    """An open step: whose it is (nobody: an alarm), since which instant is on the case, by which legal day."""

    step: str
    roles: tuple[str, ...]
    people: tuple[UUID, ...]
    by_complainant: bool
    due_on: date | None
    term: str | None


@dataclass(frozen=True)
class Notice:
    """Something people of the organisation are told by the platform itself: never content, only that there is work.

    With no people it goes to the organisation's administrators: an alarm.
    """

    what: str
    people: tuple[UUID, ...]
    about: str = ""


@dataclass(frozen=True)
class Index:
    """All rows that follow from a case as it stands, and the notices of its newest events."""

    phase: Phase
    tasks: tuple[Task, ...]
    clocks: tuple[Clock, ...]
    next_due: date | None
    parties: frozenset[UUID]
    walled: frozenset[UUID]
    classes: tuple[str, ...]
    notices: tuple[Notice, ...]


def consequences(world: World, case: Case, events: Iterable[Event]) -> Index:
    """Everything that follows. Pure: the same case and policy give the same rows."""
    running = clocks(world, case)
    todo = tasks(world, case, running)
    days = [day for clock in running if clock.state is ClockState.RUNNING and (day := last_day(world, clock.due))]
    return Index(
        phase=case.phase,
        tasks=todo,
        clocks=running,
        next_due=min(days, default=None),
        parties=parties(world, case, todo),
        walled=frozenset(person for person in case.involved if is_walled(case, person)),
        classes=classes(world, case),
        notices=tuple(notices(world, case, todo, events)),
    )


def classes(world: World, case: Case) -> tuple[str, ...]:
    """Under what lists find the case, as `fact=value`: what was chosen and is kept from nobody who sees the case."""
    chosen = ((name, case.facts.get(name)) for name, fact in world.policy.facts.items() if is_class(fact))
    each = ((name, value if isinstance(value, tuple) else (value,)) for name, value in chosen if value)
    return tuple(sorted({f"{name}={value}" for name, values in each for value in values}))


def is_class(fact: Fact) -> bool:
    """Whether a fact sorts cases: a choice that everybody who sees the case may see."""
    return fact.type in (FactType.CHOICE, FactType.CHOICES) and not fact.visible


def tasks(world: World, case: Case, running: Iterable[Clock]) -> tuple[Task, ...]:
    """Every open step with the people it is for now and the nearest day it helps to meet."""
    started = tuple(clock for clock in running if clock.state is ClockState.RUNNING)
    return tuple(_task(world, case, name, started) for name in case.open)


def _task(world: World, case: Case, name: str, running: tuple[Clock, ...]) -> Task:
    step = world.policy.steps[name]
    roles = tuple(dict.fromkeys((*_waiting_roles(case, name, step), *in_need(world, case, step))))
    people = dict.fromkeys(person for role in roles for person in free_to_act(world, case, role))
    kinds = {world.policy.roles[role].kind for role in roles}
    met = [clock for clock in running if meets(world, name, step, clock.term) and last_day(world, clock.due)]
    nearest = min(met, key=lambda clock: last_day(world, clock.due) or date.max, default=None)
    return Task(
        step=name,
        roles=roles,
        people=tuple(people),
        by_complainant=not kinds.isdisjoint(LODGERS),
        due_on=last_day(world, nearest.due) if nearest else None,
        term=nearest.term if nearest else None,
    )


def _waiting_roles(case: Case, name: str, step: Step) -> tuple[str, ...]:
    if step.does is Does.SIGN and step.signed_by:
        return tuple(role for role in step.signed_by if role not in case.signatures.get(name, frozenset()))
    return tuple(dict.fromkeys((step.by, *step.also_by)))


def meets(world: World, name: str, step: Step, term: str) -> bool:
    """Whether doing this step can meet the term."""
    raised = {f"done.{name}", *(f"done.{name}.{outcome}" for outcome in step.outcomes)}
    raised |= {f"sent.{step.message}"} if step.message else set()
    raised |= {f"sent.{message}" for outcome in step.outcomes.values() for message in outcome.sends}
    raised |= {"decided"} if step.does is Does.DECIDE else set()
    raised |= {"closed"} if step.does is Does.CLOSE else set()
    return bool(raised & set(world.policy.terms[term].until))


def parties(world: World, case: Case, todo: Iterable[Task]) -> frozenset[UUID]:
    """People who see the case because they have a part in it; those who see all by their post are not listed here.

    Carrying out a measure is no part: its owner sees the measure and not the file.
    """
    people = {case.received_by, *case.handlers, *(person for each in case.appointed.values() for person in each)}
    # A body's chair was not chosen and belongs to it all the same.
    people |= {person for role in case.appointed for person in free_to_act(world, case, role)}
    people |= {done.by for done in case.done} - replaced(world, case)
    people |= {person for task in todo for person in task.people}
    return frozenset(person for person in people if person and not is_walled(case, person))


def replaced(world: World, case: Case) -> frozenset[UUID]:
    """Who played a part that keeps people out of another one (`never`), and plays none now: he loses sight."""
    policy = world.policy
    rules = (policy.assignment, *(role.assignment for role in policy.roles.values() if role.assignment))
    parts = {name for each in rules for name in each.never}
    keys = {"" if policy.roles[name].kind is RoleKind.HANDLER else name for name in parts}
    now = {*case.handlers, *(person for each in case.appointed.values() for person in each)}
    return frozenset(person for key in keys for person in case.played.get(key, ()) if person not in now)


def _of_task(task: Task) -> Iterable[Notice]:
    if _is_nobodys(task):
        yield Notice("nobodys_task", (), task.step)
    elif task.people:
        yield Notice("task", task.people, task.step)


def _is_nobodys(task: Task) -> bool:
    return not task.people and not task.by_complainant


def notices(world: World, case: Case, todo: Iterable[Task], events: Iterable[Event]) -> Iterable[Notice]:
    """What people are told about these events: a new task, a new case to handle, a term near or past, or an alarm."""
    todo = tuple(todo)
    by_step = {task.step: task for task in todo}
    for event in events:
        data = event.open
        if event.kind is Kind.STEP_OPENED and data["step"] in by_step:
            yield from _of_task(by_step[data["step"]])
        elif event.kind is Kind.PERSON_INVOLVED:
            yield from (Notice("nobodys_task", (), task.step) for task in todo if _is_nobodys(task))
        elif event.kind is Kind.ASSIGNED and (told := _free(case, (UUID(person) for person in data["handlers"]))):
            yield Notice("assigned", told)
        elif event.kind is Kind.HANDED_OVER and (told := _free(case, (UUID(person) for person in data["handlers"]))):
            yield Notice("handed_over", told)
        elif event.kind is Kind.APPOINTED and (told := _free(case, (UUID(person) for person in data["persons"]))):
            yield Notice("appointed", told)
        elif event.kind in (Kind.UNASSIGNABLE, Kind.UNAPPOINTABLE):
            yield Notice(event.kind.value, ())
            named = assignment_of(world, data.get("role")).nobody
            told = tuple(dict.fromkeys(who for role in named for who in free_to_act(world, case, role)))
            yield from [Notice(event.kind.value, told)] if told else []
        elif event.kind is Kind.MEASURE_PLANNED and not is_walled(case, UUID(data["owner"])):
            yield Notice("measure", (UUID(data["owner"]),))
        elif event.kind in (Kind.REMINDED, Kind.TERM_MISSED):
            yield Notice(event.kind.value, tuple(UUID(person) for person in data["to"]), data["term"])
            yield from [Notice("not_taken", (), data["term"])] if "not_taken" in data else []
        elif event.kind in OF_COMPLAINANT or (event.kind is Kind.AGREED and event.actor == COMPLAINANT):
            yield Notice(event.kind.value, _free(case, case.handlers) or _free(case, (case.received_by,)))


def _free(case: Case, people: Iterable[UUID | None]) -> tuple[UUID, ...]:
    return tuple(person for person in people if person and not is_walled(case, person))

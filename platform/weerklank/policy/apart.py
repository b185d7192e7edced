"""What of a case is kept apart for some roles: steps, messages and facts that say who may see them. Pure.

What is written, recorded, sent or attached there is for those roles, for whoever wrote it and for whoever got it; that
the step was to be done, and was done, everybody sees who sees the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from weerklank.policy.case import Case
from weerklank.policy.events import ActorKind, Event, Kind
from weerklank.policy.model import Message, Role
from weerklank.policy.parties import LODGERS
from weerklank.policy.roles import roles_of
from weerklank.policy.world import World

PLACEHOLDER = re.compile(r"\{fact\.([a-z0-9_]+)\}", re.IGNORECASE)
STEPS = (Kind.STEP_OPENED, Kind.STEP_DONE, Kind.STEP_LAPSED)


@dataclass(frozen=True)
class Reads:
    """Somebody who reads in a case: a person of the organisation, or (None) who complains, with the roles they play."""

    person: UUID | None
    roles: frozenset[str]


def reader_in(world: World, case: Case, person: UUID) -> Reads:
    """Somebody of the organisation as a reader of this case."""
    return Reads(person, frozenset(roles_of(world, case, person)))


def complainant_in(world: World) -> Reads:
    """Who complains as a reader of the case."""
    return Reads(None, frozenset(name for name, role in world.policy.roles.items() if _lodges(role)))


def _lodges(role: Role) -> bool:
    return role.kind in LODGERS


def may_know(world: World, case: Case, event: Event, reader: Reads) -> bool:
    """Whether what this event says is for this reader: by role, or because he wrote or got it."""
    if _is_his(world, event, reader):
        return True
    return all(not reader.roles.isdisjoint(roles) for roles in limits(world, case, event))


def _is_his(world: World, event: Event, reader: Reads) -> bool:
    if reader.person is None and event.actor.kind is ActorKind.COMPLAINANT:
        return True
    if reader.person is not None and event.actor.id == reader.person:
        return True
    to = event.open["to"] if event.kind is Kind.SENT else ()
    person = str(reader.person) if reader.person else None
    return any(one["person"] == person and (person or one["role"] in reader.roles) for one in to)


def limits(world: World, case: Case, event: Event) -> Iterator[frozenset[str]]:
    """The roles that may see it, once for each thing that says so; nothing: all who see the case."""
    step = world.policy.steps.get(event.open.get("step", ""))
    if step and step.visible:
        yield frozenset(step.visible)
    if event.kind is Kind.FILE_ADDED and event.open.get("fact") in world.policy.facts:
        yield from limits_of_fact(world, case, event.open["fact"])
    for file in event.open.get("files", ()):
        if added := case.files.get(UUID(file)):
            yield from limits(world, case, added)
    message = world.policy.messages.get(event.open.get("message", ""))
    if message:
        yield from limits_of_message(world, case, message)


def limits_of_message(world: World, case: Case, message: Message) -> Iterator[frozenset[str]]:
    """A message that holds a fact is at most as visible as that fact."""
    if message.visible:
        yield frozenset(message.visible)
    for name in facts_told(message):
        yield from limits_of_fact(world, case, name)


def facts_told(message: Message) -> tuple[str, ...]:
    """The facts that a message holds, by what it must contain and by its own words."""
    held = [piece.removeprefix("fact.") for piece in message.contains if piece.startswith("fact.")]
    for text in (message.subject, message.body):
        held += [name for _, words in (text.by_language if text else ()) for name in PLACEHOLDER.findall(words)]
    return tuple(dict.fromkeys(held))


def limits_of_fact(world: World, case: Case, name: str) -> Iterator[frozenset[str]]:
    """A fact's own roles, and those of the step in which it was recorded last."""
    fact = world.policy.facts.get(name)
    if fact and fact.visible:
        yield frozenset(fact.visible)
    step = world.policy.steps.get(case.recorded[name][0]) if name in case.recorded else None
    if step and step.visible:
        yield frozenset(step.visible)


def may_read_fact(world: World, case: Case, name: str, reader: Reads) -> bool:
    """Whether what is filled in for this fact is for this reader; of a step kept apart also who filled it in."""
    fact, (_, by) = world.policy.facts[name], case.recorded.get(name, ("", None))
    if fact.visible and reader.roles.isdisjoint(fact.visible):
        return False
    his_own = by is not None and by == reader.person
    return his_own or all(not reader.roles.isdisjoint(roles) for roles in limits_of_fact(world, case, name))


def readable(world: World, case: Case, names: Iterable[str], reader: Reads) -> tuple[str, ...]:
    """Those of these facts that this reader may see."""
    return tuple(name for name in names if may_read_fact(world, case, name, reader))


@dataclass(frozen=True)
class Hidden:
    """What a reader may not know of, by name: facts, how steps ended, messages."""

    facts: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()


NOTHING_HIDDEN = Hidden()


def hidden_from(world: World, case: Case, reader: Reads) -> Hidden:
    """What of the procedure itself tells this reader too much in this case."""
    policy = world.policy
    facts = frozenset(policy.facts) - frozenset(readable(world, case, policy.facts, reader))
    steps = (name for name, step in policy.steps.items() if step.visible and reader.roles.isdisjoint(step.visible))
    messages = (
        name
        for name, message in policy.messages.items()
        if any(reader.roles.isdisjoint(roles) for roles in limits_of_message(world, case, message))
    )
    return Hidden(facts, frozenset(steps), frozenset(messages))

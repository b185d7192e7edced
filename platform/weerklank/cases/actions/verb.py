"""What every verb shares: its shape, who may do it, and a day given afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event
from weerklank.policy.model import RoleKind, Step
from weerklank.policy.parties import LODGERS
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import free_to_act, is_walled, present
from weerklank.policy.words import Text, listed
from weerklank.policy.world import World

TAKING_PART = (RoleKind.RECEIVER, RoleKind.HANDLER, RoleKind.APPOINTED)


class Action(Protocol):
    """Something a person, the complainant or the clock wants done."""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The events of doing it, or the refusal. Pure."""
        ...


def may_act_as(world: World, case: Case, actor: Actor, roles: Iterable[str], rule: str) -> Refusal | None:
    """None when the actor plays one of these roles and is not walled off, else why not."""
    names = tuple(roles)
    if _plays(world, case, actor, names):
        return None
    source = tuple(clause for name in names for clause in world.policy.roles[name].source)
    walled = actor.id is not None and is_walled(case, actor.id)
    if walled and any(actor.id in present(world, case, name) for name in names):
        return Refusal("walled", rule, source)
    said = listed(_called(world, name) for name in names)
    return Refusal("not_your_step", rule, source, {"role": said})


def _plays(world: World, case: Case, actor: Actor, names: tuple[str, ...]) -> bool:
    if actor.kind is ActorKind.COMPLAINANT:
        return any(world.policy.roles[name].kind in LODGERS for name in names)
    return actor.id is not None and any(actor.id in free_to_act(world, case, name) for name in names)


def _called(world: World, name: str) -> Text:
    return world.policy.roles[name].label or Text.of(name)


def doers(step: Step) -> tuple[str, ...]:
    """Roles that may do a step: who does it, who else may, and with `sign` whoever signs."""
    return tuple(dict.fromkeys((step.by, *step.also_by, *step.signed_by)))


def has_part(world: World, case: Case, actor: Actor, rule: str) -> Refusal | None:
    """None when the actor handles, received or has an open step in this case, or sees all; never when walled off."""
    policy = world.policy
    roles = {policy.steps[step].by for step in case.open} | {
        name for name, role in policy.roles.items() if role.sees_all
    }
    roles |= {name for name, role in policy.roles.items() if role.kind in TAKING_PART}
    purely = tuple(
        name for name in policy.roles if name in roles and policy.roles[name].kind not in LODGERS
    )
    if actor.id is not None and is_walled(case, actor.id):
        return Refusal("walled", rule)
    return Refusal("not_yours", rule) if may_act_as(world, case, actor, purely, rule) else None


def day_given(world: World, case: Case, day: date | None, now: datetime, rule: str) -> Refusal | None:
    """None when the day on which it really happened lies between receipt and now."""
    if day is None:
        return None
    if day > world.day_of(now):
        return Refusal("in_the_future", rule)
    if case.received_at and day < world.day_of(case.received_at):
        return Refusal("before_receipt", rule)
    return None


def instant_of(world: World, day: date | None, now: datetime) -> datetime | None:
    """The instant that stands for a day given afterwards; None for today."""
    return world.noon(day) if day and day != world.day_of(now) else None

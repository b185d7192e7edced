"""Who handles a case: the first rule that matches, and never somebody who is walled off."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from weerklank.policy.case import Case
from weerklank.policy.conditions import holds
from weerklank.policy.model import Rule
from weerklank.policy.refusals import BARRED, Refusal
from weerklank.policy.roles import colleagues_barred, free_to_act, is_walled
from weerklank.policy.world import World


@dataclass(frozen=True)
class Choice:
    """Who was found, by which rule, over which rules that did not match, and whose involvement was overruled."""

    handlers: tuple[UUID, ...]
    role: str | None
    rule: str | None
    passed: tuple[str, ...] = ()
    overruled: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Choosable:
    """Who may be made handler by the rule that holds: `free` at once, `warned` only with a reason.

    `must`: the rule leaves the choice to a person; else it finds somebody itself, and one of several may be named.
    """

    free: tuple[UUID, ...]
    warned: tuple[UUID, ...]
    must: bool

    @property
    def everybody(self) -> tuple[UUID, ...]:
        return (*self.free, *self.warned)


def choosable(world: World, case: Case) -> Choosable:
    """What `find_handler` would accept as `named` now."""
    rule = next((rule for rule in world.policy.assignment.rules if holds(world, case, rule.when)), None)
    if rule is None:
        return Choosable((), (), False)
    if rule.to is not None:
        free = may_handle(world, case, rule.to)
        return Choosable(free if len(free) > 1 else (), (), False)
    warn = set(world.policy.assignment.warn)
    warned = tuple(person for person, relations in case.involved.items() if relations and relations <= warn)
    return Choosable(tuple(one for one in candidates(world, case) if one not in warned), warned, True)


def find_handler(world: World, case: Case, named: UUID | None = None, reason: str = "") -> Choice | Refusal:
    """Apply the assignment rules; `named` is the person somebody chose where the policy leaves a choice."""
    passed: list[str] = []
    for rule in world.policy.assignment.rules:
        if holds(world, case, rule.when):
            return _by_rule(world, case, rule, tuple(passed), named, reason)
        passed.append(rule.id)
    return _nobody(world, None)


def _by_rule(
    world: World, case: Case, rule: Rule, passed: tuple[str, ...], named: UUID | None, reason: str
) -> Choice | Refusal:
    if rule.to is None:
        return _chosen(world, case, rule, passed, named, reason)
    free = may_handle(world, case, rule.to)
    if not free:
        return _nobody(world, rule)
    if named is None:
        return Choice(free, rule.to, rule.id, passed)
    if named not in free:
        return _may_not(world, case, rule, named)
    return Choice((named,), rule.to, rule.id, passed)


def _chosen(
    world: World, case: Case, rule: Rule, passed: tuple[str, ...], named: UUID | None, reason: str
) -> Choice | Refusal:
    if named is None:
        return Refusal("choose_handler", f"assignment.rules.{rule.id}", rule.source)
    relations = case.involved.get(named, frozenset())
    if relations and not relations <= set(world.policy.assignment.warn):
        return _may_not(world, case, rule, named)
    if relations and not reason:
        return Refusal("reason_needed", "assignment.warn", world.policy.assignment.source)
    if named not in candidates(world, case) and not relations:
        return _may_not(world, case, rule, named)
    return Choice((named,), None, rule.id, passed, (named,) if relations else ())


def may_handle(world: World, case: Case, role: str) -> tuple[UUID, ...]:
    """Whom a role finds to handle: nobody who is involved, also where the policy gives him a step of his own."""
    return tuple(person for person in free_to_act(world, case, role) if not is_walled(case, person))


def candidates(world: World, case: Case) -> tuple[UUID, ...]:
    """Whom a person may choose from: holders of `assignment.from`, else everybody who is employed; not the walled."""
    roles = world.policy.assignment.from_
    if roles:
        people = [person for role in roles for person in may_handle(world, case, role)]
    else:
        people = [p.id for p in world.people.persons.values() if not p.external and p.id not in case.involved]
    return tuple(dict.fromkeys(people))


def why_not(world: World, case: Case, person: UUID) -> str | None:
    """Why this person may not handle: respondent, involved or colleague; None when nothing stands in the way."""
    if person in case.involved:
        return "respondent" if "respondent" in case.involved[person] else "involved"
    independent = (role for role in world.policy.roles.values() if role.not_colleague_of)
    return "colleague" if any(person in colleagues_barred(world, case, role) for role in independent) else None


def _may_not(world: World, case: Case, rule: Rule, person: UUID) -> Refusal:
    why = BARRED[why_not(world, case, person) or "role"]
    return Refusal("may_not_handle", f"assignment.rules.{rule.id}", rule.source, {"why": why})


def _nobody(world: World, rule: Rule | None) -> Refusal:
    name, source = (
        (f"assignment.rules.{rule.id}", rule.source) if rule else ("assignment.rules", world.policy.assignment.source)
    )
    return Refusal("nobody_may_handle", name, source)


def still_may_handle(world: World, case: Case) -> bool:
    """Whether the present handlers may go on after somebody turned out to be involved.

    A role found by relation or post is judged by its rule again; a person chosen by hand only by the wall.
    """
    walled = [person for person in case.handlers if person in case.involved and person not in case.overruled]
    if walled or not case.handlers:
        return not walled
    choice = find_handler(world, case)
    if isinstance(choice, Refusal):
        return True
    return case.handler_role is None or choice.role == case.handler_role or choice.rule == case.rule

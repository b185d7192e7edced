"""Handing a case over to another handler: who may do so, and what the rules for who handles say of each person.

It is not a new assignment: no step opens again, no term starts again, and nothing is sent a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from weerklank.policy.assignment import Choice, assignment_of, find_handler
from weerklank.policy.case import Case
from weerklank.policy.events import Actor
from weerklank.policy.model import Does, RoleKind
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World

RULE = "platform.hand_over"


def may_hand_over(world: World, case: Case, actor: Actor) -> Refusal | None:
    """None for whoever handles the case, or may say who handles, while it is open and somebody handles it."""
    if case.is_closed or not case.handlers:
        return Refusal("nothing_to_hand_over", RULE)
    policy = world.policy
    assigns = [step for step in policy.steps.values() if step.does is Does.ASSIGN and step.of is None]
    roles = [name for name, role in policy.roles.items() if role.kind is RoleKind.HANDLER]
    roles += [role for step in assigns for role in (step.by, *step.also_by)]
    roles += [policy.assignment.chosen_by] if policy.assignment.chosen_by else []
    mine = any(actor.id in free_to_act(world, case, role) for role in dict.fromkeys(roles))
    return None if mine else Refusal("not_yours_to_hand_over", RULE, policy.assignment.source)


def judged(world: World, case: Case, person: UUID, reason: str) -> Choice | Refusal:
    """What the rules for who handles say now of this person as the one who handles from here on."""
    if case.handlers == (person,):
        return Refusal("handles_already", RULE)
    if person in world.people.absent:
        return Refusal("is_away", RULE)
    return find_handler(world, case, (person,), reason)


def everybody_judged(world: World, case: Case) -> Mapping[UUID, Choice | Refusal]:
    """The same of everybody who works here; whose involvement a reason would overrule counts as one who may."""
    return {person: judged(world, case, person, "with a reason") for person in world.people.persons}


def found_by(world: World, case: Case) -> str | None:
    """The role that the rule which holds now gives the case to; None where a person chooses, or nobody is found."""
    found = find_handler(world, case)
    if isinstance(found, Choice):
        return found.role
    rules = assignment_of(world, None).rules
    return next((rule.to for rule in rules if f"assignment.rules.{rule.id}" == found.rule), None)

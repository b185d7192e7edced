"""Roles that are filled in each case, and bodies: that they can be filled, and that enough can take part."""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.policy.checks.roles import circle_from
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Assignment, Does, Policy, Role, RoleKind
from weerklank.policy.words import said

BODIES = (RoleKind.POST, RoleKind.APPOINTED)


def appointed(policy: Policy) -> Iterator[Problem]:
    """An appointed role says how people are found for it, and a step appoints them."""
    assigned = {step.of for step in policy.steps.values() if step.does is Does.ASSIGN}
    for name, role in policy.roles.items():
        path: Path = ("roles", name)
        if role.kind is RoleKind.APPOINTED and role.assignment is None:
            yield Problem(path, said("a role of kind appointed needs `assignment`: how people are found for it"))
        if role.kind is not RoleKind.APPOINTED and role.assignment is not None:
            message = said("`assignment` is for a role of kind appointed; this one is {kind}", kind=role.kind.value)
            yield Problem((*path, "assignment"), message)
        if role.kind is RoleKind.APPOINTED and name not in assigned:
            message = said("no step appoints anybody in this role: one that does assign, with `of: {name}`", name=name)
            yield Problem(path, message)
        if role.assignment is not None:
            yield from rules((*path, "assignment"), role.assignment)


def rules(path: Path, assignment: Assignment) -> Iterator[Problem]:
    """Every rule can be reached, has a name of its own and leads to somebody."""
    if not assignment.rules:
        yield Problem((*path, "rules"), said("there is no rule: nobody would ever be appointed"))
    names = [rule.id for rule in assignment.rules]
    always = [index for index, rule in enumerate(assignment.rules) if rule.when is None]
    for index, rule in enumerate(assignment.rules):
        if rule.id in names[:index]:
            yield Problem((*path, "rules", index, "id"), said("another rule is called {id!r} too", id=rule.id))
        if always and index > always[0]:
            message = said("this rule is never reached: rule {id!r} before it always decides", id=names[always[0]])
            yield Problem((*path, "rules", index), message)
        if rule.to is None and assignment.chosen_by is None:
            message = said("this rule leaves the choice to a person, but `chosen_by` names nobody")
            yield Problem((*path, "rules", index), message)
    if assignment.number == 0:
        yield Problem((*path, "number"), said("at least one person is chosen"))


def bodies(policy: Policy) -> Iterator[Problem]:
    """What belongs to a body stands with one, and its numbers can be met."""
    for name, role in policy.roles.items():
        path: Path = ("roles", name)
        if role.kind not in BODIES:
            yield from (
                Problem((*path, key), said("`{key}` is for roles of kind post and appointed", key=key))
                for key in misplaced(role)
            )
        if role.kind is RoleKind.POST and 1 < role.least > role.seats + (1 if role.chair else 0):
            message = said("`least` is {least}, and there are {seats} seats", least=role.least, seats=role.seats)
            yield Problem((*path, "least"), message)
        chosen = role.assignment.number if role.assignment else None
        if chosen and chosen + (1 if role.chair else 0) < role.least:
            message = said("`least` is {least}, and {number} may be chosen", least=role.least, number=chosen)
            yield Problem((*path, "least"), message, Severity.WARNING)
        chair = policy.roles.get(role.chair or "")
        if chair and chair.kind in (RoleKind.COMPLAINANT, RoleKind.OUTSIDE, RoleKind.PUBLIC):
            yield Problem((*path, "chair"), said("this role finds nobody of the organisation"))
        if circle := circle_from(role, name, "chair", policy):
            message = said("`chair` goes round in a circle: {circle}", circle=" -> ".join(circle))
            yield Problem((*path, "chair"), message)


def misplaced(role: Role) -> list[str]:
    """The keys of a body that this role has all the same."""
    given = {"least": role.least != 1, "chair": role.chair is not None, "nominated_by": role.nominated_by is not None}
    return [key for key, has in given.items() if has]


def steps(policy: Policy) -> Iterator[Problem]:
    """`of` says which appointed role a step fills."""
    for name, step in policy.steps.items():
        role = policy.roles.get(step.of or "")
        if step.of and step.does is not Does.ASSIGN:
            yield Problem(("steps", name, "of"), said("`of` is for a step that does assign"))
        elif role is not None and role.kind is not RoleKind.APPOINTED:
            message = said("this role is of kind {kind}; `of` names an appointed one", kind=role.kind.value)
            yield Problem(("steps", name, "of"), message)

"""Who handles a case, and who is appointed in it: the first rule that matches, and never somebody who is walled off.

`of` names an appointed role everywhere; None means who handles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from weerklank.policy.case import Case
from weerklank.policy.conditions import holds
from weerklank.policy.model import Assignment, Does, Rule, Step
from weerklank.policy.refusals import BARRED, NO_QUORUM, Refusal
from weerklank.policy.roles import colleagues_barred, free_of, free_to_act, has_played, is_short, is_walled
from weerklank.policy.words import Text
from weerklank.policy.world import World

NOBODY = Assignment(rules=())


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
    """Who may be chosen by the rule that holds: `free` at once, `warned` only with a reason, at least `number`.

    `must`: the rule leaves the choice to a person; else it finds somebody itself, and some of several may be named.
    """

    free: tuple[UUID, ...]
    warned: tuple[UUID, ...]
    must: bool
    number: int = 1

    @property
    def everybody(self) -> tuple[UUID, ...]:
        return (*self.free, *self.warned)


def assignment_of(world: World, of: str | None) -> Assignment:
    """The rules for who handles, or for this appointed role."""
    return world.policy.assignment if of is None else world.policy.roles[of].assignment or NOBODY


def path_of(of: str | None) -> str:
    """Where those rules stand in the policy."""
    return "assignment" if of is None else f"roles.{of}.assignment"


def source_of(world: World, of: str | None) -> tuple[str, ...]:
    """The clauses of those rules: their own, or those of the role they stand in."""
    return assignment_of(world, of).source or (world.policy.roles[of].source if of else ())


def choosable(world: World, case: Case, of: str | None = None) -> Choosable:
    """What `find_handler` would accept as `named` now."""
    rules = assignment_of(world, of)
    rule = next((rule for rule in rules.rules if holds(world, case, rule.when)), None)
    if rule is None:
        return Choosable((), (), False)
    if rule.to is not None:
        free = may_be_chosen(world, case, rule.to, of)
        return Choosable(free if len(free) > 1 else (), (), False, rules.number)
    warn, barred = set(rules.warn), barred_by_part(world, case, of)
    involved = ((person, relations) for person, relations in case.involved.items() if person not in barred)
    warned = tuple(person for person, relations in involved if relations and relations <= warn)
    return Choosable(
        tuple(one for one in candidates(world, case, of) if one not in warned), warned, True, rules.number
    )


def find_handler(
    world: World, case: Case, named: Sequence[UUID] = (), reason: str = "", of: str | None = None
) -> Choice | Refusal:
    """Apply the assignment rules; `named` are the people somebody chose where the policy leaves a choice."""
    passed: list[str] = []
    for rule in assignment_of(world, of).rules:
        if holds(world, case, rule.when):
            return _by_rule(world, case, of, rule, tuple(passed), tuple(dict.fromkeys(named)), reason)
        passed.append(rule.id)
    return _nobody(world, case, of, None)


def _by_rule(
    world: World, case: Case, of: str | None, rule: Rule, passed: tuple[str, ...], named: tuple[UUID, ...], reason: str
) -> Choice | Refusal:
    if rule.to is None:
        return _chosen(world, case, of, rule, passed, named, reason)
    free = may_be_chosen(world, case, rule.to, of)
    if len(free) < assignment_of(world, of).number:
        return _nobody(world, case, of, rule)
    other = next((person for person in named if person not in free), None)
    if other is not None:
        return _may_not(world, case, of, rule, other)
    return _too_few(world, of, rule, named) or Choice(named or free, rule.to, rule.id, passed)


def _chosen(
    world: World, case: Case, of: str | None, rule: Rule, passed: tuple[str, ...], named: tuple[UUID, ...], reason: str
) -> Choice | Refusal:
    path = f"{path_of(of)}.rules.{rule.id}"
    if not named:
        source = rule.source or source_of(world, of)
        return Refusal("choose_people", path, source, {"role": _called(world, of)}) if of else Refusal(
            "choose_handler", path, source
        )
    warn, open_to = set(assignment_of(world, of).warn), candidates(world, case, of)
    overruled = tuple(person for person in named if case.involved.get(person))
    for person in named:
        relations = case.involved.get(person, frozenset())
        by_warning = bool(relations) and relations <= warn and person not in barred_by_part(world, case, of)
        if person not in open_to and not by_warning:
            return _may_not(world, case, of, rule, person)
    if overruled and not reason:
        return Refusal("reason_needed", f"{path_of(of)}.warn", source_of(world, of))
    return _too_few(world, of, rule, named) or Choice(named, None, rule.id, passed, overruled)


def _too_few(world: World, of: str | None, rule: Rule, named: tuple[UUID, ...]) -> Refusal | None:
    number = assignment_of(world, of).number
    if not named or len(named) >= number:
        return None
    return Refusal("choose_more", f"{path_of(of)}.number", source_of(world, of), {"number": str(number)})


def in_need(world: World, case: Case, step: Step) -> tuple[str, ...]:
    """Who takes an assign step up because its rules find nobody: the roles that the policy names for that."""
    if step.does is not Does.ASSIGN or not (named := assignment_of(world, step.of).nobody):
        return ()
    found = find_handler(world, case, of=step.of)
    return named if isinstance(found, Refusal) and found.code == "nobody_may_handle" else ()


def may_handle(world: World, case: Case, role: str) -> tuple[UUID, ...]:
    """Whom a role finds to handle: nobody who is involved, also where the policy gives him a step of his own."""
    return tuple(person for person in free_to_act(world, case, role) if not is_walled(case, person))


def may_be_chosen(world: World, case: Case, role: str, of: str | None) -> tuple[UUID, ...]:
    """Whom a role finds for this part, without those whose other part in the case keeps them out of it."""
    barred = barred_by_part(world, case, of)
    return tuple(person for person in may_handle(world, case, role) if person not in barred)


def barred_by_part(world: World, case: Case, of: str | None) -> frozenset[UUID]:
    """Who may not be chosen because of another part he plays or played in the case."""
    parts = ((role, has_played(world, case, role)) for role in assignment_of(world, of).never)
    return frozenset(
        person for role, people in parts for person in people if role != of or person not in case.appointed.get(of, ())
    )


def candidates(world: World, case: Case, of: str | None = None) -> tuple[UUID, ...]:
    """Whom a person may choose from: holders of `from`, else everybody who is employed; not the walled."""
    roles = assignment_of(world, of).from_
    if roles:
        people = [person for role in roles for person in may_be_chosen(world, case, role, of)]
    else:
        barred = barred_by_part(world, case, of) | case.involved.keys()
        people = [p.id for p in world.people.persons.values() if not p.external and p.id not in barred]
    return tuple(dict.fromkeys(people))


def why_not(world: World, case: Case, person: UUID, of: str | None = None) -> str | None:
    """Why this person may not be chosen: respondent, involved, colleague or another part; None: nothing in the way."""
    if person in case.involved:
        return "respondent" if "respondent" in case.involved[person] else "involved"
    if person in barred_by_part(world, case, of):
        return "part"
    independent = (role for role in world.policy.roles.values() if role.not_colleague_of)
    return "colleague" if any(person in colleagues_barred(world, case, role) for role in independent) else None


def _may_not(world: World, case: Case, of: str | None, rule: Rule, person: UUID) -> Refusal:
    why = BARRED[why_not(world, case, person, of) or "role"]
    source = rule.source or source_of(world, of)
    return Refusal("may_not_handle", f"{path_of(of)}.rules.{rule.id}", source, {"why": why})


def _nobody(world: World, case: Case, of: str | None, rule: Rule | None) -> Refusal:
    path = f"{path_of(of)}.rules.{rule.id}" if rule else f"{path_of(of)}.rules"
    source = (rule.source if rule else ()) or source_of(world, of)
    return Refusal("nobody_may_handle", path, source, said=_shortage(world, case, rule))


def _shortage(world: World, case: Case, rule: Rule | None) -> Text | None:
    """What is lacking where a body is there but cannot act: members, or its chair."""
    role = world.policy.roles[rule.to] if rule and rule.to else None
    if role is None or rule is None or rule.to is None or not (role.least > 1 or role.chair):
        return None
    free = free_of(world, case, rule.to)
    if not is_short(world, case, role, free):
        return None
    called, values = _called(world, rule.to), {"free": str(len(free)), "least": str(role.least)}
    key = "members" if len(free) < role.least else "chair"
    return Text.of({code: words.format(role=called.in_(code), **values) for code, words in NO_QUORUM[key].items()})


def _called(world: World, role: str) -> Text:
    return world.policy.roles[role].label or Text.of(role)


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


def appointed_anew(world: World, case: Case, of: str) -> Choice | Refusal:
    """Who plays an appointed role from now on: those of them who are not walled off, if they are enough."""
    rest = tuple(person for person in case.appointed.get(of, ()) if not is_walled(case, person))
    return find_handler(world, case, rest, "overruled before", of)

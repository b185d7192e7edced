"""Who plays a part in a case, and who is walled off from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from weerklank.policy.case import Case
from weerklank.policy.model import Relation, Role, RoleKind
from weerklank.policy.world import World

ON_PURPOSE = (RoleKind.RESPONDENT, RoleKind.FACT)


def found(world: World, case: Case, name: str) -> tuple[UUID, ...]:
    """Everybody a role finds, present or absent, involved or not, its chair included.

    Complainant, public and outside bodies are nobody here.
    """
    role = world.policy.roles[name]
    chair = found(world, case, role.chair) if role.chair else ()
    return tuple(dict.fromkeys((*chair, *FINDERS[role.kind](world, case, name, role))))


def present(world: World, case: Case, name: str) -> tuple[UUID, ...]:
    """Whom a role finds today: who is absent is left out, or replaced where the policy names a substitute.

    Without a substitute the work waits: the absent stay the ones it is for. Only who handles a case may have a deputy
    of his own choice, where the policy names nobody: a post is the policy's to fill.
    """
    people, role = found(world, case, name), world.policy.roles[name]
    here = tuple(person for person in people if person not in world.people.absent)
    if here:
        return here
    if role.substitute is not None:
        return present(world, case, role.substitute)
    return (deputies(world, case, people) if role.kind is RoleKind.HANDLER else ()) or people


def deputies(world: World, case: Case, handlers: Collection[UUID]) -> tuple[UUID, ...]:
    """Who acts for these absent handlers: whom they chose, if he is there and might handle the case himself."""
    chosen = dict.fromkeys(world.people.deputies[person] for person in handlers if person in world.people.deputies)
    return tuple(one for one in chosen if one not in world.people.absent and may_stand_in(world, case, one))


def may_stand_in(world: World, case: Case, deputy: UUID) -> bool:
    """Whether the rules for who handles would let this person: of the same role, without a part that keeps him out."""
    rules, known = world.policy.assignment, world.people.persons.get(deputy)
    roles = (case.handler_role,) if case.handler_role else rules.from_
    among = any(deputy in found(world, case, role) for role in roles) if roles else bool(known and not known.external)
    kept_out = any(deputy in has_played(world, case, role) for role in rules.never)
    return among and not kept_out and deputy not in case.involved


def free_to_act(world: World, case: Case, name: str) -> tuple[UUID, ...]:
    """Who may act in this role: present and not walled off, filled up from the substitute where that is too few.

    Nobody when they are fewer than its `least`, or without its chair. A part the policy gives to the respondent himself
    is the exception it makes on purpose.
    """
    role, free = world.policy.roles[name], free_of(world, case, name)
    if not is_short(world, case, role, free):
        return free
    if role.substitute is None:
        return ()
    filled = tuple(dict.fromkeys((*free, *free_to_act(world, case, role.substitute))))
    return () if is_short(world, case, role, filled) else filled


def free_of(world: World, case: Case, name: str) -> tuple[UUID, ...]:
    """Who of this role is there and not walled off, whether or not they are enough to act."""
    role, meant = world.policy.roles[name], on_purpose(world, case, name)
    barred = colleagues_barred(world, case, role) | case.involved.keys() - case.overruled - meant
    chair = free_to_act(world, case, role.chair) if role.chair else ()
    everybody = dict.fromkeys((*chair, *present(world, case, name)))
    return tuple(person for person in everybody if person not in barred)


def is_short(world: World, case: Case, role: Role, people: Collection[UUID]) -> bool:
    """Whether these are too few to act in this role, or its chair is not among them."""
    here = [person for person in people if role.least == 1 or person not in world.people.absent]
    chair = set(free_to_act(world, case, role.chair)) if role.chair else None
    return len(here) < role.least or (chair is not None and chair.isdisjoint(people))


def on_purpose(world: World, case: Case, name: str) -> frozenset[UUID]:
    """Those to whom the policy gives this part although they are involved; whoever stands in for them is not meant."""
    return frozenset(found(world, case, name) if world.policy.roles[name].kind in ON_PURPOSE else ())


def is_walled(case: Case, person: UUID) -> bool:
    """Whether the person is involved in what the complaint is about and nobody overruled that with a reason."""
    return person in case.involved and person not in case.overruled


def colleagues_barred(world: World, case: Case, role: Role) -> frozenset[UUID]:
    """Direct colleagues of those this role must be independent of."""
    if role.not_colleague_of is None:
        return frozenset()
    concerned = found(world, case, role.not_colleague_of)
    return frozenset(colleague for person in concerned for colleague in world.people.colleagues(person))


def roles_of(world: World, case: Case, person: UUID) -> tuple[str, ...]:
    """The roles this person plays in the case, by name, in the policy's order."""
    return tuple(name for name in world.policy.roles if person in present(world, case, name))


def has_played(world: World, case: Case, name: str) -> frozenset[UUID]:
    """Everybody who plays this role in the case, ever played it, or did a step that is its to do."""
    role = world.policy.roles[name]
    earlier = case.played.get("" if role.kind is RoleKind.HANDLER else name, frozenset())
    did = {done.by for done in case.done if done.by and world.policy.steps[done.step].by == name}
    return earlier | did | set(found(world, case, name))


def _receiver(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    return (case.received_by,) if case.received_by else ()


def _respondents(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    return tuple(person for person, relations in case.involved.items() if "respondent" in relations)


def _named_in_fact(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    value = case.facts.get(role.fact or "")
    return (value,) if isinstance(value, UUID) else ()


def _related(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    related = (one for person in found(world, case, role.of or "") for one in _relatives(world, person, role.relation))
    return tuple(dict.fromkeys(related))


def _relatives(world: World, person: UUID, relation: Relation | None) -> tuple[UUID, ...]:
    known = world.people.persons.get(person)
    if known is None:
        return ()
    if relation is Relation.COLLEAGUE_OF:
        return world.people.colleagues(person)
    if relation is Relation.RELATIVE_OF:
        return known.relatives
    one = known.manager if relation is Relation.MANAGER_OF else known.coordinator
    return (one,) if one else ()


def _employed(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    return tuple(person.id for person in world.people.persons.values() if not person.external)


def _nobody(world: World, case: Case, name: str, role: Role) -> tuple[UUID, ...]:
    return ()


FINDERS: Mapping[RoleKind, Callable[[World, Case, str, Role], tuple[UUID, ...]]] = {
    RoleKind.COMPLAINANT: _nobody,
    RoleKind.REPRESENTATIVE: _nobody,
    RoleKind.OUTSIDE: _nobody,
    RoleKind.PUBLIC: _nobody,
    RoleKind.RECEIVER: _receiver,
    RoleKind.HANDLER: lambda world, case, name, role: case.handlers,
    RoleKind.APPOINTED: lambda world, case, name, role: case.appointed.get(name, ()),
    RoleKind.RESPONDENT: _respondents,
    RoleKind.POST: lambda world, case, name, role: world.people.posts.get(name, ()),
    RoleKind.FACT: _named_in_fact,
    RoleKind.RELATION: _related,
    RoleKind.STAFF: _employed,
}

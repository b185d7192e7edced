"""The people of a proof: one for every part a policy gives, none of them real."""

from __future__ import annotations

from uuid import UUID, uuid5

from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.people import People, Person

NAMES = UUID("00000000-0000-4000-8000-0000000000e0")


def somebody(name: str) -> UUID:
    """The person of this part, always the same."""
    return uuid5(NAMES, name)


RESPONDENT, MANAGER, COORDINATOR, COLLEAGUE = map(somebody, ("-respondent", "-manager", "-coordinator", "-colleague"))
RECEIVER = somebody("-receiver")


def everybody(policy: Policy) -> People:
    """A full organisation: a holder for every post, an employee to complain about with manager and colleagues."""
    persons = {
        RESPONDENT: Person(RESPONDENT, MANAGER, COORDINATOR, "team"),
        COLLEAGUE: Person(COLLEAGUE, MANAGER, COORDINATOR, "team"),
        **{each: Person(each) for each in (MANAGER, COORDINATOR, RECEIVER)},
    }
    posts: dict[str, tuple[UUID, ...]] = {}
    for name, role in policy.roles.items():
        if role.kind is RoleKind.POST:
            holders = tuple(somebody(f"{name} {seat}" if seat else name) for seat in range(max(1, role.least)))
            above = somebody(f"-manager of {name}")  # each post its own, so that posts are no colleagues of each other
            persons |= {above: Person(above)}
            persons |= {holder: Person(holder, above, external=bool(role.external)) for holder in holders}
            posts[name] = holders
    return People(persons, posts)

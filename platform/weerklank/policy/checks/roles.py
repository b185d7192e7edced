"""Roles: how the person is found, and that looking for him ends."""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.policy.findings import Path, Problem
from weerklank.policy.model import FactType, Policy, Role, RoleKind
from weerklank.policy.words import said

# Keys that mean something for one kind of role only.
ONLY_FOR = {
    "fact": RoleKind.FACT,
    "relation": RoleKind.RELATION,
    "of": RoleKind.RELATION,
    "external": RoleKind.POST,
    "required": RoleKind.POST,
}
NEEDED = (RoleKind.COMPLAINANT, RoleKind.HANDLER)


def kinds(policy: Policy) -> Iterator[Problem]:
    """Each kind has the keys it is found by and none of another kind."""
    for name, role in policy.roles.items():
        path: Path = ("roles", name)
        for key, kind in ONLY_FOR.items():
            value = getattr(role, key)
            if role.kind is not kind and value not in (None, False):
                yield Problem(
                    (*path, key),
                    said(
                        "`{key}` is for a role of kind {kind}; this one is {kind_}",
                        key=key,
                        kind=kind.value,
                        kind_=role.kind.value,
                    ),
                )
            if role.kind is kind and value is None and key != "external":
                yield Problem(path, said("a role of kind {kind} needs `{key}`", kind=kind.value, key=key), lacks=(key,))
        if role.seats == 0:
            yield Problem((*path, "seats"), said("a post has at least one seat"))
        fact = policy.facts.get(role.fact or "")
        if fact is not None and fact.type is not FactType.PERSON:
            yield Problem(
                (*path, "fact"),
                said(
                    "fact {fact!r} is of type {type}; a role is found by a person", fact=role.fact, type=fact.type.value
                ),
            )


def parts(policy: Policy) -> Iterator[Problem]:
    """A procedure cannot do without somebody who complains and somebody who handles."""
    present = {role.kind for role in policy.roles.values()}
    for kind in NEEDED:
        if kind not in present:
            yield Problem(("roles",), said("there is no role of kind {kind}", kind=kind.value))


def cycles(policy: Policy) -> Iterator[Problem]:
    """`of` and `substitute` lead somewhere."""
    for key in ("of", "substitute"):
        for name in policy.roles:
            if circle := circle_from(policy.roles[name], name, key, policy):
                yield Problem(
                    ("roles", name, key),
                    said("`{key}` goes round in a circle: {names}", key=key, names=" -> ".join(circle)),
                )


def circle_from(role: Role, name: str, key: str, policy: Policy) -> list[str]:
    """The circle through `name`, or nothing."""
    passed = {name: None}
    following = getattr(role, key)
    while following in policy.roles and following not in passed:
        passed[following] = None
        following = getattr(policy.roles[following], key)
    return [*passed, name] if following == name else []

"""What a privacy statement has to say of a procedure, as data made from the policy: who reads, who gets a copy."""

from __future__ import annotations

from collections.abc import Iterable

from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.parties import LODGERS
from weerklank.policy.show import Telling

CONCERNED = (RoleKind.RESPONDENT, RoleKind.FACT)
NOT_READERS = (*LODGERS, *CONCERNED, RoleKind.OUTSIDE, RoleKind.PUBLIC, RoleKind.STAFF)


def readers(policy: Policy, language: str) -> tuple[str, ...]:
    """Who reads a complaint by their part in the procedure, as people call them: whoever has something to do in it."""
    doers = (name for step in policy.steps.values() for name in (step.by, *step.also_by))
    return _labels(policy, language, (name for name in doers if policy.roles[name].kind not in NOT_READERS))


def concerned(policy: Policy, language: str) -> tuple[str, ...]:
    """Whom a complaint can be about and who hears of it then: he gets a message or has a part of his own."""
    doers = [name for step in policy.steps.values() for name in (step.by, *step.also_by)]
    told = [name for message in policy.messages.values() for name in (*message.to, *message.cc)]
    return _labels(policy, language, (name for name in (*doers, *told) if policy.roles[name].kind in CONCERNED))


def outside(policy: Policy, language: str) -> tuple[str, ...]:
    """Who outside the organisation gets a message in a case."""
    told = (name for message in policy.messages.values() for name in (*message.to, *message.cc))
    return _labels(policy, language, (name for name in told if policy.roles[name].kind is RoleKind.OUTSIDE))


def _labels(policy: Policy, language: str, names: Iterable[str]) -> tuple[str, ...]:
    telling = Telling(policy, language)
    return tuple(dict.fromkeys(telling.role(name) for name in names))

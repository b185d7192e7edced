"""What is kept apart for some roles, and what is for everybody.

Who does a step can see it; from what is published nobody can tell who complained.
"""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.policy.checks.messages import written
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import FactType, Message, Policy, RoleKind
from weerklank.policy.words import said

# What would say whose complaint it is.
PLACEHOLDERS = ("complainant", "reference", "status_url", "handler")
PIECES = ("complaint", "handler")


def steps(policy: Policy) -> Iterator[Problem]:
    """Whoever does a step sees what is written in it."""
    for name, step in policy.steps.items():
        if step.visible and not set(step.visible) & {step.by, *step.also_by, *step.signed_by}:
            message = said("who does this step would not see what is written in it: {role!r} is not here", role=step.by)
            yield Problem(("steps", name, "visible"), message, Severity.WARNING)


def published(policy: Policy) -> Iterator[Problem]:
    """A message to everybody holds nothing by which somebody who complains can be known."""
    everybody = {name for name, role in policy.roles.items() if role.kind is RoleKind.PUBLIC}
    for name, message in policy.messages.items():
        if everybody & {*message.to, *message.cc}:
            path: Path = ("messages", name)
            for held in revealing(policy, message):
                yield Problem(
                    path, said("everybody reads this message, and {held!r} says whose complaint it is", held=held)
                )
            if message.visible:
                yield Problem((*path, "visible"), said("everybody reads this message: it is not for some roles only"))
            for fact in facts_in(message):
                if fact in policy.facts and policy.facts[fact].visible:
                    text = said("everybody reads this message, and not everybody may see fact {fact!r}", fact=fact)
                    yield Problem(path, text)


def revealing(policy: Policy, message: Message) -> list[str]:
    """The pieces and placeholders of a message that say whose complaint it is about, or who is named in it."""
    placed = {*written(message.subject), *written(message.body)}
    held = [*(piece for piece in PIECES if piece in message.contains), *(one for one in PLACEHOLDERS if one in placed)]
    held += ["attach: complaint"] if "complaint" in message.attach else []
    people = (fact for fact in facts_in(message) if fact in policy.facts)
    return held + [f"fact.{fact}" for fact in people if policy.facts[fact].type is FactType.PERSON]


def facts_in(message: Message) -> list[str]:
    """The facts whose words come to stand in a message."""
    placed = (*message.contains, *written(message.subject), *written(message.body))
    return list(dict.fromkeys(one.removeprefix("fact.") for one in placed if one.startswith("fact.")))


def doers(policy: Policy) -> Iterator[Problem]:
    """Everybody does nothing: a role of kind public only gets messages."""
    everybody = {name for name, role in policy.roles.items() if role.kind is RoleKind.PUBLIC}
    for name, step in policy.steps.items():
        if everybody & {step.by, *step.also_by, *step.signed_by}:
            yield Problem(("steps", name, "by"), said("a role of kind public does nothing: it is everybody"))
    for name, term in policy.terms.items():
        if term.owner in everybody:
            yield Problem(("terms", name, "owner"), said("a role of kind public does nothing: it is everybody"))

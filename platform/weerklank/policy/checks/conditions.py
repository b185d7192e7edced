"""Conditions: one subject each, tested on something it can be, with values it can have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from weerklank.policy.amounts import cents
from weerklank.policy.checks.walk import concepts
from weerklank.policy.findings import Path, Problem, suggestion
from weerklank.policy.model import Condition, Fact, FactType, Policy, Scalar
from weerklank.policy.moments import outcomes_of
from weerklank.policy.words import said

SUBJECTS = {
    "all": "all",
    "any": "any",
    "not_": "not",
    "fact": "fact",
    "involved": "involved",
    "channel": "channel",
    "form": "form",
    "complainant": "complainant",
    "received_by": "received_by",
    "step": "step",
    "happened": "happened",
    "measures": "measures",
    "linked": "linked",
    "ground": "ground",
}
TESTS = {
    "is_": "is",
    "in_": "in",
    "known": "known",
    "at_least": "at_least",
    "at_most": "at_most",
    "older_than": "older_than",
}
BELONGS = {**dict.fromkeys(TESTS, "fact"), "before": "older_than", "outcome": "step"}
YAML_NAMES = {**SUBJECTS, **TESTS, "before": "before", "outcome": "outcome"}
VALUES = {
    FactType.YES_NO: (bool, said("true or false")),
    FactType.NUMBER: (int, said("a whole number")),
    FactType.DAY: (date, said("a day")),
}
ORDERED = (FactType.NUMBER, FactType.AMOUNT, FactType.DAY)


def conditions(policy: Policy) -> Iterator[tuple[Path, Condition]]:
    for path, concept, _ in concepts(policy):
        if isinstance(concept, Condition):
            yield path, concept


def shapes(policy: Policy) -> Iterator[Problem]:
    """Exactly one subject; what goes on from a subject stands with it; a fact is tested."""
    for path, condition in conditions(policy):
        subjects = [written for key, written in SUBJECTS.items() if getattr(condition, key) is not None]
        if len(subjects) > 1:
            yield Problem(
                path,
                said(
                    "a condition has one subject, not {names}; put them in `all` or `any`", names=" and ".join(subjects)
                ),
            )
        elif not subjects:
            yield Problem(path, said("a condition needs a subject: one of {names}", names=", ".join(SUBJECTS.values())))
        for key, owner in BELONGS.items():
            if getattr(condition, key) is not None and getattr(condition, owner) is None:
                yield Problem(
                    (*path, YAML_NAMES[key]),
                    said("`{key}` needs `{owner}` beside it", key=YAML_NAMES[key], owner=owner),
                )
        if condition.fact is not None and all(getattr(condition, test) is None for test in TESTS):
            yield Problem(
                path,
                said(
                    "say what fact {fact!r} must be: one of {names}",
                    fact=condition.fact,
                    names=", ".join(TESTS.values()),
                ),
            )
        if condition.all == () or condition.any == ():
            yield Problem(path, said("an empty list of conditions says nothing"))


def values(policy: Policy) -> Iterator[Problem]:
    """Facts are compared with what they can be, steps with outcomes they have."""
    for path, condition in conditions(policy):
        fact = policy.facts.get(condition.fact or "")
        if fact is not None:
            yield from compared(path, condition, fact)
        links = policy.combining.links if policy.combining else {}
        for index, name in enumerate(condition.linked or ()):
            if name not in links:
                message = said("there is no link {name!r}{near}", name=name, near=suggestion(name, links))
                yield Problem((*path, "linked", index), message)
        if condition.step is not None and condition.step in policy.steps:
            known = outcomes_of(policy, condition.step)
            for index, name in enumerate(condition.outcome or ()):
                if name not in known:
                    message = said(
                        "step {step!r} has no outcome {name!r}{hint}",
                        step=condition.step,
                        name=name,
                        hint=suggestion(name, known),
                    )
                    yield Problem((*path, "outcome", index), message)


def compared(path: Path, condition: Condition, fact: Fact) -> Iterator[Problem]:
    if condition.is_ is not None:
        yield from comparable((*path, "is"), condition.is_, fact)
    for index, value in enumerate(condition.in_ or ()):
        yield from comparable((*path, "in", index), value, fact)
    for key, bound in (("at_least", condition.at_least), ("at_most", condition.at_most)):
        if bound is not None and fact.type not in ORDERED:
            yield Problem(
                (*path, key),
                said("`{key}` compares numbers, amounts and days; this fact is {type}", key=key, type=fact.type.value),
            )
        elif bound is not None:
            yield from comparable((*path, key), bound, fact)
    if condition.older_than is not None and fact.type is not FactType.DAY:
        told = said("`older_than` is for days; this fact is {type}", type=fact.type.value)
        yield Problem((*path, "older_than"), told)


def comparable(path: Path, value: Scalar, fact: Fact) -> Iterator[Problem]:
    if fact.type in (FactType.CHOICE, FactType.CHOICES):
        if value not in fact.options:
            near = suggestion(str(value), fact.options)
            yield Problem(
                path,
                said("{value!r} is not one of {names}{near}", value=value, names=", ".join(fact.options), near=near),
            )
    elif fact.type is FactType.AMOUNT:
        if cents(value) is None:
            yield Problem(
                path,
                said("this fact is an amount in euro, such as 250 or '12.50', which is never {value!r}", value=value),
            )
    elif fact.type in VALUES:
        kind, called = VALUES[fact.type]
        if type(value) is not kind:
            yield Problem(path, said("this fact is {called}, which is never {value!r}", called=called, value=value))
    else:
        yield Problem(
            path, said("words of type {type} cannot be compared; ask whether they are `known`", type=fact.type.value)
        )

"""Conditions: one subject each, tested on something it can be, with values it can have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from weerklank.policy.checks.walk import concepts
from weerklank.policy.findings import Path, Problem, suggestion
from weerklank.policy.model import Condition, Fact, FactType, Policy, Scalar
from weerklank.policy.moments import outcomes_of

SUBJECTS = {
    "all": "all",
    "any": "any",
    "not_": "not",
    "fact": "fact",
    "involved": "involved",
    "channel": "channel",
    "form": "form",
    "received_by": "received_by",
    "step": "step",
    "happened": "happened",
    "measures": "measures",
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
    FactType.YES_NO: (bool, "true or false"),
    FactType.NUMBER: (int, "a whole number"),
    FactType.DAY: (date, "a day"),
}


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
                path, f"a condition has one subject, not {' and '.join(subjects)}; put them in `all` or `any`"
            )
        elif not subjects:
            yield Problem(path, f"a condition needs a subject: one of {', '.join(SUBJECTS.values())}")
        for key, owner in BELONGS.items():
            if getattr(condition, key) is not None and getattr(condition, owner) is None:
                yield Problem((*path, YAML_NAMES[key]), f"`{YAML_NAMES[key]}` needs `{owner}` beside it")
        if condition.fact is not None and all(getattr(condition, test) is None for test in TESTS):
            yield Problem(path, f"say what fact {condition.fact!r} must be: one of {', '.join(TESTS.values())}")
        if condition.all == () or condition.any == ():
            yield Problem(path, "an empty list of conditions says nothing")


def values(policy: Policy) -> Iterator[Problem]:
    """Facts are compared with what they can be, steps with outcomes they have."""
    for path, condition in conditions(policy):
        fact = policy.facts.get(condition.fact or "")
        if fact is not None:
            yield from compared(path, condition, fact)
        if condition.step is not None and condition.step in policy.steps:
            known = outcomes_of(policy, condition.step)
            for index, name in enumerate(condition.outcome or ()):
                if name not in known:
                    message = f"step {condition.step!r} has no outcome {name!r}{suggestion(name, known)}"
                    yield Problem((*path, "outcome", index), message)


def compared(path: Path, condition: Condition, fact: Fact) -> Iterator[Problem]:
    if condition.is_ is not None:
        yield from comparable((*path, "is"), condition.is_, fact)
    for index, value in enumerate(condition.in_ or ()):
        yield from comparable((*path, "in", index), value, fact)
    for key, bound in (("at_least", condition.at_least), ("at_most", condition.at_most)):
        if bound is not None and fact.type not in (FactType.NUMBER, FactType.DAY):
            yield Problem((*path, key), f"`{key}` compares numbers and days; this fact is {fact.type.value}")
        elif bound is not None:
            yield from comparable((*path, key), bound, fact)
    if condition.older_than is not None and fact.type is not FactType.DAY:
        yield Problem((*path, "older_than"), f"`older_than` is for days; this fact is {fact.type.value}")


def comparable(path: Path, value: Scalar, fact: Fact) -> Iterator[Problem]:
    if fact.type in (FactType.CHOICE, FactType.CHOICES):
        if value not in fact.options:
            near = suggestion(str(value), fact.options)
            yield Problem(path, f"{value!r} is not one of {', '.join(fact.options)}{near}")
    elif fact.type in VALUES:
        kind, called = VALUES[fact.type]
        if type(value) is not kind:
            yield Problem(path, f"this fact is {called}, which is never {value!r}")
    else:
        yield Problem(path, f"words of type {fact.type.value} cannot be compared; ask whether they are `known`")

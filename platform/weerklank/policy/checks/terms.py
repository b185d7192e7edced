"""Terms: that they end somewhere and are counted in a way that can be."""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.deadlines import Counting
from weerklank.deadlines.terms import is_outside_the_act
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import FactType, Policy, Term
from weerklank.policy.words import said

LENGTHS = ("within", "day", "of_measures", "back_from", "at_least", "repeats")


def lengths(policy: Policy) -> Iterator[Problem]:
    """A term has one last day, by a duration or by a fact that holds it."""
    for name, term in policy.terms.items():
        path: Path = ("terms", name)
        if not any(getattr(term, key) for key in LENGTHS):
            yield Problem(
                path, said("a term needs `within`, `day` or `back_from`: nothing says when it ends"), lacks=LENGTHS
            )
        if term.within and term.day:
            yield Problem((*path, "day"), said("a term has `within` or `day`, not both"))
        if term.of_measures and (term.within or term.day):
            yield Problem((*path, "of_measures"), said("a term of measures has no day or duration of its own"))
        if term.back_from and not term.within:
            yield Problem((*path, "back_from"), said("`back_from` needs `within`: how long before it"))
        if not term.until:
            yield Problem((*path, "until"), said("a term needs at least one moment that meets it"))
        yield from days(policy, path, term)
        if term.repeats and term.repeats.amount == 0:
            yield Problem((*path, "repeats"), said("an interval is longer than nothing"))


def days(policy: Policy, path: Path, term: Term) -> Iterator[Problem]:
    """Facts that are to hold a day do."""
    for key in ("day", "back_from"):
        fact = policy.facts.get((getattr(term, key) or "").removeprefix("fact."))
        if fact is not None and fact.type is not FactType.DAY:
            yield Problem(
                (*path, key), said("this fact is of type {type}; a term looks for a day", type=fact.type.value)
            )


def statutory(policy: Policy) -> Iterator[Problem]:
    """Article 4 of the General Extension of Time Limits Act: longer terms, and those in hours, are not extended."""
    for name, term in policy.terms.items():
        if term.counting is Counting.STATUTORY and term.within is not None and is_outside_the_act(term.within):
            message = said(
                "by article 4 of the Act this term is not extended over weekends and holidays; is `calendar` meant?"
            )
            yield Problem(("terms", name, "counting"), message, Severity.WARNING)

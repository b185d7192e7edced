"""Terms that stand still, are made longer, or end in silence: that it can be done and can be told."""

from __future__ import annotations

from collections.abc import Iterator

from weerklank.policy.findings import Path, Problem
from weerklank.policy.model import Does, Extension, Policy, Term, WhileClosed
from weerklank.policy.words import said


def pauses(policy: Policy) -> Iterator[Problem]:
    """A pause has a beginning, an end and a reason, and its term is one that is counted forward."""
    for name, term in policy.terms.items():
        path: Path = ("terms", name)
        for index, pause in enumerate(term.pauses):
            if not (pause.from_ and pause.until):
                yield Problem(
                    (*path, "pauses", index), said("a pause needs a moment at which it begins and one at which it ends")
                )
            if pause.label is None:
                message = said("a pause needs a `label`: it is the reason people read for the later day")
                yield Problem((*path, "pauses", index), message)
        if term.back_from or term.day or term.of_measures:
            yield from (
                Problem((*path, key), said("a term by a stated day or counted back does not stand still"))
                for key in still(term)
            )


def still(term: Term) -> list[str]:
    """The keys by which this term stands still."""
    return [*(["pauses"] if term.pauses else []), *(["closed"] if term.closed is WhileClosed.STAND_STILL else [])]


def extensions(policy: Policy) -> Iterator[Problem]:
    """Consent is asked of somebody for something."""
    for name, term in policy.terms.items():
        rule: Extension | None = term.extend
        path: Path = ("terms", name, "extend")
        if rule and rule.further and not (rule.in_all or rule.consent):
            yield Problem(
                (*path, "further"), said("`further` needs `in_all`: without a ceiling nothing lies beyond it")
            )
        if rule and rule.consent_of and not (rule.consent or rule.further):
            yield Problem(
                (*path, "consent_of"), said("`consent_of` needs `consent` or `further`: nothing asks for consent here")
            )


def silence(policy: Policy) -> Iterator[Problem]:
    """What the platform does by itself when a term has passed asks nobody for anything."""
    for name, term in policy.terms.items():
        step_name, _, outcome_name = (term.missed.takes if term.missed and term.missed.takes else "").partition(".")
        step = policy.steps.get(step_name)
        if step is None or outcome_name not in (tuple(step.outcomes) or ("done",)):
            continue
        path: Path = ("terms", name, "missed", "takes")
        outcome = step.outcomes.get(outcome_name)
        asked = (*step.asks, *(outcome.asks if outcome else ()))
        sends = (*((step.message,) if step.message else ()), *(outcome.sends if outcome else ()))
        if asked:
            yield Problem(path, said("silence fills in nothing, and this asks for {fact!r}", fact=asked[0]))
        if step.does in (Does.SIGN, Does.MEASURES):
            yield Problem(path, said("a step that does {does} is not done by silence", does=step.does.value))
        if any("text" in policy.messages[one].contains for one in sends if one in policy.messages):
            yield Problem(path, said("silence writes nothing, and this sends a message that must contain `text`"))

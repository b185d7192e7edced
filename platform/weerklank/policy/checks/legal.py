"""What the law demands that a procedure says it falls under: terms that are too long, a body that is not named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from weerklank import deadlines
from weerklank.deadlines import Calendar, Duration, Unit
from weerklank.policy.findings import Problem, Severity
from weerklank.policy.law import BASES, About, Basis, Limit
from weerklank.policy.model import Does, Policy, RoleKind, Term
from weerklank.policy.words import said
from weerklank.policy.world import calendar_of

FIRST = date(2026, 1, 1)
SPAN = 730  # days tried as the start of a term that is counted in other units than its longest
DAYS = {Unit.DAYS: 1, Unit.WEEKS: 7}


def too_long(policy: Policy) -> Iterator[Problem]:
    """Terms that can end after the last day the law allows, and extensions that are longer together."""
    for name in policy.procedure.basis:
        for limit in BASES[name].limits:
            yield from beyond(policy, BASES[name], limit)


def beyond(policy: Policy, basis: Basis, limit: Limit) -> Iterator[Problem]:
    for name, term in policy.terms.items():
        about = subject(policy, term)
        if limit.about is About.EXTENSION:
            yield from extended(name, term, about, basis, limit)
        elif about is limit.about and term.within is not None:
            calendar = calendar_of(policy.calendar)
            if (start := later(calendar, term, term.within, limit.most)) is not None:
                text = said(
                    "longer than the law allows: {article} ({since}) says at most {most}; from {start} it ends later",
                    article=limit.article, since=basis.since, most=str(limit.most), start=start,
                )  # fmt: skip
                yield Problem(("terms", name, "within"), text, severity(basis))


def extended(name: str, term: Term, about: About | None, basis: Basis, limit: Limit) -> Iterator[Problem]:
    if about not in (About.DECISION, About.ADVISED_DECISION) or term.extend is None or term.extend.consent:
        return
    most = term.extend.in_all
    if most is None or (most.unit in DAYS and limit.most.unit in DAYS and nominal(most) > nominal(limit.most)):
        text = said(
            "extended by more than the law allows: {article} ({since}) says at most {most} in all without consent",
            article=limit.article, since=basis.since, most=str(limit.most),
        )  # fmt: skip
        path = ("terms", name, "extend", "in_all") if most else ("terms", name, "extend")
        yield Problem(path, text, severity(basis), lacks=("in_all",))


def severity(basis: Basis) -> Severity:
    """What was not compared with the text of the law yet is a question."""
    return Severity.ERROR if basis.verified else Severity.QUESTION


def subject(policy: Policy, term: Term) -> About | None:
    """What a term is about, from what starts and what meets it."""
    deciding = {f"sent.{step.message}" for step in policy.steps.values() if step.does is Does.DECIDE and step.message}
    deciding |= {f"done.{name}" for name, step in policy.steps.items() if step.does is Does.DECIDE} | {"decided"}
    if {"received", "registered"} & set(term.from_):
        if deciding & set(term.until):
            return About.ADVISED_DECISION if is_advised(policy) else About.DECISION
        return About.NOT_HANDLING if set(refusals(policy)) & set(term.until) else None
    return About.MEASURES if deciding & set(term.from_) and "measures" in " ".join(term.until) else None


def refusals(policy: Policy) -> Iterator[str]:
    """The moments at which somebody is told that the complaint is not handled: outcomes that hang on a ground."""
    for name, step in policy.steps.items():
        for called, outcome in step.outcomes.items():
            if outcome.when is not None and outcome.when.ground:
                yield f"done.{name}.{called}"
                yield from (f"sent.{message}" for message in outcome.sends)


def is_advised(policy: Policy) -> bool:
    """Whether a body of several people takes part that does not decide itself."""
    deciders = {step.by for step in policy.steps.values() if step.does is Does.DECIDE}
    bodies = {name for name, role in policy.roles.items() if role.chair or role.least > 1}
    bodies |= {name for name, role in policy.roles.items() if role.kind is RoleKind.APPOINTED and role.seats > 1}
    return bool({step.by for step in policy.steps.values()} & bodies - deciders)


def later(calendar: Calendar, term: Term, within: Duration, most: Duration) -> date | None:
    """The first day of receipt from which this ends after the longest the law allows; None when there is none."""
    if within.unit in DAYS and most.unit in DAYS:
        return FIRST if nominal(within) > nominal(most) else None
    counting = deadlines.Counting.WORKING_DAYS if within.unit is Unit.WORKING_DAYS else term.counting
    counted = deadlines.Term(within, counting)
    allowed = deadlines.Term(most, deadlines.Counting.STATUTORY)
    for start in days():
        ours, theirs = (deadlines.compute(one, start, calendar).due for one in (counted, allowed))
        if ours is not None and theirs is not None and ours > theirs:
            return start
    return None


def nominal(duration: Duration) -> int:
    return duration.amount * DAYS[duration.unit]


def days() -> Sequence[date]:
    return [FIRST + timedelta(days=number) for number in range(SPAN)]


def redress(policy: Policy) -> Iterator[Problem]:
    """Messages that decide and do not name the outside body that the law wants in them."""
    for name in policy.procedure.basis:
        basis = BASES[name]
        bodies = [body for body, one in policy.bodies.items() if one.kind == "dispute"]
        if basis.redress is None:
            continue
        if not bodies:
            text = said("{article} wants an outside body for the complainant; there is none", article=basis.redress)
            yield Problem(("procedure", "basis"), text, severity(basis))
            continue
        for step, one in policy.steps.items():
            message = policy.messages.get(one.message or "")
            if one.does is not Does.DECIDE or message is None:
                continue
            if not any(piece.startswith("redress.") for piece in message.contains):
                text = said(
                    "{article} wants the outside body in the decision: `contains` names none", article=basis.redress
                )
                yield Problem(("messages", one.message or step, "contains"), text, severity(basis))

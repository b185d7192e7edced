"""Calendar, channels, facts, assignment, measures and steps, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Asked, ChannelKind, ChannelState, Does, FactType, Policy, Step

PAGES = (ChannelKind.PORTAL, ChannelKind.WEB_FORM)
WITH_MESSAGE = (Does.SEND, Does.PROPOSE, Does.DECIDE)
CHOSEN = (FactType.CHOICE, FactType.CHOICES)


def version(policy: Policy) -> Iterator[Problem]:
    if policy.weerklank != 1:
        yield Problem(("weerklank",), "this platform reads version 1 of the language")
    if not policy.procedure.languages:
        yield Problem(("procedure", "languages"), "a procedure is offered in at least one language")


def calendar(policy: Policy) -> Iterator[Problem]:
    try:
        ZoneInfo(policy.calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(("calendar", "timezone"), f"{policy.calendar.timezone[:60]!r} is not a time zone")
    if not policy.calendar.week:
        yield Problem(("calendar", "week"), "a week has at least one working day")
    for index, closed in enumerate(policy.calendar.closed):
        if closed.to < closed.from_:
            yield Problem(
                ("calendar", "closed", index), f"this period ends ({closed.to}) before it begins ({closed.from_})"
            )


def channels(policy: Policy) -> Iterator[Problem]:
    """Pages have a role that receives; what is shut says what works meanwhile; the portal is the platform's."""
    for name, channel in policy.channels.items():
        path: Path = ("channels", name)
        if channel.kind in PAGES and channel.to is None:
            yield Problem(
                path, f"a channel of kind {channel.kind.value} needs `to`: who receives what comes in", lacks=("to",)
            )
        if channel.kind is ChannelKind.PORTAL and "platform" not in channel.source:
            yield Problem((*path, "source"), "the portal is the platform's own channel: its source is `platform`")
        if channel.state is ChannelState.MAINTENANCE and not (channel.notice and channel.fallback):
            yield Problem(
                path,
                "a channel in maintenance needs `notice` and `fallback`: what to do meanwhile",
                Severity.WARNING,
                lacks=("notice", "fallback"),
            )
        for index, other in enumerate(channel.fallback):
            if other in policy.channels and policy.channels[other].state is not ChannelState.OPEN:
                yield Problem((*path, "fallback", index), f"channel {other!r} is not open either", Severity.WARNING)
    if policy.channels and all(one.state is not ChannelState.OPEN for one in policy.channels.values()):
        yield Problem(("channels",), "no channel is open: nobody can complain")


def facts(policy: Policy) -> Iterator[Problem]:
    """A choice has something to choose from, and whatever is declared is filled in somewhere."""
    asked = asked_somewhere(policy)
    for name, fact in policy.facts.items():
        path: Path = ("facts", name)
        if fact.type in CHOSEN and not fact.options:
            yield Problem(path, f"a fact of type {fact.type.value} needs `options`", lacks=("options",))
        if fact.type not in CHOSEN and fact.options:
            yield Problem((*path, "options"), f"`options` is for choice and choices; this fact is {fact.type.value}")
        if fact.at_intake is Asked.NO and name not in asked and name != "judgement":
            yield Problem(path, "nothing asks for this fact: no step, no outcome, not the intake", Severity.WARNING)


def asked_somewhere(policy: Policy) -> set[str]:
    asked = {*policy.measures.overrun_asks, *(policy.withdraw.asks if policy.withdraw else ())}
    for step in policy.steps.values():
        asked.update(step.asks, step.offers, *(outcome.asks for outcome in step.outcomes.values()))
    return asked


def assignment(policy: Policy) -> Iterator[Problem]:
    """Every rule can be reached, has a name of its own and leads to somebody."""
    seen: set[str] = set()
    always: str | None = None
    if not policy.assignment.rules:
        yield Problem(("assignment", "rules"), "there is no rule: nobody would ever handle a complaint")
    for index, rule in enumerate(policy.assignment.rules):
        path: Path = ("assignment", "rules", index)
        if rule.id in seen:
            yield Problem((*path, "id"), f"another rule is called {rule.id!r} too")
        if always is not None:
            yield Problem(
                path, f"this rule is never reached: rule {always!r} before it has no `when` and always decides"
            )
        if rule.to is None and policy.assignment.chosen_by is None:
            yield Problem(path, "this rule leaves the choice to a person, but `chosen_by` names nobody", lacks=("to",))
        seen.add(rule.id)
        always = always or (rule.id if rule.when is None else None)
    if policy.assignment.rules and always is None:
        message = "no rule is without `when`: a complaint that fits none of them is assigned to nobody"
        yield Problem(("assignment", "rules"), message, Severity.WARNING)


def measures(policy: Policy) -> Iterator[Problem]:
    """A case that waits for measures has somebody who checks them."""
    waits = any(step.does is Does.MEASURES for step in policy.steps.values())
    if waits and policy.measures.verified_by is None:
        message = "a step waits for measures to be checked, but `verified_by` names nobody"
        yield Problem(("measures",), message, Severity.WARNING, lacks=("verified_by",))


def steps(policy: Policy) -> Iterator[Problem]:
    """A step has what its sort needs to be done."""
    for name, step in policy.steps.items():
        path: Path = ("steps", name)
        if step.does in WITH_MESSAGE and not (step.message or any(one.sends for one in step.outcomes.values())):
            yield Problem(path, f"a step that does {step.does.value} needs a `message`", lacks=("message",))
        if step.does is Does.SIGN and not step.signed_by:
            yield Problem(path, "a step that does sign needs `signed_by`", lacks=("signed_by",))
        if step.does in (Does.CHOOSE, Does.ANSWER) and not step.outcomes:
            yield Problem(path, f"a step that does {step.does.value} needs `outcomes` to choose from")
        if step.outcomes and step.then:
            yield Problem((*path, "then"), "a step with outcomes leads on by their `then`, not by its own")
        yield from guards(path, step)
    if not any(step.does is Does.ASSIGN for step in policy.steps.values()):
        yield Problem(("steps",), "no step does assign: nobody gets a complaint to handle", Severity.WARNING)


def guards(path: Path, step: Step) -> Iterator[Problem]:
    for index, guard in enumerate(step.guards):
        if guard.label is None:
            yield Problem((*path, "guards", index), "a guard needs a `label`: it is what people read when it refuses")

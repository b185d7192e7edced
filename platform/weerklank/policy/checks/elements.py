"""Calendar, channels, facts, assignment, measures and steps, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from weerklank.policy.amounts import in_units, reaches, within
from weerklank.policy.checks.conditions import ORDERED, comparable
from weerklank.policy.facts import preset_value
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Asked, ChannelKind, ChannelState, Does, Fact, FactType, Policy, Step
from weerklank.policy.parties import LODGERS
from weerklank.policy.words import said

PAGES = (ChannelKind.PORTAL, ChannelKind.WEB_FORM)
WITH_MESSAGE = (Does.SEND, Does.PROPOSE, Does.DECIDE)
CHOSEN = (FactType.CHOICE, FactType.CHOICES)


def version(policy: Policy) -> Iterator[Problem]:
    if policy.weerklank != 1:
        yield Problem(("weerklank",), said("this platform reads version 1 of the language"))
    if not policy.procedure.languages:
        yield Problem(("procedure", "languages"), said("a procedure is offered in at least one language"))


def calendar(policy: Policy) -> Iterator[Problem]:
    try:
        ZoneInfo(policy.calendar.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem(
            ("calendar", "timezone"),
            said("{zone!r} is not a time zone", zone=policy.calendar.timezone[:60]),
        )
    if not policy.calendar.week:
        yield Problem(("calendar", "week"), said("a week has at least one working day"))
    for index, closed in enumerate(policy.calendar.closed):
        if closed.to < closed.from_:
            yield Problem(
                ("calendar", "closed", index),
                said("this period ends ({to}) before it begins ({from_})", to=closed.to, from_=closed.from_),
            )


def channels(policy: Policy) -> Iterator[Problem]:
    """Pages have a role that receives; what is shut says what works meanwhile; the portal is the platform's."""
    for name, channel in policy.channels.items():
        path: Path = ("channels", name)
        if channel.kind in PAGES and channel.to is None:
            yield Problem(
                path,
                said("a channel of kind {kind} needs `to`: who receives what comes in", kind=channel.kind.value),
                lacks=("to",),
            )
        if channel.kind is ChannelKind.PORTAL and "platform" not in channel.source:
            yield Problem((*path, "source"), said("the portal is the platform's own channel: its source is `platform`"))
        if channel.state is ChannelState.MAINTENANCE and not (channel.notice and channel.fallback):
            yield Problem(
                path,
                said("a channel in maintenance needs `notice` and `fallback`: what to do meanwhile"),
                Severity.WARNING,
                lacks=("notice", "fallback"),
            )
        for index, other in enumerate(channel.fallback):
            if other in policy.channels and policy.channels[other].state is not ChannelState.OPEN:
                yield Problem(
                    (*path, "fallback", index),
                    said("channel {other!r} is not open either", other=other),
                    Severity.WARNING,
                )
    if policy.channels and all(one.state is not ChannelState.OPEN for one in policy.channels.values()):
        yield Problem(("channels",), said("no channel is open: nobody can complain"))


def facts(policy: Policy) -> Iterator[Problem]:
    """A choice has something to choose from, and whatever is declared is filled in somewhere."""
    asked = asked_somewhere(policy)
    for name, fact in policy.facts.items():
        path: Path = ("facts", name)
        if fact.type in CHOSEN and not fact.options:
            yield Problem(path, said("a fact of type {type} needs `options`", type=fact.type.value), lacks=("options",))
        if fact.type not in CHOSEN and fact.options:
            yield Problem(
                (*path, "options"),
                said("`options` is for choice and choices; this fact is {type}", type=fact.type.value),
            )
        if fact.at_intake is Asked.NO and not fact.preset and name not in asked and name != "judgement":
            yield Problem(
                path, said("nothing asks for this fact: no step, no outcome, not the intake"), Severity.WARNING
            )


def bounds(policy: Policy) -> Iterator[Problem]:
    """Bounds are of facts that have an order, in that order; a preset is a value that the fact can have."""
    for name, fact in policy.facts.items():
        given = [
            (key, bound) for key, bound in (("at_least", fact.at_least), ("at_most", fact.at_most)) if bound is not None
        ]
        for key, bound in given:
            if fact.type not in ORDERED:
                yield Problem(
                    ("facts", name, key),
                    said(
                        "`{key}` is for numbers, amounts and days; this fact is {type}", key=key, type=fact.type.value
                    ),
                )
            else:
                yield from comparable(("facts", name, key), bound, fact)
        low, high = in_units(fact, fact.at_least), in_units(fact, fact.at_most)
        if low is not None and high is not None and type(low) is type(high) and not reaches(high, low):
            yield Problem(("facts", name, "at_most"), said("nothing lies between these bounds"))
        yield from presets(name, fact)


def presets(name: str, fact: Fact) -> Iterator[Problem]:
    always: int | None = None
    for index, one in enumerate(fact.preset):
        path: Path = ("facts", name, "preset", index)
        problems = list(comparable((*path, "is"), one.is_, fact))
        yield from problems
        if not problems and not within(fact, preset_value(fact, one)):
            yield Problem((*path, "is"), said("this value lies outside the bounds of the fact itself"))
        if always is not None:
            yield Problem(path, said("this line is never reached: one before it has no `when` and always decides"))
        always = index if always is None and one.when is None else always


def restrictions(policy: Policy) -> Iterator[Problem]:
    """Whatever is closed to somebody, another way stays open."""
    working = {name for name, one in policy.channels.items() if one.state is ChannelState.OPEN}
    for name, one in policy.restrictions.items():
        path: Path = ("restrictions", name)
        if one.closes and not working - set(one.closes):
            yield Problem((*path, "closes"), said("no channel would stay open: somebody must be able to reach you"))
        if not reaches_complainant(policy, one.message):
            yield Problem((*path, "message"), said("this message does not go to the complainant, who must be told"))


def combining(policy: Policy) -> Iterator[Problem]:
    """Who is merged or split away hears of it, and linking leads to something."""
    known = policy.combining
    if known is None:
        return
    for key, one in (("merge", known.merge), ("split", known.split)):
        if one is not None and not reaches_complainant(policy, one.message):
            message = said("this message does not go to the complainant, who must be told")
            yield Problem(("combining", key, "message"), message)
    if not known.links and known.merge is None and known.split is None:
        yield Problem(("combining",), said("nothing can be combined: give `links`, `merge` or `split`"))
    for name in {"merge", "split"} & set(known.links):
        message = said("{name!r} means something else here; take another name", name=name)
        yield Problem(("combining", "links", name), message)


def reaches_complainant(policy: Policy, message: str) -> bool:
    to = policy.messages[message].to if message in policy.messages else ()
    return any(policy.roles[role].kind in LODGERS for role in to if role in policy.roles) or not to


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
        yield Problem(("assignment", "rules"), said("there is no rule: nobody would ever handle a complaint"))
    for index, rule in enumerate(policy.assignment.rules):
        path: Path = ("assignment", "rules", index)
        if rule.id in seen:
            yield Problem((*path, "id"), said("another rule is called {id!r} too", id=rule.id))
        if always is not None:
            yield Problem(
                path,
                said(
                    "this rule is never reached: rule {always!r} before it has no `when` and always decides",
                    always=always,
                ),
            )
        if rule.to is None and policy.assignment.chosen_by is None:
            yield Problem(
                path, said("this rule leaves the choice to a person, but `chosen_by` names nobody"), lacks=("to",)
            )
        seen.add(rule.id)
        always = always or (rule.id if rule.when is None else None)
    if policy.assignment.rules and always is None:
        message = said("no rule is without `when`: a complaint that fits none of them is assigned to nobody")
        yield Problem(("assignment", "rules"), message, Severity.WARNING)


def measures(policy: Policy) -> Iterator[Problem]:
    """A case that waits for measures has somebody who checks them."""
    waits = any(step.does is Does.MEASURES for step in policy.steps.values())
    if waits and policy.measures.verified_by is None:
        message = said("a step waits for measures to be checked, but `verified_by` names nobody")
        yield Problem(("measures",), message, Severity.WARNING, lacks=("verified_by",))


def steps(policy: Policy) -> Iterator[Problem]:
    """A step has what its sort needs to be done."""
    for name, step in policy.steps.items():
        path: Path = ("steps", name)
        if step.does in WITH_MESSAGE and not (step.message or any(one.sends for one in step.outcomes.values())):
            yield Problem(
                path, said("a step that does {does} needs a `message`", does=step.does.value), lacks=("message",)
            )
        if step.does is Does.SIGN and not step.signed_by:
            yield Problem(path, said("a step that does sign needs `signed_by`"), lacks=("signed_by",))
        if step.does in (Does.CHOOSE, Does.ANSWER) and not step.outcomes:
            yield Problem(path, said("a step that does {does} needs `outcomes` to choose from", does=step.does.value))
        if step.outcomes and step.then:
            yield Problem((*path, "then"), said("a step with outcomes leads on by their `then`, not by its own"))
        yield from guards(path, step)
    if not any(step.does is Does.ASSIGN and step.of is None for step in policy.steps.values()):
        yield Problem(("steps",), said("no step does assign: nobody gets a complaint to handle"), Severity.WARNING)


def guards(path: Path, step: Step) -> Iterator[Problem]:
    for index, guard in enumerate(step.guards):
        if guard.label is None:
            yield Problem(
                (*path, "guards", index), said("a guard needs a `label`: it is what people read when it refuses")
            )

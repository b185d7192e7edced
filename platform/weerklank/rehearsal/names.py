"""Names in a story that its policy or its people do not know, found before anything is played.

What a story wants done must exist. What it wants not to be there may be unknown (a procedure without that step), but
not when it looks like a mistyped name: then nothing would be looked at, for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from weerklank.policy.findings import Path, Problem, suggestion
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.moments import outcomes_of
from weerklank.rehearsal.model import COMPLAINANT_NAME, NOBODY, REPORTED, Expect, Happening, Story

LISTED = ("work", "no_work", "told", "not_told", "register", "not_register")
AFTER = ("involve", "release", "absent", "appoint", "leave_post", "chart")


def misnamed(policy: Policy, story: Story) -> Iterator[Problem]:
    """Every such name, with its place in the story."""
    people = dict.fromkeys(story.people)
    for name in people:
        if name in (COMPLAINANT_NAME, NOBODY):
            yield Problem(("people", name), f"{name!r} means something else in a story; take another short name")
    for number, happening in enumerate(story.happenings):
        path: Path = ("happenings", number)
        yield from _in_happening(policy, people, path, happening)
        if happening.expect:
            yield from _in_expectation(policy, people, (*path, "expect"), happening.expect)


def _in_happening(policy: Policy, people: Collection[str], path: Path, given: Happening) -> Iterator[Problem]:
    step, _, outcome = (given.do or given.sign or "").partition(".")
    if step:
        verb = "do" if given.do else "sign"
        yield from _unknown((*path, verb), "step", step, policy.steps)
        if outcome and step in policy.steps:
            yield from _unknown((*path, verb), "outcome", outcome, outcomes_of(policy, step))
    for verb in ("extend", "agree"):
        yield from _unknown((*path, verb), "term", getattr(given, verb), policy.terms)
    posts = [name for name, role in policy.roles.items() if role.kind is RoleKind.POST]
    for verb in ("appoint", "leave_post"):
        if getattr(given, verb):
            yield from _unknown((*path, verb), "post", given.post or "", posts)
    for key in ("owner", "manager", *AFTER):
        yield from _unknown((*path, key), "person", getattr(given, key), people)
    for verb in ("restrict", "lift"):
        yield from _unknown((*path, verb), "restriction", getattr(given, verb), policy.restrictions)
    for verb in ("link", "unlink"):
        links = policy.combining.links if policy.combining else {}
        yield from _unknown((*path, verb), "link", getattr(given, verb), links)
    for name in given.person:
        yield from _unknown((*path, "person"), "person", name, people)
    for name in given.consent or ():
        yield from _unknown((*path, "consent"), "role", name, policy.roles)
    yield from _unknown((*path, "by"), "person", given.by, (*people, COMPLAINANT_NAME))
    for fact in given.facts:
        yield from _unknown((*path, "facts", fact), "fact", fact, policy.facts)
    yield from _in_learning(policy, people, path, given)
    if given.receive:
        yield from _unknown((*path, "receive", "channel"), "channel", given.receive.channel, policy.channels)
        yield from _unknown((*path, "receive", "by"), "person", given.receive.by, people)
        languages = policy.procedure.languages
        yield from _unknown((*path, "receive", "language"), "language", given.receive.language, languages)
        for fact in given.receive.facts:
            yield from _unknown((*path, "receive", "facts", fact), "fact", fact, policy.facts)


def _in_learning(policy: Policy, people: Collection[str], path: Path, given: Happening) -> Iterator[Problem]:
    for verb in ("begin", "write", "release_report", "decide_on", "present", "evaluate"):
        name = getattr(given, verb)
        yield from _unknown((*path, verb), "report", name.partition(".")[0] if name else None, policy.reports)
    for verb in ("recommend", "log", "enter"):
        name = getattr(given, verb)
        yield from _unknown((*path, verb), "duty", name.partition(".")[0] if name else None, policy.duties)
    for verb in ("check", "announce", "tell"):
        yield from _unknown((*path, verb), "publication", getattr(given, verb), policy.publication)
    yield from _unknown((*path, "to"), "role", given.to, policy.roles)
    for name in given.with_:
        yield from _unknown((*path, "with"), "person", name, people)
    for name, planned in given.measures.items():
        yield from _unknown((*path, "measures", name, "owner"), "person", planned.owner, people)


def _in_expectation(policy: Policy, people: Collection[str], path: Path, expect: Expect) -> Iterator[Problem]:
    for name in expect.reports:
        yield from _unknown((*path, "reports"), "report", name, policy.reports)
    for key in (*LISTED, "not_choosable", "nothing_to", "sees", "tasks", "reads", "not_reads"):
        for name in getattr(expect, key):
            yield from _unknown((*path, key), "person", name, people)
    for key in ("offers", "no_offer"):
        for name in getattr(expect, key):
            yield from _unknown((*path, key), "person", name, (*people, COMPLAINANT_NAME))
    for name in expect.report:
        yield from _unknown((*path, "report"), "count", name, REPORTED)
    for mail in (*expect.sent, *expect.not_sent):
        yield from _unknown((*path, "sent"), "recipient", mail.to, (*people, COMPLAINANT_NAME, *policy.roles))
    yield from _mistyped((*path, "no_term"), "term", expect.no_term, policy.terms)
    yield from _mistyped((*path, "not_open"), "step", expect.not_open, policy.steps)
    not_sent = [mail.message for mail in expect.not_sent if mail.message]
    yield from _mistyped((*path, "not_sent"), "message", not_sent, policy.messages)
    unwanted = [offer for offers in expect.no_offer.values() for offer in offers]
    yield from _mistyped((*path, "no_offer"), "step", unwanted, offers_of(policy))


def offers_of(policy: Policy) -> list[str]:
    """Everything that can be on offer: steps, their outcomes, extensions."""
    outcomes = [f"{step}.{outcome}" for step in policy.steps for outcome in outcomes_of(policy, step)]
    return [*policy.steps, *outcomes, *(f"extend.{term}" for term in policy.terms)]


def _unknown(path: Path, what: str, name: str | None, known: Collection[str]) -> Iterator[Problem]:
    if name is not None and name not in known:
        yield Problem(path, f"there is no {what} {name!r} here{suggestion(name, known)}")


def _mistyped(path: Path, what: str, names: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    for name in names:
        near = "" if name in known else suggestion(name, known)
        if near:
            yield Problem(path, f"there is no {what} {name!r} here{near}")

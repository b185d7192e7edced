"""A procedure as people read it, made from the policy: as data first, because a page and a terminal show the same."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from weerklank.deadlines import Counting
from weerklank.policy.model import (
    Asked,
    Assignment,
    Channel,
    ChannelState,
    Does,
    Extension,
    Form,
    Pause,
    Policy,
    Role,
    Step,
    Strength,
    Term,
    WhileClosed,
)
from weerklank.policy.phrases import Words, capital
from weerklank.policy.sentences import SENTENCES, TITLES
from weerklank.policy.tongues import spoken
from weerklank.policy.words import filled

WIDTH = 88


@dataclass(frozen=True)
class Point:
    """One item of a section: what it is, sentences about it, its clauses, and whether it is still a reading."""

    text: str
    details: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    unconfirmed: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and points; `key` is fixed (`complaint`, `who`, ...), `numbered` for an order."""

    key: str
    title: str
    paragraphs: tuple[str, ...]
    points: tuple[Point, ...] = ()
    numbered: bool = False


class Telling(Words):
    """Words, and the sentences of this page."""

    def say(self, key: str, *parts: str) -> str:
        said = {language: sentences[key] for language, sentences in SENTENCES.items()}
        return filled(spoken(said, self.language), *parts)


def describe(policy: Policy, language: str) -> list[Section]:
    """The procedure in `language`, in the order people ask for it. Sections with nothing to say are left out."""
    words = Telling(policy, language)
    titles = TITLES.get(language, TITLES["en"])
    made = ((key, write(words)) for key, write in WRITERS.items())
    return [
        Section(key, titles[key], tuple(filter(None, paragraphs)), tuple(points), numbered=key == "steps")
        for key, (paragraphs, points) in made
        if any(paragraphs) or points
    ]


Written = tuple[list[str], list[Point]]


def about(words: Telling) -> Written:
    procedure = words.policy.procedure
    return [words.say("of", procedure.organisation), words.text(procedure.purpose)], []


def complaint(words: Telling) -> Written:
    scope = words.policy.scope
    paragraphs = [words.text(scope.complaint)]
    paragraphs += [words.text(scope.not_a_complaint)] if scope.not_a_complaint else []
    paragraphs += [words.say("examples", words.text(scope.examples))] if scope.examples else []
    points = [
        Point(f"{capital(words.label(one, name))}: {words.text(one.text)}", (), one.source, bool(one.unconfirmed))
        for name, one in scope.definitions.items()
    ]
    return paragraphs, points


def who(words: Telling) -> Written:
    scope, contact = words.policy.scope, words.policy.contact
    ways = {"anonymous": contact.anonymous, "several": contact.several, "represented": contact.representative}
    said = [words.say(way) for way, allowed in ways.items() if allowed and allowed != "no"]
    return [words.text(scope.complainants), words.text(scope.representation), *said], []


def how(words: Telling) -> Written:
    """The channels, and what is asked of whoever complains."""
    forms = "_".join(form.value for form in Form if form in words.policy.scope.forms)
    paragraphs = [words.say(forms)] if forms else []
    required = asked(words, (Asked.REQUIRED,))
    optional = asked(words, (Asked.ASKED, Asked.OPTIONAL))
    paragraphs += [words.say("asked", words.joined("and", required))] if required else []
    paragraphs += [words.say("may", words.joined("and", optional))] if optional else []
    one_of = [words.say("address_" if name == "address" else name) for name in words.policy.contact.one_of]
    paragraphs += [words.say("one_of", words.joined("or", one_of))] if one_of else []
    channels = words.policy.channels.items()
    return paragraphs, [channel(words, name, one) for name, one in channels if one.state is not ChannelState.OFF]


def asked(words: Telling, degrees: tuple[Asked, ...]) -> list[str]:
    """What is asked at intake to one of these degrees."""
    contact = words.policy.contact
    named = {"name": contact.name, "email": contact.email, "phone": contact.phone, "address_": contact.address}
    facts = words.policy.facts.items()
    return [
        *(words.say(key) for key, degree in named.items() if degree in degrees),
        *(filled("‘{0}’", asked_as(words, name)) for name, fact in facts if fact.at_intake in degrees),
    ]


def asked_as(words: Telling, name: str) -> str:
    fact = words.policy.facts[name]
    return words.text(fact.question) or words.label(fact, name)


def channel(words: Telling, name: str, one: Channel) -> Point:
    details = [words.say("address", one.address)] if one.address else []
    if one.state is ChannelState.MAINTENANCE:
        others = (words.label(words.policy.channels[other], other) for other in one.fallback)
        details += [words.text(one.notice)]
        details += [words.say("maintenance", words.joined("or", others))] if one.fallback else []
    elif one.to:
        details += [words.say("to", words.role(one.to))]
    details += [words.text(one.help)]
    called = words.text(one.question) or words.label(one, name)
    return Point(capital(called), tuple(filter(None, details)), one.source, bool(one.unconfirmed))


def cost(words: Telling) -> Written:
    procedure = words.policy.procedure
    paid = words.say("costs", str(procedure.cost)) if procedure.cost else words.say("cost")
    return [paid, words.text(procedure.cost_note)], []


def handler(words: Telling) -> Written:
    """The assignment rules, in their order; then who else is appointed in a case."""
    assignment = words.policy.assignment
    points = [
        Point(text, (), rule.source or assignment.source, bool(rule.unconfirmed))
        for rule, text in zip(assignment.rules, choices(words, assignment), strict=True)
    ]
    points += [
        body(words, name, role) for name, role in words.policy.roles.items() if role.assignment or role.least > 1
    ]
    return [words.say("apart")], points


def choices(words: Telling, assignment: Assignment) -> list[str]:
    """Each rule as a sentence."""
    chooser = words.say("chosen", words.role(assignment.chosen_by)) if assignment.chosen_by else ""
    said = []
    for rule in assignment.rules:
        to = words.role(rule.to) if rule.to else chooser
        other = words.say("else" if len(assignment.rules) > 1 else "always", to)
        said.append(words.say("if", words.condition(rule.when), to) if rule.when else other)
    return said


def body(words: Telling, name: str, role: Role) -> Point:
    """A body, or a role that is filled in each case: how, by how many, and who cannot be in it."""
    rules = role.assignment
    details = choices(words, rules) if rules else []
    details += [words.say("least", str(role.least))] if role.least > 1 else []
    details += [words.say("number", str(rules.number))] if rules and rules.number > 1 else []
    details += [words.say("chair", words.role(role.chair))] if role.chair else []
    details += [words.say("never", words.roles(rules.never))] if rules and rules.never else []
    if role.nominated_by:
        by = words.text(role.nominated_by)
        details += [words.say("nominated", words.role(by) if by in words.policy.roles else by)]
    return Point(capital(words.label(role, name)), tuple(details), role.source, bool(role.unconfirmed))


def steps(words: Telling) -> Written:
    return [], [step(words, name, one) for name, one in words.policy.steps.items()]


def step(words: Telling, name: str, one: Step) -> Point:
    """Who does it, when, by which day, on what condition, and how it can end."""
    doers = words.joined("or", (words.role(role) for role in (one.by, *one.also_by)))
    details = [words.text(one.help), words.say("by_owners") if one.does is Does.MEASURES else words.say("by", doers)]
    details += [words.say("only", words.condition(one.when))] if one.when else []
    details += [words.say("when", limit(words, term)) for term in words.policy.terms.values() if meets(name, one, term)]
    if one.outcomes:
        ways = (words.label(way, called) for called, way in one.outcomes.items())
        details += [words.say("ends", "; ".join(ways))]
    return Point(capital(words.step(name)), tuple(filter(None, details)), one.source, bool(one.unconfirmed))


def meets(name: str, one: Step, term: Term) -> bool:
    """Whether doing this step meets the term."""
    raised = {f"done.{name}", *(f"done.{name}.{outcome}" for outcome in one.outcomes), f"sent.{one.message}"}
    raised |= {"decided"} if one.does is Does.DECIDE else set()
    raised |= {f"sent.{message}" for outcome in one.outcomes.values() for message in outcome.sends}
    return bool(raised & set(term.until)) and bool(limit_of(term))


def limit_of(term: Term) -> str:
    """Which of the ways to set a limit a term uses."""
    if term.within and term.back_from:
        return "back"
    ways = (
        ("within", term.within),
        ("day", term.day),
        ("of_measures", term.of_measures),
        ("not_before", term.at_least),
        ("repeats", term.repeats),
    )
    return next((way for way, given in ways if given), "")


def limit(words: Telling, term: Term) -> str:
    """When the last day is, as half a sentence."""
    match limit_of(term):
        case "back" if term.within and term.back_from:
            fact = term.back_from.removeprefix("fact.")
            anchor = words.fact(fact) if fact in words.policy.facts else words.moment(term.back_from)
            return words.say("back", words.duration(term.within), f"‘{anchor}’")
        case "within" if term.within:
            return words.say("within", words.duration(term.within), starts(words, term))
        case "day" if term.day:
            return words.say("day", f"‘{words.fact(term.day)}’")
        case "of_measures":
            return words.say("of_measures")
        case "not_before" if term.at_least:
            return words.say("not_before", words.duration(term.at_least), starts(words, term))
        case "repeats" if term.repeats:
            return words.say("repeats", words.duration(term.repeats))
        case _:
            return ""


def starts(words: Telling, term: Term) -> str:
    """What a term counts from; of several moments which one."""
    named = words.joined("or", (words.moment(moment) for moment in term.from_))
    return named if len(term.from_) == 1 else words.say("latest_of" if term.restarts else "first_of", named)


def terms(words: Telling) -> Written:
    return [], [term_point(words, name, one) for name, one in words.policy.terms.items()]


def term_point(words: Telling, name: str, term: Term) -> Point:
    details = [capital(limit(words, term)) + "." if limit(words, term) else "", words.say("by", words.role(term.owner))]
    details += [words.say("only", words.condition(term.when))] if term.when else []
    details += [words.say("counting_statutory")] if term.counting is Counting.STATUTORY else []
    details += [words.say(f"strength_{term.strength}")] if term.strength is not Strength.HARD else []
    if term.extend:
        extender = words.role(term.extend.by)
        most = words.duration(term.extend.in_all) if term.extend.in_all else ""
        details += [words.say("extend_most" if most else "extend", extender, most)]
        details += consents(words, term.extend)
    details += [words.say("suspend")] if term.suspend else []
    details += [pause(words, one) for one in term.pauses]
    details += [words.say("rests")] if term.closed is WhileClosed.STAND_STILL else []
    if term.missed and term.missed.takes:
        name, _, outcome = term.missed.takes.partition(".")
        details += [words.say("takes", words.step(name), words.outcome(name, outcome))]
    return Point(capital(words.label(term, name)), tuple(filter(None, details)), term.source, bool(term.unconfirmed))


def consents(words: Telling, rule: Extension) -> list[str]:
    """Whether a longer term needs somebody's consent, and whose."""
    if not (rule.consent or rule.further):
        return []
    whose = words.roles(rule.consent_of) if rule.consent_of else words.say("of_you")
    return [words.say("consent" if rule.consent else "further", whose)]


def pause(words: Telling, one: Pause) -> str:
    """What makes the term stand still, and until when."""
    begins = words.joined("or", (words.moment(moment) for moment in one.from_))
    ends = words.joined("or", (words.moment(moment) for moment in one.until))
    said = words.say("pause", words.text(one.label) or begins, begins, ends)
    return f"{said} {words.say('only', words.condition(one.when))}" if one.when else said


def bodies(words: Telling) -> Written:
    """Where the complainant can go after us."""
    points = []
    for one in words.policy.bodies.values():
        if one.kind == "dispute":
            details = [one.address or "", words.text(one.help)]
            if one.within and one.from_:
                details += [words.say("body_within", words.duration(one.within), words.moment(one.from_))]
            elif one.within:
                details += [words.say("body_only", words.duration(one.within))]
            details += [words.say("fee", str(one.fee)) if one.fee else words.say("free")] if one.fee is not None else []
            details += [words.text(one.evidence), words.say("only", words.condition(one.when)) if one.when else ""]
            points.append(Point(one.name, tuple(filter(None, details)), one.source, bool(one.unconfirmed)))
    return [], points


def keeping(words: Telling) -> Written:
    kept = words.policy.keeping
    return [*how_long(words), *(capital(words.text(text)) for text in (kept.register, kept.place, kept.secrecy))], []


def how_long(words: Telling) -> list[str]:
    """How long a file is kept, in sentences."""
    kept = words.policy.keeping
    by_sort = [
        filled(
            "{0} {1}",
            words.say("retention", words.duration(rule.for_)),
            words.say("only", words.condition(rule.when)),
        )
        for rule in kept.rules
    ]
    rest = words.say("retention", words.duration(kept.retention)) if kept.retention else words.say("retention_open")
    return [*by_sort, rest]


WRITERS: Mapping[str, Callable[[Telling], Written]] = {
    "about": about,
    "complaint": complaint,
    "who": who,
    "how": how,
    "cost": cost,
    "handler": handler,
    "steps": steps,
    "terms": terms,
    "bodies": bodies,
    "keeping": keeping,
}


def plain_text(policy: Policy, language: str) -> str:
    """The procedure for a terminal or a text file, at most WIDTH characters wide."""
    title = policy.procedure.title.in_(language)
    lines = [title, "=" * len(title)]
    for section in describe(policy, language):
        lines += ["", section.title, "-" * len(section.title)]
        for paragraph in section.paragraphs:
            lines += textwrap.wrap(paragraph, WIDTH)
        lines += [line for point in zip(count(1), section.points) for line in point_lines(point, section, language)]
    return "\n".join(lines) + "\n"


def point_lines(numbered: tuple[int, Point], section: Section, language: str) -> Iterator[str]:
    number, point = numbered
    mark = f"{number}. " if section.numbered else "- "
    open_ = SENTENCES.get(language, SENTENCES["en"])["open"]
    text = f"{point.text} ({open_})" if point.unconfirmed else point.text
    yield from textwrap.wrap(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))
    for detail in point.details:
        yield from textwrap.wrap(detail, WIDTH, initial_indent=" " * len(mark), subsequent_indent=" " * len(mark))

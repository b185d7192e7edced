"""Writing a message out: the policy's words, what the sender wrote, and the pieces it must contain.

Pure: the same event, case and words give the same letter, for the mail, the page and the print alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from babel.dates import format_date

from weerklank import deadlines
from weerklank.policy.amounts import in_euro
from weerklank.policy.case import Case
from weerklank.policy.clocks import clock_of, counting_of, last_day
from weerklank.policy.conditions import holds
from weerklank.policy.events import Event
from weerklank.policy.model import Body, Does, FactType, Message
from weerklank.policy.words import Text
from weerklank.policy.world import World

PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z0-9_]+)?)\}")


@dataclass(frozen=True)
class Words:
    """What a letter needs that is sealed or lies outside the case: names, the story, facts in words, measures."""

    reference: str
    complainant: str = ""
    acts_for: str = ""
    story: str = ""
    status_url: str = ""
    other: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    measures: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """A written message: one subject line and paragraphs of plain text, lines within a paragraph kept."""

    subject: str
    paragraphs: tuple[str, ...]
    language: str


def write_letter(world: World, case: Case, event: Event, words: Words, language: str) -> Letter:
    """The letter of a `sent` event. `case` is the case as it stood when the message was sent."""
    message = world.policy.messages[event.open["message"]]
    text = str((event.sealed or {}).get("text", ""))
    fill = _filler(world, case, words, text, language)
    paragraphs = _paragraphs(fill(_in(message.body, language, "{text}")))
    pieces = [piece for name in message.contains for piece in _piece(world, case, words, name, message, language)]
    acting = [_ACTING[language == "nl"].format(words.acts_for)] if words.acts_for else []
    goes_along = [words.story] if "complaint" in message.attach and "complaint" not in message.contains else []
    return Letter(
        fill(_in(message.subject, language, words.reference)).replace("\n", " ").strip(),
        (*acting, *paragraphs[:-1], *pieces, *goes_along, *paragraphs[-1:]),
        language,
    )


def _in(text: Text | None, language: str, otherwise: str) -> str:
    return text.in_(language) if text else otherwise


def _paragraphs(text: str) -> tuple[str, ...]:
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return tuple(block for block in blocks if block)


def _filler(world: World, case: Case, words: Words, text: str, language: str) -> Callable[[str], str]:
    def value(match: re.Match[str]) -> str:
        return placeholder(world, case, words, text, match.group(1), language)

    return lambda template: PLACEHOLDER.sub(value, template)


def placeholder(world: World, case: Case, words: Words, text: str, name: str, language: str) -> str:
    """What stands for one placeholder; an unknown one stays empty, and nothing in it is ever evaluated."""
    kind, _, of = name.partition(".")
    match kind:
        case "due":
            return due_day(world, case, of, language)
        case "fact":
            return fact_in_words(world, case, words, of, language)
        case "handler":
            return handler_name(world, case, words, language)
    plain = {
        "reference": words.reference,
        "organisation": world.policy.procedure.organisation,
        "complainant": words.complainant or _UNNAMED[language == "nl"],
        "text": text,
        "status_url": words.status_url,
        "other": words.other,
    }
    return plain.get(name, "")


_ACTING = {
    True: "Dit bericht gaat over de klacht van {}, namens wie u optreedt.",
    False: "This is about the complaint of {}, for whom you act.",
}
_UNNAMED = {True: "heer of mevrouw", False: "Sir or Madam"}


def due_day(world: World, case: Case, term: str, language: str) -> str:
    """The last legal day of a term in words, or nothing when it does not run."""
    clock = clock_of(world, case, term)
    day = last_day(world, clock.due) if clock else None
    return day_in_words(day, language) if day else ""


def day_in_words(day: date, language: str) -> str:
    """A legal day as people write it: vrijdag 20 november 2026."""
    return format_date(day, "EEEE d MMMM y", locale=language)


def handler_name(world: World, case: Case, words: Words, language: str) -> str:
    """Who handles, by name where one person does, else by what the role is called."""
    names = [words.names[person] for person in case.handlers if person in words.names]
    role = world.policy.roles.get(case.handler_role or "")
    if len(names) == 1 or not (role and role.label):
        return ", ".join(names)
    return role.label.in_(language)


def fact_in_words(world: World, case: Case, words: Words, name: str, language: str) -> str:
    """A fact as people say it: the option's label, a day in words, a person's name, or the words themselves."""
    value = case.facts.get(name)
    fact = world.policy.facts.get(name)
    if value is None or fact is None:
        return words.texts.get(name, "")
    if isinstance(value, UUID):
        return words.names.get(value, "")
    if isinstance(value, date):
        return day_in_words(value, language)
    if fact.type is FactType.YES_NO:
        return {"nl": ("nee", "ja")}.get(language, ("no", "yes"))[bool(value)]
    if fact.type is FactType.AMOUNT and isinstance(value, int):
        return in_euro(value, language)
    chosen: Iterable[str] = value if isinstance(value, tuple) else (str(value),)
    return ", ".join(fact.options[one].in_(language) if one in fact.options else one for one in chosen)


def _piece(world: World, case: Case, words: Words, piece: str, message: Message, language: str) -> Iterable[str]:
    kind, _, name = piece.partition(".")
    if kind == "fact" and not _stands_in(message, f"fact.{name}", language):
        label = _label(world.policy.facts[name].label, name, language)
        yield f"{label}: {fact_in_words(world, case, words, name, language)}"
    elif kind == "due" and not _stands_in(message, f"due.{name}", language):
        label = _label(world.policy.terms[name].label, name, language)
        yield f"{label}: {_BY[language == 'nl']} {due_day(world, case, name, language)}."
    elif kind == "redress" and holds(world, case, world.policy.bodies[name].when):
        yield redress_clause(world, case, message, world.policy.bodies[name], language)
    elif kind == "complaint" and words.story:
        yield f"{_YOUR_COMPLAINT[language == 'nl']}\n{words.story}"
    elif kind == "measures":
        yield from _measures(case, words, language)


_BY = {True: "uiterlijk", False: "by"}
_YOUR_COMPLAINT = {True: "Dit schreef u ons:", False: "This is what you wrote:"}


def _stands_in(message: Message, placeholder_name: str, language: str) -> bool:
    return message.body is not None and f"{{{placeholder_name}}}" in message.body.in_(language)


def _label(label: Text | None, name: str, language: str) -> str:
    return label.in_(language) if label else name


def redress_clause(world: World, case: Case, message: Message, body: Body, language: str) -> str:
    """Where the complainant can go, where it is, how long he has and until which day, what it costs and needs."""
    dutch = language == "nl"
    lines = [
        f"Bent u het niet eens met ons? Dan kunt u naar {body.name}."
        if dutch
        else f"Do you not agree with us? Then you can go to {body.name}."
    ]
    lines += [body.address] if body.address else []
    if body.within:
        day = last_day_to_go(world, case, message, body)
        until = f", {_AT_THE_LATEST[dutch]} {day_in_words(day, language)}" if day else ""
        lines.append(f"{_DO_SO[dutch]} {_long(body, language)}{until}.")
    if body.fee:
        lines.append(f"Dit kost u {body.fee} euro." if dutch else f"This costs {body.fee} euro.")
    return "\n".join([*lines, *([body.evidence.in_(language)] if body.evidence else [])])


_DO_SO = {True: "Doe dat binnen", False: "Do so within"}
_AT_THE_LATEST = {True: "dus uiterlijk", False: "so by"}
_RAISED_BY = {"decided": Does.DECIDE, "closed": Does.CLOSE}


def last_day_to_go(world: World, case: Case, message: Message, body: Body) -> date | None:
    """The legal day until which the complainant can go there; None while what it counts from has not happened.

    The letter that makes it happen, such as the decision itself, counts from its own sending.
    """
    name = next(name for name, one in world.policy.messages.items() if one is message)
    does = {step.does for step in world.policy.steps.values() if step.message == name}
    happened = case.moments.get(body.from_ or "") or (
        case.moments.get(f"sent.{name}", ()) if _RAISED_BY.get(body.from_ or "") in does else ()
    )
    if not happened or body.within is None:
        return None
    within = deadlines.Term(body.within, counting_of(body.within, body.counting))
    return last_day(world, deadlines.compute(within, happened[-1], world.calendar))


def _long(body: Body, language: str) -> str:
    assert body.within is not None
    names = {
        "days": ("dagen", "dag"),
        "weeks": ("weken", "week"),
        "months": ("maanden", "maand"),
        "years": ("jaar", "jaar"),
        "working_days": ("werkdagen", "werkdag"),
        "hours": ("uur", "uur"),
    }
    unit = body.within.unit.value
    if language == "nl":
        return f"{body.within.amount} {names[unit][body.within.amount == 1]}"
    word = unit.replace("_", " ")
    return f"{body.within.amount} {word.removesuffix('s') if body.within.amount == 1 else word}"


def _measures(case: Case, words: Words, language: str) -> Iterable[str]:
    if not case.measures:
        return
    head = "Dit gaan wij doen:" if language == "nl" else "This is what we will do:"
    by = "uiterlijk" if language == "nl" else "by"
    lines = [f"- {words.measures.get(m.id, '')} ({by} {day_in_words(m.day, language)})" for m in case.measures.values()]
    yield "\n".join([head, *lines])

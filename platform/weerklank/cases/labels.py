"""What people call the things of a procedure, and how values and days read, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babel.dates import format_date

from weerklank.policy.amounts import in_euro, in_units
from weerklank.policy.case import Case, Value
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import Element, Fact, FactType, Message, Scalar
from weerklank.policy.tongues import spoken
from weerklank.policy.words import changed, joined
from weerklank.policy.world import World

PLACEHOLDER = re.compile(r" ?\(?\{[^}]*\}\)?")  # of a subject line, such as its reference between brackets
YES = {"nl": ("Nee", "Ja"), "en": ("No", "Yes")}
DAYS = {**dict.fromkeys(YES, "EEEE d MMMM y"), "uk": "EEEE, d MMMM y"}  # no `р.`, which would end a sentence


@dataclass(frozen=True)
class AskedFact:
    """A fact as a form asks it: its name there, what it is called, and for choices the values with their words.

    `bounds`: the lowest and highest value, in the units the engine holds (amounts in cents); None: no bound.
    """

    name: str
    label: str
    help: str
    type: FactType
    options: tuple[tuple[str, str], ...]
    unknown: bool
    bounds: tuple[Scalar | None, Scalar | None] = (None, None)


def label_of(elements: Mapping[str, Element], name: str, language: str) -> str:
    """What people call this element, a message without a label by its subject, else its name made readable."""
    element = elements.get(name)
    if element and element.label:
        return element.label.in_(language)
    if isinstance(element, Message) and element.subject:
        return changed(element.subject.in_(language), lambda words: PLACEHOLDER.sub("", words))
    return name.replace("_", " ")


def role_label(world: World, name: str | None, language: str) -> str:
    """What people call a role."""
    return label_of(world.policy.roles, name, language) if name else ""


def question_of(world: World, name: str, language: str) -> str:
    """How the complainant is asked for a fact: by its question, else by what staff call it."""
    fact = world.policy.facts[name]
    return fact.question.in_(language) if fact.question else label_of(world.policy.facts, name, language)


def asked_fact(world: World, name: str, language: str, *, by_complainant: bool = False) -> AskedFact:
    """A fact as a form asks it: the complainant by its question, staff by its label."""
    fact = world.policy.facts[name]
    options = tuple((value, words.in_(language)) for value, words in fact.options.items())
    hint = fact.help.in_(language) if fact.help else ""
    label = question_of(world, name, language) if by_complainant else label_of(world.policy.facts, name, language)
    bounds = in_units(fact, fact.at_least), in_units(fact, fact.at_most)
    return AskedFact(name, label, hint, fact.type, options, fact.unknown, bounds)


def fact_text(
    world: World, case: Case, texts: Mapping[str, str], names: Mapping[UUID, str], name: str, language: str
) -> str:
    """A fact as people say it: a coded value in words, else the words themselves."""
    value, fact = case.facts.get(name), world.policy.facts.get(name)
    if value is None or fact is None:
        return texts.get(name, "")
    return value_text(fact, value, names, language)


def value_text(fact: Fact, value: Value, names: Mapping[UUID, str], language: str) -> str:
    """A coded value as people say it."""
    if isinstance(value, UUID):
        return names.get(value, "")
    if isinstance(value, date):
        return day_text(value, language)
    if fact.type is FactType.YES_NO:
        return spoken({"nl": YES["nl"][bool(value)], "en": YES["en"][bool(value)]}, language)
    if fact.type is FactType.AMOUNT and isinstance(value, int):
        return in_euro(value, language)
    chosen = value if isinstance(value, tuple) else (str(value),)
    return joined([fact.options[one].in_(language) if one in fact.options else one for one in chosen])


def day_text(day: date, language: str) -> str:
    """A legal day as people write it: vrijdag 20 november 2026; in most languages as Unicode says."""
    return str(format_date(day, DAYS.get(language, "full"), locale=language))


def texts_of(events: Iterable[Event]) -> dict[str, str]:
    """The facts in words and the names that were typed, as last written."""
    texts: dict[str, str] = {}
    for event in events:
        if event.kind is Kind.FACTS_RECORDED and event.sealed:
            texts.update(event.sealed.get("texts", {}))
    return texts

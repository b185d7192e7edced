"""Taking in what somebody filled in: known facts only, each of its declared sort, words apart from codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from weerklank.policy.amounts import MOST_CENTS, bounds_said, in_units, within
from weerklank.policy.case import Case, Value, encode
from weerklank.policy.conditions import holds
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.model import Fact, FactType, Preset
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text, listed
from weerklank.policy.world import World

LONGEST = {FactType.TEXT: 2_000, FactType.STORY: 20_000, FactType.PERSON: 200, FactType.FILE: 4_000}
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # days outside are typing mistakes, and cannot be counted from
IN_WORDS = (FactType.TEXT, FactType.STORY, FactType.FILE)  # of a file the words are its name


def take_in(
    world: World, facts: Mapping[str, Value], texts: Mapping[str, str], actor: Actor, now: datetime
) -> Event | None | Refusal:
    """The event of recording these facts, None when there are none, or the refusal of the first that is wrong.

    `facts` are coded values; `texts` are words: facts in words, and names of persons not yet linked to anybody.
    """
    given = {name: value for name, value in facts.items() if value not in (None, "", ())}
    words = {name: text.strip() for name, text in texts.items() if text.strip()}
    wrong = _wrong(world, given, words)
    if wrong or not (given or words):
        return wrong
    data = {
        "facts": {name: encode(value) for name, value in given.items()},
        "filled": [name for name in words if world.policy.facts[name].type in IN_WORDS],
        "named": [name for name in words if world.policy.facts[name].type is FactType.PERSON],
    }
    return Event(Kind.FACTS_RECORDED, now, actor, data, {"texts": words} if words else None)


def _wrong(world: World, facts: Mapping[str, Value], texts: Mapping[str, str]) -> Refusal | None:
    known = world.policy.facts
    for name in (*facts, *texts):
        if name not in known:
            return Refusal("unknown_fact", f"facts.{name}", (), {"facts": name})
    bad = [name for name, value in facts.items() if not _fits(world, known[name], value)]
    bad += [name for name, text in texts.items() if len(text) > LONGEST.get(known[name].type, 0) or "\0" in text]
    if bad:
        return Refusal("bad_fact", f"facts.{bad[0]}", known[bad[0]].source, {"facts": labels(world, bad)})
    outside = next((name for name, value in facts.items() if not within(known[name], value)), None)
    if outside is None:
        return None
    said = {"facts": labels(world, [outside]), "bounds": bounds_said(known[outside])}
    return Refusal("out_of_bounds", f"facts.{outside}", known[outside].source, said)


def _fits(world: World, fact: Fact, value: Value) -> bool:
    match fact.type:
        case FactType.CHOICE:
            return value in fact.options
        case FactType.CHOICES:
            return isinstance(value, tuple) and bool(value) and set(value) <= set(fact.options)
        case FactType.DAY:
            return isinstance(value, date) and not isinstance(value, datetime) and EARLIEST <= value <= LATEST
        case FactType.YES_NO:
            return isinstance(value, bool)
        case FactType.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9
        case FactType.AMOUNT:
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_CENTS
        case FactType.PERSON:
            return isinstance(value, UUID) and value in world.people.persons
        case _:
            return False


def preset_value(fact: Fact, preset: Preset) -> Value:
    """What a preset fills in, as the engine holds it."""
    value = in_units(fact, preset.is_)
    assert value is not None
    return (str(value),) if fact.type is FactType.CHOICES else value


def missing(world: World, case: Case, names: Iterable[str]) -> tuple[str, ...]:
    """Which of these facts are asked here and not yet known. A fact whose `when` does not hold is not asked."""
    facts = world.policy.facts
    return tuple(name for name in names if not case.is_known(name) and holds(world, case, facts[name].when))


# What the platform itself asks of who complains, and no policy declares.
PARTICULARS = {
    "name": Text.of({"nl": "naam", "en": "name"}),
    "email": Text.of({"nl": "e-mailadres", "en": "e-mail address"}),
    "phone": Text.of({"nl": "telefoonnummer", "en": "telephone number"}),
    "address": Text.of({"nl": "adres", "en": "address"}),
    "story": Text.of({"nl": "waar de klacht over gaat", "en": "what the complaint is about"}),
}


def labels(world: World, names: Iterable[str]) -> Text:
    """What people call these facts, for a refusal."""
    return listed(_called(world.policy.facts.get(name), name) for name in names)


def _called(fact: Fact | None, name: str) -> Text:
    return fact.label if fact and fact.label else PARTICULARS.get(name) or Text.of(name)

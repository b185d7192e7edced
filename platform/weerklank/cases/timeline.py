"""What happened in a case, told in order: everything for staff, what is his for the complainant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weerklank.cases.labels import day_text, label_of, role_label
from weerklank.cases.telling import TELLINGS, Place
from weerklank.policy.apart import STEPS, Reads, complainant_in, may_know, readable
from weerklank.policy.case import Case
from weerklank.policy.events import ActorKind, Event, Kind
from weerklank.policy.parties import LODGERS
from weerklank.policy.roles import is_walled
from weerklank.policy.tongues import spoken
from weerklank.policy.words import filled, joined
from weerklank.policy.world import World

# The sealed words an entry shows beneath its title.
WORDS = ("number", "text", "reason", "what", "proof", "consent")
BY = {
    "nl": {ActorKind.COMPLAINANT: "de indiener", ActorKind.PLATFORM: "Weerklank"},
    "en": {ActorKind.COMPLAINANT: "the complainant", ActorKind.PLATFORM: "Weerklank"},
}
RIGHTED = (Kind.TAKEN_BACK, Kind.CORRECTED)
CLOSED = {"nl": "Wij hebben uw klacht afgesloten", "en": "We have closed your complaint"}
CLOSED_AS = {
    "nl": "Wij hebben uw klacht afgesloten: {outcome}",
    "en": "We have closed your complaint: {outcome}",
}
ANSWERED = {"nl": "Uw antwoord: {outcome}", "en": "Your answer: {outcome}"}
UNITS = {
    "hours": ("uur", "hours"),
    "days": ("dagen", "days"),
    "working_days": ("werkdagen", "working days"),
    "weeks": ("weken", "weeks"),
    "months": ("maanden", "months"),
    "years": ("jaar", "years"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened: the legal day on which it really did, and the instant it was written down.

    Of a correction `about` tells what it puts right; what was put right has the reasons, and a note that was
    `taken_back` no words.
    """

    seq: int
    kind: Kind
    day: date
    at: datetime
    title: str
    text: str
    by: str
    place: Place
    file: UUID | None = None
    about: str = ""
    corrected: tuple[str, ...] = ()
    taken_back: bool = False


def for_staff(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], language: str, reader: Reads
) -> tuple[Entry, ...]:
    """Every event that this reader may know of, oldest first."""
    told = ((seq, shown_of(world, case, event, reader)) for seq, event in enumerate(events, 1))
    entries = tuple(
        _entry(world, seq, event, TELLINGS[event.kind].label(language), names, language, words=True)
        for seq, event in told
        if event
    )
    return put_right(entries, case, events) if any(event.kind in RIGHTED for event in events) else entries


def put_right(entries: Sequence[Entry], case: Case, events: Sequence[Event]) -> tuple[Entry, ...]:
    """What was put right with the reasons beside it, each correction with what it is about, no words taken back."""
    of = {seq: int(event.open["entry"]) for seq, event in enumerate(events, 1) if event.kind is Kind.CORRECTED}
    titles = {entry.seq: entry.title for entry in entries}
    shown = {entry.seq: entry.text for entry in entries if entry.seq in of}
    return tuple(
        replace(
            entry,
            about=titles.get(of.get(entry.seq, 0), ""),
            corrected=tuple(text for seq, text in shown.items() if of[seq] == entry.seq),
            taken_back=(taken := entry.kind is Kind.NOTED and entry.seq not in case.notes),
            text="" if taken else entry.text,
        )
        for entry in entries
        if entry.seq not in of or of[entry.seq] in titles  # a correction tells no more than what it puts right
    )


def shown_of(world: World, case: Case, event: Event, reader: Reads) -> Event | None:
    """What this reader sees of an event: all, none, or of a step that is kept apart only that it was to be done."""
    knows = may_know(world, case, event, reader)
    if event.kind is Kind.FACTS_RECORDED and knows:
        return _with_facts_of(world, case, event, reader)
    if knows or event.kind not in STEPS:
        return event if knows else None
    return replace(event, open={**event.open, "outcome": ""}) if "outcome" in event.open else event


def _with_facts_of(world: World, case: Case, event: Event, reader: Reads) -> Event | None:
    """Only the names of the facts that he may read; nothing when there are none."""
    keys = [key for key in ("facts", "filled", "named") if key in event.open]
    known = {key: list(readable(world, case, event.open[key], reader)) for key in keys}
    return replace(event, open={**event.open, **known}) if any(known.values()) else None


def for_complainant(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], language: str
) -> tuple[Entry, ...]:
    """What happened to his complaint, oldest first: no notes, no reasons among staff, nobody who is walled off."""
    told = ((seq, event, _shown(world, event, language)) for seq, event in enumerate(events, 1))
    known = {person: name for person, name in names.items() if not is_walled(case, person)}
    return tuple(
        _entry(world, seq, event, shown, known, language, words=TELLINGS[event.kind].shows_words)
        for seq, event, shown in told
        if shown and _is_his(world, case, event) and may_know(world, case, event, complainant_in(world))
    )


def _shown(world: World, event: Event, language: str) -> str | None:
    """What he reads of it, with its placeholders: a step that he did was his answer, one that closes says just that."""
    if event.kind is Kind.STEP_DONE and event.actor.kind is ActorKind.COMPLAINANT:
        return spoken(ANSWERED, language)
    if event.kind is Kind.STEP_DONE and "closed" in event.open.get("moments", ()):
        has_outcomes = bool(world.policy.steps[event.open["step"]].outcomes)
        return spoken(CLOSED_AS if has_outcomes else CLOSED, language)
    return TELLINGS[event.kind].shown(language)


def _is_his(world: World, case: Case, event: Event) -> bool:
    """Whether the complainant has to do with it: what he did himself, and of the rest what concerns him."""
    by_him = event.actor.kind is ActorKind.COMPLAINANT
    match event.kind:
        case Kind.STEP_DONE:
            return by_him or "term" in event.open or "closed" in event.open.get("moments", ())
        case Kind.FILE_ADDED:
            return by_him
        case Kind.SENT:
            return any(is_complainant(world, to["role"]) for to in event.open["to"])
        case Kind.ASSIGNED | Kind.HANDED_OVER:
            return tuple(UUID(person) for person in event.open["handlers"]) == case.handlers
        case Kind.APPOINTED:
            return tuple(UUID(person) for person in event.open["persons"]) == case.appointed.get(event.open["role"])
    return True


def is_complainant(world: World, role: str) -> bool:
    """Whether this role of the policy is the complainant's, or of who acts for him."""
    return role in world.policy.roles and world.policy.roles[role].kind in LODGERS


def _entry(
    world: World, seq: int, event: Event, title: str, names: Mapping[UUID, str], language: str, *, words: bool
) -> Entry:
    written = [str(event.sealed[name]) for name in WORDS if event.sealed and event.sealed.get(name)]
    file = UUID(event.open["file"]) if "file" in event.open else None
    others = {kind: {code: words[kind] for code, words in BY.items()} for kind in BY["en"]}
    kind = event.actor.kind
    by = names.get(event.actor.id, "") if event.actor.id else spoken(others[kind], language) if kind in others else ""
    return Entry(
        seq=seq,
        kind=event.kind,
        day=world.day_of(event.happened_at),
        at=event.at,
        title=filled(title, **_values(world, event, names, language)),
        text="\n".join(written) if words else "",
        by=by,
        place=TELLINGS[event.kind].place,
        file=file,
    )


def _values(world: World, event: Event, names: Mapping[UUID, str], language: str) -> dict[str, str]:
    data, policy = event.open, world.policy
    people = [UUID(one) for one in (*data.get("handlers", ()), *data.get("persons", ()))]
    people += [UUID(data[key]) for key in ("person", "owner") if data.get(key)]
    facts = (*data.get("facts", ()), *data.get("filled", ()), *data.get("named", ()))
    day = data.get("day") or data.get("until")
    return {
        "step": label_of(policy.steps, data.get("step", ""), language),
        "outcome": _outcome(world, data, language),
        "message": label_of(policy.messages, data.get("message", ""), language),
        "to": _recipients(world, data.get("to", ()), names, language) if event.kind is Kind.SENT else "",
        "person": _people(world, people, names, data.get("role"), language),
        "term": label_of(policy.terms, data.get("term", ""), language),
        "role": role_label(world, data.get("role"), language),
        "facts": joined([label_of(policy.facts, name, language) for name in facts]),
        "channel": label_of(policy.channels, data.get("channel", ""), language),
        "day": day_text(date.fromisoformat(day), language) if day else "",
        "by": duration_text(data.get("by", ""), language),
        "name": str((event.sealed or {}).get("name", "")),
        "from_version": str(data.get("was", "")),
        "to_version": str(data.get("version", "")),
        "link": link_label(world, data.get("link", ""), language),
        "restriction": label_of(policy.restrictions, data.get("restriction", ""), language),
        "consent": _consent(world, data, language),
        "rating": spoken(RATINGS[data["rating"]], language) if "rating" in data else "",
    }


DONE = {"nl": "gedaan", "en": "done"}
RATINGS = {
    "yes": {"nl": "ja", "en": "yes"},
    "partly": {"nl": "een beetje", "en": "a little"},
    "no": {"nl": "nee", "en": "no"},
}
PASSED = {"nl": "{0} (termijn voorbij: {1})", "en": "{0} (term passed: {1})"}
COMBINED = {"merge": ("samengevoegd", "merged"), "split": ("gesplitst", "split")}


def link_label(world: World, name: str, language: str) -> str:
    """What people call a link: by the policy's label, or what it came of."""
    if name in COMBINED:
        dutch, english = COMBINED[name]
        return spoken({"nl": dutch, "en": english}, language)
    return label_of(world.policy.combining.links if world.policy.combining else {}, name, language)


def _outcome(world: World, data: Mapping[str, Any], language: str) -> str:
    step = world.policy.steps.get(data.get("step", ""))
    name = data.get("outcome", "")
    has = step is not None and name in step.outcomes
    called = label_of(step.outcomes, name, language) if step and has else spoken(DONE, language)
    if "term" not in data:
        return called
    return filled(spoken(PASSED, language), called, label_of(world.policy.terms, data["term"], language))


def _consent(world: World, data: Mapping[str, Any], language: str) -> str:
    """Who agreed to a later day in writing, and when, as the end of a sentence."""
    if "consented" not in data or "on" not in data:
        return ""
    who = ", ".join(role_label(world, role, language) for role in data["consented"])
    day = day_text(date.fromisoformat(data["on"]), language)
    return f" (akkoord: {who}, {day})" if language == "nl" else f" (consent: {who}, {day})"


def _recipients(world: World, to: Iterable[Mapping[str, str]], names: Mapping[UUID, str], language: str) -> str:
    people = ((UUID(one["person"]) if one.get("person") else None, one["role"]) for one in to)
    return joined([names.get(person, "") if person else role_label(world, role, language) for person, role in people])


def _people(world: World, people: Sequence[UUID], names: Mapping[UUID, str], role: str | None, language: str) -> str:
    known = [names[person] for person in people if person in names]
    return ", ".join(known) or role_label(world, role, language)


def duration_text(text: str, language: str) -> str:
    """A duration as the policy writes it, in words: `2 weeks` as 2 weken."""
    amount, _, unit = text.partition(" ")
    return f"{amount} {UNITS[unit][language != 'nl']}" if unit in UNITS else text


def people_named(case: Case, events: Iterable[Event]) -> frozenset[UUID]:
    """Everybody of the organisation whose name telling these events can need."""
    people: set[UUID] = {*case.involved, *case.handlers, *(measure.owner for measure in case.measures.values())}
    people |= {value for value in case.facts.values() if isinstance(value, UUID)}
    for event in events:
        data = event.open
        people |= {event.actor.id} if event.actor.id else set()
        people |= {UUID(data[key]) for key in ("person", "owner", "received_by") if data.get(key)}
        people |= {UUID(one) for key in ("handlers", "persons") for one in data.get(key, ())}
        people |= {UUID(one["person"]) for one in data.get("to", ()) if isinstance(one, dict) and one.get("person")}
    return frozenset(people)


def still_asked(case: Case, events: Sequence[Event]) -> str | None:
    """What the complainant was asked and has not answered yet, in the words of whoever asked; None: nothing."""
    waiting = len(case.asked_on) - len(case.completed_on)
    if waiting <= 0:
        return None
    asked = [event for event in events if event.kind is Kind.COMPLETION_ASKED][-waiting:]
    return "\n\n".join(str((event.sealed or {}).get("text", "")) for event in asked)

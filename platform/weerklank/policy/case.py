"""The state of a case, made from the open parts of its events and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weerklank.deadlines import Duration
from weerklank.policy.events import Event, Kind
from weerklank.policy.held import Done, LaterDay, Linked, Measure
from weerklank.policy.model import Form, Phase

Value = str | int | bool | date | UUID | tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """Where a case stands. Instants are aware; facts of free text only show that they were filled in.

    `language` is that of our letters, `wrote_in` the one the complainant wrote in.
    `way` is how the complainant hears from us, `represented` how whoever acts for him does (None: nobody), `others`
    how each one does who complains together with him. `appointed` is who plays which appointed role now, `played`
    everybody who ever did ("": who handled). `later`: by term the later day that the complainant was asked to agree to.
    `recorded` says of a fact in which step ("": none) and by whom it was filled in last. `rating`: whether he said
    after closing that he is satisfied (`yes`, `partly`, `no`). `notes`: the notes that stand, by the number of their
    event, with who wrote each. `files`: what added each file, without words; `given`: those he was given of ours.
    """

    id: UUID
    channel: str = ""
    form: Form = Form.WRITTEN
    language: str = "nl"
    wrote_in: str = "nl"
    way: str = "email"
    anonymous: bool = False
    represented: str | None = None
    others: tuple[str, ...] = ()
    received_at: datetime | None = None
    received_by: UUID | None = None
    phase: Phase = Phase.RECEIVED
    facts: Mapping[str, Value] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()
    recorded: Mapping[str, tuple[str, UUID | None]] = field(default_factory=dict)
    involved: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    overruled: frozenset[UUID] = frozenset()
    released: frozenset[tuple[UUID, str]] = frozenset()
    shown: frozenset[UUID] = frozenset()
    handlers: tuple[UUID, ...] = ()
    handler_role: str | None = None
    rule: str | None = None
    appointed: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    played: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    open: Mapping[str, datetime] = field(default_factory=dict)
    done: tuple[Done, ...] = ()
    signatures: Mapping[str, frozenset[str]] = field(default_factory=dict)
    moments: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    extensions: Mapping[str, tuple[Duration, ...]] = field(default_factory=dict)
    agreed: Mapping[str, date] = field(default_factory=dict)
    later: Mapping[str, LaterDay] = field(default_factory=dict)
    asked_on: tuple[datetime, ...] = ()
    completed_on: tuple[datetime, ...] = ()
    measures: Mapping[UUID, Measure] = field(default_factory=dict)
    kept_until: date | None = None
    links: Mapping[UUID, Linked] = field(default_factory=dict)
    restrictions: Mapping[str, date] = field(default_factory=dict)
    rating: str | None = None
    notes: Mapping[int, UUID | None] = field(default_factory=dict)
    files: Mapping[UUID, Event] = field(default_factory=dict)
    given: frozenset[UUID] = frozenset()
    seq: int = 0

    def first(self, moment: str) -> datetime | None:
        """The instant at which this moment first happened."""
        return self.moments[moment][0] if moment in self.moments else None

    def outcome_of(self, step: str) -> str | None:
        """How a step last ended."""
        return next((d.outcome for d in reversed(self.done) if d.step == step), None)

    def is_known(self, fact: str) -> bool:
        """Whether a fact was filled in, coded or in words; a person only once linked to somebody here."""
        return fact in self.facts or fact in self.filled

    @property
    def is_closed(self) -> bool:
        return "closed" in self.moments

    @property
    def is_archived(self) -> bool:
        return "archived" in self.moments

    @property
    def is_destroyed(self) -> bool:
        return "destroyed" in self.moments

    @property
    def is_withdrawn(self) -> bool:
        return "withdrawn" in self.moments

    @property
    def is_merged(self) -> bool:
        """Whether it goes on in another case."""
        return any(link.name == "merge" and not link.back for link in self.links.values())


def replay(case_id: UUID, events: list[Event] | tuple[Event, ...]) -> Case:
    """The case these events make, in their order."""
    case = Case(id=case_id)
    for event in events:
        case = apply(case, event)
    return case


def apply(case: Case, event: Event) -> Case:
    """The case after this event. Total: an event that was recorded can always be applied."""
    change = CHANGES.get(event.kind)
    changed = change(case, event) if change else case
    return replace(
        changed,
        moments=_with_moments(changed.moments, event),
        phase=Phase(event.open["phase"]) if "phase" in event.open else changed.phase,
        seq=case.seq + 1,
    )


def _with_moments(moments: Mapping[str, tuple[datetime, ...]], event: Event) -> Mapping[str, tuple[datetime, ...]]:
    names = event.moments
    added = {name: (*moments.get(name, ()), event.happened_at) for name in names}
    if event.kind is Kind.RECEIVED:
        added["registered"] = (event.at,)
    return {**moments, **added} if added else moments


def _received(case: Case, event: Event) -> Case:
    data = event.open
    return replace(
        case,
        channel=data["channel"],
        form=Form(data["form"]),
        language=data["language"],
        wrote_in=data.get("wrote_in", data["language"]),
        way=data["way"],
        anonymous=data.get("anonymous", False),
        represented=data.get("represented"),
        others=tuple(data.get("others", ())),
        received_at=event.happened_at,
        received_by=_person(data.get("received_by")),
    )


def _represented(case: Case, event: Event) -> Case:
    return replace(case, represented=event.open["represented"])


def _joined(case: Case, event: Event) -> Case:
    return replace(case, others=(*case.others, event.open["way"]))


def _linked(case: Case, event: Event) -> Case:
    data = event.open
    link = Linked(data["link"], _person(data.get("case")), data.get("back", False))
    return replace(case, links={**case.links, UUID(data["id"]): link})


def _unlinked(case: Case, event: Event) -> Case:
    return replace(case, links={each: link for each, link in case.links.items() if str(each) != event.open["id"]})


def _restricted(case: Case, event: Event) -> Case:
    until = date.fromisoformat(event.open["until"])
    return replace(case, restrictions={**case.restrictions, event.open["restriction"]: until})


def _restriction_lifted(case: Case, event: Event) -> Case:
    lifted = event.open["restriction"]
    return replace(case, restrictions={name: day for name, day in case.restrictions.items() if name != lifted})


def _facts_recorded(case: Case, event: Event) -> Case:
    values = {name: decode(value) for name, value in event.open.get("facts", {}).items()}
    filled = event.open.get("filled", ())
    named = (*values, *filled, *event.open.get("named", ()))
    recorded = {**case.recorded, **dict.fromkeys(named, (event.open.get("step", ""), event.actor.id))}
    return replace(case, facts={**case.facts, **values}, filled=case.filled | frozenset(filled), recorded=recorded)


def _person_involved(case: Case, event: Event) -> Case:
    person, relation = UUID(event.open["person"]), event.open["relation"]
    known = case.involved.get(person, frozenset())
    # What was overruled was the relation as it was known; another one is a wall again.
    overruled = case.overruled if relation in known else case.overruled - {person}
    released = case.released - {(person, relation)}
    involved = {**case.involved, person: known | {relation}}
    return replace(case, involved=involved, overruled=overruled, released=released)


def _involvement_ended(case: Case, event: Event) -> Case:
    person = UUID(event.open["person"])
    involved = {each: relations for each, relations in case.involved.items() if each != person}
    released = case.released | {(person, relation) for relation in case.involved.get(person, ())}
    return replace(case, involved=involved, overruled=case.overruled - {person}, released=released)


def _step_opened(case: Case, event: Event) -> Case:
    step = event.open["step"]
    signatures = {name: roles for name, roles in case.signatures.items() if name != step}
    return replace(case, open={**case.open, step: event.at}, signatures=signatures)


def _step_done(case: Case, event: Event) -> Case:
    step = event.open["step"]
    done = Done(step, event.open["outcome"], event.happened_at, event.actor.id)
    return replace(case, open={s: at for s, at in case.open.items() if s != step}, done=(*case.done, done))


def _step_lapsed(case: Case, event: Event) -> Case:
    return replace(case, open={s: at for s, at in case.open.items() if s != event.open["step"]})


def _signed(case: Case, event: Event) -> Case:
    step = event.open["step"]
    roles = case.signatures.get(step, frozenset()) | {event.open["role"]}
    return replace(case, signatures={**case.signatures, step: roles})


def _assigned(case: Case, event: Event) -> Case:
    data = event.open
    handlers = tuple(UUID(person) for person in data["handlers"])
    others = {person for people in case.appointed.values() for person in people}
    overruled = (case.overruled & others) | {UUID(person) for person in data.get("overruled", ())}
    changed = replace(case, handlers=handlers, handler_role=data.get("role"), rule=data.get("rule"))
    return replace(changed, overruled=overruled, played=_also_played(case, "", handlers))


def _appointed(case: Case, event: Event) -> Case:
    data = event.open
    role, people = data["role"], tuple(UUID(person) for person in data["persons"])
    appointed = {**case.appointed, role: people}
    others = {*case.handlers, *(person for name, each in appointed.items() if name != role for person in each)}
    overruled = (case.overruled & others) | {UUID(person) for person in data["overruled"]}
    return replace(case, appointed=appointed, overruled=overruled, played=_also_played(case, role, people))


def _also_played(case: Case, role: str, people: tuple[UUID, ...]) -> Mapping[str, frozenset[UUID]]:
    return {**case.played, role: case.played.get(role, frozenset()) | frozenset(people)}


def _unappointable(case: Case, event: Event) -> Case:
    return replace(case, appointed={name: each for name, each in case.appointed.items() if name != event.open["role"]})


def _unassignable(case: Case, event: Event) -> Case:
    return replace(case, handlers=(), handler_role=None, rule=None)


def _shared(case: Case, event: Event) -> Case:
    return replace(case, shown=case.shown | {UUID(person) for person in event.open["persons"]})


def _completion_asked(case: Case, event: Event) -> Case:
    return replace(case, asked_on=(*case.asked_on, event.happened_at))


def _completed(case: Case, event: Event) -> Case:
    """One answer answers everything that was asked until then."""
    waiting = len(case.asked_on) - len(case.completed_on)
    return replace(case, completed_on=(*case.completed_on, *[event.happened_at] * waiting))


def _extended(case: Case, event: Event) -> Case:
    term = event.open["term"]
    longer = (*case.extensions.get(term, ()), Duration.parse(event.open["by"]))
    return _answered(replace(case, extensions={**case.extensions, term: longer}), event)


def _agreed(case: Case, event: Event) -> Case:
    agreed = {**case.agreed, event.open["term"]: date.fromisoformat(event.open["until"])}
    return _answered(replace(case, agreed=agreed), event)


def _later_asked(case: Case, event: Event) -> Case:
    asked = LaterDay(case.seq + 1, date.fromisoformat(event.open["until"]), tuple(event.open["consented"]))
    return replace(case, later={**case.later, event.open["term"]: asked})


def _answered(case: Case, event: Event) -> Case:
    """Nothing is asked about this term any more."""
    return replace(case, later={term: asked for term, asked in case.later.items() if term != event.open["term"]})


def _measure_planned(case: Case, event: Event) -> Case:
    data = event.open
    measure = Measure(UUID(data["measure"]), UUID(data["owner"]), date.fromisoformat(data["day"]))
    return replace(case, measures={**case.measures, measure.id: measure})


def _changes_measure(**change: Any) -> Callable[[Case, Event], Case]:
    def apply_change(case: Case, event: Event) -> Case:
        known = case.measures[UUID(event.open["measure"])]
        new = {name: make(event.open) if callable(make) else make for name, make in change.items()}
        return replace(case, measures={**case.measures, known.id: replace(known, **new)})

    return apply_change


def _rated(case: Case, event: Event) -> Case:
    return replace(case, rating=event.open["rating"])


def _noted(case: Case, event: Event) -> Case:
    return replace(case, notes={**case.notes, case.seq + 1: event.actor.id})


def _taken_back(case: Case, event: Event) -> Case:
    return replace(case, notes={seq: by for seq, by in case.notes.items() if seq != event.open["entry"]})


def _file_added(case: Case, event: Event) -> Case:
    return replace(case, files={**case.files, UUID(event.open["file"]): replace(event, sealed=None)})


def _file_shared(case: Case, event: Event) -> Case:
    return replace(case, given=case.given | {UUID(file) for file in event.open["files"]})


def _file_withheld(case: Case, event: Event) -> Case:
    return replace(case, given=case.given - {UUID(file) for file in event.open["files"]})


def _archived(case: Case, event: Event) -> Case:
    until = event.open.get("until")
    return replace(case, kept_until=date.fromisoformat(until) if until else None)


CHANGES: Mapping[Kind, Callable[[Case, Event], Case]] = {
    Kind.RECEIVED: _received,
    Kind.REPRESENTED: _represented,
    Kind.JOINED: _joined,
    Kind.LINKED: _linked,
    Kind.UNLINKED: _unlinked,
    Kind.MERGED: _linked,
    Kind.RESTRICTED: _restricted,
    Kind.RESTRICTION_LIFTED: _restriction_lifted,
    Kind.FACTS_RECORDED: _facts_recorded,
    Kind.PERSON_INVOLVED: _person_involved,
    Kind.INVOLVEMENT_ENDED: _involvement_ended,
    Kind.STEP_OPENED: _step_opened,
    Kind.STEP_DONE: _step_done,
    Kind.STEP_LAPSED: _step_lapsed,
    Kind.SIGNED: _signed,
    Kind.ASSIGNED: _assigned,
    Kind.HANDED_OVER: _assigned,
    Kind.UNASSIGNABLE: _unassignable,
    Kind.APPOINTED: _appointed,
    Kind.UNAPPOINTABLE: _unappointable,
    Kind.SHARED: _shared,
    Kind.COMPLETION_ASKED: _completion_asked,
    Kind.COMPLETED: _completed,
    Kind.EXTENDED: _extended,
    Kind.AGREED: _agreed,
    Kind.LATER_ASKED: _later_asked,
    Kind.LATER_REFUSED: _answered,
    Kind.MEASURE_PLANNED: _measure_planned,
    Kind.MEASURE_MOVED: _changes_measure(day=lambda data: date.fromisoformat(data["day"])),
    Kind.MEASURE_CARRIED_OUT: _changes_measure(carried_out=True),
    Kind.MEASURE_VERIFIED: _changes_measure(verified=True),
    Kind.RATED: _rated,
    Kind.NOTED: _noted,
    Kind.TAKEN_BACK: _taken_back,
    Kind.FILE_ADDED: _file_added,
    Kind.FILE_SHARED: _file_shared,
    Kind.FILE_WITHHELD: _file_withheld,
    Kind.ARCHIVED: _archived,
}


def encode(value: Value) -> Any:
    """A fact's value as JSON: days and people are marked, so that `decode` gives the same value back."""
    if isinstance(value, UUID):
        return {"person": str(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def decode(value: Any) -> Value:
    """The value `encode` wrote."""
    if isinstance(value, dict):
        return UUID(value["person"]) if "person" in value else date.fromisoformat(value["day"])
    return tuple(value) if isinstance(value, list) else value


def _person(text: str | None) -> UUID | None:
    return UUID(text) if text else None

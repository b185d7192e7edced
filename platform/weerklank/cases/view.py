"""The case as its page shows it to staff: all of it, or the glimpse that the policy gives somebody on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Opened, open_case, read_words, sight_of
from weerklank.cases.belonging import LinkView, RestrictionView, link_views, linkable, restriction_views
from weerklank.cases.given import FileView, file_views
from weerklank.cases.glance import PhaseView, phase_line
from weerklank.cases.handing import HandedView, handed_view
from weerklank.cases.kept import KeepingView, keeping_view
from weerklank.cases.labels import AskedFact, fact_text, label_of, role_label, texts_of
from weerklank.cases.ledger import DeadlineView, deadline_views
from weerklank.cases.offering import OfferView, askable, offer_views, people_offered, verbs
from weerklank.cases.own import OwnPart, own_part, to_turn_to
from weerklank.cases.people import complainants, representative
from weerklank.cases.posted import LetterView, MessageView, letters_to, message_views
from weerklank.cases.timeline import Entry, for_staff, people_named, still_asked
from weerklank.cases.undoing import WayBack, ways_back
from weerklank.cases.walls import Sight
from weerklank.kernel.errors import NotFound
from weerklank.policy.apart import Reads, hidden_from, may_read_fact, reader_in
from weerklank.policy.case import Case
from weerklank.policy.clocks import clocks
from weerklank.policy.consequences import Task, tasks
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.model import FactType, Phase
from weerklank.policy.roles import deputies, free_to_act, is_walled
from weerklank.policy.why import Why, explain_case
from weerklank.policy.world import World


@dataclass(frozen=True)
class FactView:
    """A fact that was filled in, in words. `named`: a person was only typed, and not linked to anybody yet."""

    name: str
    label: str
    type: FactType
    value: str
    named: bool


@dataclass(frozen=True)
class TaskView:
    """An open step: whose it is, by name; nobody at all is an alarm."""

    step: str
    label: str
    roles: tuple[str, ...]
    people: tuple[str, ...]
    by_complainant: bool
    due_on: date | None


@dataclass(frozen=True)
class InvolvedView:
    """Somebody who is part of what the complaint is about, and whether a reason let him handle it all the same."""

    person_id: UUID
    name: str
    relations: tuple[str, ...]
    overruled: bool


@dataclass(frozen=True)
class MeasureView:
    """A measure, its owner and last legal day, and what showed that it was done."""

    id: UUID
    what: str
    owner_id: UUID
    owner: str
    day: date
    carried_out: bool
    verified: bool
    proof: str
    can_carry_out: bool
    can_verify: bool


@dataclass(frozen=True)
class CaseView:
    """Everything the page shows. `seq` is the number of events it was made from, `zone` where its days are counted.

    `procedure` and `version` say by which rules the case goes: those it was received under.

    `language` is that of letters to the complainant, `wrote_in` the one he wrote in.
    `askable` are the facts this reader may fill in outside a step; `can` is what he may do beside the steps
    (`offering.verbs`).
    `newer` is the version in force when that is later than the case's own.
    `backs` says of an event, by its number, how this reader can put it right.
    `asked` is what the complainant was asked and has not answered yet.
    """

    case_id: UUID
    reference: str
    procedure: str
    version: int
    seq: int
    zone: ZoneInfo
    phase: Phase
    phases: tuple[PhaseView, ...]
    channel: str
    form: str
    language: str
    wrote_in: str
    way: str
    received_on: date
    received_by: str
    contact: Mapping[str, str]
    representative: Mapping[str, str]
    represented: bool
    anonymous: bool
    others: tuple[Mapping[str, str], ...]
    story: str
    handlers: tuple[str, ...]
    handler_role: str
    handed: HandedView | None
    away: tuple[tuple[str, str], ...]
    rule: str | None
    facts: tuple[FactView, ...]
    askable: tuple[AskedFact, ...]
    timeline: tuple[Entry, ...]
    backs: Mapping[int, WayBack]
    deadlines: tuple[DeadlineView, ...]
    tasks: tuple[TaskView, ...]
    offers: tuple[OfferView, ...]
    can: frozenset[str]
    involved: tuple[InvolvedView, ...]
    measures: tuple[MeasureView, ...]
    files: tuple[FileView, ...]
    messages: tuple[MessageView, ...]
    links: tuple[LinkView, ...]
    restrictions: tuple[RestrictionView, ...]
    can_restrict: tuple[tuple[str, str], ...]
    can_link: tuple[tuple[str, str, bool], ...]
    closed: bool
    asked: str | None
    newer: int | None
    whys: tuple[Why, ...]

    def why(self, kind: str, name: str = "") -> tuple[Why, ...]:
        """The explanations of the handler, of a step, a message, a term, or of what stands in a step's way."""
        return tuple(one for one in self.whys if (one.kind, one.name) == (kind, name))
    keeping: KeepingView | None


@dataclass(frozen=True)
class GlimpseView:
    """What somebody who is involved sees on purpose: the complaint that concerns him, his own steps and letters.

    Once nothing is asked of him and nothing shared any more, his letters stay, and `story` is empty. `part` is what
    the procedure gives whoever is involved.
    Somebody who only carries out measures sees those, and neither complaint nor steps.
    """

    case_id: UUID
    reference: str
    seq: int
    story: str
    offers: tuple[OfferView, ...]
    measures: tuple[MeasureView, ...] = ()
    letters: tuple[LetterView, ...] = ()
    part: OwnPart | None = None


def case_view(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, person_id: UUID, language: str, now: datetime
) -> CaseView | GlimpseView:
    """The case for this person, in `nl` or `en`. NotFound: no such case, or not for him to know of."""
    opened = open_case(session, tenant_id, case_id, now)
    match sight_of(opened, person_id):
        case Sight.FULL:
            return _full(session, engine, tenant_id, opened, person_id, language, now)
        case Sight.MEASURES:
            return _measures_of(engine, tenant_id, opened, person_id)
        case shown:
            letters = _his_letters(session, engine, tenant_id, opened, person_id, language)
    if shown is not Sight.GLIMPSE and not letters:
        raise NotFound("case")
    glimpse = GlimpseView(opened.case.id, opened.file.reference or "", opened.case.seq, "", ())
    if shown is Sight.GLIMPSE:
        glimpse = _glimpse(engine, tenant_id, opened, person_id, language)
    return replace(glimpse, letters=letters, part=_his_part(engine, tenant_id, opened, person_id, language))


def _his_part(
    engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID, language: str
) -> OwnPart | None:
    """What the procedure gives somebody who is involved; to who is not it gives no part of that sort."""
    if not is_walled(opened.case, person_id):
        return None
    people = {person for role, person in to_turn_to(opened.world, opened.case)}
    names = opened.chart.names(engine.keyring, tenant_id, people)
    return own_part(opened.world, opened.case, person_id, names, language)


def _his_letters(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID, language: str
) -> tuple[LetterView, ...]:
    """What was sent to somebody in his own part; nothing to who has left or is not involved (any more)."""
    if not is_walled(opened.case, person_id):
        return ()
    return letters_to(session, engine.keyring, tenant_id, opened.world, opened.case, person_id, language)


def _glimpse(engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID, language: str) -> GlimpseView:
    events = read_words(engine, tenant_id, opened)
    story = str(_words(events, Kind.RECEIVED).get("story", ""))
    mine = offer_views(opened.world, opened.case, person_id, {}, {}, language)
    return GlimpseView(opened.case.id, opened.file.reference or "", opened.case.seq, story, mine)


def _measures_of(engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID) -> GlimpseView:
    """The measures this person is to carry out: what, by which day, and what showed that it was done."""
    events = read_words(engine, tenant_id, opened)
    names = opened.chart.names(engine.keyring, tenant_id, {person_id})
    every = measure_views(opened.world, opened.case, events, names, person_id)
    his = tuple(measure for measure in every if measure.owner_id == person_id)
    return GlimpseView(opened.case.id, opened.file.reference or "", opened.case.seq, "", (), his)


def _full(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID, language: str, now: datetime
) -> CaseView:
    world, case, events = opened.world, opened.case, read_words(engine, tenant_id, opened)
    names = opened.chart.names(engine.keyring, tenant_id, people_shown(world, case, events))
    reader = reader_in(world, case, person_id)
    told = for_staff(world, case, events, names, language, reader)
    scans = engine.files.scans(session, tenant_id, case.id) if any(each.file for each in told) else {}
    return CaseView(
        case_id=case.id,
        reference=opened.file.reference or "",
        procedure=world.policy.procedure.title.in_(language),
        version=opened.version.number,
        seq=case.seq,
        zone=world.zone,
        phase=case.phase,
        phases=phase_line(world.policy, case),
        channel=label_of(world.policy.channels, case.channel, language),
        form=case.form.value,
        language=case.language,
        wrote_in=case.wrote_in,
        way=case.way,
        received_on=opened.file.received_on,
        received_by=names.get(case.received_by, "") if case.received_by else "",
        contact=complainants(events)[0],
        representative=representative(events),
        represented=case.represented is not None,
        anonymous=case.anonymous,
        others=complainants(events)[1:],
        links=tuple(link_views(session, tenant_id, opened, events, person_id, language)),
        restrictions=restriction_views(world, case, language, world.day_of(now)),
        can_restrict=restrictable(world, case, person_id, language),
        can_link=linkable(world, language) if "link" in verbs(world, case, person_id) else (),
        story=str(_words(events, Kind.RECEIVED).get("story", "")),
        handlers=tuple(names.get(person, "") for person in case.handlers),
        handler_role=role_label(world, case.handler_role, language),
        handed=handed_view(world, case, events, names, person_id),
        away=tuple(handlers_away(world, case, names)),
        rule=case.rule,
        facts=tuple(fact_views(world, case, events, names, reader, language)),
        askable=askable(world, case, person_id, language),
        timeline=told,
        backs=ways_back(world, case, events, person_id),
        deadlines=tuple(deadline_views(world, case, events, names, person_id, language, now)),
        tasks=tuple(_task_view(world, task, names, language) for task in tasks(world, case, clocks(world, case))),
        offers=offer_views(world, case, person_id, texts_of(events), names, language),
        can=verbs(world, case, person_id),
        involved=tuple(involved_views(case, names)),
        measures=tuple(measure_views(world, case, events, names, person_id)),
        files=tuple(file_views(world, case, events, told, scans, Actor(ActorKind.PERSON, person_id))),
        messages=tuple(message_views(session, engine.keyring, tenant_id, world, case, events, names, language, reader)),
        closed=case.is_closed,
        asked=still_asked(case, events),
        newer=newer_version(opened),
        whys=explain_case(world, events, language, hidden_from(world, case, reader)),
        keeping=keeping_view(world, case, person_id, language, now),
    )


def handlers_away(world: World, case: Case, names: Mapping[UUID, str]) -> Iterable[tuple[str, str]]:
    """The handlers who are away today, each with who acts for him (empty: nobody)."""
    for person in case.handlers:
        if person in world.people.absent:
            acting = deputies(world, case, (person,))
            yield names.get(person, ""), names.get(acting[0], "") if acting else ""


def people_shown(world: World, case: Case, events: Sequence[Event]) -> frozenset[UUID]:
    """Everybody whose name the page needs."""
    running = clocks(world, case)
    doing = (person for task in tasks(world, case, running) for person in task.people)
    owning = (person for clock in running for person in clock.owners)
    acting = deputies(world, case, case.handlers)
    return people_named(case, events) | people_offered(world, case) | {*doing, *owning, *acting}


def restrictable(world: World, case: Case, person_id: UUID, language: str) -> tuple[tuple[str, str], ...]:
    """The restrictions this reader may put on contact: name and label."""
    known = world.policy.restrictions
    mine = (name for name, one in known.items() if any(person_id in free_to_act(world, case, by) for by in one.by))
    return tuple((name, label_of(known, name, language)) for name in mine)


def involved_views(case: Case, names: Mapping[UUID, str]) -> Iterable[InvolvedView]:
    """Who is involved, in the order in which it became known."""
    for person, relations in case.involved.items():
        yield InvolvedView(person, names.get(person, ""), tuple(sorted(relations)), person in case.overruled)


def newer_version(opened: Opened) -> int | None:
    """The number of the version in force, where an open case goes by an older one."""
    older = opened.version.number < opened.in_force.number
    return opened.in_force.number if older and not opened.case.is_closed else None


def _task_view(world: World, task: Task, names: Mapping[UUID, str], language: str) -> TaskView:
    return TaskView(
        task.step,
        label_of(world.policy.steps, task.step, language),
        tuple(role_label(world, role, language) for role in task.roles),
        tuple(names.get(person, "") for person in task.people),
        task.by_complainant,
        task.due_on,
    )


def _words(events: Sequence[Event], kind: Kind) -> Mapping[str, Any]:
    return next((event.sealed for event in events if event.kind is kind and event.sealed), {})


def fact_views(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], reader: Reads, language: str
) -> Iterable[FactView]:
    """The facts that were filled in and that this reader may see."""
    texts = texts_of(events)
    for name, fact in world.policy.facts.items():
        value = fact_text(world, case, texts, names, name, language)
        if value and may_read_fact(world, case, name, reader):
            typed = fact.type is FactType.PERSON and name not in case.facts
            yield FactView(name, label_of(world.policy.facts, name, language), fact.type, value, typed)


def measure_views(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], person_id: UUID
) -> Iterable[MeasureView]:
    """The measures with their words."""
    verifier = world.policy.measures.verified_by
    may_verify = verifier is None or person_id in free_to_act(world, case, verifier)
    words = {
        (event.kind, event.open["measure"]): event.sealed or {} for event in events if "measure" in event.open
    }
    for measure in case.measures.values():
        yield MeasureView(
            id=measure.id,
            what=str(words.get((Kind.MEASURE_PLANNED, str(measure.id)), {}).get("what", "")),
            owner_id=measure.owner,
            owner=names.get(measure.owner, ""),
            day=measure.day,
            carried_out=measure.carried_out,
            verified=measure.verified,
            proof=str(words.get((Kind.MEASURE_CARRIED_OUT, str(measure.id)), {}).get("proof", "")),
            can_carry_out=not measure.carried_out and not is_walled(case, person_id),
            can_verify=measure.carried_out and not measure.verified and may_verify,
        )



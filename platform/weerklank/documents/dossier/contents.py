"""What goes into a file that is made up: what its maker may see, less what its reader may not.

Nothing is added here. The maker's own view of the case is the ceiling: walls and what is kept apart count for him as on
his page. Of that goes out what the procedure keeps from whoever it is for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Opened, as_event, open_case, read_words
from weerklank.cases.given import FileView
from weerklank.cases.labels import day_text, role_label
from weerklank.cases.ledger import DeadlineView
from weerklank.cases.model import Message
from weerklank.cases.status import status_view
from weerklank.cases.telling import Place
from weerklank.cases.timeline import Entry
from weerklank.cases.view import CaseView, case_view
from weerklank.documents.dossier.paper import Block, Paper, Section
from weerklank.documents.model import Scan
from weerklank.kernel.errors import NotFound
from weerklank.policy.apart import Reads, limits_of_fact, may_know
from weerklank.policy.case import Case
from weerklank.policy.events import Kind
from weerklank.policy.model import RoleKind
from weerklank.policy.world import World

PARTS = ("facts", "course", "notes", "terms", "measures", "messages", "files")
USUAL = frozenset(PARTS) - {"notes"}  # notes are for those who handle; they go along only when somebody says so
COMPLAINANT = "complainant"
WORDS = {
    "nl": {
        "file": "Dossier {0}", "form": "Klachtenformulier {0}", "contents": "Inhoud", "page": "bladzijde",
        "reference": "Kenmerk", "for": "Gemaakt voor", "on": "Gemaakt op", "by": "Gemaakt door",
        "received": "Ontvangen op", "channel": "Binnengekomen via", "complainant": "Indiener", "handler": "Behandelaar",
        "story": "De klacht", "facts": "Gegevens", "fact": "Gegeven", "value": "Ingevuld", "course": "Wat er gebeurde",
        "notes": "Notities", "terms": "Termijnen", "term": "Termijn", "day": "Laatste dag", "state": "Stand",
        "why": "Waarom", "measures": "Maatregelen", "messages": "Berichten", "files": "Bestanden",
        "held": "Nog niet op virussen gecontroleerd en daarom niet bijgevoegd: {0}",
        "infected": "Bevatte een virus, is verwijderd en dus niet bijgevoegd: {0}",
        "file_name": "Bestand", "added": "Toegevoegd op", "who": "Door", "to": "aan {0}",
        "running": "loopt", "suspended": "staat stil", "met": "gehaald", "lapsed": "vervallen", "late": "te laat",
        "not_written": "nog niet uitgeschreven", "events": "Alle gebeurtenissen", "when": "Wanneer", "what": "Wat",
    },
    "en": {
        "file": "File {0}", "form": "Complaint form {0}", "contents": "Contents", "page": "page",
        "reference": "Reference", "for": "Made for", "on": "Made on", "by": "Made by",
        "received": "Received on", "channel": "Came in by", "complainant": "Complainant", "handler": "Handler",
        "story": "The complaint", "facts": "What is known", "fact": "What", "value": "Filled in",
        "course": "What happened", "notes": "Notes", "terms": "Terms", "term": "Term", "day": "Last day",
        "state": "How it stands", "why": "Why", "measures": "Measures", "messages": "Messages", "files": "Files",
        "held": "Not checked for viruses yet and therefore not enclosed: {0}",
        "infected": "Held a virus, was removed and is therefore not enclosed: {0}",
        "file_name": "File", "added": "Added on", "who": "By", "to": "to {0}",
        "running": "running", "suspended": "stands still", "met": "met", "lapsed": "lapsed", "late": "too late",
        "not_written": "not written out yet", "events": "All events", "when": "When", "what": "What",
    },
}  # fmt: skip


HELD = {Scan.WAITING.value: "held", Scan.INFECTED.value: "infected"}


@dataclass(frozen=True)
class Choice:
    """Who it is for (a role of the policy, or words) and what goes along: parts, and messages and files left out."""

    to: str
    parts: frozenset[str] = USUAL
    left_out: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Enclosed:
    """A file that goes along as it is."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Contents:
    """The paper, each message as one of its own, and the files that go along."""

    paper: Paper
    letters: tuple[Block, ...]
    files: tuple[Enclosed, ...]


def staff_contents(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, person_id: UUID, by: str, choice: Choice,
    language: str, now: datetime, *, called_as: str = "", form: bool = False,
) -> Contents:
    """The file as this person may make it for somebody. NotFound for who does not see the case in full.

    `form`: the complaint form instead, for the organisation itself: contacts, steps and agreements, no letters.
    """
    opened = open_case(session, tenant_id, case_id, now)
    view = case_view(session, engine, tenant_id, case_id, person_id, language, now)
    if not isinstance(view, CaseView):
        raise NotFound("case")
    said = WORDS["nl" if language == "nl" else "en"]
    closed_off = frozenset() if form else kept_from(opened, choice.to)
    unread = _sent_by(session, tenant_id, case_id, closed_off)
    entries = [each for each in view.timeline if each.seq not in closed_off]
    letters = _letters(view, unread | choice.left_out, said, language)
    chosen_files = _chosen_files(view, entries, choice.left_out)
    enclosed = tuple(Enclosed(each.id, each.name) for each in chosen_files if each.scan not in HELD)
    sections = {
        "facts": _facts(opened.world, opened.case, view, choice.to, said, form=form),
        "course": _course(entries, language, said["course"], notes=False),
        "notes": _course(entries, language, said["notes"], notes=True),
        "terms": _terms(view.deadlines, language, said),
        "measures": _measures(view, said, language),
        "messages": Section(said["messages"], blocks=letters),
        "files": _files(chosen_files, said, language),
    }
    chosen = [sections[name] for name in PARTS if name in choice.parts]
    whom = () if form else ((said["for"], called_as or called(opened.world, choice.to, language)),)
    paper = Paper(
        language="nl" if language == "nl" else "en",
        title=said["form" if form else "file"].format(view.reference),
        organisation=opened.world.policy.procedure.organisation,
        particulars=_particulars(view, whom, by, now, said, language),
        sections=(Section(said["story"], (view.story,)), *(each for each in chosen if _holds(each))),
        contents=said["contents"],
        page=said["page"],
    )
    return Contents(
        paper, letters if "messages" in choice.parts else (), enclosed if "files" in choice.parts else ()
    )


def _letters(view: CaseView, without: Collection[UUID], said: Mapping[str, str], language: str) -> tuple[Block, ...]:
    return tuple(
        Block(
            each.subject or each.label,
            f"{day_text(each.day, language)}, {said['to'].format(each.to)}",
            each.paragraphs or (said["not_written"],),
        )
        for each in view.messages
        if not each.notice and each.id not in without
    )


def _chosen_files(view: CaseView, entries: Collection[Entry], without: Collection[UUID]) -> tuple[FileView, ...]:
    shown = {entry.file for entry in entries} - set(without)
    return tuple(each for each in view.files if each.id in shown)


def _measures(view: CaseView, said: Mapping[str, str], language: str) -> Section:
    blocks = (
        Block(each.what, f"{each.owner}, {day_text(each.day, language)}", (each.proof,) if each.proof else ())
        for each in view.measures
    )
    return Section(said["measures"], blocks=tuple(blocks))


def _files(files: Collection[FileView], said: Mapping[str, str], language: str) -> Section:
    """The files that go along; and by name those that do not, since nobody may open them."""
    rows = ((each.name, day_text(each.day, language), each.by) for each in files if each.scan not in HELD)
    missing = tuple(said[HELD[each.scan]].format(each.name) for each in files if each.scan in HELD)
    return Section(said["files"], missing, head=(said["file_name"], said["added"], said["who"]), rows=tuple(rows))


def _particulars(
    view: CaseView, whom: tuple[tuple[str, str], ...], by: str, now: datetime, said: Mapping[str, str], language: str
) -> tuple[tuple[str, str], ...]:
    lines = (
        (said["reference"], view.reference),
        *whom,
        (said["on"], _moment(now, view.zone, language)),
        (said["by"], by),
        (said["received"], day_text(view.received_on, language)),
        (said["channel"], view.channel),
        (said["complainant"], view.contact.get("name", "")),
        (said["handler"], ", ".join(view.handlers)),
    )
    return tuple((name, value) for name, value in lines if value)


def _holds(section: Section) -> bool:
    return bool(section.paragraphs or section.rows or section.blocks)


def called(world: World, to: str, language: str) -> str:
    """What people call who it is for: an outside body by its name, a role by its label, else the words themselves."""
    if to in world.policy.bodies:
        return world.policy.bodies[to].name
    return role_label(world, to, language) if to in world.policy.roles else to


def readers(world: World, language: str) -> list[tuple[str, str]]:
    """For whom a file can be made by the procedure: its outside bodies, and roles outside the organisation."""
    bodies = [(name, body.name) for name, body in world.policy.bodies.items()]
    outside = [name for name, role in world.policy.roles.items() if role.kind is RoleKind.OUTSIDE]
    return bodies + [(name, role_label(world, name, language)) for name in outside if name not in dict(bodies)]


def kept_from(opened: Opened, to: str) -> frozenset[int]:
    """The numbers of the events whose content the procedure keeps from this reader, and from all but some roles."""
    reader, events = Reads(None, frozenset({to})), [as_event(each) for each in opened.stored]
    return frozenset(
        seq for seq, event in enumerate(events, 1) if not may_know(opened.world, opened.case, event, reader)
    )


def _sent_by(session: Session, tenant_id: UUID, case_id: UUID, seqs: frozenset[int]) -> frozenset[UUID]:
    """The messages that these events sent."""
    query = select(Message.id).where(
        Message.tenant_id == tenant_id, Message.case_id == case_id, Message.seq.in_(seqs)
    )
    return frozenset(session.scalars(query)) if seqs else frozenset()


def _facts(world: World, case: Case, view: CaseView, to: str, said: Mapping[str, str], *, form: bool) -> Section:
    """What is known, without what only some roles may see and what no message to this reader may hold."""
    never = {fact for one in world.policy.messages.values() if to in (*one.to, *one.cc) for fact in one.never}
    rows = tuple(
        (each.label, each.value)
        for each in view.facts
        if form or (each.name not in never and all(to in roles for roles in limits_of_fact(world, case, each.name)))
    )
    return Section(said["facts"], head=(said["fact"], said["value"]), rows=rows)


def _course(entries: Iterable[Entry], language: str, title: str, *, notes: bool, authors: bool = True) -> Section:
    """What happened in order of time with its author; notes by themselves."""
    main = (each for each in entries if each.place is Place.MAIN and (each.kind is Kind.NOTED) == notes)
    return Section(
        title,
        blocks=tuple(
            Block(
                each.title,
                ", ".join(filter(None, (day_text(each.day, language), each.by if authors else ""))),
                (each.text,) if each.text else (),
            )
            for each in main
        ),
    )


def _terms(deadlines: Iterable[DeadlineView], language: str, said: Mapping[str, str]) -> Section:
    rows = tuple(
        (
            each.label,
            day_text(each.due_on, language) if each.due_on else "",
            said.get(each.state, each.state) + (f", {said['late']}" if each.late else ""),
            "\n".join(each.why),
        )
        for each in deadlines
    )
    return Section(said["terms"], head=(said["term"], said["day"], said["state"], said["why"]), rows=rows)


def _moment(now: datetime, zone: ZoneInfo, language: str) -> str:
    return str(format_datetime(now.astimezone(zone), "d MMMM y, HH:mm", locale=language))


def _listed(title: str, scan: str, said: Mapping[str, str]) -> str:
    return said[HELD[scan]].format(title) if scan in HELD else title


def own_contents(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, language: str, now: datetime
) -> Contents:
    """The complainant's own copy: what his status page shows him, every letter to him, and the files there."""
    opened = open_case(session, tenant_id, case_id, now)
    view = status_view(session, engine, tenant_id, case_id, language, now)
    said, world = WORDS["nl" if language == "nl" else "en"], opened.world
    received = next((event.sealed or {} for event in read_words(engine, tenant_id, opened)), {})
    letters = tuple(
        Block(each.subject, day_text(each.day, language), each.paragraphs) for each in reversed(view.messages)
    )
    names = {each.file: each for each in view.timeline if each.file}
    given = {file.id: file.name for file in view.given}
    going = [file for file in (*names, *given) if view.scans.get(file) not in HELD]
    enclosed = tuple(Enclosed(file, f"{number:02}") for number, file in enumerate(going, 1))
    called = {file: each.title for file, each in names.items()} | given
    listed = tuple(_listed(title, view.scans.get(file, ""), said) for file, title in called.items())
    terms = tuple(
        (each.label, day_text(each.by_day, language) if each.by_day else "", each.who, "\n".join(each.why))
        for each in view.next_steps
    )
    sections = (
        Section(said["story"], (str(received.get("story", "")),)),
        _course(view.timeline, language, said["course"], notes=False, authors=False),
        Section(said["terms"], head=(said["term"], said["day"], said["who"], said["why"]), rows=terms),
        Section(said["messages"], blocks=letters),
        Section(said["files"], listed),
    )
    particulars = (
        (said["reference"], view.reference),
        (said["for"], str(received.get("contact", {}).get("name", ""))),
        (said["on"], _moment(now, world.zone, language)),
        (said["received"], day_text(view.received_on, language)),
        (said["handler"], view.handler),
    )
    paper = Paper(
        language="nl" if language == "nl" else "en",
        title=said["file"].format(view.reference),
        organisation=world.policy.procedure.organisation,
        particulars=tuple((name, value) for name, value in particulars if value),
        sections=tuple(each for each in sections if _holds(each)),
        contents=said["contents"],
        page=said["page"],
    )
    return Contents(paper, letters, enclosed)

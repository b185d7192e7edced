"""The files of a case as its pages show them: to staff all they may know of, to who complains his own and ours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.actions.share import ShareFiles, may_share
from weerklank.cases.timeline import Entry
from weerklank.kernel.errors import NotFound, Refused
from weerklank.policy.case import Case
from weerklank.policy.events import COMPLAINANT, Actor, Event, Kind
from weerklank.policy.world import World

HELD = {"waiting": "file_held", "infected": "file_infected"}  # nobody opens these, and nobody is given them


@dataclass(frozen=True)
class FileView:
    """A file of the case, to be downloaded by its id, unless `scan` says that it is `waiting` or `infected`.

    `given_on`: since which legal day the complainant can save it, if he can and it is not his own; `can_give`: this
    reader may let him.
    """

    id: UUID
    name: str
    day: date
    by: str
    scan: str
    given_on: date | None
    can_give: bool


@dataclass(frozen=True)
class OwnFile:
    """A file that the complainant sent, or was given on this legal day, with what `act.KeepsFiles.scans` says of it."""

    id: UUID
    name: str
    day: date
    scan: str


def file_views(
    world: World, case: Case, events: Sequence[Event], told: Sequence[Entry], scans: Mapping[UUID, str], actor: Actor
) -> Iterator[FileView]:
    """The files of which somebody of the organisation was `told`, oldest first."""
    given = given_on(world, case, events)
    for each in told:
        if each.file:
            scan, name = scans.get(each.file, ""), name_of(events, each.seq)
            can = scan not in HELD and may_share(world, case, each.file, actor) is None
            yield FileView(each.file, name, each.day, each.by, scan, given.get(each.file), can)


def given_on(world: World, case: Case, events: Sequence[Event]) -> dict[UUID, date]:
    """Since which legal day he can save each file that he was given."""
    shared = (event for event in events if event.kind is Kind.FILE_SHARED)
    days = {UUID(file): world.day_of(event.at) for event in shared for file in event.open["files"]}
    return {file: day for file, day in days.items() if file in case.given}


def own_files(world: World, events: Sequence[Event], scans: Mapping[UUID, str]) -> Iterator[OwnFile]:
    """The files he sent, newest first."""
    for event in reversed(events):
        if event.kind is Kind.FILE_ADDED and event.actor == COMPLAINANT:
            file, name = UUID(event.open["file"]), str((event.sealed or {}).get("name", ""))
            yield OwnFile(file, name, world.day_of(event.happened_at), scans.get(file, ""))


def given_files(world: World, case: Case, events: Sequence[Event], scans: Mapping[UUID, str]) -> tuple[OwnFile, ...]:
    """The files he was given, newest first."""
    names = names_of(events)
    days = sorted(given_on(world, case, events).items(), key=lambda one: one[1], reverse=True)
    return tuple(OwnFile(file, names.get(file, ""), day, scans.get(file, "")) for file, day in days)


def name_of(events: Sequence[Event], seq: int) -> str:
    """The name of the file that event number `seq` added; empty once erased."""
    return str((events[seq - 1].sealed or {}).get("name", ""))


def names_of(events: Sequence[Event]) -> dict[UUID, str]:
    """The names of all files of a case."""
    added = ((seq, event) for seq, event in enumerate(events, 1) if event.kind is Kind.FILE_ADDED)
    return {UUID(event.open["file"]): name_of(events, seq) for seq, event in added}


def sharing(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, files: Collection[UUID], now: datetime
) -> ShareFiles:
    """What gives the complainant these files. Refused: `file_held`, `file_infected`. NotFound: not of this case."""
    names = names_of(read_words(engine, tenant_id, open_case(session, tenant_id, case_id, now)))
    scans = engine.files.scans(session, tenant_id, case_id)
    if not names.keys() >= set(files):
        raise NotFound("file")
    for file in files:
        if scans.get(file) in HELD:
            raise Refused(HELD[scans[file]])
    return ShareFiles({file: names[file] for file in files})

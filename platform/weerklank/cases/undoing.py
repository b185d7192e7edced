"""What of a case can be undone, by whom and by which act; and what can only be put right, with a reason.

What reached somebody outside, or was decided, cannot be undone: people may have acted on it. Then a correction stands
beside it, and the letter that has to be sent about it is an act of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.actions.record import Record
from weerklank.kernel.errors import NotFound
from weerklank.policy.apart import may_read_fact, reader_in
from weerklank.policy.case import Case, decode
from weerklank.policy.events import Event, Kind
from weerklank.policy.world import World


class Back(StrEnum):
    """How something is put right: the act of the desk that does it."""

    TAKE_BACK = "take-back"
    PUT_BACK = "put-back"
    RELEASE = "release"
    UNLINK = "unlink"
    LIFT = "lift"
    MOVE = "move"
    CORRECT = "correct"


@dataclass(frozen=True)
class WayBack:
    """The act, and what it is about: an event's number, or the name or id that its form asks for."""

    back: Back
    about: str


# What can be undone as long as it still stands, by a form of its own that asks a reason.
STANDING: Mapping[Kind, tuple[Back, str, Callable[[Case, str], bool]]] = {
    Kind.PERSON_INVOLVED: (Back.RELEASE, "person", lambda case, about: UUID(about) in case.involved),
    Kind.LINKED: (Back.UNLINK, "id", lambda case, about: UUID(about) in case.links),
    Kind.RESTRICTED: (Back.LIFT, "restriction", lambda case, about: about in case.restrictions),
    Kind.MEASURE_MOVED: (Back.MOVE, "measure", lambda case, about: not case.measures[UUID(about)].carried_out),
}
# What people did and others may have acted on.
TO_CORRECT = frozenset(
    {
        Kind.FACTS_RECORDED, Kind.STEP_DONE, Kind.SIGNED, Kind.SENT, Kind.COMPLETION_ASKED, Kind.COMPLETED,
        Kind.EXTENDED, Kind.AGREED, Kind.LATER_ASKED, Kind.MEASURE_PLANNED, Kind.MEASURE_CARRIED_OUT,
        Kind.MEASURE_VERIFIED, Kind.MAIL_JOINED, Kind.FILE_ADDED, Kind.WITHDRAWN, Kind.NOTED, Kind.HANDED_OVER,
        Kind.ASSIGNED,
    }
)  # fmt: skip


def ways_back(world: World, case: Case, events: Sequence[Event], person: UUID) -> dict[int, WayBack]:
    """For each event, by its number, how this person can put it right; nothing once the case is only read."""
    if case.is_archived or case.is_destroyed:
        return {}
    found = ((seq, way_back(world, case, events, seq, person)) for seq in range(1, len(events) + 1))
    return {seq: way for seq, way in found if way}


def way_back(world: World, case: Case, events: Sequence[Event], seq: int, person: UUID) -> WayBack | None:
    """How this person can put right event number `seq`; None where there is nothing to put right."""
    event = events[seq - 1]
    if case.notes.get(seq) == person:
        return WayBack(Back.TAKE_BACK, str(seq))
    if event.kind in STANDING:
        back, key, stands = STANDING[event.kind]
        return WayBack(back, str(event.open[key])) if stands(case, str(event.open[key])) else None
    if event.kind is Kind.FACTS_RECORDED and earlier(world, case, events, seq, person):
        return WayBack(Back.PUT_BACK, str(seq))
    if event.kind is Kind.NOTED and seq not in case.notes:
        return None
    return WayBack(Back.CORRECT, str(seq)) if event.kind in TO_CORRECT else None


def earlier(world: World, case: Case, events: Sequence[Event], seq: int, person: UUID) -> Record | None:
    """What puts back the facts that event `seq` changed, as they were: only where nothing came after it.

    None when one of them had no value before, was changed again, belongs to a step, or is not for this person to know.
    """
    event = events[seq - 1]
    if event.actor.id is None or event.open.get("step"):
        return None
    names = names_in(event)
    before = [one for one in events[: seq - 1] if one.kind is Kind.FACTS_RECORDED]
    known = {name for one in before for name in names_in(one)}
    later = {name for one in events[seq:] if one.kind is Kind.FACTS_RECORDED for name in names_in(one)}
    alone = seq == len(events) or (events[seq].at, events[seq].actor) != (event.at, event.actor)
    reader = reader_in(world, case, person)
    if not alone or names & later or not names <= known:
        return None
    if not all(may_read_fact(world, case, name, reader) for name in names):
        return None
    facts = {name: decode(value) for one in before for name, value in one.open.get("facts", {}).items()}
    texts = {name: text for one in before for name, text in ((one.sealed or {}).get("texts") or {}).items()}
    kept = {name: text for name, text in texts.items() if name in names and name not in facts}
    found = {name: value for name, value in facts.items() if name in names}
    return Record(found, kept) if names <= found.keys() | kept.keys() else None


def put_back(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, seq: int, person: UUID, now: datetime
) -> Record:
    """What puts back the facts that event `seq` changed. NotFound where that cannot be done (any more)."""
    opened = open_case(session, tenant_id, case_id, now)
    known = 0 < seq <= len(opened.stored)
    found = known and earlier(opened.world, opened.case, read_words(engine, tenant_id, opened), seq, person)
    if not found:
        raise NotFound("entry")
    return found


def names_in(event: Event) -> set[str]:
    """The facts that an event filled in."""
    return {name for key in ("facts", "filled", "named") for name in event.open.get(key, ())}

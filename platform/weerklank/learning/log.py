"""What is noted day by day: duties done, things registered without a procedure, places checked, clients told.

Each function is one thing somebody does (`by`); it answers the entry. Raises NotFound for what the policy does not
know, and Refused with the rule that says no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from weerklank.cases.model import CaseFile
from weerklank.identity.people import is_admin
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.learning.gather import STRUCK, struck, walled_from
from weerklank.learning.model import Kind, LogEntry
from weerklank.learning.place import Place, needed, past_day, refuse
from weerklank.policy.model import Duty, Publication

DONE, CHECKED, TOLD, EXPECTED, WARNED = "done", "checked", "told", "expected", "warned"
PLACES = ("page", "link", "snippet", "checklist")


def entry(place: Place, element: str, kind: str, by: UUID | None, **given: Any) -> LogEntry:
    """A new entry, not yet in the trail."""
    place_and_time = {"tenant_id": place.tenant_id, "id": new_id(), "created_at": place.now}
    row = LogEntry(**place_and_time, element=element, kind=kind, by_id=by, seq=0, **given)
    place.session.add(row)
    return row


@dataclass(frozen=True)
class Entry:
    """An entry as people read it: its words are gone once struck, and then the reason stands there."""

    id: UUID
    kind: str
    day: date | None
    by: UUID | None
    text: str
    participants: str
    reason: str
    struck: bool


def entries(place: Place, element: str, most: int = 100) -> list[Entry]:
    """What was noted under an element, the last first."""
    query = select(LogEntry).where(
        LogEntry.tenant_id == place.tenant_id, LogEntry.element == element, LogEntry.kind.not_in([WARNED, STRUCK])
    )
    rows = place.session.scalars(query.order_by(LogEntry.created_at.desc()).limit(most)).all()
    said = [place.read(row) for row in rows]
    return [
        Entry(
            row.id, row.kind, row.day, row.by_id, words.get("text", ""), words.get("participants", ""),
            words.get("reason", ""), row.struck_at is not None,
        )
        for row, words in zip(rows, said, strict=True)
    ]  # fmt: skip


def duty_of(place: Place, name: str, does: str) -> Duty:
    duty = place.world.policy.duties.get(name)
    if duty is None or duty.does != does:
        raise NotFound("duty")
    return duty


def do_duty(place: Place, by: UUID, name: str, day: date, words: str, participants: str = "") -> LogEntry:
    """Note that a duty was done on this legal day: what it was, and who was there."""
    duty, rule = duty_of(place, name, "log"), f"duties.{name}"
    place.only(by, [duty.by, *duty.also_by], f"{rule}.by", duty.source)
    past_day(place, day, rule, duty.source)
    row = entry(place, rule, DONE, by, day=day)
    place.write(row, text=needed(words, rule, duty.source), participants=participants.strip())
    place.record(row, Kind.DUTY_DONE, by, [rule], day=day)
    return row


def register(place: Place, by: UUID, name: str, kind: str, day: date, words: str) -> LogEntry:
    """Register something that runs no procedure: a deviation, an incident."""
    duty, rule = duty_of(place, name, "register"), f"duties.{name}"
    place.only(by, [duty.by, *duty.also_by], f"{rule}.by", duty.source)
    past_day(place, day, rule, duty.source)
    if kind not in duty.kinds:
        refuse("unknown_kind", f"{rule}.kinds", duty.source)
    row = entry(place, rule, kind, by, day=day)
    place.write(row, text=needed(words, rule, duty.source))
    place.record(row, Kind.REGISTERED, by, [rule, "keeping"], sort=kind, day=day)
    return row


def strike(place: Place, by: UUID, entry_id: UUID, reason: str) -> None:
    """Take the words of an entry out of the register for good; that it was there, and why it went, stays."""
    row = place.session.scalar(
        select(LogEntry).where(LogEntry.tenant_id == place.tenant_id, LogEntry.id == entry_id).with_for_update()
    )
    if row is None or not row.element.startswith("duties.") or row.struck_at:
        raise NotFound("entry")
    may_strike(place, by, reason)
    row.struck_at = place.now
    place.replace(row, {"reason": reason.strip()})
    place.record(row, Kind.STRUCK, by, ["keeping", row.element])


def strike_fact(place: Place, by: UUID, reference: str, fact: str, reason: str) -> LogEntry:
    """Take a case's words out of the register and its reports; the file itself keeps them."""
    may_strike(place, by, reason)
    found = select(CaseFile.id).where(CaseFile.tenant_id == place.tenant_id, CaseFile.reference == reference.upper())
    case_id = place.session.scalar(found)
    if case_id is None or fact not in place.world.policy.facts or walled_from(place, by, [case_id]):
        raise NotFound("case")
    if (case_id, fact) in struck(place, [case_id]):
        refuse("report_step_done", "keeping.struck_by", place.world.policy.keeping.source)
    row = entry(place, f"facts.{fact}", STRUCK, by, day=place.today, case_id=case_id)
    place.write(row, reason=reason.strip())
    place.record(row, Kind.STRUCK, by, ["keeping", f"facts.{fact}"], case=case_id, fact=fact)
    return row


def may_strike(place: Place, by: UUID, reason: str) -> None:
    keeping = place.world.policy.keeping
    place.only(by, [keeping.struck_by], "keeping.struck_by", keeping.source)
    if not reason.strip():
        refuse("reason_needed", "keeping.struck_by", keeping.source)


def publication_of(place: Place, name: str, *where: str) -> Publication:
    found = place.world.policy.publication.get(name)
    if found is None or found.where not in where:
        raise NotFound("publication")
    return found


def check(place: Place, by: UUID, name: str) -> LogEntry:
    """Somebody looked and saw that the procedure, in the version in force, stands in this place."""
    where, rule = publication_of(place, name, *PLACES), f"publication.{name}"
    may_publish(place, by, where, rule)
    row = entry(place, rule, CHECKED, by, day=place.today, version_id=place.version.id)
    place.record(row, Kind.PLACE_CHECKED, by, [rule], day=place.today, version=place.version.number)
    return row


def may_publish(place: Place, by: UUID, where: Publication, rule: str) -> None:
    """Who the policy names; where it names nobody, who manages the settings."""
    if where.by or not is_admin(place.session, by):
        place.only(by, [where.by], f"{rule}.by", where.source)


def expect(place: Place, by: UUID, name: str, words: str) -> LogEntry:
    """Note that somebody is still to be told, so that what is not done yet stands in a list."""
    where, rule = publication_of(place, name, "moment"), f"publication.{name}"
    may_publish(place, by, where, rule)
    row = entry(place, rule, EXPECTED, by)
    place.write(row, text=needed(words, rule, where.source))
    place.record(row, Kind.MOMENT_EXPECTED, by, [rule])
    return row


def tell(place: Place, by: UUID, name: str, day: date, words: str = "", entry_id: UUID | None = None) -> LogEntry:
    """Somebody was told on this legal day: who was expected, or somebody new."""
    where, rule = publication_of(place, name, "moment"), f"publication.{name}"
    may_publish(place, by, where, rule)
    past_day(place, day, rule, where.source)
    row = expected(place, rule, entry_id) if entry_id else entry(place, rule, TOLD, by)
    if entry_id is None:
        place.write(row, text=needed(words, rule, where.source))
    row.kind, row.day, row.by_id = TOLD, day, by
    place.record(row, Kind.MOMENT_TOLD, by, [rule], day=day)
    return row


def expected(place: Place, rule: str, entry_id: UUID) -> LogEntry:
    wanted = select(LogEntry).where(
        LogEntry.tenant_id == place.tenant_id, LogEntry.id == entry_id, LogEntry.element == rule,
        LogEntry.kind == EXPECTED,
    )  # fmt: skip
    found = place.session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFound("entry")
    return found

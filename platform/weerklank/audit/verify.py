"""Proves a tenant's trail: recomputes each hash of each chain and of the list of seals, and compares their ends.

It needs the audit key and no other: a case whose key was destroyed is proven as any other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.audit.model import Seal, SealEntry
from weerklank.audit.seals import GENESIS as FIRST_SEAL
from weerklank.audit.seals import Entry, Witnessed, seal_mac, witnessed
from weerklank.kernel.events import GENESIS, Event, StoredEvent, next_mac, stored

BATCH = 1_000


class Fault(StrEnum):
    """What can be wrong with a trail."""

    EVENT_CHANGED = "an event is not what was recorded"
    EVENT_MISSING = "an event is missing"
    EVENTS_CUT_OFF = "the newest events are missing"
    CASE_REMOVED = "a whole case is missing"
    SEAL_CHANGED = "a seal is not what was written"
    SEAL_MISSING = "a seal is missing"
    SEALS_CUT_OFF = "the newest seals are missing"


@dataclass(frozen=True)
class Finding:
    """One fault and where: the number of a case's event, or of a seal."""

    fault: Fault
    case_id: UUID | None
    number: int


@dataclass
class Report:
    """What was looked at and found. `unsealed`: cases with events newer than their seal; `unwitnessed`: seals
    that the file outside the database does not have yet. Both are normal for a minute, and no finding."""

    tenant_id: UUID
    cases: int = 0
    events: int = 0
    seals: int = 0
    unsealed: int = 0
    unwitnessed: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, fault: Fault, case_id: UUID | None, number: int) -> None:
        self.findings.append(Finding(fault, case_id, number))


class Accepted:
    """The keys that the next hash of a chain may have been made with: once one was used, none older than it."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.keys = keys

    def proves(self, mac: bytes, make: Callable[[bytes], bytes]) -> bool:
        for number, key in enumerate(self.keys, 1):
            if make(key) == mac:
                self.keys = self.keys[:number]
                return True
        return False


def verify(session: Session, audit_key: bytes, folder: Path, tenant_id: UUID, old_keys: Sequence[bytes] = ()) -> Report:
    """Prove one tenant's whole trail, in that tenant's scope; `folder` holds the files of `witness`, `old_keys` the
    keys that were replaced, the newest first.

    The file is read first, the events last: what is added meanwhile shows as not yet sealed.
    """
    report, keys = Report(tenant_id), (audit_key, *old_keys)
    outside = {line.no: line.mac for line in witnessed(folder, tenant_id)}
    heads = prove_seals(session, Accepted(keys), tenant_id, outside, report)
    for case_id, events in groupby(all_events(session, tenant_id), key=lambda event: event.case_id):
        prove_case(Accepted(keys), case_id, events, heads.pop(case_id, None), report)
    for case_id, head in heads.items():
        report.add(Fault.CASE_REMOVED, case_id, head.seq)
    return report


def prove_seals(
    session: Session, accepted: Accepted, tenant_id: UUID, outside: dict[int, bytes], report: Report
) -> dict[UUID, Entry]:
    """Prove the list of seals; the last sealed end of each case's chain."""
    heads: dict[UUID, Entry] = {}
    mac, expected = FIRST_SEAL, 1
    for seal, at, entries in all_seals(session, tenant_id):
        report.seals += 1
        if seal.no != expected:
            report.add(Fault.SEAL_MISSING, None, expected)
        is_true = accepted.proves(seal.mac, partial(expected_seal, mac, tenant_id, seal.no, at, entries))
        if (seal.no == expected and not is_true) or outside.get(seal.no, seal.mac) != seal.mac:
            report.add(Fault.SEAL_CHANGED, None, seal.no)
        report.unwitnessed += seal.no not in outside
        for entry in entries:
            if entry.case_id not in heads or heads[entry.case_id].seq < entry.seq:
                heads[entry.case_id] = entry
        mac, expected = seal.mac, seal.no + 1
    if max(outside, default=0) >= expected:
        report.add(Fault.SEALS_CUT_OFF, None, expected)
    return heads


def expected_seal(
    head: bytes, tenant_id: UUID, no: int, at: datetime, entries: Sequence[Entry], audit_key: bytes
) -> bytes:
    return seal_mac(audit_key, head, tenant_id, no, at, entries)


def all_seals(session: Session, tenant_id: UUID) -> Iterator[tuple[Witnessed, datetime, list[Entry]]]:
    """Each seal with its entries, in order."""
    statement = (
        select(Seal.no, Seal.mac, Seal.at, SealEntry.case_id, SealEntry.seq, SealEntry.mac)
        .outerjoin(SealEntry, (SealEntry.tenant_id == Seal.tenant_id) & (SealEntry.seal_no == Seal.no))
        .where(Seal.tenant_id == tenant_id)
        .order_by(Seal.no)
    )
    rows = session.execute(statement, execution_options={"yield_per": BATCH})
    for (no, mac, at), entries in groupby(rows, key=lambda row: row[:3]):
        yield Witnessed(no, mac), at, [Entry(*row[3:]) for row in entries if row[3] is not None]


def all_events(session: Session, tenant_id: UUID) -> Iterator[StoredEvent]:
    table = Event.__table__
    statement = select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.case_id, table.c.seq)
    for row in session.execute(statement, execution_options={"yield_per": BATCH}).mappings():
        yield stored(row)


def prove_case(
    accepted: Accepted, case_id: UUID, events: Iterator[StoredEvent], sealed: Entry | None, report: Report
) -> None:
    """Prove one chain, and that it reaches as far as it was sealed. After a fault it goes on from what it found."""
    mac, last = GENESIS, 0
    report.cases += 1
    for event in events:
        report.events += 1
        if event.seq != last + 1:
            report.add(Fault.EVENT_MISSING, case_id, last + 1)
        elif not accepted.proves(event.mac, partial(expected_event, mac, event)) or is_not_as_sealed(event, sealed):
            report.add(Fault.EVENT_CHANGED, case_id, event.seq)
        mac, last = event.mac, event.seq
    if sealed is not None and sealed.seq > last:
        report.add(Fault.EVENTS_CUT_OFF, case_id, last + 1)
    report.unsealed += sealed is None or sealed.seq < last


def expected_event(head: bytes, event: StoredEvent, audit_key: bytes) -> bytes:
    return next_mac(audit_key, head, event)


def is_not_as_sealed(event: StoredEvent, sealed: Entry | None) -> bool:
    return sealed is not None and sealed.seq == event.seq and sealed.mac != event.mac

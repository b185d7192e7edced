"""Events: what happened in a case, appended once and never changed.

An event has an open part (kinds, ids, days, coded facts), from which phases, deadlines and reports are made
without any key, and a sealed part (what people wrote and are called), which the case's key opens. The events of
a case form a chain: each carries a keyed hash over itself, as stored, and the hash before it. The hash is over
ciphertext, so that destroying a key leaves the chain valid.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NoReturn
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import RowMapping, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.errors import Conflict
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased, Sealer

GENESIS = bytes(32)  # what the first event of a case is chained to

# One round trip for all events of an action; the sealer's inbox gets the new head in the same statement.
INSERT = text(
    """
    WITH appended AS (
        INSERT INTO event (tenant_id, case_id, seq, id, kind, at, actor_kind, actor_id, open, sealed, mac)
        SELECT :tenant, :case, seq, id, kind, :at, actor_kind, actor_id, CAST(open AS jsonb), sealed, mac
        FROM unnest(
            CAST(:seq AS integer[]), CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:actor_kind AS text[]),
            CAST(:actor_id AS uuid[]), CAST(:open AS text[]), CAST(:sealed AS bytea[]), CAST(:mac AS bytea[])
        ) AS new (seq, id, kind, actor_kind, actor_id, open, sealed, mac)
    )
    INSERT INTO unsealed_head (tenant_id, case_id, seq, mac) VALUES (:tenant, :case, :head_seq, :head_mac)
    """
)


class Event(TenantOwned, Base):
    """The table of events. Write with `append`, replay with `load`; query it for lists and reports."""

    __tablename__ = "event"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    open: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    mac: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event that is still to be recorded.

    `open` may hold str, int, bool, None, UUID, date, datetime, and lists and dicts of them; no floats (write an
    amount as text or in cents), no free text, no names. `sealed` is whatever JSON can hold.
    """

    kind: str
    actor_kind: str
    actor_id: UUID | None
    open: dict[str, Any]
    sealed: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is in the database, `seq` counting from 1 in its case; `open` as JSON gives it back."""

    tenant_id: UUID
    case_id: UUID
    seq: int
    id: UUID
    kind: str
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    open: dict[str, Any]
    sealed: bytes | None
    mac: bytes

    def unseal(self, sealer: Sealer) -> dict[str, Any] | Erased:
        """The sealed part ({} if it has none), or ERASED once the case's key is gone. Raises Tampered."""
        if self.sealed is None:
            return {}
        value: dict[str, Any] | Erased = sealer.unseal_json(
            self.sealed, table="event", column="sealed", row=place(self.case_id, self.seq)
        )
        return value


def append(
    session: Session,
    keyring: Keyring,
    audit_key: bytes,
    *,
    tenant_id: UUID,
    case_id: UUID,
    expected_seq: int,
    drafts: Sequence[EventDraft],
    now: datetime,
    head: bytes | None = None,
) -> list[StoredEvent]:
    """Record these events after the one numbered `expected_seq` (0 in a new case), all or none.

    `head` is that event's hash, for a caller who has loaded it. Raises Conflict if somebody else's event took
    the place or the expected one is not there; the transaction is lost then.
    """
    if not drafts:
        return []
    if head is None:
        head = head_of(session, tenant_id, case_id, expected_seq)
    needs_key = any(draft.sealed is not None for draft in drafts)
    sealer = keyring.for_case(tenant_id, case_id) if needs_key else Sealer(tenant_id, None)
    events: list[StoredEvent] = []
    texts: list[str] = []
    for seq, draft in enumerate(drafts, expected_seq + 1):
        texts.append(canonical(draft.open))
        event = seal_draft(draft, sealer, tenant_id, case_id, seq, now, texts[-1])
        head = next_mac(audit_key, head, event, texts[-1])
        events.append(replace(event, mac=head))
    insert(session, events, texts)
    return events


def head_of(session: Session, tenant_id: UUID, case_id: UUID, seq: int) -> bytes:
    """The hash of this event, to chain the next one to."""
    if seq == 0:
        return GENESIS
    statement = select(Event.mac).where(Event.tenant_id == tenant_id, Event.case_id == case_id, Event.seq == seq)
    mac = session.scalar(statement)
    if mac is None:
        raise Conflict("the event to continue from is not there")
    return mac


def seal_draft(
    draft: EventDraft, sealer: Sealer, tenant_id: UUID, case_id: UUID, seq: int, now: datetime, open_text: str
) -> StoredEvent:
    """The event as it will be stored, still without its hash."""
    sealed = None
    if draft.sealed is not None:
        sealed = sealer.seal_json(draft.sealed, table="event", column="sealed", row=place(case_id, seq))
    return StoredEvent(
        tenant_id=tenant_id,
        case_id=case_id,
        seq=seq,
        id=new_id(),
        kind=draft.kind,
        at=now.astimezone(UTC),
        actor_kind=draft.actor_kind,
        actor_id=draft.actor_id,
        open=json.loads(open_text, parse_float=refuse_float),
        sealed=sealed,
        mac=b"",
    )


def insert(session: Session, events: Sequence[StoredEvent], texts: Sequence[str]) -> None:
    last = events[-1]
    values = {
        "tenant": last.tenant_id,
        "case": last.case_id,
        "at": last.at,
        "seq": [event.seq for event in events],
        "id": [event.id for event in events],
        "kind": [event.kind for event in events],
        "actor_kind": [event.actor_kind for event in events],
        "actor_id": [event.actor_id for event in events],
        "open": list(texts),
        "sealed": [event.sealed for event in events],
        "mac": [event.mac for event in events],
        "head_seq": last.seq,
        "head_mac": last.mac,
    }
    try:
        session.execute(INSERT, values)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise Conflict("somebody else's event came first") from None
        raise


def load(session: Session, tenant_id: UUID, case_id: UUID) -> list[StoredEvent]:
    """All events of a case, in order; [] if there is no such case. Needs no key store."""
    table = Event.__table__
    statement = select(table).where(table.c.tenant_id == tenant_id, table.c.case_id == case_id).order_by(table.c.seq)
    return [stored(row) for row in session.execute(statement).mappings()]


def stored(row: RowMapping) -> StoredEvent:
    """A row of the table of events as the value that the program works with."""
    return StoredEvent(**row)


def next_mac(audit_key: bytes, head: bytes, event: StoredEvent, open_text: str | None = None) -> bytes:
    """The hash that this event must carry if `head` is the one before it; over all of it that may not change.

    JSON has no line breaks, so that the parts cannot blur into each other.
    """
    columns = [event.tenant_id.hex, event.case_id.hex, event.seq, event.id.hex, event.kind, event.at.isoformat()]
    columns += [event.actor_kind, None if event.actor_id is None else event.actor_id.hex]
    text_of_open = canonical(event.open) if open_text is None else open_text
    ciphertext = b"-" if event.sealed is None else b"+" + event.sealed
    signed = f"{json.dumps(columns)}\n{text_of_open}\n".encode() + ciphertext
    return hmac.digest(audit_key, head + signed, hashlib.sha256)


def canonical(value: dict[str, Any]) -> str:
    """One text for one value, the same before it is stored and after it is read back.

    Raises ValueError or TypeError for what the database would give back differently, or not take at all.
    """
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=as_text)
    if "\\u0000" in written:
        raise ValueError("the open part of an event holds a NUL")
    return written


def as_text(value: object) -> str:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"the open part of an event cannot hold a {type(value).__name__}")


def refuse_float(written: str) -> NoReturn:
    raise TypeError("the open part of an event cannot hold a float")


def place(case_id: UUID, seq: int) -> str:
    """What binds a sealed part to its event."""
    return f"{case_id}/{seq}"

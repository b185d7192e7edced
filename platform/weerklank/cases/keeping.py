"""The archive: what is in it, what need not be kept any longer, and destroying that for good.

Destroying is an action like any other, with its event; then a job throws the case's key away and removes what was
sealed. The event, the days and all that is counted stay, so that replay, `audit verify` and reports still hold.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.cases.act import Acted, Engine
from weerklank.cases.actions.keep import Destroy
from weerklank.cases.doors import perform
from weerklank.cases.model import CaseFile, Message, of_case
from weerklank.cases.walls import Reader, may_see
from weerklank.kernel import outbox
from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Sealer
from weerklank.policy.events import Actor

ERASE = "erase_case"  # the kind of job; it belongs to its case
PAGE = 50


class Destruction(TenantOwned, Base):
    """The declaration that a case was destroyed: which, by whom, when, kept until and with which legal day, and why.

    `reason` is sealed with the organisation's key: the case's own is gone.
    """

    __tablename__ = "destruction"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str]
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    kept_until: Mapped[date]
    reason: Mapped[bytes]


class Shelf(StrEnum):
    """closed: over, not put away yet. kept: in the archive. due: need not be kept any longer. gone: destroyed."""

    CLOSED = "closed"
    KEPT = "kept"
    DUE = "due"
    GONE = "gone"


@dataclass(frozen=True)
class Item:
    """A case on a shelf. `keep_until` is the last legal day on which it is kept, None while nobody said how long."""

    case_id: UUID
    reference: str
    complainant: str | None
    channel: str
    closed_at: datetime
    keep_until: date | None


@dataclass(frozen=True)
class Declared:
    """A declaration that a case was destroyed, as people read it."""

    reference: str
    person_id: UUID
    at: datetime
    kept_until: date
    reason: str


def on_shelf(
    session: Session, keyring: Keyring, tenant_id: UUID, reader: Reader, shelf: Shelf, today: date,
    after: UUID | None = None,
) -> tuple[Item, ...]:
    """Fifty cases of a shelf that this reader may see, the one closed last first; `after` is the last one shown."""
    query = select(CaseFile).where(CaseFile.tenant_id == tenant_id, may_see(tenant_id, reader), _stands(shelf, today))
    if after:
        query = query.where(CaseFile.id < after)
    files = session.scalars(query.order_by(CaseFile.id.desc()).limit(PAGE)).all()
    sealers = keyring.for_cases(tenant_id, [file.id for file in files])
    return tuple(_item(file, sealers[file.id]) for file in files)


def _stands(shelf: Shelf, today: date) -> ColumnElement[bool]:
    archived = CaseFile.phase == "archived"
    match shelf:
        case Shelf.CLOSED:
            return CaseFile.closed_at.is_not(None) & ~archived
        case Shelf.DUE:
            return archived & CaseFile.destroyed_at.is_(None) & (CaseFile.keep_until < today)
        case Shelf.GONE:
            return CaseFile.destroyed_at.is_not(None)
    return archived & CaseFile.destroyed_at.is_(None)


def _item(file: CaseFile, sealer: Sealer) -> Item:
    assert file.closed_at is not None
    sealed = file.complainant
    name = sealer.unseal(sealed, table="case_file", column="complainant", row=file.id) if sealed else None
    known = name if isinstance(name, str) else None
    return Item(file.id, file.reference or "", known, file.channel, file.closed_at, file.keep_until)


def declarations(session: Session, keyring: Keyring, tenant_id: UUID) -> tuple[Declared, ...]:
    """What was destroyed, newest first."""
    sealer = keyring.for_tenant(tenant_id)
    rows = session.scalars(
        select(Destruction).where(Destruction.tenant_id == tenant_id).order_by(Destruction.at.desc()).limit(PAGE)
    )
    return tuple(
        Declared(
            row.reference, row.person_id, row.at, row.kept_until,
            str(sealer.unseal(row.reason, table="destruction", column="reason", row=row.case_id)),
        )
        for row in rows
    )  # fmt: skip


def destroy(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, reason: str, actor: Actor, now: datetime
) -> Acted:
    """Destroy an archived case: its event and declaration now, the rest by a job. Raises as `doors.perform`.

    The caller commits; from then on there is no way back.
    """
    acted = perform(session, engine, tenant_id, case_id, Destroy(reason), actor, now)
    file = session.get_one(CaseFile, (tenant_id, case_id))
    sealed = engine.keyring.for_tenant(tenant_id).seal(
        reason.strip(), table="destruction", column="reason", row=case_id
    )
    assert actor.id is not None
    until = date.fromisoformat(acted.events[0].open["until"])
    session.add(
        Destruction(
            tenant_id=tenant_id, case_id=case_id, reference=file.reference or "", person_id=actor.id, at=now,
            kept_until=until, reason=sealed,
        )
    )  # fmt: skip
    outbox.enqueue(session, ERASE, dedupe_key=f"erase:{case_id}", args={}, case_id=case_id)
    session.flush()
    return acted


def erase(session: Session, tenant_id: UUID, case_id: UUID) -> None:
    """Take away what was sealed in the case's own rows, and the code that opened it. The caller commits."""
    mine = update(CaseFile).where(CaseFile.tenant_id == tenant_id, CaseFile.id == case_id)
    session.execute(mine.values(complainant=None, dedupe=None, code_hash=secrets.token_bytes(32)))
    letters = update(Message).where(Message.tenant_id == tenant_id, Message.case_id == case_id)
    session.execute(letters.values(body=None, address=None))

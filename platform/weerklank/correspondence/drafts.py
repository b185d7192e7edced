"""Complaints that are being written: kept sealed for a day, so that nothing typed or chosen is lost on the way.

A draft is found by a token that only its writer's browser has. Who wants to go on later gets a code, by which another
browser takes it up, and two weeks. Sending it makes a case once: the row is locked, and
what the confirmation shows stays readable until the writer says that he has it, or for an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Select,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    select,
    text,
)  # fmt: skip
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.correspondence.letters import Letter
from weerklank.documents.sorts import MOST_FILES_AT_ONCE, sort_of
from weerklank.identity.links import token_hash
from weerklank.kernel.database import Base, Instant, TenantOwned
from weerklank.kernel.errors import Refused
from weerklank.kernel.ids import new_id, read_code, secret_code, token
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import FIVE_DAYS, enqueue
from weerklank.kernel.sealed import Erased
from weerklank.policy.tongues import all_spoken
from weerklank.tenancy.model import Tenant

HOURS, SAVED_DAYS = 24, 14
LASTS, SAVED_LASTS = timedelta(hours=HOURS), timedelta(days=SAVED_DAYS)
CONFIRMATION_LASTS = timedelta(hours=1)
MOST_BYTES = 40 * 1024 * 1024  # of all files of one draft
TABLE = "intake_draft"
SAVED = "saved_form"  # the kind of job; its args are {"draft": id, "language": of the mail}
ADDRESS = re.compile(r"[^@\s<>,;\"()]+@[^@\s<>,;\"()]+\.[^@\s<>,;\"().]{2,}")
HOME_ZONE = ZoneInfo("Europe/Amsterdam")
WAY_BACK = {
    "nl": (
        "{organisation}: verder met uw formulier",
        "U hebt een formulier bewaard om later verder te gaan. Er is nog niets verstuurd.",
        "U gaat verder op {address} met deze code: {code}",
        "Wij bewaren het formulier tot en met {day}. Daarna wordt het weggegooid. Vroeg u hier niet om? Dan hoeft u"
        " niets te doen.",
    ),
    "en": (
        "{organisation}: go on with your form",
        "You saved a form to go on later. Nothing was sent yet.",
        "You go on at {address} with this code: {code}",
        "We keep the form up to and including {day}. After that it is thrown away. Did you not ask for this? Then you"
        " need not do anything.",
    ),
}


class IntakeDraft(TenantOwned, Base):
    """A complaint somebody is writing, sealed with the organisation's key: it has no case, and no case's key, yet.

    Once it was sent `case_id` says so, and `sealed` holds what the confirmation shows, until `expires_at`.
    """

    __tablename__ = "intake_draft"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        Index("uq_intake_draft_resume_hash", "tenant_id", "resume_hash", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    resume_hash: Mapped[bytes | None]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    case_id: Mapped[UUID | None]


SENT = text(
    "UPDATE intake_draft SET case_id = :case, expires_at = :until, sealed = :sealed, resume_hash = NULL"
    " WHERE tenant_id = :tenant AND id = :id"
)


class IntakeFile(TenantOwned, Base):
    """A file that goes along with a draft; name and content are sealed. `size` in bytes."""

    __tablename__ = "intake_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "draft_id"], ["intake_draft.tenant_id", "intake_draft.id"], ondelete="CASCADE"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID]
    name: Mapped[bytes]
    data: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int]


@dataclass
class Draft:
    """What was filled in so far, as it was typed: field name -> the values chosen or the one typed.

    `passed` are the pages that were gone through. After sending, `reference` and `code` for the confirmation.
    `has_files`: some may go along. `later`: the code by which it is taken up later, once it was asked for.
    """

    row: IntakeDraft
    answers: dict[str, list[str]] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    reference: str = ""
    code: str = ""
    has_files: bool = True
    later: str = ""

    @property
    def lasts(self) -> timedelta:
        """How long it is kept from when it was begun, or saved to go on later."""
        return SAVED_LASTS if self.later else LASTS

    @property
    def id(self) -> UUID:
        """By which the form is known again when it is sent twice."""
        return self.row.id

    @property
    def case_id(self) -> UUID | None:
        """The case that was made of it, once it was sent."""
        return self.row.case_id


@dataclass(frozen=True)
class Staged:
    """A file that will go along."""

    id: UUID
    name: str
    size: int


def begin(session: Session, keyring: Keyring, tenant_id: UUID, now: datetime) -> tuple[Draft, str]:
    """An empty draft and the token it is found by. Drafts of others that are over are cleared."""
    sweep(session, now)
    secret = token()
    row = IntakeDraft(tenant_id=tenant_id, id=new_id(), token_hash=token_hash(secret), created_at=now)
    row.expires_at = now + LASTS
    draft = Draft(row, has_files=False)
    save(keyring, draft)
    session.add(row)
    session.flush()
    return draft, secret


def sweep(session: Session, now: datetime) -> None:
    """Clear this organisation's drafts whose time is over; their files go with them."""
    session.execute(delete(IntakeDraft).where(IntakeDraft.expires_at <= now))


def find(
    session: Session, keyring: Keyring, tenant_id: UUID, secret: str, now: datetime, *, lock: bool = False
) -> Draft | None:
    """The draft this token opens. `lock`: nobody else gets it until this transaction ends."""
    if not secret:
        return None
    values = {"token": token_hash(secret), "now": now}
    row = session.scalar(find_query(lock), values)
    if row is None:
        return None
    return opened(keyring, tenant_id, row)


def opened(keyring: Keyring, tenant_id: UUID, row: IntakeDraft) -> Draft | None:
    kept: Any = keyring.for_tenant(tenant_id).unseal_json(row.sealed, table=TABLE, column="sealed", row=row.id)
    return None if isinstance(kept, Erased) else Draft(row, **kept)


@lru_cache
def find_query(lock: bool) -> Select[IntakeDraft]:
    """A draft by its token's hash. Built once, since building costs more than asking."""
    token, now = bindparam("token", type_=LargeBinary), bindparam("now", type_=Instant)
    query = select(IntakeDraft).where(IntakeDraft.token_hash == token, IntakeDraft.expires_at > now)
    return query.with_for_update() if lock else query


def save(keyring: Keyring, draft: Draft) -> None:
    """Keep the draft as it is now."""
    draft.row.sealed = sealed(keyring, draft)


def sealed(keyring: Keyring, draft: Draft) -> bytes:
    kept = {name: getattr(draft, name) for name in ("answers", "passed", "reference", "code", "has_files", "later")}
    return keyring.for_tenant(draft.row.tenant_id).seal_json(kept, table=TABLE, column="sealed", row=draft.id)


def sent(
    session: Session, keyring: Keyring, draft: Draft, case_id: UUID, reference: str, code: str, now: datetime,
) -> None:
    """The draft became a case: what was typed goes, what the confirmation shows stays for a while."""
    draft.answers, draft.passed, draft.later = {}, [], ""
    draft.reference, draft.code = reference, code
    values = {"tenant": draft.row.tenant_id, "id": draft.id, "case": case_id, "until": now + CONFIRMATION_LASTS}
    session.execute(SENT, {**values, "sealed": sealed(keyring, draft)})
    session.expire(draft.row)
    if draft.has_files:
        session.execute(delete(IntakeFile).where(IntakeFile.draft_id == draft.id))


def keep_for_later(keyring: Keyring, draft: Draft, now: datetime) -> None:
    """Keep the draft for two weeks from now, with a code by which it is taken up: the same one when asked again."""
    draft.later = draft.later or secret_code()
    draft.row.resume_hash = token_hash(draft.later)
    draft.row.expires_at = now + SAVED_LASTS
    save(keyring, draft)


def take_up(session: Session, typed: str, now: datetime) -> str | None:
    """A new token for the draft of this code; the browser that had it has it no more. None: there is no such draft."""
    code = read_code(typed)
    if code is None:
        return None
    query = select(IntakeDraft).where(IntakeDraft.resume_hash == token_hash(code), IntakeDraft.expires_at > now)
    row = session.scalar(query.with_for_update())
    if row is None:
        return None
    secret = token()
    row.token_hash = token_hash(secret)
    return secret


def address_in(draft: Draft) -> str:
    """The e-mail address that was filled in, if it is one."""
    typed = next(iter(draft.answers.get("email", ())), "").strip()
    return typed if ADDRESS.fullmatch(typed) else ""


def ask_mail(session: Session, draft: Draft, language: str, now: datetime) -> None:
    """Have the way back to a saved draft mailed, in the language of the page that asks; once an hour."""
    key = f"saved:{draft.id}:{now:%Y%m%d%H}"
    enqueue(session, SAVED, dedupe_key=key, args={"draft": str(draft.id), "language": language}, max_attempts=FIVE_DAYS)


def saved_letter(
    session: Session, keyring: Keyring, tenant: Tenant, draft_id: UUID, language: str, home: str, now: datetime
) -> Iterator[tuple[str, Letter]]:
    """The mail with the way back, to the address that is in the draft now; nothing once it was sent or is gone.

    It names nobody and says nothing of the complaint. `home` is the organisation's address.
    """
    row = session.scalar(select(IntakeDraft).where(IntakeDraft.id == draft_id, IntakeDraft.expires_at > now))
    draft = opened(keyring, tenant.id, row) if row is not None else None
    if draft is None or not draft.later or not address_in(draft):
        return
    subject, *words = all_spoken(WAY_BACK, language)
    until = draft.row.expires_at.astimezone(HOME_ZONE).date()
    day = format_date(until, "d MMMM y" if language in WAY_BACK else "long", locale=language)
    values = {"organisation": tenant.name, "address": f"{home}/complain/go-on", "code": draft.later, "day": day}
    said = [each.format_map(values) for each in words]
    yield address_in(draft), Letter(subject.format_map(values), (*said, tenant.name), language)


def throw_away(session: Session, draft: Draft) -> None:
    """The writer is done with it."""
    session.execute(delete(IntakeDraft).where(IntakeDraft.id == draft.id))


def stage(session: Session, keyring: Keyring, tenant_id: UUID, draft: Draft, name: str, data: bytes) -> None:
    """Let a file go along; the same one again is no second one. Refused by sort, size and number, before it is kept."""
    known = sort_of(name, data).name
    if any(
        (each.name, each.size) == (known, len(data)) and content(session, keyring, tenant_id, each.id) == data
        for each in staged(session, keyring, tenant_id, draft)
    ):
        return
    query = select(func.count(), func.coalesce(func.sum(IntakeFile.size), 0)).where(IntakeFile.draft_id == draft.id)
    count, total = session.execute(query).one()
    if count >= MOST_FILES_AT_ONCE or total + len(data) > MOST_BYTES:
        raise Refused("too_many_files", {"most": str(MOST_FILES_AT_ONCE)})
    file_id, sealer = new_id(), keyring.for_tenant(tenant_id)
    row = IntakeFile(tenant_id=tenant_id, id=file_id, draft_id=draft.id, size=len(data))
    row.name = sealer.seal(known, table="intake_file", column="name", row=file_id)
    row.data = sealer.seal(data, table="intake_file", column="data", row=file_id)
    session.add(row)
    draft.has_files = True
    save(keyring, draft)
    session.flush()


def staged(session: Session, keyring: Keyring, tenant_id: UUID, draft: Draft) -> list[Staged]:
    """The files that will go along, in the order in which they were chosen."""
    if not draft.has_files:
        return []
    sealer = keyring.for_tenant(tenant_id)
    rows = session.scalars(select(IntakeFile).where(IntakeFile.draft_id == draft.id).order_by(IntakeFile.id))
    return [
        Staged(row.id, str(sealer.unseal(row.name, table="intake_file", column="name", row=row.id)), row.size)
        for row in rows
    ]


def content(session: Session, keyring: Keyring, tenant_id: UUID, file_id: UUID) -> bytes:
    """What is in a file that will go along."""
    row = session.get_one(IntakeFile, (tenant_id, file_id))
    data = keyring.for_tenant(tenant_id).unseal_bytes(row.data, table="intake_file", column="data", row=file_id)
    return b"" if isinstance(data, Erased) else data


def unstage(session: Session, draft: Draft, file_id: UUID) -> None:
    """Do not let this file go along after all."""
    session.execute(delete(IntakeFile).where(IntakeFile.draft_id == draft.id, IntakeFile.id == file_id))

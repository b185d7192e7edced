"""Taking a mail in: kept first, then told apart; only an answer that is surely of a case joins it by itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Refused, open_case, read_words
from weerklank.cases.actions.record import AddFile, AddInformation
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import UploadedFile, keep_files, perform
from weerklank.cases.messages import alarm
from weerklank.cases.model import CaseFile, Message, MessageState
from weerklank.correspondence.delivery import MESSAGE_FAILED, responsible
from weerklank.correspondence.inbound.imap import Fetched
from weerklank.correspondence.inbound.model import InboundMail, MailState
from weerklank.correspondence.inbound.reading import Arrived, Attached, Sort, newly_written, understand
from weerklank.documents.files import Files, mail_name
from weerklank.kernel.errors import Refused as PlainlyRefused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy.events import COMPLAINANT, Actor, Event

REFERENCE = re.compile(r"\b[A-Z]{2,8}-\d{4}-\d{4,}\b")
LONGEST_ANSWER = 20_000
TABLE = "inbound_mail"
log = structlog.get_logger()


def take_in(
    session: Session, engine: Engine, files: Files, tenant_id: UUID, channel: str, fetched: Fetched,
    own: frozenset[str], now: datetime,
) -> InboundMail | None:
    """Keep a mail and do with it what is beyond doubt; None when the same one came before. The caller commits."""
    arrived = understand(fetched.raw, own)
    known = select(InboundMail.id).where(InboundMail.tenant_id == tenant_id, InboundMail.dedupe == _mark(fetched))
    if session.scalar(known) is not None:
        return None
    row = _keep(session, engine.keyring, tenant_id, channel, fetched, arrived, now)
    bounced = row.sort == Sort.BOUNCE and _note_bounce(session, tenant_id, arrived.failed, now)
    if bounced or row.sort == Sort.AUTOMATIC:
        row.state = MailState.ASIDE.value
    elif row.sort == Sort.MAIL and not _joined(session, engine, files, row, fetched.raw, arrived, now):
        row.case_id = row.case_id or _named(session, engine, tenant_id, arrived)
    session.flush()
    return row


def _mark(fetched: Fetched) -> bytes:
    """By which the same mail is known, also when it took another way: its Message-ID and sender with its body."""
    head, _, body = fetched.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = re.findall(rb"(?im)^(?:message-id|from):.*$", head)
    return hashlib.sha256(b"\n".join([*sorted(lines), body])).digest()


def _keep(
    session: Session, keyring: Keyring, tenant_id: UUID, channel: str, fetched: Fetched, arrived: Arrived, now: datetime
) -> InboundMail:
    sort = arrived.sort if fetched.whole else Sort.TOO_LARGE
    row = InboundMail(
        tenant_id=tenant_id, id=new_id(), dedupe=_mark(fetched), channel=channel, state=MailState.WAITING.value,
        sort=sort.value, size=fetched.size, arrived_at=min(fetched.arrived_at, now), taken_at=now,
    )  # fmt: skip
    words = {
        "sender": arrived.sender,
        "name": arrived.name,
        "subject": arrived.subject,
        "text": arrived.text,
        "files": [[file.name, file.media_type, len(file.data)] for file in arrived.attached],
    }
    sealer = keyring.for_tenant(tenant_id)
    row.sealed = sealer.seal_json(words, table=TABLE, column="sealed", row=row.id)
    row.raw = sealer.seal(fetched.raw, table=TABLE, column="raw", row=row.id)
    session.add(row)
    session.flush()
    return row


def _note_bounce(session: Session, tenant_id: UUID, failed: Sequence[str], now: datetime) -> bool:
    """Our message did not arrive after all: those responsible are told, as of any that fails. False: none of ours."""
    rows = _ours(session, tenant_id, failed)
    for row in rows:
        if row.state == MessageState.SENT:
            row.state = MessageState.FAILED.value
            alarm(session, tenant_id, row.case_id, MESSAGE_FAILED, row.name, now, responsible(session, row))
    return bool(rows)


def _ours(session: Session, tenant_id: UUID, ids: Iterable[str]) -> list[Message]:
    """The messages of ours with these Message-IDs; a copy to a second address has a number in its own."""
    plain = {re.sub(r"\.\d+@", "@", one) for one in ids} | set(ids)
    query = select(Message).where(Message.tenant_id == tenant_id, Message.message_id.in_(plain))
    return list(session.scalars(query))


def _joined(
    session: Session, engine: Engine, files: Files, row: InboundMail, raw: bytes, arrived: Arrived, now: datetime
) -> bool:
    """Whether it joined a case: it answers a message of ours and comes from an address of that very case.

    A Message-ID of ours cannot be guessed, and an address can be pretended: only both together are enough.
    """
    for message in _ours(session, row.tenant_id, arrived.answers):
        if arrived.sender and arrived.sender in _addresses(session, engine, row.tenant_id, message.case_id, now):
            row.case_id = message.case_id
            try:
                with session.begin_nested():
                    _add(session, engine, files, row, raw, arrived, now)
            except (Refused, PlainlyRefused) as refused:  # it is closed or archived: a person has to look
                log.info("mail_not_joined", message_id=str(row.id), code=refused.code)
                return False
            return True
    return False


def _add(
    session: Session, engine: Engine, files: Files, row: InboundMail, raw: bytes, arrived: Arrived, now: datetime
) -> None:
    assert row.case_id is not None
    text = (newly_written(arrived.text) or arrived.subject or "-")[:LONGEST_ANSWER]
    added: list[Action] = [AddInformation(text), AddFile(row.id, mail_name(now))]
    perform(session, engine, row.tenant_id, row.case_id, added, COMPLAINANT, now)
    keep_attached(session, engine, row.tenant_id, row.case_id, arrived.attached, COMPLAINANT, now)
    hand_over(session, engine, files, row, raw, row.case_id, MailState.JOINED, now)


def keep_attached(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, attached: Sequence[Attached], actor: Actor,
    now: datetime,
) -> int:
    """Put what came along in the case, as far as we take such files; how many stayed in the raw mail only."""
    left = 0
    for file in attached:
        try:
            with session.begin_nested():
                keep_files(session, engine, tenant_id, case_id, [UploadedFile(file.name, file.data)], actor, now)
        except (Refused, PlainlyRefused):
            left += 1
    return left


def hand_over(
    session: Session, engine: Engine, files: Files, row: InboundMail, raw: bytes, case_id: UUID, state: MailState,
    now: datetime, by: UUID | None = None,
) -> None:
    """From now on the case has the mail, raw and sealed with its key; of the row only what is no content stays."""
    files.keep_mail(session, engine.keyring, row.tenant_id, case_id, row.id, raw, now)
    row.case_id, row.state, row.sealed, row.raw = case_id, state.value, None, None
    row.handled_by, row.handled_at = by, now


def _addresses(session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, now: datetime) -> frozenset[str]:
    """Every address that the complainant's side has in this case."""
    words = read_words(engine, tenant_id, open_case(session, tenant_id, case_id, now))
    return frozenset(address.strip().casefold() for event in words for address in _emails(event))


def _emails(event: Event) -> Iterable[str]:
    waiting: list[Any] = [event.sealed]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [each for name, each in value.items() if name != "email"]
            if isinstance(value.get("email"), str):
                yield value["email"]
        elif isinstance(value, list | tuple):
            waiting += value


def _named(session: Session, engine: Engine, tenant_id: UUID, arrived: Arrived) -> UUID | None:
    """The case it seems to be about: a reference in its subject. Only shown, and only to who may see that case."""
    found = REFERENCE.search(arrived.subject.upper())
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.reference == (found or [""])[0])
    return session.scalar(query) if found else None

"""Messages as rows: one for each recipient, before there is any mail, with the job that delivers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.cases.model import Message, MessageKind, MessageState, table_of
from weerklank.kernel import outbox
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.rows import write_rows
from weerklank.kernel.sealed import Erased, Sealer
from weerklank.policy.case import Case
from weerklank.policy.consequences import Notice
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import RoleKind
from weerklank.policy.parties import LODGERS
from weerklank.policy.world import World

DELIVER = "deliver_message"  # the kind of job; its args are {"message": id}
ADMINISTRATORS = "administrators"  # stands for a role: whoever manages the organisation's settings
NEW_CODE = "new_code"  # the platform's own message: the complainant gets another secret code
CONFIRMATION = "confirmation"  # the platform's own message: the complainant gets number and code by mail
ASKED = "asked"  # the platform's own message: the complainant is asked for what is missing
LATER = "later_asked"  # the platform's own message: the complainant is asked to agree to a later day
WAYS_IN = (NEW_CODE, CONFIRMATION)  # nothing but how he gets in
GIVEN = "file_shared"  # the platform's own message: there are files for the complainant on his page
IN_HIS_WORDS = (*WAYS_IN, GIVEN)  # holds nothing that somebody wrote, so that it is in the language he reads
# By the event that sends it.
OWN_MESSAGES = {
    Kind.COMPLETION_ASKED: ASKED,
    Kind.LATER_ASKED: LATER,
    Kind.FILE_SHARED: GIVEN,
    Kind.CODE_REPLACED: NEW_CODE,
}


@dataclass(frozen=True)
class Written:
    """A message as it was written out: what `message.body` holds, sealed as JSON, and in which language."""

    subject: str
    paragraphs: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True)
class Letter:
    """A message on the complainant's page: `new` until it was opened there."""

    id: UUID
    at: datetime
    written: Written
    new: bool


def send_all(
    session: Session, tenant_id: UUID, world: World, case: Case, events: Sequence[Event], notices: Iterable[Notice],
    now: datetime,
) -> None:
    """Put down everything these newest events of the case send, each with its job. Two statements at most."""
    by = events[0].actor.id if events else None
    rows = [*sent_rows(world, case, events), *notice_rows(world, case, notices, by)]
    same = {"tenant_id": tenant_id, "case_id": case.id, "created_at": now}
    whole: list[dict[str, Any]] = [{"id": new_id(), **same, **row} for row in rows]
    if whole:
        write_rows(session, {table_of(Message): whole})
        outbox.enqueue_all(session, [delivery(case.id, row["id"]) for row in whole])


def delivery(case_id: UUID, message_id: UUID) -> outbox.JobDraft:
    """The job of delivering one message."""
    return outbox.JobDraft(
        DELIVER, f"message:{message_id}", {"message": str(message_id)}, case_id, max_attempts=outbox.FIVE_DAYS
    )


def send_own(session: Session, tenant_id: UUID, world: World, case: Case, name: str, now: datetime) -> None:
    """Send the complainant's side a message of the platform's own, about how the case began."""
    row = _row(world, case, 1, MessageKind.POLICY, name, speaker(world, case))
    whole = {"id": new_id(), "tenant_id": tenant_id, "case_id": case.id, "created_at": now, **row}
    write_rows(session, {table_of(Message): [whole]})
    outbox.enqueue_all(session, [delivery(case.id, whole["id"])])


def alarm(
    session: Session, tenant_id: UUID, case_id: UUID, what: str, about: str, now: datetime,
    people: Sequence[UUID] = (),
) -> None:
    """Tell these people, or the administrators, that something could not be done by itself.

    No event stands behind it (`seq` 0).
    """
    same: dict[str, Any] = {
        "tenant_id": tenant_id, "case_id": case_id, "created_at": now, "seq": 0, "kind": MessageKind.NOTICE.value,
        "name": what, "about": about, "copy": False, "number": 0, "language": "nl", "state": MessageState.QUEUED.value,
    }  # fmt: skip
    to: list[tuple[str, UUID | None]] = [("", person) for person in people] or [(ADMINISTRATORS, None)]
    rows = [{**same, "id": new_id(), "role": role, "person_id": person} for role, person in to]
    write_rows(session, {table_of(Message): rows})
    outbox.enqueue_all(session, [delivery(case_id, row["id"]) for row in rows])


def sent_rows(world: World, case: Case, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    """A row for each recipient of each message these events send."""
    for seq, event in enumerate(events, case.seq - len(events) + 1):
        if event.kind in OWN_MESSAGES:
            yield _row(world, case, seq, MessageKind.POLICY, OWN_MESSAGES[event.kind], speaker(world, case))
        for to in event.open["to"] if event.kind is Kind.SENT else ():
            person = UUID(to["person"]) if to["person"] else None
            row = _row(world, case, seq, MessageKind.POLICY, event.open["message"], to["role"], person, copy=to["copy"])
            yield row | {"number": to.get("number", 0)}


def notice_rows(
    world: World, case: Case, notices: Iterable[Notice], by: UUID | None = None
) -> Iterator[dict[str, Any]]:
    """One row for each person who is told that there is work, whatever it all is, but for who did this himself.

    What is for nobody in particular goes to the administrators.
    """
    every = tuple(dict.fromkeys(notices))
    for person in dict.fromkeys(person for notice in every for person in notice.people if person != by):
        first, *more = [notice for notice in every if person in notice.people]
        about = "\n".join([first.about, *(f"{notice.what}:{notice.about}" for notice in more)])
        yield _row(world, case, case.seq, MessageKind.NOTICE, first.what, "", person, about=about)
    for notice in every:
        if not notice.people:
            yield _row(world, case, case.seq, MessageKind.NOTICE, notice.what, ADMINISTRATORS, about=notice.about)


def _row(
    world: World, case: Case, seq: int, kind: MessageKind, name: str, role: str, person: UUID | None = None, *,
    copy: bool = False, about: str = "",
) -> dict[str, Any]:
    to_complainant = role in world.policy.roles and world.policy.roles[role].kind in LODGERS
    his = case.wrote_in if name in IN_HIS_WORDS else case.language
    return {
        "seq": seq,
        "kind": kind.value,
        "name": name,
        "about": about,
        "role": role,
        "person_id": person,
        "copy": copy,
        "number": 0,
        "language": his if to_complainant else world.policy.procedure.languages[0],
        "state": MessageState.QUEUED.value,
    }


def speaker(world: World, case: Case) -> str:
    """The role by which the complainant's side is written to: whoever acts for him if the policy has that, else he."""
    kinds = (RoleKind.REPRESENTATIVE, RoleKind.COMPLAINANT) if case.represented else (RoleKind.COMPLAINANT,)
    roles = world.policy.roles.items()
    return next(name for kind in kinds for name, role in roles if role.kind is kind)


def letters_to_complainant(
    session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, world: World
) -> tuple[Letter, ...]:
    """The messages to the complainant, or who acts for him, that have been written out, newest first, each once."""
    roles = [name for name, role in world.policy.roles.items() if role.kind in LODGERS]
    query = select(Message).where(
        Message.tenant_id == tenant_id, Message.case_id == case_id, Message.role.in_(roles), Message.body.is_not(None)
    )
    sealer = keyring.for_case(tenant_id, case_id)
    rows = session.scalars(query.order_by(Message.copy.desc(), Message.number.desc())).all()
    found = sorted({(row.seq, row.name): row for row in rows}.values(), key=lambda row: (row.created_at, row.id))
    read = ((row, read_body(sealer, row)) for row in reversed(found))
    return tuple(Letter(row.id, row.created_at, said, row.read_at is None) for row, said in read if said)


def note_read(session: Session, tenant_id: UUID, case_id: UUID, message_id: UUID, now: datetime) -> None:
    """The complainant opened this message on his page; only the first time is kept. The caller commits."""
    mine = (Message.tenant_id == tenant_id, Message.case_id == case_id, Message.id == message_id)
    session.execute(update(Message).where(*mine, Message.read_at.is_(None)).values(read_at=now))


def read_body(sealer: Sealer, row: Message) -> Written | None:
    """What a message says; None before it is written out and after its case was erased."""
    if row.body is None:
        return None
    data = sealer.unseal_json(row.body, table="message", column="body", row=row.id)
    return None if isinstance(data, Erased) else Written(data["subject"], tuple(data["paragraphs"]), row.language)


def seal_body(sealer: Sealer, message_id: UUID, written: Written) -> bytes:
    """What `message.body` holds."""
    data = {"subject": written.subject, "paragraphs": list(written.paragraphs)}
    return sealer.seal_json(data, table="message", column="body", row=message_id)

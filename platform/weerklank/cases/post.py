"""Letters that wait to be printed and posted, for who may see their cases; and that somebody has posted one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from weerklank.cases.model import CaseFile, Message, MessageKind, MessageState
from weerklank.cases.walls import Reader, may_see
from weerklank.kernel.errors import NotFound, Refused

PAGE = 25
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class ToPost:
    """A letter that waits. `name` is the policy's name for it, `role` whom it goes to; made at this instant (aware)."""

    id: UUID
    case_id: UUID
    reference: str
    name: str
    role: str
    created_at: datetime


def waiting_query(tenant_id: UUID, reader: Reader) -> Rows:
    """The letters nobody posted yet, of cases this reader sees in full."""
    columns = (Message.id, Message.case_id, CaseFile.reference, Message.name, Message.role, Message.created_at)
    query: Rows = select(*columns)
    query = query.join(CaseFile, (CaseFile.tenant_id == Message.tenant_id) & (CaseFile.id == Message.case_id))
    waits = (Message.state == MessageState.PRINTED.value, Message.sent_at.is_(None))
    return query.where(
        Message.tenant_id == tenant_id, *waits, Message.kind == MessageKind.POLICY.value, may_see(tenant_id, reader)
    )


def to_post(session: Session, tenant_id: UUID, reader: Reader, after: UUID | None = None) -> tuple[ToPost, ...]:
    """At most a page and one more, oldest first; `after` is the last letter of the page before."""
    query = waiting_query(tenant_id, reader).order_by(Message.created_at, Message.id).limit(PAGE + 1)
    last = session.get(Message, (tenant_id, after)) if after else None
    if last is not None:
        query = query.where(tuple_(Message.created_at, Message.id) > tuple_(last.created_at, last.id))
    return tuple(ToPost(row.id, row.case_id, row.reference or "", *row[3:]) for row in session.execute(query))


def posted(session: Session, tenant_id: UUID, case_id: UUID, message_id: UUID, now: datetime) -> None:
    """Somebody printed and posted it. Who may do that is the caller's to know. NotFound; Refused when it was done."""
    query = select(Message).where(
        Message.tenant_id == tenant_id, Message.case_id == case_id, Message.id == message_id
    )
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("message")
    if row.state != MessageState.PRINTED or row.sent_at is not None:
        raise Refused("message_not_failed")
    row.sent_at = now

"""What administrators change in the office: a chain of events of the organisation's own, sealed with all others.

An event names people by their ids and the rest by codes and days; who they are is looked up when it is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from weerklank.kernel import events
from weerklank.kernel.events import Event, EventDraft
from weerklank.kernel.keys import Keyring

PAGE = 50
BY_PERSON, BY_PLATFORM = "person", "platform"
# Who writes at the same time writes behind it.
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:chain, 0))")


class Change(StrEnum):
    """What can be changed. `about` is the person concerned, where there is one."""

    PERSON_ADDED = "office.person_added"
    PERSON_CHANGED = "office.person_changed"  # fields: which
    APPOINTED = "office.appointed"  # post, day
    POST_ENDED = "office.post_ended"  # post, day
    AWAY = "office.away"  # day, until
    BACK = "office.back"  # day
    RELATED = "office.related"  # other
    UNRELATED = "office.unrelated"  # other
    INVITED = "office.invited"
    ADMIN_MADE = "office.admin_made"
    ADMIN_ENDED = "office.admin_ended"
    APP_FORGOTTEN = "office.app_forgotten"
    LEFT = "office.left"
    CAME_BACK = "office.came_back"
    PUBLISHED = "office.published"  # number, day
    COLOURS = "office.colours"
    LOGO = "office.logo"
    STATEMENT = "office.statement"  # page, number
    HOST_ASKED = "office.host_asked"  # host
    HOST_LEFT = "office.host_left"  # host
    APP_DEMANDED = "office.app_demanded"
    APP_NOT_DEMANDED = "office.app_not_demanded"
    MAILBOX = "office.mailbox"
    MAILBOX_OFF = "office.mailbox_off"
    EXPORT_ASKED = "office.export_asked"
    EXPORT_AGREED = "office.export_agreed"
    EXPORT_STOPPED = "office.export_stopped"
    EXPORT_TAKEN = "office.export_taken"  # somebody saved the file
    EXPORTED = "office.exported"  # by whoever runs the platform, who is no person here


@dataclass(frozen=True)
class Noted:
    """A change: its number, when (instant), by whom, about whom, and what else is known of it."""

    seq: int
    at: datetime
    by: UUID | None
    change: Change
    about: UUID | None
    details: dict[str, Any]


def note(
    session: Session, keyring: Keyring, audit_key: bytes, tenant_id: UUID, by: UUID | None, change: Change,
    now: datetime, about: UUID | None = None, **details: Any,
) -> int:  # fmt: skip
    """Write down what somebody changed, in the transaction that changes it; its number. `by` None: the platform."""
    session.execute(LOCK, {"chain": f"office {tenant_id}"})
    chain = select(Event.seq, Event.mac).where(Event.tenant_id == tenant_id, Event.case_id == tenant_id)
    last = session.execute(chain.order_by(Event.seq.desc()).limit(1)).one_or_none()
    seq, head = (last.seq, last.mac) if last else (0, None)
    draft = EventDraft(change.value, BY_PERSON if by else BY_PLATFORM, by, {"about": about, **details})
    events.append(
        session, keyring, audit_key, tenant_id=tenant_id, case_id=tenant_id, expected_seq=seq, drafts=[draft], now=now,
        head=head,
    )  # fmt: skip
    return seq + 1


def changes(session: Session, tenant_id: UUID, before: int | None = None) -> Sequence[Noted]:
    """The newest changes first, at most fifty; `before`: those before this number."""
    query = select(Event).where(Event.tenant_id == tenant_id, Event.case_id == tenant_id)
    query = query.where(Event.seq < before) if before else query
    return [_noted(row) for row in session.scalars(query.order_by(Event.seq.desc()).limit(PAGE))]


def find_change(session: Session, tenant_id: UUID, seq: int) -> Noted:
    """The change with this number."""
    return _noted(session.get_one(Event, (tenant_id, tenant_id, seq)))


def _noted(row: Event) -> Noted:
    about, details = row.open["about"], {name: value for name, value in row.open.items() if name != "about"}
    return Noted(row.seq, row.at, row.actor_id, Change(row.kind), UUID(about) if about else None, details)

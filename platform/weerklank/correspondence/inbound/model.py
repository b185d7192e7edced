"""The tables of incoming mail: the organisation's mailbox, and what arrived in it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class Mailbox(TenantOwned, Base):
    """Where mail for an organisation is read: host, name and password are sealed with its key.

    `channel` is the policy's channel by which it comes in. `read_at`: when it was last read without trouble;
    `failed_at`: since when it cannot be, and `failure` why, as a code.
    """

    __tablename__ = "mailbox"

    channel: Mapped[str]
    sealed: Mapped[bytes]
    active: Mapped[bool]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    changed_at: Mapped[datetime]


class MailState(StrEnum):
    """waiting: for a person. registered: a case began with it. joined: it is with a case. filed: it was something
    else. aside: it came from no person; kept, and nobody has to do anything."""

    WAITING = "waiting"
    REGISTERED = "registered"
    JOINED = "joined"
    FILED = "filed"
    ASIDE = "aside"


class InboundMail(TenantOwned, Base):
    """A mail that arrived, sealed with the organisation's key until it is with a case; then the case has it.

    `dedupe` is a hash by which the same mail is known again, `arrived_at` when the mail server got it. While it waits
    `case_id` is only the case it seems to be about.
    """

    __tablename__ = "inbound_mail"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dedupe"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dedupe: Mapped[bytes]
    channel: Mapped[str]
    state: Mapped[str]
    sort: Mapped[str]
    size: Mapped[int]
    arrived_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    case_id: Mapped[UUID | None]
    sealed: Mapped[bytes | None]
    raw: Mapped[bytes | None] = mapped_column(deferred=True)
    handled_by: Mapped[UUID | None]
    handled_at: Mapped[datetime | None]

"""The tables of cases. All but `case_file` and `message` are an index: made again at will from the case's events."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKeyConstraint, SmallInteger, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned

# Stands in a column of days for "no day", so that what has none comes last and a page can go on after it.
NO_DAY = date(9999, 12, 31)


def table_of(model: type[Base]) -> Table:
    """The table itself, for writing many rows by a plain statement: the ORM's way costs as much again."""
    return cast(Table, model.__table__)


def of_case() -> ForeignKeyConstraint:
    """The key to the case, led by the tenant."""
    return ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"])


class CaseFile(TenantOwned, Base):
    """A case. `seq` counts its events: who writes with an old one was not first.

    `complainant` is the name lists show, sealed by the case's key; `code_hash` the keyed hash of the secret code,
    which a key makes from `code_id`;
    `next_due_on` the nearest legal day of a running term, or NO_DAY; `waiting` says that an open step is nobody's;
    `keep_until` is the last legal day on which a closed case is kept, `destroyed_at` when it was destroyed.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        UniqueConstraint("tenant_id", "code_hash"),
        UniqueConstraint("tenant_id", "dedupe"),
        ForeignKeyConstraint(
            ["tenant_id", "policy_version_id"], ["policy_version.tenant_id", "policy_version.id"]
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str | None]
    code_hash: Mapped[bytes]
    code_id: Mapped[UUID | None]
    dedupe: Mapped[UUID | None]
    policy_version_id: Mapped[UUID]
    seq: Mapped[int]
    phase: Mapped[str]
    channel: Mapped[str]
    language: Mapped[str]
    received_on: Mapped[date]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    keep_until: Mapped[date | None]
    destroyed_at: Mapped[datetime | None]
    next_due_on: Mapped[date]
    waiting: Mapped[bool]
    handlers: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    complainant: Mapped[bytes | None]


class CaseTask(TenantOwned, Base):
    """Something one person can do in a case: an open step, or a measure he has to carry out.

    `what` is the step's name, or the measure's id. One row for each person it is for.
    """

    __tablename__ = "case_task"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    measure: Mapped[bool]
    due_on: Mapped[date]


class CaseParty(TenantOwned, Base):
    """Somebody who may see a case because he has a part in it. Repeats its day, so that lists need no sorting.

    `waits`: he has nothing to do in it now; `handles`: he is its handler.
    """

    __tablename__ = "case_party"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    next_due_on: Mapped[date]
    open: Mapped[bool]
    waits: Mapped[bool]
    handles: Mapped[bool]


class CaseClass(TenantOwned, Base):
    """A class of a case: `fact=value` for each choice everybody who sees the case may see, to narrow down by."""

    __tablename__ = "case_class"
    __table_args__ = (of_case(),)

    label: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)


class CaseDay(TenantOwned, Base):
    """A day on which something is to happen in an open case, such as a hearing, and the fact that holds it."""

    __tablename__ = "case_day"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    fact: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]


class CaseWall(TenantOwned, Base):
    """Somebody who is kept out of a case, whatever post he holds."""

    __tablename__ = "case_wall"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)


class CaseSeen(TenantOwned, Base):
    """That somebody of the staff opened a case (`case`) or one of its files or messages (its id), and how often."""

    __tablename__ = "case_seen"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Deadline(TenantOwned, Base):
    """A term as it stood after the case's last event. Days are legal days, instants aware.

    `next_at` is when the clock has to act on it. `lease_until`, `attempts` and `set_aside_at` belong to the clock.
    """

    __tablename__ = "deadline"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    starts_at: Mapped[datetime]
    nominal: Mapped[date | None]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    due_before: Mapped[datetime | None]
    provisional: Mapped[bool]
    late: Mapped[bool]
    strength: Mapped[str]
    owners: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    next_at: Mapped[datetime | None]
    next_step: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int]
    set_aside_at: Mapped[datetime | None]


class Measure(TenantOwned, Base):
    """A measure that came out of a case, and how far it is."""

    __tablename__ = "measure"
    __table_args__ = (of_case(),)

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID]
    day: Mapped[date]
    carried_out: Mapped[bool]
    verified: Mapped[bool]


class MessageKind(StrEnum):
    """policy: a message of the procedure. notice: the platform tells somebody that there is work, never content."""

    POLICY = "policy"
    NOTICE = "notice"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    PRINTED = "printed"


class Message(TenantOwned, Base):
    """One message to one recipient. `seq` is the event that sent it: it is written out as things stood then.

    `person_id` is somebody of the organisation; without one `role` says who: a role of the policy (the complainant,
    an outside body), or `administrators`; `number` says which of
    several complainants. `body` and `address` are sealed by the case's key once it is written out. `name` is the
    policy's name for it, or of a notice what it is about. `read_at`: the complainant first opened it on his page.
    """

    __tablename__ = "message"
    __table_args__ = (of_case(),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    seq: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    about: Mapped[str] = mapped_column(Text)
    role: Mapped[str]
    person_id: Mapped[UUID | None]
    copy: Mapped[bool]
    number: Mapped[int] = mapped_column(SmallInteger)
    language: Mapped[str]
    state: Mapped[str]
    body: Mapped[bytes | None]
    address: Mapped[bytes | None]
    message_id: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class CaseCounter(TenantOwned, Base):
    """The last reference number given out in a year."""

    __tablename__ = "case_counter"

    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]

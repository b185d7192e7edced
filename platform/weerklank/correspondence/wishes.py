"""Which mail somebody of the organisation wishes about his work: each time, once a day, once a week, or none.

Only what the platform tells of its own accord can be put off. What the procedure demands (its messages, reminders
and terms that were missed) and what is an alarm goes at once to everybody, whatever he wishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, delete, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.cases.model import Message, MessageKind, of_case, table_of
from weerklank.kernel.database import Base, TenantOwned


class How(StrEnum):
    """each: a mail each time. daily, weekly: all in one mail. none: only what the procedure or the law demands."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"
    NONE = "none"


class About(StrEnum):
    """work: something became yours to do. news: the complainant did something in a case that you handle."""

    WORK = "work"
    NEWS = "news"


NOTICES: Mapping[str, About] = {
    "task": About.WORK,
    "assigned": About.WORK,
    "appointed": About.WORK,
    "measure": About.WORK,
    "information_added": About.NEWS,
    "agreed": About.NEWS,
    "later_refused": About.NEWS,
    "withdrawn": About.NEWS,
}


class MailWish(TenantOwned, Base):
    """What somebody chose for one sort of mail; without a row: each time."""

    __tablename__ = "mail_wish"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    how: Mapped[str]


class HeldNotice(TenantOwned, Base):
    """A notice that waits for the one mail of the day or the week it goes in: which case, and what about it."""

    __tablename__ = "held_notice"
    __table_args__ = (of_case(),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    name: Mapped[str]
    held_at: Mapped[datetime]


def wishes_of(session: Session, tenant_id: UUID, person_id: UUID) -> dict[About, How]:
    """What somebody wishes about each sort of mail."""
    mine = select(MailWish.about, MailWish.how).where(MailWish.tenant_id == tenant_id, MailWish.person_id == person_id)
    chosen = {About(about): How(how) for about, how in session.execute(mine)}
    return {about: chosen.get(about, How.EACH) for about in About}


def wish(session: Session, tenant_id: UUID, person_id: UUID, wishes: Mapping[About, How]) -> None:
    """Keep what somebody chose. What is held goes by what he wishes when its mail is due. The caller commits."""
    session.execute(delete(MailWish).where(MailWish.tenant_id == tenant_id, MailWish.person_id == person_id))
    session.add_all(
        MailWish(tenant_id=tenant_id, person_id=person_id, about=about.value, how=how.value)
        for about, how in wishes.items()
        if how is not How.EACH
    )


def hold_back(session: Session, row: Message, now: datetime) -> bool:
    """Whether its reader wishes no mail of this notice now; it is kept for the mail of his day or week if he has one.

    The caller drops the message, and commits.
    """
    about = NOTICES.get(row.name) if row.kind == MessageKind.NOTICE else None
    if about is None or row.person_id is None or demanded(row.about):
        return False
    how = wishes_of(session, row.tenant_id, row.person_id)[about]
    if how in (How.DAILY, How.WEEKLY):
        held = {"tenant_id": row.tenant_id, "person_id": row.person_id, "id": row.id, "case_id": row.case_id}
        values = {**held, "name": row.name, "held_at": now}
        session.execute(postgresql.insert(table_of(HeldNotice)).values(values).on_conflict_do_nothing())
    return how is not How.EACH


def demanded(about: str) -> bool:
    """Whether a notice also tells, in its further lines, of something that may not wait."""
    return any(line.partition(":")[0] not in NOTICES for line in about.split("\n")[1:])

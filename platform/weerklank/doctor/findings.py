"""What the doctor found: kept until it is gone, so that each is told of once. Ids, codes and moments only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, delete, func, literal, null, or_, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.cases.model import CaseFile, table_of
from weerklank.cases.trouble import Rows
from weerklank.cases.trouble import Sort as Trouble
from weerklank.cases.walls import not_walled
from weerklank.kernel.database import Base, TenantOwned

MOST = 500  # of one sort, in one look


class Sort(StrEnum):
    """What can be wrong with an organisation's business.

    acknowledgement: open, and its acknowledgement is neither sent nor due. term_missing: an open case without a
    running or resting term. message_late: waits longer than an hour. message_forgotten: waits, and no job will send it.
    message_missing: its event says that it was sent, and there is no such message. job_waits: due for five minutes and
    nobody took it. lease_over: taken by a worker that was never heard of again. job_given_up: waits for a person.
    term_waits: the clock did not act on it. term_aside: the clock gave it up. deadline: not what the case's events
    give. mailbox: not read for a quarter of an hour. unsealed: events that no seal vouches for yet, after ten minutes.
    trail: the chain or its seals do not prove true. file_ownerless: in the store, and of no case. file_missing: of a
    case, and not in the store. file_held: nobody looked for viruses yet, after an hour. key_missing: of a case that was
    not destroyed.
    """

    ACKNOWLEDGEMENT = "acknowledgement"
    TERM_MISSING = "term_missing"
    MESSAGE_LATE = "message_late"
    MESSAGE_FORGOTTEN = "message_forgotten"
    MESSAGE_MISSING = "message_missing"
    JOB_WAITS = "job_waits"
    LEASE_OVER = "lease_over"
    JOB_GIVEN_UP = "job_given_up"
    TERM_WAITS = "term_waits"
    TERM_ASIDE = "term_aside"
    DEADLINE = "deadline"
    MAILBOX = "mailbox"
    UNSEALED = "unsealed"
    TRAIL = "trail"
    FILE_OWNERLESS = "file_ownerless"
    FILE_MISSING = "file_missing"
    FILE_HELD = "file_held"
    KEY_MISSING = "key_missing"


# What the office shows by itself, each with what can be done about it.
TOLD_ELSEWHERE = (Sort.TERM_MISSING, Sort.TERM_ASIDE, Sort.JOB_GIVEN_UP, Sort.MAILBOX)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. `about` tells it from others of its sort; `since` when it began."""

    sort: Sort
    about: str
    case_id: UUID | None = None
    since: datetime | None = None


class DoctorFinding(TenantOwned, Base):
    """A finding that was there when the doctor last looked; `found_at` is when it was first, `told_at`
    when people were told of it."""

    __tablename__ = "doctor_finding"

    sort: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    since: Mapped[datetime | None]
    found_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


def keep(
    session: Session, tenant_id: UUID, found: Iterable[Finding], looked: Collection[Sort], now: datetime
) -> Sequence[Finding]:
    """Make the list what was found of these sorts; answers what is new. The caller commits."""
    wanted = {(one.sort.value, one.about): one for one in found}
    mine = (DoctorFinding.tenant_id == tenant_id, DoctorFinding.sort.in_([sort.value for sort in looked]))
    before = {
        (row.sort, row.about) for row in session.execute(select(DoctorFinding.sort, DoctorFinding.about).where(*mine))
    }
    for sort, about in before - wanted.keys():
        session.execute(delete(DoctorFinding).where(*mine, DoctorFinding.sort == sort, DoctorFinding.about == about))
    new = [one for key, one in wanted.items() if key not in before]
    if new:
        rows = [
            {"tenant_id": tenant_id, "sort": one.sort.value, "about": one.about, "case_id": one.case_id,
             "since": one.since, "found_at": now}
            for one in new
        ]  # fmt: skip
        session.execute(postgresql.insert(table_of(DoctorFinding)).on_conflict_do_nothing(), rows)
    return new


def found_rows(tenant_id: UUID, person_id: UUID) -> Rows:
    """What stands on the list and nowhere else in the office, as rows of `cases.trouble`; `what` is the sort.

    Cases that this administrator is kept out of stay out of it.
    """
    case = and_(CaseFile.tenant_id == DoctorFinding.tenant_id, CaseFile.id == DoctorFinding.case_id)
    about = func.coalesce(DoctorFinding.case_id, DoctorFinding.tenant_id)
    columns = (about, CaseFile.reference, DoctorFinding.sort, literal(False), null(), DoctorFinding.found_at)
    query = select(literal(Trouble.FINDING.value), *columns).outerjoin(CaseFile, case)
    mine = (DoctorFinding.tenant_id == tenant_id, DoctorFinding.sort.not_in([sort.value for sort in TOLD_ELSEWHERE]))
    visible = or_(DoctorFinding.case_id.is_(None), not_walled(tenant_id, person_id))
    return query.where(*mine, visible).order_by(DoctorFinding.found_at, DoctorFinding.about)


def kept(session: Session, tenant_id: UUID) -> Sequence[DoctorFinding]:
    """The list as it stands, by sort, the longest known first."""
    query = select(DoctorFinding).where(DoctorFinding.tenant_id == tenant_id)
    return session.scalars(query.order_by(DoctorFinding.sort, DoctorFinding.found_at, DoctorFinding.about)).all()

"""What a few indexed queries can tell of an organisation. Each check is a question to the rows, within its scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, select
from sqlalchemy.orm import Session

from weerklank.audit.model import UnsealedHead
from weerklank.cases.messages import DELIVER
from weerklank.cases.model import NO_DAY, CaseFile, Deadline, Message, MessageState
from weerklank.correspondence.inbound.model import Mailbox
from weerklank.doctor.findings import MOST, Finding, Sort
from weerklank.documents.model import Document, Scan
from weerklank.kernel.events import Event
from weerklank.kernel.outbox import Outbox
from weerklank.policy.clocks import ClockState

SETTLES = timedelta(minutes=1)  # what is younger may still be on its way
MESSAGE_LATE = timedelta(hours=1)
JOB_WAITS = timedelta(minutes=5)
LEASE_OVER = timedelta(minutes=2)
TERM_WAITS = timedelta(minutes=10)
FILE_HELD = timedelta(hours=1)
MAILBOX_UNREAD = timedelta(minutes=15)
UNSEALED = timedelta(minutes=10)
Check = Callable[[Session, UUID, datetime], Iterator[Finding]]


def look_quickly(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Everything the quick checks find in this organisation, at this instant, at most 500 of each."""
    for check in QUICK.values():
        yield from check(session, tenant_id, now)


def terms_missing(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Open cases in which no term runs or rests."""
    resting = exists().where(
        Deadline.tenant_id == CaseFile.tenant_id,
        Deadline.case_id == CaseFile.id,
        Deadline.state == ClockState.SUSPENDED,
    )
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.closed_at.is_(None), CaseFile.next_due_on == NO_DAY, ~resting)
    for case_id, at in session.execute(select(CaseFile.id, CaseFile.created_at).where(*mine).limit(MOST)):
        yield Finding(Sort.TERM_MISSING, str(case_id), case_id, at)


def messages_late(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Messages that wait longer than an hour, whatever their jobs say."""
    columns = select(Message.id, Message.case_id, Message.created_at).where(*_queued(tenant_id, now - MESSAGE_LATE))
    for message_id, case_id, at in session.execute(columns.limit(MOST)):
        yield Finding(Sort.MESSAGE_LATE, str(message_id), case_id, at)


def messages_forgotten(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Messages that wait while no job will ever send them."""
    job = and_(
        Outbox.tenant_id == tenant_id,
        Outbox.state == "pending",
        Outbox.kind == DELIVER,
        Outbox.args["message"].astext == cast(Message.id, Text),
    )
    columns = select(Message.id, Message.case_id, Message.created_at).where(*_queued(tenant_id, now - SETTLES))
    for message_id, case_id, at in session.execute(columns.where(~exists().where(job)).limit(MOST)):
        yield Finding(Sort.MESSAGE_FORGOTTEN, str(message_id), case_id, at)


def _queued(tenant_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Message.tenant_id == tenant_id, Message.state == MessageState.QUEUED, Message.created_at < before)


def jobs_waiting(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Jobs that are due for five minutes and that no worker took."""
    due = (Outbox.lease_until.is_(None), Outbox.run_at < func.now() - JOB_WAITS)
    yield from _jobs(session, tenant_id, Sort.JOB_WAITS, "pending", *due)


def leases_over(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Jobs whose worker was never heard of again, and that nobody took over."""
    yield from _jobs(session, tenant_id, Sort.LEASE_OVER, "pending", Outbox.lease_until < func.now() - LEASE_OVER)


def jobs_given_up(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Jobs that wait for a person."""
    yield from _jobs(session, tenant_id, Sort.JOB_GIVEN_UP, "dead")


def _jobs(session: Session, tenant_id: UUID, sort: Sort, state: str, *more: ColumnElement[bool]) -> Iterator[Finding]:
    columns = select(Outbox.id, Outbox.case_id, Outbox.run_at)
    mine = (Outbox.tenant_id == tenant_id, Outbox.state == state, *more)
    for job_id, case_id, at in session.execute(columns.where(*mine).limit(MOST)):
        yield Finding(sort, str(job_id), case_id, at)


def terms_waiting(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Terms whose reminder or last day has gone by without the clock."""
    yield from _terms(
        session, tenant_id, Sort.TERM_WAITS, Deadline.set_aside_at.is_(None), Deadline.next_at < now - TERM_WAITS
    )


def terms_aside(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Terms that the clock gave up."""
    yield from _terms(session, tenant_id, Sort.TERM_ASIDE, Deadline.set_aside_at.is_not(None))


def _terms(session: Session, tenant_id: UUID, sort: Sort, *more: ColumnElement[bool]) -> Iterator[Finding]:
    columns = select(Deadline.case_id, Deadline.term, Deadline.next_at)
    for case_id, term, at in session.execute(columns.where(Deadline.tenant_id == tenant_id, *more).limit(MOST)):
        yield Finding(sort, f"{case_id}:{term}", case_id, at)


def mailbox_unread(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """A mailbox that should be read every minute, and was not for a quarter of an hour."""
    row = session.get(Mailbox, tenant_id)
    if (
        row is not None
        and row.active
        and (since := max(filter(None, (row.read_at, row.changed_at)))) < now - MAILBOX_UNREAD
    ):
        yield Finding(Sort.MAILBOX, "mailbox", None, since)


def files_held(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Files that nobody may open, since nobody looked for viruses in them for an hour."""
    columns = select(Document.id, Document.case_id, Document.scan_at)
    mine = (Document.tenant_id == tenant_id, Document.scan == Scan.WAITING, Document.scan_at < now - FILE_HELD)
    for file_id, case_id, at in session.execute(columns.where(*mine).limit(MOST)):
        yield Finding(Sort.FILE_HELD, str(file_id), case_id, at)


def unsealed(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Chains with events of more than ten minutes ago that no seal vouches for."""
    same = and_(
        Event.tenant_id == UnsealedHead.tenant_id, Event.case_id == UnsealedHead.case_id, Event.seq == UnsealedHead.seq
    )
    columns = select(UnsealedHead.case_id, func.min(Event.at)).join(Event, same).group_by(UnsealedHead.case_id)
    mine = (UnsealedHead.tenant_id == tenant_id, Event.at < now - UNSEALED)
    for case_id, at in session.execute(columns.where(*mine).limit(MOST)):
        yield Finding(Sort.UNSEALED, str(case_id), case_id, at)


QUICK: Mapping[Sort, Check] = {
    Sort.TERM_MISSING: terms_missing,
    Sort.MESSAGE_LATE: messages_late,
    Sort.MESSAGE_FORGOTTEN: messages_forgotten,
    Sort.JOB_WAITS: jobs_waiting,
    Sort.LEASE_OVER: leases_over,
    Sort.JOB_GIVEN_UP: jobs_given_up,
    Sort.TERM_WAITS: terms_waiting,
    Sort.TERM_ASIDE: terms_aside,
    Sort.MAILBOX: mailbox_unread,
    Sort.UNSEALED: unsealed,
    Sort.FILE_HELD: files_held,
}

"""What went wrong by itself and waits for an administrator: which case by its reference, never what is in it.

Being administrator gives no sight of files. Whoever is kept out of a case does not find it here either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, literal, null, select, union_all, update
from sqlalchemy.orm import Session

from weerklank.cases.messages import DELIVER
from weerklank.cases.model import NO_DAY, CaseFile, Deadline, Message, MessageKind, MessageState
from weerklank.cases.walls import not_walled
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Outbox
from weerklank.policy.clocks import ClockState

Rows = Select[*tuple[Any, ...]]
MOST = 100


class Sort(StrEnum):
    """message: did not arrive. job: any other given up. term: the clock gave up. case: an open step is nobody's.

    unguarded: an open case in which no term runs, so that nothing reminds anybody. finding: the doctor's.
    """

    MESSAGE = "message"
    JOB = "job"
    TERM = "term"
    CASE = "case"
    UNGUARDED = "unguarded"
    FINDING = "finding"


@dataclass(frozen=True)
class Trouble:
    """One thing that waits. `id` is the message's, the job's, else the case's; `reference` the case's, if it has one.

    `what` is the role a message goes to (empty: somebody who works here), the kind of a job, the name of a term;
    `notice` says of a message that it is the platform's own; `why` is `Outbox.error_class`. `since` is when a message
    or job was made, a term set aside, a case registered.
    """

    sort: Sort
    id: UUID
    reference: str
    what: str
    notice: bool
    why: str | None
    since: datetime


def troubles(session: Session, tenant_id: UUID, person_id: UUID, *more: Rows) -> Sequence[Trouble]:
    """What waits for this administrator, oldest first, at most a hundred of each sort. One query.

    `more`: what rooms above this one know, with the columns of `Trouble`.
    """
    found = union_all(*(query.subquery().select() for query in every_sort(tenant_id, person_id, *more)))
    return sorted((Trouble(Sort(row[0]), *row[1:]) for row in session.execute(found)), key=lambda one: one.since)


def count_troubles(session: Session, tenant_id: UUID, person_id: UUID, *more: Rows) -> int:
    """How many there are, each sort counted to a hundred. One query."""
    of_each = (select(func.count()).select_from(query.subquery()) for query in every_sort(tenant_id, person_id, *more))
    return sum(session.execute(select(*(count.scalar_subquery() for count in of_each))).one())


def every_sort(tenant_id: UUID, person_id: UUID, *more: Rows) -> tuple[Rows, ...]:
    """The queries, with the columns of `Trouble`; each goes by an index that holds such rows only."""
    return (
        undelivered(tenant_id, person_id).limit(MOST),
        given_up(tenant_id).limit(MOST),
        set_aside(tenant_id, person_id).limit(MOST),
        nobodys(tenant_id, person_id).limit(MOST),
        unguarded(tenant_id, person_id).limit(MOST),
        *(query.limit(MOST) for query in more),
    )


def undelivered(tenant_id: UUID, person_id: UUID) -> Rows:
    """Messages that failed, with what their dead job says."""
    job = and_(
        Outbox.tenant_id == tenant_id,
        Outbox.state == "dead",
        Outbox.kind == DELIVER,
        Outbox.args["message"].astext == cast(Message.id, Text),
    )
    is_notice = (Message.kind == MessageKind.NOTICE).label("notice")
    columns = (Message.id, CaseFile.reference, Message.role, is_notice, Outbox.error_class, Message.created_at)
    query = select(literal(Sort.MESSAGE.value).label("sort"), *columns).join(CaseFile, of_case(Message))
    query = query.outerjoin(Outbox, job).where(Message.tenant_id == tenant_id, Message.state == MessageState.FAILED)
    return query.where(not_walled(tenant_id, person_id)).order_by(Message.created_at)


def given_up(tenant_id: UUID) -> Rows:
    """Dead jobs that carried no message: those that did show as the message."""
    columns = (Outbox.id, null().label("reference"), Outbox.kind, literal(False).label("notice"))
    query = select(literal(Sort.JOB.value).label("sort"), *columns, Outbox.error_class, Outbox.created_at)
    mine = (Outbox.tenant_id == tenant_id, Outbox.state == "dead", Outbox.kind != DELIVER)
    return query.where(*mine).order_by(Outbox.created_at)


def set_aside(tenant_id: UUID, person_id: UUID) -> Rows:
    """Terms that were set aside."""
    columns = (Deadline.case_id, CaseFile.reference, Deadline.term, literal(False).label("notice"))
    query = select(literal(Sort.TERM.value).label("sort"), *columns, null().label("why"), Deadline.set_aside_at)
    query = query.join(CaseFile, of_case(Deadline)).where(not_walled(tenant_id, person_id))
    return query.where(Deadline.tenant_id == tenant_id, Deadline.set_aside_at.is_not(None))


def nobodys(tenant_id: UUID, person_id: UUID) -> Rows:
    """Cases in which an open step is nobody's, those with the nearest day first."""
    columns = (CaseFile.id, CaseFile.reference, literal("").label("what"), literal(False).label("notice"))
    query = select(literal(Sort.CASE.value).label("sort"), *columns, null().label("why"), CaseFile.created_at)
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.waiting, not_walled(tenant_id, person_id))
    return query.where(*mine).order_by(CaseFile.next_due_on)


def unguarded(tenant_id: UUID, person_id: UUID) -> Rows:
    """Open cases in which no term runs or rests, the oldest first."""
    columns = (CaseFile.id, CaseFile.reference, literal("").label("what"), literal(False).label("notice"))
    query = select(literal(Sort.UNGUARDED.value).label("sort"), *columns, null().label("why"), CaseFile.created_at)
    resting = select(Deadline.term).where(of_case(Deadline), Deadline.state == ClockState.SUSPENDED)
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.closed_at.is_(None), CaseFile.next_due_on == NO_DAY)
    return query.where(*mine, ~exists(resting), not_walled(tenant_id, person_id)).order_by(CaseFile.created_at)


def of_case(table: type[Message] | type[Deadline]) -> ColumnElement[bool]:
    return and_(CaseFile.tenant_id == table.tenant_id, CaseFile.id == table.case_id)


def guard_again(session: Session, tenant_id: UUID, case_id: UUID, person_id: UUID) -> None:
    """Let the clock try the terms of a case anew that it had set aside; NotFound when there are none for this person.

    The caller commits. What could not be guarded for the same cause is set aside, and told of, once more.
    """
    aside = select(Deadline.term).join(CaseFile, of_case(Deadline)).where(not_walled(tenant_id, person_id))
    mine = (Deadline.tenant_id == tenant_id, Deadline.case_id == case_id, Deadline.set_aside_at.is_not(None))
    terms = session.scalars(aside.where(*mine).with_for_update(of=Deadline)).all()
    if not terms:
        raise NotFound("term")
    anew = update(Deadline).where(*mine, Deadline.term.in_(terms))
    session.execute(anew.values(set_aside_at=None, attempts=0, lease_until=None))

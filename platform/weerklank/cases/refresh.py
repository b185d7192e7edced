"""Rows put right when people change: somebody is away, leaves, or gets a post, and open work becomes another's.

Nothing happens in a case by this: no event, no message. Whoever changes people asks for it, and every day begins
with it, since an absence begins and ends without anybody doing something.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, act
from weerklank.cases.model import CaseFile
from weerklank.kernel import outbox
from weerklank.kernel.ids import new_id
from weerklank.policy.events import PLATFORM

REFRESH = "refresh_cases"  # the kind of job; its args may hold {"after": case}: go on behind this one
PAGE = 250


def ask_for_refresh(session: Session, after: UUID | None = None, day: date | None = None) -> None:
    """Put the job down that makes the rows of all open cases anew; in the transaction that changes people.

    With a `day` it is that day's own job, however often it is asked for.
    """
    key = f"refresh:{day or new_id()}"
    outbox.enqueue(session, REFRESH, dedupe_key=key, args={"after": str(after)} if after else {})


def open_cases(session: Session, tenant_id: UUID, after: UUID | None = None) -> list[UUID]:
    """The next open cases, some hundreds, behind this one, in a fixed order; [] when there are no more."""
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.closed_at.is_(None))
    query = query.where(CaseFile.id > after) if after else query
    return list(session.scalars(query.order_by(CaseFile.id).limit(PAGE)))


def refresh(session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """Make the rows of one case anew. Conflict when somebody acts in it just now, which does the same."""
    act(session, engine, tenant_id, case_id, (), PLATFORM, now)

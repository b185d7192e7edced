"""Due terms: found across organisations by the clock's role, claimed and acted on within one; and checked anew.

Business time (`now`) says what is due; leases and tries go by the database's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from weerklank.cases.act import Acted, Engine, Opened, act, open_case
from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.index import deadline_row
from weerklank.cases.messages import alarm
from weerklank.cases.model import CaseFile, Deadline
from weerklank.kernel.database import without_tenant
from weerklank.policy.clocks import clocks
from weerklank.policy.events import PLATFORM

TRIES = 3
LEASE = timedelta(seconds=30)  # a clock that died leaves its terms no longer than this
PAUSE = timedelta(minutes=5)  # before a term that could not be kept is tried again
PAGE = 500
SET_ASIDE = "set_aside"  # the notice that a term could not be kept by itself
# The clock's own, and whose it is: that follows who works here today, and is put right by `refresh`.
NOT_COMPARED = ("lease_until", "attempts", "set_aside_at", "owners")
log = structlog.get_logger()

DUE = text(
    """
    SELECT tenant_id, case_id, term FROM deadline
    WHERE next_at <= :now AND set_aside_at IS NULL AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY next_at LIMIT :limit
    """
)
# Whoever still finds it due gets it; one that was tried three times without a word is nobody's any more.
CLAIM = text(
    """
    UPDATE deadline SET
        attempts = attempts + 1,
        lease_until = now() + CAST(:lease AS interval),
        set_aside_at = CASE WHEN attempts >= :tries THEN now() END
    WHERE tenant_id = :tenant AND (case_id, term) IN (
        SELECT case_id, term FROM deadline
        JOIN unnest(CAST(:cases AS uuid[]), CAST(:terms AS text[])) AS wanted (case_id, term) USING (case_id, term)
        WHERE tenant_id = :tenant AND next_at <= :now AND set_aside_at IS NULL
            AND (lease_until IS NULL OR lease_until <= now())
        FOR UPDATE OF deadline SKIP LOCKED
    )
    RETURNING case_id, term, set_aside_at
    """
)
POSTPONE = text(
    "UPDATE deadline SET lease_until = now() + CAST(:pause AS interval)"
    " WHERE tenant_id = :tenant AND case_id = :case AND term = :term AND lease_until IS NOT NULL"
)


@dataclass(frozen=True)
class Difference:
    """A stored deadline that is not what its case's events, policy and calendar give. None: there is no such row."""

    tenant_id: UUID
    case_id: UUID
    term: str
    column: str
    stored: str | None
    computed: str | None


def due_terms(clock_session: Session, now: datetime, limit: int = 1000) -> list[tuple[UUID, UUID, str]]:
    """(tenant, case, term) of what is due, of all organisations, longest due first. For the role of the clock."""
    with without_tenant(clock_session, "the clock finds due terms of every tenant, and sees no more than their ids"):
        found = clock_session.execute(DUE, {"now": now, "limit": limit})
        return [(row.tenant_id, row.case_id, row.term) for row in found]


def claim_terms(
    session: Session, tenant_id: UUID, pairs: Sequence[tuple[UUID, str]], now: datetime
) -> list[tuple[UUID, str]]:
    """Those of these (case, term) of one organisation that are ours for the time of `LEASE`. Then commit.

    A term that failed three times is set aside and its administrators are told, in place of a fourth try.
    """
    cases, terms = [case_id for case_id, _ in pairs], [term for _, term in pairs]
    values = {"tenant": tenant_id, "cases": cases, "terms": terms, "now": now, "tries": TRIES, "lease": LEASE}
    ours = []
    for row in session.execute(CLAIM, values).all():
        if row.set_aside_at is None:
            ours.append((row.case_id, row.term))
            continue
        log.error("term_set_aside", tenant=str(tenant_id), case=str(row.case_id))
        alarm(session, tenant_id, row.case_id, SET_ASIDE, row.term, now)
    return ours


def remind_or_miss(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, term: str, now: datetime
) -> Acted:
    """Do what the clock of a claimed term says: remind its owner, or note that the day has passed. Then commit.

    Nothing happens (no events) when it is not time any more; the row is put right then.
    """
    return act(session, engine, tenant_id, case_id, Tick(term), PLATFORM, now)


def postpone(session: Session, tenant_id: UUID, case_id: UUID, term: str) -> None:
    """A claimed term could not be kept: nobody tries it again for a while. Then commit."""
    values = {"tenant": tenant_id, "case": case_id, "term": term, "pause": PAUSE}
    session.execute(POSTPONE, values)


def set_aside(session: Session, tenant_id: UUID) -> list[tuple[UUID, str]]:
    """The (case, term) that the clock gave up, for a person to look at."""
    query = select(Deadline.case_id, Deadline.term).where(Deadline.tenant_id == tenant_id)
    return [(row.case_id, row.term) for row in session.execute(query.where(Deadline.set_aside_at.is_not(None)))]


def verify(session: Session, tenant_id: UUID, now: datetime) -> Iterator[Difference]:
    """Recompute every stored deadline of an organisation from events alone, and tell each difference."""
    after = UUID(int=0)
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id).order_by(CaseFile.id).limit(PAGE)
    while page := session.scalars(query.where(CaseFile.id > after)).all():
        for case_id in page:
            yield from differences(session, open_case(session, tenant_id, case_id, now))
        after = page[-1]
        session.expire_all()


def differences(session: Session, opened: Opened) -> Iterator[Difference]:
    """Where the stored deadlines of one case are not what its events, policy and calendar give."""
    tenant_id, case_id = opened.file.tenant_id, opened.case.id
    computed = {clock.term: deadline_row(opened.world, clock) for clock in clocks(opened.world, opened.case)}
    query = select(Deadline).where(Deadline.tenant_id == tenant_id, Deadline.case_id == case_id)
    stored = {row.term: row for row in session.scalars(query)}
    for term in sorted({*computed, *stored}):
        for column, was, wanted in _columns(stored.get(term), computed.get(term)):
            yield Difference(tenant_id, case_id, term, column, was, wanted)


def _columns(
    row: Deadline | None, wanted: dict[str, Any] | None
) -> Iterator[tuple[str, str | None, str | None]]:
    if row is None or wanted is None:
        yield ("row", None, "there") if row is None else ("row", "there", None)
        return
    for column, value in wanted.items():
        held = getattr(row, column)
        if column not in NOT_COMPARED and _comparable(held) != _comparable(value):
            yield column, str(held), str(value)


def _comparable(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value

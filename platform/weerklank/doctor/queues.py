"""What waits for a worker, by kind, over all organisations: numbers and ages, as the clock's role sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.kernel.database import without_tenant

COUNT_TO = 100_000  # the oldest first: an age is the true one, also when more wait

JOBS = text(
    """
    SELECT kind, count(*) FILTER (WHERE due) AS due, max(now() - run_at) FILTER (WHERE due) AS overdue,
        count(*) AS waiting, max(now() - created_at) AS age,
        count(*) FILTER (WHERE lease_until > now()) AS leased, count(*) FILTER (WHERE lease_until <= now()) AS expired
    FROM (
        SELECT kind, run_at, created_at, lease_until,
            run_at <= now() AND (lease_until IS NULL OR lease_until <= now()) AS due
        FROM outbox WHERE state = 'pending' ORDER BY run_at LIMIT :limit
    ) AS pending GROUP BY kind ORDER BY kind
    """
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs of one kind that are not done.

    `due` of them nobody has in hand, the longest for `overdue`; `waiting` counts them all, the oldest made `age` ago;
    a worker holds `leased`, and of `expired` the worker fell silent.
    """

    kind: str
    due: int
    overdue: timedelta | None
    waiting: int
    age: timedelta
    leased: int
    expired: int


def queues(clock_session: Session) -> Sequence[Queue]:
    """The kinds that have anything to do, by name. For the role of the clock."""
    with without_tenant(clock_session, "the clock sees how much waits for all organisations together"):
        return [Queue(*row) for row in clock_session.execute(JOBS, {"limit": COUNT_TO})]

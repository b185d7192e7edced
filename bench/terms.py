"""What the clock does: finding and claiming due terms among very many, and reminding. In one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from statistics import median
from uuid import UUID

import psycopg
from ground import Ground

from weerklank.cases.clocks import claim_terms, due_terms, remind_or_miss
from weerklank.kernel.database import open_session

ONES = 20
MANY = 10_000
BATCH = 500
REMINDERS = 50
DUE_AT = datetime(2020, 1, 1, tzinfo=UTC)  # before every moment of the ground


def claim_one(ground: Ground) -> float:
    """Milliseconds to find and claim the only due term of all; the median of several."""
    times = []
    for case_id, term in islice(bulk_terms(ground), ONES):
        with psycopg.connect(ground.superuser) as connection:
            statement = "UPDATE deadline SET next_at = %s WHERE case_id = %s AND term = %s"
            connection.execute(statement, (DUE_AT, case_id, term))
        seconds, claimed = timed(lambda: claim_batch(ground))
        assert claimed == 1, claimed
        times.append(seconds * 1000)
    return median(times)


def bulk_terms(ground: Ground) -> Iterator[tuple[UUID, str]]:
    with psycopg.connect(ground.superuser) as connection:
        yield from connection.execute(
            "SELECT case_id, term FROM deadline WHERE tenant_id = %s AND next_at > now() ORDER BY case_id LIMIT %s",
            (ground.here.tenant_id, ONES),
        ).fetchall()


def claim_batch(ground: Ground) -> int:
    """One beat of the clock up to the point where the terms act."""
    now = DUE_AT + timedelta(seconds=1)
    with open_session(ground.platform.clock) as session:
        due = due_terms(session, now, BATCH)
    tenant_id = ground.here.tenant_id
    with ground.platform.tenant(tenant_id) as session:
        claimed = claim_terms(session, tenant_id, [(case_id, term) for _, case_id, term in due], now)
        session.commit()
    return len(claimed)


def claim_many(ground: Ground) -> float:
    """Terms claimed in a second when ten thousand are due at once."""
    with psycopg.connect(ground.superuser) as connection:
        connection.execute(
            "UPDATE deadline SET next_at = %s, lease_until = NULL WHERE (tenant_id, case_id, term) IN"
            " (SELECT tenant_id, case_id, term FROM deadline WHERE tenant_id = %s AND next_at > now()"
            " ORDER BY case_id LIMIT %s)",
            (DUE_AT, ground.here.tenant_id, MANY),
        )
    ground.settle()

    def claim_all() -> int:
        claimed = 0
        while claimed < MANY:
            claimed += claim_batch(ground)
        return claimed

    seconds, claimed = timed(claim_all)
    return claimed / seconds


def remind(ground: Ground) -> tuple[float, float]:
    """Reminders in a second, each a transaction with its messages, and the milliseconds that one takes this process."""
    tenant_id = ground.here.tenant_id
    with psycopg.connect(ground.superuser) as connection:
        due = connection.execute(
            "SELECT case_id, term, next_at FROM deadline WHERE case_id = ANY(%s) AND next_step LIKE 'remind.%%'"
            " ORDER BY next_at LIMIT %s",
            (ground.cases, REMINDERS),
        ).fetchall()
    used, done = time.process_time(), 0

    def remind_all() -> int:
        count = 0
        for case_id, term, next_at in due:
            with ground.platform.tenant(tenant_id) as session:
                count += bool(remind_or_miss(session, ground.platform.engine, tenant_id, case_id, term, next_at).events)
                session.commit()
        return count

    seconds, done = timed(remind_all)
    assert done == len(due), (done, len(due))
    return done / seconds, (time.process_time() - used) * 1000 / done


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer

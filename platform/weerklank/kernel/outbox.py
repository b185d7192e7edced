"""The outbox: a job is a row, written in the transaction that needs it. A broker only rings.

A worker claims the row for a while (a lease, and one attempt counted), renews the lease while it works, and marks
the row done where the lease is still its own. Inside effects stand in the transaction of `done`; before an outside
effect the claim is committed. A lease that ran out makes the row due again by itself: no sweeper is needed for a
killed worker, and a job over which workers fell silent three times running is dead. Leases and retries use the
database's clock only.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import Base, TenantOwned, current_tenant, without_tenant
from weerklank.kernel.errors import Conflict
from weerklank.kernel.ids import new_id

MAX_ATTEMPTS = 12  # with `backoff`, nine to eleven hours
FIVE_DAYS = 37  # attempts: with `backoff` they last five to six and a half days, as mail is used to
MOST_SILENT = 3  # claims running that ended without a word: the job kills its workers, or holds them for ever
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=6)
SWEEP_BATCH = 5_000
COUNT_TO = 10_000
LOST = "the lease of this job is somebody else's by now"


class Outbox(TenantOwned, Base):
    """A job: what to do (`kind`), with which ids (`args`), and how far it is. No personal data."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    dedupe_key: Mapped[str]
    case_id: Mapped[UUID | None]
    args: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="pending")
    run_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int]
    silent: Mapped[int] = mapped_column(server_default="0")
    handed: Mapped[list[Any]] = mapped_column(server_default="[]")
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    error_class: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class JobDraft:
    """A job that is still to be written. `args` holds ids and coded values only, as JSON can."""

    kind: str
    dedupe_key: str
    args: dict[str, Any]
    case_id: UUID | None = None
    run_at: datetime | None = None
    max_attempts: int = MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was claimed: `attempt` counts from 1; `lease_id` is the right to finish it.

    `silent`: how many claims before this one, running, ended without a word; `handed`: marks of whom it was handed to
    in earlier attempts. `dead`: its workers fell silent too often, so it was given up in place of claimed.
    """

    tenant_id: UUID
    id: UUID
    kind: str
    dedupe_key: str
    case_id: UUID | None
    args: dict[str, Any]
    attempt: int
    max_attempts: int
    lease_id: UUID
    silent: int = 0
    handed: tuple[str, ...] = ()
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs that wait for a worker or a later attempt, jobs given up, and since when the oldest is due (None: none)."""

    waiting: int
    dead: int
    overdue: timedelta | None


ENQUEUE = text(
    """
    INSERT INTO outbox (tenant_id, id, kind, dedupe_key, case_id, args, run_at, max_attempts)
    SELECT :tenant, id, kind, dedupe_key, case_id, CAST(args AS jsonb), coalesce(run_at, now()), max_attempts
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:dedupe_key AS text[]), CAST(:case_id AS uuid[]),
        CAST(:args AS text[]), CAST(:run_at AS timestamptz[]), CAST(:max_attempts AS integer[])
    ) AS new (id, kind, dedupe_key, case_id, args, run_at, max_attempts)
    ON CONFLICT (tenant_id, dedupe_key) DO NOTHING
    """
)
# Jumps from tenant to tenant in the index: one row read for each that has a job, however many jobs there are.
WAITING = text(
    """
    WITH RECURSIVE waiting (tenant_id) AS (
        (SELECT tenant_id FROM outbox WHERE state = 'pending' ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (
            SELECT tenant_id FROM outbox
            WHERE state = 'pending' AND outbox.tenant_id > waiting.tenant_id ORDER BY tenant_id LIMIT 1
        )
        FROM waiting WHERE waiting.tenant_id IS NOT NULL
    )
    SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL
    """
)
# Each tenant's share, its oldest jobs first, one of each in turn; what is left of `limit` goes to the oldest of all.
# Comparing pairs keeps to the index that leads with the tenant also where nearly everything is one tenant's.
DUE = text(
    """
    SELECT tenant_id, id FROM (
        SELECT job.* FROM unnest(CAST(:tenants AS uuid[])) AS waiting (tenant_id) CROSS JOIN LATERAL (
            SELECT tenant_id, id, run_at, row_number() OVER (ORDER BY tenant_id, run_at) AS turn FROM outbox
            WHERE state = 'pending' AND (lease_until IS NULL OR lease_until <= now())
                AND kind <> ALL (CAST(:no_kinds AS text[]))
                AND (outbox.tenant_id, run_at) >= (waiting.tenant_id, CAST('-infinity' AS timestamptz))
                AND (outbox.tenant_id, run_at) <= (waiting.tenant_id, now())
            ORDER BY tenant_id, run_at LIMIT :share
        ) AS job
        UNION ALL
        (
            SELECT tenant_id, id, run_at, :limit FROM outbox
            WHERE state = 'pending' AND run_at <= now() AND (lease_until IS NULL OR lease_until <= now())
                AND kind <> ALL (CAST(:no_kinds AS text[])) AND tenant_id <> ALL (CAST(:no_tenants AS uuid[]))
            ORDER BY run_at LIMIT :limit
        )
    ) AS found
    GROUP BY tenant_id, id ORDER BY min(turn), min(run_at) LIMIT :limit
    """
)
# A lease that stands while the job is due again was never given back: its worker fell silent.
CLAIM = text(
    """
    UPDATE outbox SET
        state = CASE WHEN lease_id IS NOT NULL AND silent + 1 >= :most_silent THEN 'dead' ELSE 'pending' END,
        error_class = CASE WHEN lease_id IS NOT NULL AND silent + 1 >= :most_silent THEN 'LeaseExpired'
            ELSE error_class END,
        silent = silent + CASE WHEN lease_id IS NULL THEN 0 ELSE 1 END,
        attempts = attempts + CASE WHEN lease_id IS NULL THEN 1 ELSE 0 END,
        lease_id = :lease_id,
        lease_until = now() + CAST(:lease AS interval)
    WHERE tenant_id = :tenant AND id = :id AND state = 'pending' AND run_at <= now()
        AND (lease_until IS NULL OR lease_until <= now())
    RETURNING tenant_id, id, kind, dedupe_key, case_id, args, state, attempts, max_attempts, lease_id, silent, handed
    """
)
RENEW = text(
    """
    UPDATE outbox SET lease_until = now() + CAST(:lease AS interval)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:lease_ids AS uuid[])) AS mine (id, lease_id)
    WHERE outbox.tenant_id = :tenant AND outbox.id = mine.id AND outbox.lease_id = mine.lease_id AND state = 'pending'
    RETURNING outbox.id
    """
)
MARK_HANDED = text(
    """
    UPDATE outbox SET handed = handed || to_jsonb(CAST(:marks AS text[]))
    WHERE tenant_id = :tenant AND id = :id AND state = 'pending' AND lease_id = :lease_id
    """
)
FINISH = text(
    """
    UPDATE outbox SET
        state = :state,
        run_at = CASE WHEN :state = 'pending' THEN now() + CAST(:delay AS interval) ELSE run_at END,
        done_at = CASE WHEN :state = 'done' THEN now() END,
        error_class = :error_class,
        attempts = attempts - CAST(:unused AS integer),
        silent = 0,
        lease_id = NULL,
        lease_until = NULL
    WHERE tenant_id = :tenant AND id = :id AND state = 'pending' AND lease_id = :lease_id
    """
)
REVIVE = text(
    """
    UPDATE outbox SET state = 'pending', attempts = 0, silent = 0, run_at = now(), lease_id = NULL, lease_until = NULL,
        error_class = NULL
    WHERE tenant_id = :tenant AND id = :id AND state = 'dead'
    """
)
BACKLOG = text(
    """
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM outbox WHERE tenant_id = :tenant AND state = 'pending' LIMIT :limit
        ) AS waiting),
        (SELECT count(*) FROM (
            SELECT FROM outbox WHERE tenant_id = :tenant AND state = 'dead' LIMIT :limit
        ) AS dead),
        (SELECT now() - run_at FROM outbox
            WHERE tenant_id = :tenant AND state = 'pending' AND run_at <= now() ORDER BY run_at LIMIT 1)
    """
)
SWEEP = text(
    """
    DELETE FROM outbox WHERE tenant_id = :tenant AND id IN (
        SELECT id FROM outbox
        WHERE tenant_id = :tenant AND state = 'done' AND done_at <= now() - CAST(:keep AS interval)
        ORDER BY done_at LIMIT :size
    )
    """
)


def enqueue(
    session: Session,
    kind: str,
    *,
    dedupe_key: str,
    args: dict[str, Any],
    case_id: UUID | None = None,
    run_at: datetime | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> bool:
    """Write a job for this tenant, at once or at `run_at`; False if its dedupe key was used before."""
    return enqueue_all(session, [JobDraft(kind, dedupe_key, args, case_id, run_at, max_attempts)]) == 1


def enqueue_all(session: Session, drafts: Sequence[JobDraft]) -> int:
    """Write these jobs in one round trip; answers how many were new."""
    if not drafts:
        return 0
    values = {
        "tenant": current_tenant(session),
        "id": [new_id() for _ in drafts],
        "kind": [draft.kind for draft in drafts],
        "dedupe_key": [draft.dedupe_key for draft in drafts],
        "case_id": [draft.case_id for draft in drafts],
        "args": [json.dumps(draft.args, default=str) for draft in drafts],
        "run_at": [draft.run_at for draft in drafts],
        "max_attempts": [draft.max_attempts for draft in drafts],
    }
    return changed(session, ENQUEUE, values)


def due(
    clock_session: Session, limit: int, no_kinds: Sequence[str] = (), no_tenants: Collection[UUID] = ()
) -> list[tuple[UUID, UUID]]:
    """(tenant, job) of what waits for a worker, the tenants in turn, longest due first. For the role of the clock.

    However long one tenant's queue is, every other that waits gets an equal share of `limit`. Whoever has no room
    for some kinds, or for some tenants, leaves them out.
    """
    with without_tenant(clock_session, "the clock finds due jobs of every tenant, and sees no more than their ids"):
        tenants = [each for each in clock_session.scalars(WAITING) if each not in no_tenants]
        values = {"tenants": tenants, "share": max(limit // max(len(tenants), 1), 1), "limit": limit}
        values |= {"no_kinds": list(no_kinds), "no_tenants": list(no_tenants)}
        return [(row.tenant_id, row.id) for row in clock_session.execute(DUE, values)] if tenants else []


def claim(session: Session, tenant_id: UUID, job_id: UUID, lease: timedelta) -> Job | None:
    """Take a job for the time of `lease`; None if it is done, dead, not due or somebody else's. Then commit.

    A job over which workers fell silent three times running comes back once, `dead`, to be told of.
    """
    values = {"tenant": tenant_id, "id": job_id, "lease_id": uuid4(), "lease": lease, "most_silent": MOST_SILENT}
    row = session.execute(CLAIM, values).one_or_none()
    return None if row is None else as_job(row)


def claimed(session: Session, job_id: UUID, lease_id: UUID) -> Job:
    """A job of this tenant that was claimed by somebody else for us. Raises Conflict when it is not his any more."""
    row = session.get(Outbox, (current_tenant(session), job_id))
    if row is None or row.state != "pending" or row.lease_id != lease_id:
        raise Conflict(LOST)
    return as_job(row)


def as_job(row: Any) -> Job:
    return Job(
        tenant_id=row.tenant_id,
        id=row.id,
        kind=row.kind,
        dedupe_key=row.dedupe_key,
        case_id=row.case_id,
        args=row.args,
        attempt=row.attempts,
        max_attempts=row.max_attempts,
        lease_id=row.lease_id,
        silent=row.silent,
        handed=tuple(row.handed),
        dead=row.state == "dead",
    )


def renew(session: Session, jobs: Sequence[Job], lease: timedelta) -> set[UUID]:
    """Hold these jobs of this tenant for another `lease`, as far as they are still ours; answers which are."""
    ids = {"ids": [job.id for job in jobs], "lease_ids": [job.lease_id for job in jobs]}
    return set(session.scalars(RENEW, {"tenant": current_tenant(session), "lease": lease, **ids}))


def mark_handed(session: Session, job: Job, *marks: str) -> None:
    """Remember to whom it was handed, by marks that tell nobody's name. Raises Conflict as `done`, also for no mark.

    So that what goes out is still ours to send, and the next attempt leaves out whoever has it.
    """
    values = {"tenant": job.tenant_id, "id": job.id, "lease_id": job.lease_id, "marks": list(marks)}
    if changed(session, MARK_HANDED, values) == 0:
        raise Conflict(LOST)


def done(session: Session, job: Job) -> None:
    """The job is done. Raises Conflict if it is somebody else's by now: roll back what was done for it."""
    crash_point("worker.before_done")
    finish(session, job, "done", None)


def retry(session: Session, job: Job, error_class: str, delay: timedelta) -> bool:
    """Try again after `delay`; False if that was the last attempt: the job is dead. Raises Conflict as `done`."""
    again = job.attempt < job.max_attempts
    finish(session, job, "pending" if again else "dead", error_class, delay)
    return again


def put_back(session: Session, job: Job) -> None:
    """Its worker has to stop: due again at once, as if it had not been begun. Raises Conflict as `done`."""
    finish(session, job, "pending", None, unused=1)


def bury(session: Session, job: Job, error_class: str) -> None:
    """The error is permanent: dead at once, to be shown to a person. Raises Conflict as `done`."""
    finish(session, job, "dead", error_class)


def finish(
    session: Session, job: Job, state: str, error_class: str | None, delay: timedelta = timedelta(), unused: int = 0
) -> None:
    values = {
        "tenant": job.tenant_id,
        "id": job.id,
        "lease_id": job.lease_id,
        "state": state,
        "error_class": error_class,
        "delay": delay,
        "unused": unused,
    }
    if changed(session, FINISH, values) == 0:
        raise Conflict(LOST)


def backoff(attempt: int, jitter: float) -> timedelta:
    """How long to wait after this attempt (from 1): doubling from 10 s to 6 h; `jitter` (0-1) spreads a fifth of it."""
    longest = min(FIRST_DELAY * (1 << min(attempt - 1, 20)), LONGEST_DELAY)
    return longest * (0.8 + jitter / 5)


def revive(session: Session, job_id: UUID) -> None:
    """Let a job of this tenant that was given up begin anew, at once. Raises Conflict if it is not dead any more."""
    if changed(session, REVIVE, {"tenant": current_tenant(session), "id": job_id}) == 0:
        raise Conflict("this job waits for nobody any more")


def forget_dead(session: Session, kind: str, args: dict[str, Any]) -> None:
    """Remove what this tenant's workers gave up of this kind with exactly these args: somebody saw to it."""
    found = (Outbox.tenant_id == current_tenant(session), Outbox.state == "dead")
    session.execute(delete(Outbox).where(*found, Outbox.kind == kind, Outbox.args == args))


def backlog(session: Session) -> Backlog:
    """How many of this tenant's jobs wait and were given up, each counted to a limit, and how long the oldest waits."""
    values = {"tenant": current_tenant(session), "limit": COUNT_TO}
    return Backlog(*session.execute(BACKLOG, values).one())


def sweep(session: Session, keep: timedelta) -> int:
    """Remove this tenant's jobs that were done longer than `keep` ago, a batch at a time; answers how many.

    Their dedupe keys go with them, so keep them longer than a duplicate can take to arrive.
    """
    values = {"tenant": current_tenant(session), "keep": keep, "size": SWEEP_BATCH}
    return changed(session, SWEEP, values)


def changed(session: Session, statement: Any, values: dict[str, Any]) -> int:
    result = session.execute(statement, values)
    assert isinstance(result, CursorResult)
    return result.rowcount

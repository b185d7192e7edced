"""Carrying out one job of the outbox: claimed, done, and finished only by whoever still holds its lease."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from weerklank.assembly import Platform
from weerklank.backup.asking import EXPORT
from weerklank.cases.keeping import ERASE
from weerklank.cases.lost import LOST
from weerklank.cases.messages import DELIVER
from weerklank.cases.refresh import REFRESH
from weerklank.cases.search.index import INDEX
from weerklank.correspondence.channels.mail import NotDelivered
from weerklank.correspondence.delivery import mark_failed
from weerklank.correspondence.digest import DIGEST
from weerklank.correspondence.drafts import SAVED
from weerklank.correspondence.office import OWN_POST
from weerklank.documents.dossier.asking import MAKE
from weerklank.documents.files import SCAN
from weerklank.documents.scanner import NotScannable, ScannerAway
from weerklank.identity.letters import JOB as LINK
from weerklank.kernel import metrics, outbox, traces
from weerklank.kernel.crash import crash_point
from weerklank.kernel.errors import Conflict
from weerklank.kernel.outbox import Job
from weerklank.learning.counting import COUNT, mark_not_counted
from weerklank.learning.place import NOTICE
from weerklank.rehearsal.asked import REHEARSE
from weerklank.workers.counting import count_report
from weerklank.workers.destroying import erase_case
from weerklank.workers.doctoring import ALARM, CHECK_UP, alarm, check_up
from weerklank.workers.dossiers import make_dossier
from weerklank.workers.exporting import make_export, mark_not_made
from weerklank.workers.indexing import index_words
from weerklank.workers.losing import give_new_code
from weerklank.workers.mailboxes import READ, TELL, read_mailbox
from weerklank.workers.mailing import (
    deliver,
    mail_digest,
    mail_link,
    mail_notice,
    mail_own_post,
    mail_saved,
    tell_of_mail,
)
from weerklank.workers.refreshing import refresh_cases
from weerklank.workers.rehearsing import rehearse
from weerklank.workers.scanning import scan_file
from weerklank.workers.sweeping import SWEEP, sweep_up

LEASE = timedelta(seconds=20)  # renewed by whoever works on; a dead worker's jobs are back when it is over
TIMES_OUT_OF_MEMORY = 3
SCANNER_BACK = timedelta(minutes=5)  # people wait for their files
log = structlog.get_logger()


def run_job(platform: Platform, tenant_id: UUID, job_id: UUID, now: datetime) -> bool:
    """Claim and carry out a job; False when it was done, not due, or somebody else's. Errors are recorded."""
    job = claim_job(platform, tenant_id, job_id, now)
    if job is None:
        return False
    carry_out(platform, job, now)
    return True


def claim_job(platform: Platform, tenant_id: UUID, job_id: UUID, now: datetime) -> Job | None:
    """Take a job; None when there is nothing to do for it. One that its workers do not survive is shown to a person."""
    crash_point("worker.before_claim")
    with platform.tenant(tenant_id) as session:
        job = outbox.claim(session, tenant_id, job_id, LEASE)
        if job is not None and job.dead:
            log.warning("job_given_up", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error="LeaseExpired")
            metrics.JOBS.labels(job.kind, "parked").inc()
            show_failure(session, job, now)
        session.commit()
    if job is None or job.dead:
        return None
    crash_point("worker.claimed")
    return job


def carry_out(platform: Platform, job: Job, now: datetime) -> None:
    """Do what was claimed, or put it back or down. Errors are recorded; nothing when the lease was lost meanwhile."""
    about = {"case": str(job.case_id)} if job.case_id else {}
    bind_contextvars(tenant=str(job.tenant_id), outbox_id=str(job.id), kind=job.kind, **about)
    metrics.TENANT_JOBS.labels(metrics.group_of(job.tenant_id)).inc()
    try:
        with metrics.JOB_SECONDS.labels(job.kind).time(), traces.span(f"job {job.kind}", **get_contextvars()):
            attempt(platform, job, now)
    except Conflict:  # somebody else has it by now: whatever was to be written down for it is his to write
        log.warning("job_lost_lease")
        metrics.JOBS.labels(job.kind, "lost_lease").inc()
    finally:
        clear_contextvars()
    crash_point("worker.done")


def attempt(platform: Platform, job: Job, now: datetime) -> None:
    """Do it, or put it back or down. Raises Conflict when the lease was lost meanwhile."""
    try:
        HANDLERS[job.kind](platform, job, now)
        metrics.JOBS.labels(job.kind, "done").inc()
    except Conflict:
        raise
    except NotDelivered as failure:
        if not failure.permanent:
            metrics.FAILURES.labels("smtp").inc()
        leave = give_up if failure.permanent else try_later
        leave(platform, job, failure.reason, now)
    except ScannerAway:
        metrics.FAILURES.labels("scanner").inc()
        try_later(platform, job, "ScannerAway", now, SCANNER_BACK)
    except NotScannable:
        give_up(platform, job, "NotScannable", now)
    except MemoryError:  # it was refused what it asked for; others of this process may have been too
        leave = give_up if job.attempt + job.silent >= TIMES_OUT_OF_MEMORY else try_later
        leave(platform, job, "MemoryError", now)
    except Exception as failure:
        try_later(platform, job, type(failure).__name__, now)


HANDLERS: Mapping[str, Callable[[Platform, Job, datetime], None]] = {
    DELIVER: deliver,
    LINK: mail_link,
    NOTICE: mail_notice,
    OWN_POST: mail_own_post,
    DIGEST: mail_digest,
    SAVED: mail_saved,
    LOST: give_new_code,
    REFRESH: refresh_cases,
    REHEARSE: rehearse,
    ERASE: erase_case,
    MAKE: make_dossier,
    EXPORT: make_export,
    COUNT: count_report,
    READ: read_mailbox,
    TELL: tell_of_mail,
    SWEEP: sweep_up,
    CHECK_UP: check_up,
    ALARM: alarm,
    INDEX: index_words,
    SCAN: scan_file,
}


def try_later(
    platform: Platform, job: Job, reason: str, now: datetime, longest: timedelta = outbox.LONGEST_DELAY
) -> None:
    """Put the job back with a growing pause; the last attempt leaves it to a person."""
    log.warning("job_failed", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error=reason)
    with platform.tenant(job.tenant_id) as session:
        pause = min(outbox.backoff(job.attempt, random.random()), longest)
        again = outbox.retry(session, job, reason, pause)
        if not again:
            show_failure(session, job, now)
        session.commit()
    metrics.JOBS.labels(job.kind, "failed" if again else "given_up").inc()


def give_up(platform: Platform, job: Job, reason: str, now: datetime) -> None:
    """Trying again will not help: a person has to look at it."""
    log.warning("job_given_up", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error=reason)
    with platform.tenant(job.tenant_id) as session:
        outbox.bury(session, job, reason)
        show_failure(session, job, now)
        session.commit()
    metrics.JOBS.labels(job.kind, "given_up").inc()


def show_failure(session: Session, job: Job, now: datetime) -> None:
    """In the transaction in which the job is given up, so that no message waits for a job that is dead."""
    if job.kind == DELIVER:
        mark_failed(session, job.tenant_id, UUID(job.args["message"]), now)
    if job.kind == EXPORT:
        mark_not_made(session, job.tenant_id, UUID(job.args["export"]))
    if job.kind == COUNT:
        mark_not_counted(session, job.tenant_id, UUID(job.args["report"]))

"""Carrying out one job of the outbox: claimed, done, and finished only by whoever still holds its lease."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.cases.keeping import ERASE
from weerklank.cases.messages import DELIVER
from weerklank.cases.refresh import REFRESH
from weerklank.correspondence.channels.mail import Envelope, NotDelivered, make_mail
from weerklank.correspondence.delivery import mark_failed, mark_sent, write_out
from weerklank.correspondence.inbound.telling import letters_about_mail
from weerklank.correspondence.letters import Letter
from weerklank.correspondence.office import OWN_POST, own_post_letter
from weerklank.documents.dossier.asking import MAKE
from weerklank.identity.letters import JOB as LINK
from weerklank.identity.letters import LinkLetter, link_letter
from weerklank.kernel import outbox
from weerklank.kernel.crash import crash_point
from weerklank.kernel.errors import Conflict
from weerklank.kernel.outbox import Job
from weerklank.learning.notices import notice
from weerklank.learning.place import NOTICE
from weerklank.rehearsal.asked import REHEARSE
from weerklank.tenancy.model import Tenant
from weerklank.workers.destroying import erase_case
from weerklank.workers.doctoring import ALARM, CHECK_UP, alarm, check_up
from weerklank.workers.dossiers import make_dossier
from weerklank.workers.mailboxes import READ, TELL, read_mailbox
from weerklank.workers.refreshing import refresh_cases
from weerklank.workers.rehearsing import rehearse
from weerklank.workers.sending import hand_over
from weerklank.workers.sweeping import SWEEP, sweep_up

LEASE = timedelta(seconds=60)
Compose = Callable[[Session, Tenant, str], Iterable[tuple[str, Letter]]]
log = structlog.get_logger()


def run_job(platform: Platform, tenant_id: UUID, job_id: UUID, now: datetime) -> bool:
    """Claim and carry out a job; False when it was done, not due, or somebody else's. Errors are recorded."""
    crash_point("worker.before_claim")
    with platform.tenant(tenant_id) as session:
        job = outbox.claim(session, tenant_id, job_id, LEASE)
        if job is not None and job.dead:
            log.warning("job_given_up", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error="LeaseExpired")
            show_failure(session, job, now)
        session.commit()
    if job is None or job.dead:
        return False
    crash_point("worker.claimed")
    try:
        carry_out(platform, job, now)
    except Conflict:  # somebody else has it by now: whatever was to be written down for it is his to write
        log.warning("job_lost_lease", outbox_id=str(job.id), kind=job.kind)
    crash_point("worker.done")
    return True


def carry_out(platform: Platform, job: Job, now: datetime) -> None:
    """Do it, or put it back or down. Raises Conflict when the lease was lost meanwhile."""
    try:
        HANDLERS[job.kind](platform, job, now)
    except Conflict:
        raise
    except NotDelivered as failure:
        leave = give_up if failure.permanent else try_later
        leave(platform, job, failure.reason, now)
    except Exception as failure:
        try_later(platform, job, type(failure).__name__, now)


def deliver(platform: Platform, job: Job, now: datetime) -> None:
    """Send one message: written and committed, sent with no transaction open, then marked with the job."""
    settings, message_id = platform.settings, UUID(job.args["message"])
    with platform.tenant(job.tenant_id) as session:
        outgoing = write_out(
            session, platform.engine, job.tenant_id, message_id, settings.base_url, settings.mail_from, now
        )
        session.commit()
    crash_point("worker.written")
    for envelope in outgoing.envelopes if outgoing else ():
        if outgoing:
            hand_over(settings, make_mail(outgoing.letter, envelope, settings.base_url))
    with platform.tenant(job.tenant_id) as session:
        mark_sent(session, job.tenant_id, message_id, now)
        outbox.done(session, job)
        session.commit()


def mail_link(platform: Platform, job: Job, now: datetime) -> None:
    """Send a one-time link, unless it was used, replaced or ran out meanwhile. A second attempt sends the same link."""

    def compose(session: Session, tenant: Tenant, home: str) -> Iterator[tuple[str, Letter]]:
        yield from addressed(link_letter(session, platform.keyring, tenant, UUID(job.args["link"]), home, now))

    mail_letters(platform, job, now, compose)


def tell_of_mail(platform: Platform, job: Job, now: datetime) -> None:
    """Tell those concerned that mail waits, or that the mailbox cannot be read."""
    mail_letters(
        platform,
        job,
        now,
        lambda session, tenant, home: letters_about_mail(
            session, platform.keyring, tenant, job.args["channel"], home, now
        ),
    )


def mail_own_post(platform: Platform, job: Job, now: datetime) -> None:
    """Tell somebody that an administrator gave himself a post that sees every case."""

    def compose(session: Session, tenant: Tenant, home: str) -> Iterator[tuple[str, Letter]]:
        change, person = job.args["change"], UUID(job.args["person"])
        written = own_post_letter(session, platform.keyring, tenant, change, person, home, now)
        yield from [written] if written else []

    mail_letters(platform, job, now, compose)


def mail_notice(platform: Platform, job: Job, now: datetime) -> None:
    """Tell somebody that there is something for him outside cases."""

    def compose(session: Session, tenant: Tenant, home: str) -> Iterator[tuple[str, Letter]]:
        person, said, element = UUID(job.args["person"]), job.args["word"], job.args["element"]
        yield from addressed(notice(session, platform.engine, tenant, person, said, element, home, now))

    mail_letters(platform, job, now, compose)


def addressed(written: LinkLetter | None) -> Iterator[tuple[str, Letter]]:
    if written:
        yield written.to, Letter(written.subject, written.paragraphs, written.language)


def mail_letters(platform: Platform, job: Job, now: datetime, compose: Compose) -> None:
    """Send what is composed for the organisation and its address, with no transaction open; then the job is done."""
    settings = platform.settings
    with platform.tenant(job.tenant_id) as session:
        tenant = session.get_one(Tenant, job.tenant_id)
        name = tenant.name
        letters = list(compose(session, tenant, f"{settings.base_url}/{tenant.slug}"))
    for number, (to, letter) in enumerate(letters):
        message_id = f"<{job.id}.{number}@{settings.mail_from.rpartition('@')[2]}>"
        envelope = Envelope(name, settings.mail_from, to, message_id, now)
        hand_over(settings, make_mail(letter, envelope, settings.base_url))
    with platform.tenant(job.tenant_id) as session:
        outbox.done(session, job)
        session.commit()


HANDLERS: Mapping[str, Callable[[Platform, Job, datetime], None]] = {
    DELIVER: deliver,
    LINK: mail_link,
    NOTICE: mail_notice,
    OWN_POST: mail_own_post,
    REFRESH: refresh_cases,
    REHEARSE: rehearse,
    ERASE: erase_case,
    MAKE: make_dossier,
    READ: read_mailbox,
    TELL: tell_of_mail,
    SWEEP: sweep_up,
    CHECK_UP: check_up,
    ALARM: alarm,
}


def try_later(platform: Platform, job: Job, reason: str, now: datetime) -> None:
    """Put the job back with a growing pause; the last attempt leaves it to a person."""
    log.warning("job_failed", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error=reason)
    with platform.tenant(job.tenant_id) as session:
        pause = outbox.backoff(job.attempt, random.random())
        if not outbox.retry(session, job, reason, pause):
            show_failure(session, job, now)
        session.commit()


def give_up(platform: Platform, job: Job, reason: str, now: datetime) -> None:
    """Trying again will not help: a person has to look at it."""
    log.warning("job_given_up", outbox_id=str(job.id), kind=job.kind, attempt=job.attempt, error=reason)
    with platform.tenant(job.tenant_id) as session:
        outbox.bury(session, job, reason)
        show_failure(session, job, now)
        session.commit()


def show_failure(session: Session, job: Job, now: datetime) -> None:
    """In the transaction in which the job is given up, so that no message waits for a job that is dead."""
    if job.kind == DELIVER:
        mark_failed(session, job.tenant_id, UUID(job.args["message"]), now)

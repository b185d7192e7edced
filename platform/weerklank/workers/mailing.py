"""The jobs that send mail: a message of a case, a one-time link, and what people are told outside cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.correspondence.delivery import mark_sent, write_out
from weerklank.correspondence.digest import digest_of, told
from weerklank.correspondence.drafts import saved_letter
from weerklank.correspondence.inbound.telling import letters_about_mail
from weerklank.correspondence.letters import Letter
from weerklank.correspondence.office import own_post_letter
from weerklank.identity.letters import LinkLetter, link_letter
from weerklank.kernel import outbox
from weerklank.kernel.crash import crash_point
from weerklank.kernel.outbox import Job
from weerklank.learning.notices import notice
from weerklank.tenancy.model import Tenant
from weerklank.workers.sending import own_mails, send_each

Compose = Callable[[Session, Tenant, str], Iterable[tuple[str, Letter]]]


def deliver(platform: Platform, job: Job, now: datetime) -> None:
    """Send one message: written and committed, sent with no transaction open, then marked with the job."""
    settings, message_id = platform.settings, UUID(job.args["message"])
    with platform.tenant(job.tenant_id) as session:
        outgoing = write_out(
            session, platform.engine, job.tenant_id, message_id, settings.base_url, settings.mail_from, now
        )
        outbox.mark_handed(session, job)  # a worker that was frozen until now sends nothing
        session.commit()
    crash_point("worker.written")
    send_each(platform, job, [(envelope, outgoing.letter) for envelope in outgoing.envelopes] if outgoing else [])
    with platform.tenant(job.tenant_id) as session:
        mark_sent(session, job.tenant_id, message_id, now)
        outbox.done(session, job)
        session.commit()


def mail_link(platform: Platform, job: Job, now: datetime) -> None:
    """Send a one-time link, unless it was used, replaced or ran out meanwhile. A second attempt sends the same link."""

    def compose(session: Session, tenant: Tenant, home: str) -> Iterator[tuple[str, Letter]]:
        yield from addressed(link_letter(session, platform.keyring, tenant, UUID(job.args["link"]), home, now))

    mail_letters(platform, job, now, compose)


def mail_saved(platform: Platform, job: Job, now: datetime) -> None:
    """Send the way back to a form that was saved to go on later."""
    draft_id, language = UUID(job.args["draft"]), job.args.get("language", "nl")
    mail_letters(
        platform,
        job,
        now,
        lambda session, tenant, home: saved_letter(session, platform.keyring, tenant, draft_id, language, home, now),
    )


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


def mail_digest(platform: Platform, job: Job, now: datetime) -> None:
    """One mail for what somebody wished to be told once a day or a week; then nothing of it is held any more."""
    settings, person = platform.settings, UUID(job.args["person"])
    with platform.tenant(job.tenant_id) as session:
        tenant = session.get_one(Tenant, job.tenant_id)
        name, home = tenant.name, f"{settings.base_url}/{tenant.slug}"
        digest = digest_of(session, platform.keyring, tenant, person, home, now)
        outbox.mark_handed(session, job)
        session.commit()
    letters = [(digest.to, digest.letter)] if digest and digest.letter else []
    send_each(platform, job, own_mails(settings, job, name, letters, now))
    with platform.tenant(job.tenant_id) as session:
        if digest:
            told(session, job.tenant_id, person, digest.told)
        outbox.done(session, job)
        session.commit()


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
        outbox.mark_handed(session, job)
        session.commit()
    send_each(platform, job, own_mails(settings, job, name, letters, now))
    with platform.tenant(job.tenant_id) as session:
        outbox.done(session, job)
        session.commit()

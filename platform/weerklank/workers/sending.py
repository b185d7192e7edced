"""Handing mail over to whoever carries it, each to its own address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from weerklank.assembly import Platform
from weerklank.correspondence.channels.mail import Envelope, NotDelivered, make_mail, put_in_maildir, send_by_smtp
from weerklank.correspondence.letters import Letter
from weerklank.kernel import outbox, traces
from weerklank.kernel.crash import crash_point
from weerklank.kernel.outbox import Job
from weerklank.kernel.settings import Settings


def own_mails(
    settings: Settings, job: Job, name: str, letters: Iterable[tuple[str, Letter]], now: datetime
) -> list[tuple[Envelope, Letter]]:
    """A job's letters in their envelopes, from this organisation."""
    numbered = enumerate(letters)
    return [(own_envelope(settings, f"{job.id}.{number}", name, to, now), letter) for number, (to, letter) in numbered]


def own_envelope(settings: Settings, number: str, name: str, to: str, now: datetime) -> Envelope:
    """For a mail of the platform's own. Its number gives the Message-ID, so it is the same in every attempt."""
    return Envelope(name, settings.mail_from, to, f"<{number}@{settings.mail_from.rpartition('@')[2]}>", now)


def send_each(platform: Platform, job: Job, mails: Sequence[tuple[Envelope, Letter]]) -> None:
    """Send all, with no transaction open; whoever got his in an earlier attempt gets no second one.

    One that is refused keeps no other from going. Raises NotDelivered after all were tried: a passing refusal before
    a permanent one, so that the first is tried again. Raises Conflict as soon as the job is somebody else's.
    """
    refused = list[NotDelivered]()
    for envelope, letter in mails:
        mark = mark_of(platform, job.tenant_id, envelope.to) if len(mails) > 1 else ""
        if mark in job.handed:
            continue
        try:
            hand_over(platform.settings, make_mail(letter, envelope, platform.settings.base_url))
        except NotDelivered as failure:
            refused.append(failure)
            mark = ""
        if len(mails) > 1:
            note(platform, job, mark)
    if refused:
        raise min(refused, key=lambda failure: failure.permanent)


def note(platform: Platform, job: Job, mark: str) -> None:
    """Remember who has it, and see that what is left is still ours to send."""
    with platform.tenant(job.tenant_id) as session:
        outbox.mark_handed(session, job, *([mark] if mark else []))
        session.commit()


def mark_of(platform: Platform, tenant_id: UUID, address: str) -> str:
    """By which an address is known again and that tells nobody's."""
    return platform.keyring.address_hash(tenant_id, address).hex()[:16]


def hand_over(settings: Settings, mail: EmailMessage) -> None:
    """To the mail server; in development without one, into a folder."""
    if settings.smtp_url:
        with traces.span("smtp"):
            send_by_smtp(settings.smtp_url, mail)
        crash_point("worker.after_250")
    else:
        put_in_maildir(settings.var / "mail", mail)

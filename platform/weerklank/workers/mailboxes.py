"""Reading mailboxes: asked for every minute where there is one, done by a free thread, and told when it fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.correspondence.inbound.imap import CannotRead, Fetched, read_all
from weerklank.correspondence.inbound.model import InboundMail, Mailbox, MailState
from weerklank.correspondence.inbound.settings import MailboxSettings, read_settings, was_not_read, was_read
from weerklank.correspondence.inbound.taking import take_in
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job

READ, TELL = "read_mailbox", "tell_of_mail"
ALARM_AFTER = timedelta(minutes=15)
log = structlog.get_logger()


def ask_to_read(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: a job for this minute, where a mailbox is read. It is not tried again: the next minute has its own."""
    with platform.tenant(tenant_id) as session:
        row = session.get(Mailbox, tenant_id)
        if row is not None and row.active:
            outbox.enqueue(session, READ, dedupe_key=f"mailbox:{now:%Y%m%d%H%M}", args={}, max_attempts=1)
            session.commit()


def read_mailbox(platform: Platform, job: Job, now: datetime) -> None:
    """The job: everything that waits is taken in, one mail a transaction."""
    with platform.tenant(job.tenant_id) as session:
        row = session.get(Mailbox, job.tenant_id)
        settings = read_settings(platform.keyring, row) if row and row.active else None
        channel = row.channel if row else ""
    failure = _read(platform, job.tenant_id, channel, settings, now) if settings else None
    with platform.tenant(job.tenant_id) as session:
        row = session.get(Mailbox, job.tenant_id)
        if row is not None and settings:
            _note(session, row, failure, now)
        outbox.done(session, job)
        session.commit()


def _read(
    platform: Platform, tenant_id: UUID, channel: str, settings: MailboxSettings, now: datetime
) -> str | None:
    """Why it could not be read to its end, as a code; None when it was."""
    own = frozenset({settings.address.casefold(), platform.settings.mail_from.casefold()})

    broken = list[str]()

    def take(fetched: Fetched) -> bool:
        try:
            with platform.tenant(tenant_id) as session:
                row = take_in(session, platform.engine, platform.files, tenant_id, channel, fetched, own, now)
                if row is not None and row.state == MailState.WAITING:
                    _tell(session, row)
                session.commit()
        except Exception as failed:  # one mail that we cannot take keeps no other out; it stays where it is
            log.error("mail_not_taken_in", tenant=str(tenant_id), error=type(failed).__name__)
            broken.append("platform")
            return False
        return True

    try:
        read_all(settings, take)
    except CannotRead as failed:
        log.warning("mailbox_not_read", tenant=str(tenant_id), code=failed.code)
        return failed.code
    return broken[0] if broken else None


def _tell(session: Session, row: InboundMail) -> None:
    _ask_to_tell(session, f"mail:{row.id}", row.channel)


def _ask_to_tell(session: Session, key: str, channel: str) -> None:
    outbox.enqueue(session, TELL, dedupe_key=key, args={"channel": channel}, max_attempts=outbox.FIVE_DAYS)


def _note(session: Session, row: Mailbox, failure: str | None, now: datetime) -> None:
    if failure is None:
        was_read(row, now)
        return
    was_not_read(row, failure, now)
    if row.failed_at and now - row.failed_at >= ALARM_AFTER:
        _ask_to_tell(session, f"mailbox:failed:{row.failed_at:%Y%m%d%H%M}", "")

"""Clearing up once a day, as a job of each organisation; and the keys of sign-ups that came to nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from weerklank.assembly import Platform
from weerklank.correspondence import drafts
from weerklank.kernel import once, outbox
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.keys import sweep_orphan_keys, sweep_orphan_tenants
from weerklank.kernel.outbox import Job

SWEEP = "sweep"  # the kind of job; its args are {"day"}
KEEP_DONE = timedelta(days=30)
ORPHAN_AFTER = timedelta(hours=1)
SIGN_UP_AFTER = timedelta(days=2)


def ask_to_sweep(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: the clock only asks, and goes on."""
    day = now.date().isoformat()
    with platform.tenant(tenant_id) as session:
        outbox.enqueue(session, SWEEP, dedupe_key=f"sweep:{day}", args={"day": day})
        session.commit()


def sweep_up(platform: Platform, job: Job, now: datetime) -> None:
    """The job: jobs done long ago, drafts nobody sent, files nobody knows, and keys of cases that never came to be."""
    with platform.tenant(job.tenant_id) as session:
        while outbox.sweep(session, KEEP_DONE):
            session.commit()
        drafts.sweep(session, now)
        once.sweep(session, now)
        platform.files.sweep(session, job.tenant_id, now - ORPHAN_AFTER)
        sweep_orphan_keys(platform.keyring, session, ORPHAN_AFTER)
        outbox.done(session, job)
        session.commit()


def sweep_sign_ups(platform: Platform) -> None:
    """Remove the keys of organisations that never came to be."""
    with open_session(platform.database) as session, without_tenant(session, "keys of no organisation"):
        sweep_orphan_tenants(platform.keyring, session, SIGN_UP_AFTER)

"""Rehearsals carried on part by part, so that a page can tell how far one is and nothing waits for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from weerklank.assembly import Platform
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job
from weerklank.rehearsal.asked import next_part, play_part, rehearsal
from weerklank.tenancy.model import Tenant


def rehearse(platform: Platform, job: Job, now: datetime) -> None:
    """The job: one part, written down with how far it is, and a job for the next. A part done twice counts once."""
    with platform.tenant(job.tenant_id) as session:
        row = rehearsal(session, job.tenant_id, UUID(job.args["rehearsal"]))
        folder = platform.settings.tenants / session.get_one(Tenant, job.tenant_id).slug
        found, done = play_part(session, platform.database, row, folder, now.date(), now)
        session.rollback()
    with platform.tenant(job.tenant_id) as session:
        row = rehearsal(session, job.tenant_id, UUID(job.args["rehearsal"]))
        row.found = [*row.found, *found]
        row.done = done
        if done >= row.total:
            row.state, row.ready_at = "ready", now
        else:
            next_part(session, row, int(job.args["part"]) + 1)
        outbox.done(session, job)
        session.commit()

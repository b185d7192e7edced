"""The rows of open cases made anew, each in a transaction of its own: when people change, and every day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from weerklank.assembly import Platform
from weerklank.cases.refresh import ask_for_refresh, open_cases, refresh
from weerklank.kernel import outbox
from weerklank.kernel.errors import Conflict
from weerklank.kernel.outbox import Job

log = structlog.get_logger()


def ask_every_day(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: an absence begins or ends today without anybody doing something.

    Asked for every hour and done once a day, so that an hour in which it failed costs an hour and not the day.
    """
    with platform.tenant(tenant_id) as session:
        ask_for_refresh(session, day=now.date())
        session.commit()


def refresh_cases(platform: Platform, job: Job, now: datetime) -> None:
    """The job: some hundreds of open cases, and a job for those that come after them."""
    after = job.args.get("after")
    with platform.tenant(job.tenant_id) as session:
        page = open_cases(session, job.tenant_id, UUID(after) if after else None)
    for case_id in page:
        refresh_one(platform, job.tenant_id, case_id, now)
    with platform.tenant(job.tenant_id) as session:
        if page:
            ask_for_refresh(session, after=page[-1])
        outbox.done(session, job)
        session.commit()


def refresh_one(platform: Platform, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """One case; one that breaks keeps no other from it."""
    try:
        with platform.tenant(tenant_id) as session:
            refresh(session, platform.engine, tenant_id, case_id, now)
            session.commit()
    except Conflict:
        return  # whoever acts in it just now makes its rows anew as well
    except Exception as failure:
        log.error("refresh_failed", tenant=str(tenant_id), case=str(case_id), error=type(failure).__name__)

"""Counting a report: some cases at a time, with progress, so that its page can be left and found again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from weerklank.assembly import Platform
from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Job
from weerklank.learning.counting import count_up, tell_progress
from weerklank.learning.place import place_of

log = structlog.get_logger()


def count_report(platform: Platform, job: Job, now: datetime) -> None:
    """The job. What is not to be counted any more (its name left the policy) is left as it is."""
    report_id = UUID(job.args["report"])
    with platform.tenant(job.tenant_id) as session:

        def tell(done: int, total: int) -> None:
            tell_progress(session, job.tenant_id, report_id, done, total)
            session.commit()

        try:
            count_up(place_of(session, platform.engine, job.tenant_id, now), report_id, tell)
        except NotFound as failed:
            log.warning("report_not_counted", error=type(failed).__name__)
        outbox.done(session, job)
        session.commit()

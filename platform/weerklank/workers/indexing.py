"""The index of words: asked for with each seal, made by a free thread."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from weerklank.assembly import Platform
from weerklank.cases.search.index import changed_since, index_case, indexed_up_to, move_cursor
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job

log = structlog.get_logger()


def index_words(platform: Platform, job: Job, now: datetime) -> None:
    """The job: every case that a seal names since the last time, each in a transaction of its own."""
    with platform.tenant(job.tenant_id) as session:
        last = indexed_up_to(session, job.tenant_id)
    while last < job.args["seal"]:
        with platform.tenant(job.tenant_id) as session:
            cases, last = changed_since(session, job.tenant_id, last)
        for case_id in cases:
            _index(platform, job.tenant_id, case_id, now)
        with platform.tenant(job.tenant_id) as session:
            move_cursor(session, job.tenant_id, last)
            session.commit()
    with platform.tenant(job.tenant_id) as session:
        outbox.done(session, job)
        session.commit()


def _index(platform: Platform, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """One case; one that breaks keeps no other from being found."""
    try:
        with platform.tenant(tenant_id) as session:
            index_case(session, platform.engine, tenant_id, case_id, now)
            session.commit()
    except Exception as failure:
        log.error("index_failed", tenant=str(tenant_id), case=str(case_id), error=type(failure).__name__)

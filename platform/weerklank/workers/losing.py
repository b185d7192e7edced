"""The job that gives somebody who lost his code another, if what he filled in fits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from weerklank.assembly import Platform
from weerklank.cases.lost import give_if_it_fits
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job

# Whoever reads the complaint gives the new code first. The table is the pages' own.
END = text(
    "UPDATE complainant_session SET ended_at = :now"
    " WHERE tenant_id = :tenant AND case_id = :case AND ended_at IS NULL"
)


def give_new_code(platform: Platform, job: Job, now: datetime) -> None:
    """Done either way: what was asked for in vain leaves no trace but the job."""
    with platform.tenant(job.tenant_id) as session:
        given = job.args
        case_id = give_if_it_fits(session, platform.engine, job.tenant_id, given["reference"], given["proof"], now)
        if case_id is not None:
            session.execute(END, {"tenant": job.tenant_id, "case": case_id, "now": now})
        outbox.done(session, job)
        session.commit()

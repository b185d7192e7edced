"""Destroying a case: its rows and files first, its key last, so that a job that breaks off can begin again."""

from __future__ import annotations

from datetime import datetime

from weerklank.assembly import Platform
from weerklank.audit.erasures import note_erased
from weerklank.cases.keeping import erase
from weerklank.cases.search.index import forget_words
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job


def erase_case(platform: Platform, job: Job, now: datetime) -> None:
    """The job: what was sealed in a destroyed case goes for good, also from every copy of the database."""
    assert job.case_id is not None
    with platform.tenant(job.tenant_id) as session:
        erase(session, job.tenant_id, job.case_id)
        forget_words(session, job.tenant_id, job.case_id)
        platform.files.erase(session, job.tenant_id, job.case_id)
        session.commit()
        ledger = platform.settings.audit_folder
        note_erased(ledger, platform.settings.audit_key, job.tenant_id, job.case_id, now)
        platform.keyring.destroy_case(job.tenant_id, job.case_id)
        outbox.done(session, job)
        session.commit()

"""Looking at files for viruses: asked for when a file comes in, held until it was done, and told when one is found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.cases.messages import alarm
from weerklank.correspondence.delivery import handlers_of
from weerklank.documents.model import Document, Scan
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job

INFECTED = "file_infected"  # the name of the notice
log = structlog.get_logger()


def ask_to_scan(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """The beat: files that came when there was no scanner, a portion at a time."""
    with platform.tenant(tenant_id) as session:
        platform.files.ask_for_scans(session, tenant_id, now)
        session.commit()


def scan_file(platform: Platform, job: Job, now: datetime) -> None:
    """The job: look at one file and let it go, or remove it. Raises ScannerAway and NotScannable: it stays held."""
    file_id, scanner = UUID(job.args["file"]), platform.files.scanner
    data = _content(platform, job.tenant_id, file_id)
    found = scanner.finds(data) if scanner and data is not None else None
    with platform.tenant(job.tenant_id) as session:
        removed = None if found is None else _note(session, job.tenant_id, file_id, now, found=found)
        outbox.done(session, job)
        session.commit()
    if removed:  # what is left when this fails is nobody's, and swept
        log.warning("file_infected", file_id=str(file_id))
        platform.files.store.delete(job.tenant_id, removed)


def _content(platform: Platform, tenant_id: UUID, file_id: UUID) -> bytes | None:
    """The file, opened; None when there is nothing left to look at. NotFound: the store has lost it."""
    with platform.tenant(tenant_id) as session:
        row = session.get(Document, (tenant_id, file_id))
        gone = row is None or row.stored_as is None or platform.keyring.for_case(tenant_id, row.case_id).cipher is None
        if row is None or gone:
            return None
        return platform.files.opened(platform.keyring, row).data


def _note(session: Session, tenant_id: UUID, file_id: UUID, now: datetime, *, found: bool) -> str | None:
    """Write down what was found; the name in the store that is to be removed, if something was."""
    row = session.get(Document, (tenant_id, file_id), with_for_update=True)
    if row is None:
        return None
    row.scan, row.scan_at = (Scan.INFECTED if found else Scan.CLEAN).value, now
    if not found:
        return None
    stored_as, row.stored_as = row.stored_as, None
    people = handlers_of(session, tenant_id, row.case_id)
    if people:
        alarm(session, tenant_id, row.case_id, INFECTED, "", now, people)
    alarm(session, tenant_id, row.case_id, INFECTED, "", now)
    return stored_as

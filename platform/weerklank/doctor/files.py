"""Files and their rows: nothing of a case may be gone from the store, and nothing in the store may be nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.doctor.findings import MOST, Finding, Sort
from weerklank.documents.files import Files, known_names
from weerklank.documents.model import Document

AGES_HENCE = datetime(9000, 1, 1, tzinfo=UTC)
SWEPT_AFTER = timedelta(hours=26)  # the daily clearing up should have had it by then


def ownerless_files(session: Session, files: Files, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    """Files that no row knows and that the daily clearing up left."""
    known = known_names(session, tenant_id)
    lost = (name for name in files.store.older_than(tenant_id, now - SWEPT_AFTER) if name not in known)
    for _number, name in zip(range(MOST), lost, strict=False):
        yield Finding(Sort.FILE_OWNERLESS, name)


def files_of_cases(session: Session, files: Files, tenant_id: UUID) -> Iterator[Finding]:
    """Files of cases that are not in the store."""
    there = set(files.store.older_than(tenant_id, AGES_HENCE))
    rows = session.execute(select(Document.id, Document.case_id, Document.stored_as, Document.added_at).where(
        Document.tenant_id == tenant_id, Document.stored_as.is_not(None)
    ))  # fmt: skip
    for file_id, case_id, name, at in rows:
        if name not in there:
            yield Finding(Sort.FILE_MISSING, str(file_id), case_id, at)

"""Files of a case: taken in by what they are, sealed by the case's key, given back only as a download."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from weerklank.documents.model import Document, Dossier, Scan, TenantExport
from weerklank.documents.scanner import Scanner
from weerklank.documents.sorts import MAIL, MOST_FILES_IN_A_CASE, Sort, refused, sort_of
from weerklank.documents.store import Store
from weerklank.kernel import outbox
from weerklank.kernel.crash import crash_point
from weerklank.kernel.errors import NotFound
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import JobDraft
from weerklank.kernel.sealed import Erased

SCAN = "scan"  # the kind of job; its args are {"file": id}
SCAN_TRIES = 2_000  # at five minutes at most between them, a week
AT_ONCE = 500  # files asked for in one go
KEEP_DOSSIER = timedelta(days=30)  # it can be made anew; a copy that lies about is one too many


@dataclass(frozen=True)
class Download:
    """A file to give back: always as an attachment of this type, never shown in the page."""

    case_id: UUID
    name: str
    media_type: str
    data: bytes


def _kept_for_dossiers() -> Select[str]:
    names = func.unnest(func.array_remove(array([Dossier.zip_as, Dossier.pdf_as]), None))
    return select(names)


def known_names(session: Session, tenant_id: UUID) -> set[str]:
    """The names in the store that a row of this organisation knows."""
    of_cases = session.scalars(select(Document.stored_as).where(Document.tenant_id == tenant_id))
    of_exports = session.scalars(select(TenantExport.parts).where(TenantExport.tenant_id == tenant_id))
    of_dossiers = session.scalars(_kept_for_dossiers().where(Dossier.tenant_id == tenant_id))
    return {name for name in (*of_cases, *of_dossiers, *chain.from_iterable(of_exports)) if name}


def _to_scan(case_id: UUID, file_id: UUID) -> JobDraft:
    return JobDraft(SCAN, f"scan:{file_id}", {"file": str(file_id)}, case_id, max_attempts=SCAN_TRIES)


def mail_name(now: datetime) -> str:
    """What a mail is called that was put with a case at this instant."""
    return f"mail-{now:%Y%m%d-%H%M}.eml"


class Files:
    """What the engine keeps files with (`cases.act.KeepsFiles`)."""

    def __init__(self, store: Store, scanner: Scanner | None = None) -> None:
        self.store = store
        self.scanner = scanner

    def name_of(self, name: str, data: bytes) -> str:
        """The name a file will go by here. Refused: `file_empty`, `file_too_large`, `file_not_allowed`."""
        return sort_of(name, data).name

    def keep(
        self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID, name: str, data: bytes,
        now: datetime,
    ) -> None:
        """Seal a file and put it away. What is left when the transaction fails is swept. Refused: `too_many_files`."""
        held = select(func.count()).where(Document.tenant_id == tenant_id, Document.case_id == case_id)
        if (session.scalar(held) or 0) >= MOST_FILES_IN_A_CASE:
            raise refused("too_many_files", most=str(MOST_FILES_IN_A_CASE))
        self._put(session, keyring, tenant_id, case_id, file_id, sort_of(name, data), data, now)

    def _put(
        self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID, sort: Sort,
        data: bytes, now: datetime,
    ) -> None:
        sealer = keyring.for_case(tenant_id, case_id)
        row = Document(tenant_id=tenant_id, id=file_id, case_id=case_id, media_type=sort.media_type, size=len(data))
        row.stored_as = self.store.put(tenant_id, sealer.seal(data, table="document", column="data", row=file_id))
        crash_point("web.file_put")
        row.name = sealer.seal(sort.name, table="document", column="name", row=file_id)
        row.added_at = row.scan_at = now
        row.scan = (Scan.WAITING if self.scanner else Scan.UNSEEN).value
        session.add(row)
        session.flush()
        if self.scanner:
            outbox.enqueue_all(session, [_to_scan(case_id, file_id)])

    def keep_mail(
        self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID, raw: bytes,
        now: datetime,
    ) -> None:
        """Put a mail away with the case as it arrived, in whole. No upload can be of this sort."""
        self._put(session, keyring, tenant_id, case_id, file_id, Sort(mail_name(now), MAIL), raw, now)

    def read(self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID) -> Download:
        """A file of this case, opened. Who may have it is the caller's to know.

        NotFound: none such, or erased. Refused: `file_held` until it was looked at for viruses, or `file_infected`.
        """
        row = session.get(Document, (tenant_id, file_id))
        if row is None or row.case_id != case_id:
            raise NotFound("file")
        if self._state(row.scan) in (Scan.WAITING, Scan.INFECTED):
            raise refused("file_held" if row.scan != Scan.INFECTED else "file_infected")
        return self.opened(keyring, row)

    def opened(self, keyring: Keyring, row: Document) -> Download:
        """A file whatever the scanner said or will say. NotFound: erased, or there is nothing in the store."""
        tenant_id, case_id, file_id = row.tenant_id, row.case_id, row.id
        if row.stored_as is None:
            raise NotFound("file")
        sealer = keyring.for_case(tenant_id, case_id)
        name = sealer.unseal(row.name, table="document", column="name", row=file_id)
        sealed = self.store.get(tenant_id, row.stored_as)
        data = sealer.unseal_bytes(sealed, table="document", column="data", row=file_id)
        if isinstance(name, Erased) or isinstance(data, Erased):
            raise NotFound("file")
        return Download(case_id, name, row.media_type, data)

    def scans(self, session: Session, tenant_id: UUID, case_id: UUID) -> Mapping[UUID, str]:
        """What `Scan` says of each file of a case, in which nobody looked; a file is held while it is `waiting`."""
        mine = (Document.tenant_id == tenant_id, Document.case_id == case_id)
        rows = session.execute(select(Document.id, Document.scan).where(*mine))
        return {file_id: self._state(scan).value for file_id, scan in rows}

    def _state(self, scan: str) -> Scan:
        """With a scanner whatever was not looked at waits for it; without one nothing does."""
        if scan in (Scan.UNSEEN, Scan.WAITING):
            return Scan.WAITING if self.scanner else Scan.UNSEEN
        return Scan(scan)

    def ask_for_scans(self, session: Session, tenant_id: UUID, now: datetime) -> int:
        """Have files looked at that came when there was no scanner; how many. The caller commits."""
        mine = (Document.tenant_id == tenant_id, Document.scan == Scan.UNSEEN)
        found = select(Document.id).where(*mine, Document.stored_as.is_not(None)).limit(AT_ONCE)
        waiting = update(Document).where(*mine, Document.id.in_(found)).values(scan=Scan.WAITING.value, scan_at=now)
        rows = session.execute(waiting.returning(Document.case_id, Document.id)).all() if self.scanner else []
        return outbox.enqueue_all(session, [_to_scan(case_id, file_id) for case_id, file_id in rows])

    def erase(self, session: Session, tenant_id: UUID, case_id: UUID) -> None:
        """Remove every file of a case for good, with its row. Done twice it does no harm. The caller commits."""
        mine = (Document.tenant_id == tenant_id, Document.case_id == case_id)
        for name in filter(None, session.scalars(select(Document.stored_as).where(*mine)).all()):
            self.store.delete(tenant_id, name)
        session.execute(delete(Document).where(*mine))
        made = (Dossier.tenant_id == tenant_id, Dossier.case_id == case_id)
        for name in session.scalars(_kept_for_dossiers().where(*made)).all():
            self.store.delete(tenant_id, name)
        session.execute(delete(Dossier).where(*made))

    def sweep(self, session: Session, tenant_id: UUID, before: datetime) -> int:
        """Remove files written before this instant that no row knows; answers how many."""
        for made in (Dossier, TenantExport):
            session.execute(delete(made).where(made.tenant_id == tenant_id, made.asked_at < before - KEEP_DOSSIER))
        known = known_names(session, tenant_id)
        lost = [name for name in self.store.older_than(tenant_id, before) if name not in known]
        for name in lost:
            self.store.delete(tenant_id, name)
        return len(lost)

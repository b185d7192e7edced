"""Files of a case: taken in by what they are, sealed by the case's key, given back only as a download."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from weerklank.documents.model import Document, Dossier
from weerklank.documents.sorts import MAIL, MOST_FILES_IN_A_CASE, Sort, refused, sort_of
from weerklank.documents.store import Store
from weerklank.kernel.crash import crash_point
from weerklank.kernel.errors import NotFound
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased

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
    known = set(session.scalars(select(Document.stored_as).where(Document.tenant_id == tenant_id)))
    return known | set(session.scalars(_kept_for_dossiers().where(Dossier.tenant_id == tenant_id)))


def mail_name(now: datetime) -> str:
    """What a mail is called that was put with a case at this instant."""
    return f"mail-{now:%Y%m%d-%H%M}.eml"


class Files:
    """What the engine keeps files with (`cases.act.KeepsFiles`)."""

    def __init__(self, store: Store) -> None:
        self.store = store

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
        row.added_at = now
        session.add(row)
        session.flush()

    def keep_mail(
        self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID, raw: bytes,
        now: datetime,
    ) -> None:
        """Put a mail away with the case as it arrived, in whole. No upload can be of this sort."""
        self._put(session, keyring, tenant_id, case_id, file_id, Sort(mail_name(now), MAIL), raw, now)

    def read(self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID) -> Download:
        """A file of this case, opened. Who may have it is the caller's to know. NotFound: none such, or erased."""
        found = select(Document).where(
            Document.tenant_id == tenant_id, Document.case_id == case_id, Document.id == file_id
        )
        row = session.scalar(found)
        if row is None:
            raise NotFound("file")
        sealer = keyring.for_case(tenant_id, case_id)
        name = sealer.unseal(row.name, table="document", column="name", row=file_id)
        sealed = self.store.get(tenant_id, row.stored_as)
        data = sealer.unseal_bytes(sealed, table="document", column="data", row=file_id)
        if isinstance(name, Erased) or isinstance(data, Erased):
            raise NotFound("file")
        return Download(case_id, name, row.media_type, data)

    def erase(self, session: Session, tenant_id: UUID, case_id: UUID) -> None:
        """Remove every file of a case for good, with its row. Done twice it does no harm. The caller commits."""
        mine = (Document.tenant_id == tenant_id, Document.case_id == case_id)
        for name in session.scalars(select(Document.stored_as).where(*mine)).all():
            self.store.delete(tenant_id, name)
        session.execute(delete(Document).where(*mine))
        made = (Dossier.tenant_id == tenant_id, Dossier.case_id == case_id)
        for name in session.scalars(_kept_for_dossiers().where(*made)).all():
            self.store.delete(tenant_id, name)
        session.execute(delete(Dossier).where(*made))

    def sweep(self, session: Session, tenant_id: UUID, before: datetime) -> int:
        """Remove files written before this instant that no row knows; answers how many."""
        session.execute(delete(Dossier).where(Dossier.tenant_id == tenant_id, Dossier.asked_at < before - KEEP_DOSSIER))
        known = known_names(session, tenant_id)
        lost = [name for name in self.store.older_than(tenant_id, before) if name not in known]
        for name in lost:
            self.store.delete(tenant_id, name)
        return len(lost)

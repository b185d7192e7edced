"""The tables of files, and of files made up of a whole case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.cases.model import of_case
from weerklank.kernel.database import Base, TenantOwned


class Document(TenantOwned, Base):
    """A file of a case: its bytes lie sealed in the store under `stored_as`; its name is sealed by the case's key."""

    __tablename__ = "document"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    stored_as: Mapped[str]
    name: Mapped[bytes]
    media_type: Mapped[str]
    size: Mapped[int]
    added_at: Mapped[datetime]


class DossierState(StrEnum):
    """waiting: a worker will make it. ready: it can be saved. failed: it could not be made; ask for it anew."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Dossier(TenantOwned, Base):
    """The file of a case made up for somebody, found again by who made it (None: the complainant) until it is swept.

    `choice` (for whom, why, what goes along) is sealed by the case's key, as are the two files in the store. `done` of
    `total` files are in it so far.
    """

    __tablename__ = "dossier"
    __table_args__ = (of_case(),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    made_by: Mapped[UUID | None]
    language: Mapped[str]
    choice: Mapped[bytes]
    state: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    zip_as: Mapped[str | None]
    pdf_as: Mapped[str | None]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

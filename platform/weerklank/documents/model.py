"""The tables of files, and of files made up of a whole case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.cases.model import of_case
from weerklank.kernel.database import Base, TenantOwned


class Scan(StrEnum):
    """Whether a file was looked at for viruses, at `Document.scan_at`.

    unseen: nobody asked for it, since there was no scanner. waiting: it will be looked at. clean: nothing was found.
    infected: something was, and its bytes are gone.
    """

    UNSEEN = "unseen"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"


class Document(TenantOwned, Base):
    """A file of a case: its bytes lie sealed in the store under `stored_as` (None: no more, or they never came here);
    its name is sealed by the case's key."""

    __tablename__ = "document"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    stored_as: Mapped[str | None]
    name: Mapped[bytes]
    media_type: Mapped[str]
    size: Mapped[int]
    added_at: Mapped[datetime]
    scan: Mapped[str] = mapped_column(server_default=Scan.UNSEEN.value)
    scan_at: Mapped[datetime | None]


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


class ExportState(StrEnum):
    """asked: a second person has to agree. making: a worker makes it. ready: it can be saved. stopped: somebody who
    was told said no. failed: it could not be made; ask for it anew."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


class TenantExport(TenantOwned, Base):
    """An export of the whole organisation. `halves` are what the passphrases of both people became, sealed by the
    organisation's key, gone once the file is made; `parts` name the pieces of the sealed file in the store, in order.
    """

    __tablename__ = "tenant_export"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    agreed_by: Mapped[UUID | None]
    agreed_at: Mapped[datetime | None]
    halves: Mapped[bytes | None]
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int] = mapped_column(server_default="0")
    parts: Mapped[list[Any]] = mapped_column(server_default="[]")
    ready_at: Mapped[datetime | None]

"""Making the export of an organisation: in pieces into the store, with progress, sealed on the way."""

from __future__ import annotations

import io
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.backup.asking import opened, progress
from weerklank.backup.export import export
from weerklank.documents.model import ExportState, TenantExport
from weerklank.documents.store import Store
from weerklank.kernel import outbox
from weerklank.kernel.errors import BadSurroundings, NotFound
from weerklank.kernel.outbox import Job

PIECE = 8 << 20
TELL_EVERY = 200
log = structlog.get_logger()


class Stopped(Exception):
    """Somebody stopped it meanwhile."""


def make_export(platform: Platform, job: Job, now: datetime) -> None:
    """The job. What can never be made (stopped, a trail that is not whole) is shown as failed; the rest comes again."""
    export_id = UUID(job.args["export"])
    parts: list[str] | None = None
    try:
        parts = _made(platform, job.tenant_id, export_id, now)
    except (NotFound, Stopped, BadSurroundings) as failed:
        log.warning("export_not_made", error=type(failed).__name__)
    with platform.tenant(job.tenant_id) as session:
        row = session.get(TenantExport, (job.tenant_id, export_id))
        if row is not None and row.state == ExportState.MAKING:
            row.state = (ExportState.FAILED if parts is None else ExportState.READY).value
            row.parts, row.halves, row.ready_at = parts or [], None, now
        outbox.done(session, job)
        session.commit()


def _made(platform: Platform, tenant_id: UUID, export_id: UUID, now: datetime) -> list[str]:
    with platform.tenant(tenant_id) as session:
        row = session.get(TenantExport, (tenant_id, export_id))
        if row is None:
            raise NotFound("export")
        halves = opened(platform.keyring, row)

    def tell(done: int, total: int) -> None:
        if done % TELL_EVERY == 0 or done == total:
            with platform.tenant(tenant_id) as session:
                if not progress(session, tenant_id, export_id, done, total):
                    raise Stopped
                session.commit()

    pieces = Pieces(platform.files.store, tenant_id)
    export(platform, tenant_id, pieces, halves, now, tell)
    return pieces.all()


class Pieces(io.RawIOBase):
    """What is written goes into the store piece by piece. What a job that broke off left there is swept."""

    def __init__(self, store: Store, tenant_id: UUID) -> None:
        self.store, self.tenant_id = store, tenant_id
        self.waiting, self.names = bytearray(), list[str]()

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # bytes are what the box writes
        self.waiting += data
        if len(self.waiting) >= PIECE:
            self.put()
        return len(data)

    def put(self) -> None:
        self.names.append(self.store.put(self.tenant_id, bytes(self.waiting)))
        self.waiting.clear()

    def all(self) -> list[str]:
        """The names of the pieces, once everything was written."""
        self.put()
        return self.names


def mark_not_made(session: Session, tenant_id: UUID, export_id: UUID) -> None:
    """The job was given up. The caller commits."""
    row = session.get(TenantExport, (tenant_id, export_id))
    if row is not None and row.state == ExportState.MAKING:
        row.state, row.halves = ExportState.FAILED.value, None

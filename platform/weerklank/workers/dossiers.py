"""Making up the file of a case: gathered as its maker may see it now, with progress, sealed, found again by him."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.documents.dossier.asking import choice_of
from weerklank.documents.dossier.bundle import TooLarge, bundle
from weerklank.documents.dossier.contents import Choice, Contents, Enclosed, own_contents, staff_contents
from weerklank.documents.model import Dossier, DossierState
from weerklank.identity.people import names
from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound
from weerklank.kernel.outbox import Job

log = structlog.get_logger()


def make_dossier(platform: Platform, job: Job, now: datetime) -> None:
    """The job. What can never be made (no longer to be seen, too large) is shown as failed; the rest is tried again."""
    dossier_id = UUID(job.args["dossier"])
    try:
        zipped, pdf = _made(platform, job.tenant_id, dossier_id, now)
    except (NotFound, TooLarge) as failed:
        log.warning("dossier_not_made", file_id=str(dossier_id), error=type(failed).__name__)
        _finish(platform, job, dossier_id, None, now)
        return
    _finish(platform, job, dossier_id, (zipped, pdf), now)


def _made(platform: Platform, tenant_id: UUID, dossier_id: UUID, now: datetime) -> tuple[bytes, bytes]:
    with platform.tenant(tenant_id) as session:
        row = session.get(Dossier, (tenant_id, dossier_id))
        if row is None:
            raise NotFound("dossier")
        case_id, contents = row.case_id, _contents(platform, session, row, now)
        row.done, row.total = 0, len(contents.files)
        session.commit()

    def read(enclosed: Enclosed) -> tuple[str, bytes]:
        with platform.tenant(tenant_id) as session:
            found = platform.files.read(session, platform.keyring, tenant_id, case_id, enclosed.id)
            session.get_one(Dossier, (tenant_id, dossier_id)).done += 1
            session.commit()
        return found.name, found.data

    return bundle(contents, read)


def _contents(platform: Platform, session: Session, row: Dossier, now: datetime) -> Contents:
    if row.made_by is None:
        return own_contents(session, platform.engine, row.tenant_id, row.case_id, row.language, now)
    kept = choice_of(platform.keyring, row)
    left_out = frozenset(UUID(str(each)) for each in kept["left_out"])
    choice = Choice(str(kept["to"]), frozenset(map(str, kept["parts"])), left_out)
    by = names(session, platform.keyring, row.tenant_id, [row.made_by]).get(row.made_by, "")
    return staff_contents(
        session, platform.engine, row.tenant_id, row.case_id, row.made_by, by, choice, row.language, now,
        called_as=str(kept["called"]),
    )  # fmt: skip


def _finish(
    platform: Platform, job: Job, dossier_id: UUID, made: tuple[bytes, bytes] | None, now: datetime
) -> None:
    with platform.tenant(job.tenant_id) as session:
        row = session.get(Dossier, (job.tenant_id, dossier_id))
        if row is not None and made is not None:
            sealer, store = platform.keyring.for_case(job.tenant_id, row.case_id), platform.files.store
            zipped, pdf = (
                sealer.seal(data, table="dossier", column=column, row=dossier_id)
                for data, column in zip(made, ("zip", "pdf"), strict=True)
            )
            row.zip_as, row.pdf_as = store.put(job.tenant_id, zipped), store.put(job.tenant_id, pdf)
        if row is not None:
            row.state, row.ready_at = (DossierState.READY if made else DossierState.FAILED).value, now
        outbox.done(session, job)
        session.commit()

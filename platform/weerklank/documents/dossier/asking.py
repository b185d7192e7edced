"""Asking for a file to be made up, and finding it again: only for who asked, while he may see the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.actions.copy import MakeDossier
from weerklank.cases.doors import perform
from weerklank.documents.dossier.contents import COMPLAINANT, PARTS, Choice
from weerklank.documents.files import Download, Files
from weerklank.documents.model import Dossier, DossierState
from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased
from weerklank.policy.events import Actor

MAKE = "make_dossier"  # the kind of job; its args are {"dossier": id}
ZIP, PDF = "application/zip", "application/pdf"


@dataclass(frozen=True)
class DossierView:
    """A file as its page shows it: for whom, why, how far."""

    id: UUID
    to: str
    reason: str
    state: DossierState
    done: int
    total: int
    asked_at: datetime


def ask_for(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, choice: Choice, called: str, reason: str,
    language: str, actor: Actor, now: datetime,
) -> UUID:
    """Record who wants it for whom, and let a worker make it. Raises as `doors.perform`. The caller commits."""
    dossier_id = new_id()
    parts = tuple(name for name in PARTS if name in choice.parts)
    action = MakeDossier(dossier_id, choice.to, parts, reason, called)
    perform(session, engine, tenant_id, case_id, action, actor, now)
    kept = {
        "to": choice.to, "called": called, "reason": reason, "parts": list(parts),
        "left_out": [str(each) for each in sorted(choice.left_out)],
    }  # fmt: skip
    row = Dossier(
        tenant_id=tenant_id, id=dossier_id, case_id=case_id, made_by=actor.id, language=language, asked_at=now,
        state=DossierState.WAITING.value, done=0, total=0,
    )  # fmt: skip
    sealer = engine.keyring.for_case(tenant_id, case_id)
    row.choice = sealer.seal_json(kept, table="dossier", column="choice", row=dossier_id)
    session.add(row)
    session.flush()
    job = {"dossier": str(dossier_id)}
    outbox.enqueue(session, MAKE, dedupe_key=f"dossier:{dossier_id}", args=job, case_id=case_id, max_attempts=3)
    return dossier_id


def ask_for_own(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, language: str, actor: Actor, now: datetime
) -> UUID:
    """The complainant's own copy."""
    return ask_for(session, engine, tenant_id, case_id, Choice(COMPLAINANT), "", "", language, actor, now)


def asked(
    session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, person: UUID | None
) -> tuple[DossierView, ...]:
    """What this person (None: the complainant) had made of this case, newest first."""
    mine = Dossier.made_by == person if person else Dossier.made_by.is_(None)
    query = select(Dossier).where(Dossier.tenant_id == tenant_id, Dossier.case_id == case_id, mine)
    rows = session.scalars(query.order_by(Dossier.asked_at.desc(), Dossier.id).limit(20))
    return tuple(_view(keyring, row) for row in rows)


def choice_of(keyring: Keyring, row: Dossier) -> dict[str, Any]:
    """What was chosen, opened; nothing once the case was destroyed."""
    sealer = keyring.for_case(row.tenant_id, row.case_id)
    kept = sealer.unseal_json(row.choice, table="dossier", column="choice", row=row.id)
    return {} if isinstance(kept, Erased) else kept


def _view(keyring: Keyring, row: Dossier) -> DossierView:
    kept = choice_of(keyring, row)
    called, reason = str(kept.get("called") or kept.get("to", "")), str(kept.get("reason", ""))
    return DossierView(row.id, called, reason, DossierState(row.state), row.done, row.total, row.asked_at)


def read(
    session: Session, keyring: Keyring, files: Files, tenant_id: UUID, case_id: UUID, dossier_id: UUID,
    person: UUID | None, kind: str, reference: str,
) -> Download:
    """The ZIP or the PDF, to be saved. NotFound: none such, not this person's, or not ready."""
    row = session.get(Dossier, (tenant_id, dossier_id))
    if row is None or row.case_id != case_id or row.made_by != person:
        raise NotFound("dossier")
    stored_as, ending = (row.zip_as, "zip") if kind == ZIP else (row.pdf_as, "pdf")
    if stored_as is None:
        raise NotFound("dossier")
    sealer = keyring.for_case(tenant_id, case_id)
    data = sealer.unseal_bytes(
        files.store.get(tenant_id, stored_as), table="dossier", column=ending, row=dossier_id
    )
    if isinstance(data, Erased):
        raise NotFound("dossier")
    return Download(case_id, f"{reference}.{ending}", kind, data)

"""Asking for an export of the whole organisation: two people, each with a passphrase, and all who should know told.

Being administrator opens no complaint, and a post that sees every case opens none that its holder is kept out of. The
one asks, the other agrees; the file opens only by both passphrases.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.audit.office import Change, note
from weerklank.backup.box import LEAST, Half, half_of
from weerklank.cases.walls import posts_that_see_all, reader
from weerklank.correspondence import office
from weerklank.documents.model import ExportState, TenantExport
from weerklank.documents.store import Store
from weerklank.identity.model import Admin
from weerklank.identity.people import directory
from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased
from weerklank.tenancy.policies import in_force, policy_of

EXPORT = "export"  # the kind of job; its args are {"export": id}
OPEN = (ExportState.ASKED.value, ExportState.MAKING.value)
SEALED = {"table": "tenant_export", "column": "halves"}


@dataclass(frozen=True)
class Asking:
    """Who looks at the page: whether he may ask, and whether he may agree to what another asked for."""

    person_id: UUID
    manages: bool
    sees_all: bool


def asking(session: Session, tenant_id: UUID, person_id: UUID, *, manages: bool, today: date) -> Asking:
    """What somebody may do here, by the posts of this legal day. NotFound for who may do nothing."""
    sees_all = reader(session, tenant_id, person_id, today).sees_all
    if not manages and not sees_all:
        raise NotFound("export")
    return Asking(person_id, manages, sees_all)


def newest(session: Session, tenant_id: UUID) -> TenantExport | None:
    """The export that was asked for last."""
    query = select(TenantExport).where(TenantExport.tenant_id == tenant_id)
    return session.scalar(query.order_by(TenantExport.asked_at.desc(), TenantExport.id).limit(1))


def ask(session: Session, platform: Platform, tenant_id: UUID, who: Asking, passphrase: str, now: datetime) -> None:
    """Ask for it with the first passphrase. Refused: `export_open`, `passphrase_short`. The caller commits."""
    if not who.manages:
        raise NotFound("export")
    last = newest(session, tenant_id)
    if last is not None and last.state in OPEN:
        raise Refused("export_open")
    row = TenantExport(tenant_id=tenant_id, id=new_id(), state=ExportState.ASKED.value)
    row.asked_by, row.asked_at, row.done, row.total, row.parts = who.person_id, now, 0, 0, []
    row.halves = sealed(platform.keyring, row, [half(passphrase)])
    session.add(row)
    change = written(session, platform, tenant_id, who, Change.EXPORT_ASKED, now)
    office.tell(session, change, concerned(session, tenant_id, now.date()) - {who.person_id})
    session.flush()


def agree(session: Session, platform: Platform, tenant_id: UUID, who: Asking, passphrase: str, now: datetime) -> None:
    """Agree to it with the second passphrase; a worker makes it. NotFound: not asked for, or not his to agree to.

    Refused: `passphrase_short`. The caller commits.
    """
    row = newest(session, tenant_id)
    if row is None or row.state != ExportState.ASKED or not may_agree(who, row):
        raise NotFound("export")
    halves = [*opened(platform.keyring, row), half(passphrase)]
    row.halves, row.state = sealed(platform.keyring, row, halves), ExportState.MAKING.value
    row.agreed_by, row.agreed_at = who.person_id, now
    written(session, platform, tenant_id, who, Change.EXPORT_AGREED, now)
    args = {"export": str(row.id)}
    outbox.enqueue(session, EXPORT, dedupe_key=f"export:{row.id}", args=args, max_attempts=3)
    session.flush()


def may_agree(who: Asking, row: TenantExport) -> bool:
    """Somebody else, who may see every case as it is."""
    return who.sees_all and who.person_id != row.asked_by


def stop(session: Session, platform: Platform, tenant_id: UUID, who: Asking, now: datetime) -> None:
    """Whoever is told of it can stop it, also while it is made or once it is there. The caller commits."""
    row = newest(session, tenant_id)
    if row is None or row.state in (ExportState.STOPPED, ExportState.FAILED):
        raise NotFound("export")
    row.state, row.halves, row.parts = ExportState.STOPPED.value, None, []  # what lies in the store is swept
    written(session, platform, tenant_id, who, Change.EXPORT_STOPPED, now)
    session.flush()


def save(session: Session, platform: Platform, tenant_id: UUID, who: Asking, now: datetime) -> Iterator[bytes]:
    """The sealed file, piece by piece, for either of the two. NotFound: there is none. The caller commits."""
    row = newest(session, tenant_id)
    if row is None or row.state != ExportState.READY or who.person_id not in (row.asked_by, row.agreed_by):
        raise NotFound("export")
    written(session, platform, tenant_id, who, Change.EXPORT_TAKEN, now)
    return pieces(platform.files.store, tenant_id, list(row.parts))


def pieces(store: Store, tenant_id: UUID, parts: list[str]) -> Iterator[bytes]:
    for name in parts:
        yield store.get(tenant_id, name)


def concerned(session: Session, tenant_id: UUID, today: date) -> set[UUID]:
    """All administrators, and who holds a post that sees every case."""
    people = set(session.scalars(select(Admin.person_id).where(Admin.tenant_id == tenant_id, Admin.ended_at.is_(None))))
    held = directory(session, tenant_id, today).posts
    policy = policy_of(in_force(session, tenant_id, today))
    return people.union(*(held.get(post, ()) for post in posts_that_see_all(policy)))


def written(session: Session, platform: Platform, tenant_id: UUID, who: Asking, change: Change, now: datetime) -> int:
    return note(session, platform.keyring, platform.engine.audit_key, tenant_id, who.person_id, change, now)


def half(passphrase: str) -> Half:
    if len(passphrase) < LEAST:
        raise Refused("passphrase_short", {"least": str(LEAST)})
    return half_of(passphrase)


def sealed(keyring: Keyring, row: TenantExport, halves: list[Half]) -> bytes:
    """What the passphrases became; the words themselves are kept nowhere."""
    kept = [[base64.b64encode(part).decode() for part in each] for each in halves]
    return keyring.for_tenant(row.tenant_id).seal(json.dumps(kept), **SEALED, row=row.id)


def opened(keyring: Keyring, row: TenantExport) -> list[Half]:
    """NotFound once they are gone."""
    kept = keyring.for_tenant(row.tenant_id).unseal(row.halves, **SEALED, row=row.id) if row.halves else None
    if kept is None or isinstance(kept, Erased):
        raise NotFound("export")
    return [(base64.b64decode(salt), base64.b64decode(key)) for salt, key in json.loads(kept)]


def progress(session: Session, tenant_id: UUID, export_id: UUID, done: int, total: int) -> bool:
    """Keep how far it is; False once it was stopped. The caller commits."""
    mine = (TenantExport.tenant_id == tenant_id, TenantExport.id == export_id)
    kept = update(TenantExport).where(*mine, TenantExport.state == ExportState.MAKING.value)
    return session.scalar(kept.values(done=done, total=total).returning(TenantExport.id)) is not None


def note_by_operator(platform: Platform, tenant_id: UUID, now: datetime) -> None:
    """Whoever runs the platform makes an export from the command line: the organisation can see that."""
    with platform.tenant(tenant_id) as session:
        note(session, platform.keyring, platform.engine.audit_key, tenant_id, None, Change.EXPORTED, now)
        session.commit()

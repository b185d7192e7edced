"""What only replaying can tell: each open case is made anew from its events and laid beside its rows.

One snapshot a page, so that a case somebody works on is never half old and half new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine as Database
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weerklank.audit.verify import verify
from weerklank.cases.act import Engine, Opened, open_case
from weerklank.cases.clocks import differences
from weerklank.cases.model import CaseFile, Deadline, Message, MessageKind
from weerklank.doctor.files import files_of_cases, ownerless_files
from weerklank.doctor.findings import Finding, Sort
from weerklank.documents.files import Files
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.events import Kind

PAGE = 200
RECEIVED, SENT = "received", "sent."
THOROUGH = (
    Sort.ACKNOWLEDGEMENT, Sort.DEADLINE, Sort.MESSAGE_MISSING, Sort.KEY_MISSING, Sort.FILE_MISSING,
    Sort.FILE_OWNERLESS, Sort.TRAIL,
)  # fmt: skip


def look_thoroughly(
    database: Database, engine: Engine, files: Files, folder: Path, tenant_id: UUID, now: datetime
) -> Iterator[Finding]:
    """Everything that replaying finds in this organisation; `folder` holds what the seals' witness wrote."""
    still = database.execution_options(isolation_level="REPEATABLE READ")
    yield from _of_cases(still, engine, tenant_id, now)
    with open_session(still) as session, tenant_scope(session, tenant_id):
        yield from files_of_cases(session, files, tenant_id)
        yield from ownerless_files(session, files, tenant_id, now)
        yield from trail(session, engine, folder, tenant_id)


def _of_cases(still: Database, engine: Engine, tenant_id: UUID, now: datetime) -> Iterator[Finding]:
    after: UUID | None = UUID(int=0)
    while after:
        with open_session(still) as session, tenant_scope(session, tenant_id):
            page = _open_cases(session, tenant_id, after)
            yield from keys_missing(engine, tenant_id, page)
            for case_id in page:
                opened = open_case(session, tenant_id, case_id, now)
                yield from of_case(session, tenant_id, opened)
            after = page[-1] if page else None


def _open_cases(session: Session, tenant_id: UUID, after: UUID) -> Sequence[UUID]:
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.closed_at.is_(None), CaseFile.id > after)
    return session.scalars(select(CaseFile.id).where(*mine).order_by(CaseFile.id).limit(PAGE)).all()


def keys_missing(engine: Engine, tenant_id: UUID, cases: Sequence[UUID]) -> Iterator[Finding]:
    """Open cases that nobody can read any more, though nobody destroyed them."""
    for case_id, sealer in engine.keyring.for_cases(tenant_id, cases).items():
        if sealer.cipher is None:
            yield Finding(Sort.KEY_MISSING, str(case_id), case_id)


def of_case(session: Session, tenant_id: UUID, opened: Opened) -> Iterator[Finding]:
    """What of one open case does not follow from its events."""
    case_id, sent = opened.case.id, _sent_messages(session, tenant_id, opened.case.id)
    for about in acknowledgements_missing(session, opened, {name for name, _seq in sent}):
        yield Finding(Sort.ACKNOWLEDGEMENT, f"{case_id}:{about}", case_id, opened.case.received_at)
    for term in sorted({one.term for one in differences(session, opened)}):
        yield Finding(Sort.DEADLINE, f"{case_id}:{term}", case_id)
    for event in opened.stored:
        if event.kind == Kind.SENT and sent[event.open["message"], event.seq] < len(event.open["to"]):
            yield Finding(Sort.MESSAGE_MISSING, f"{case_id}:{event.seq}", case_id, event.at)


def _sent_messages(session: Session, tenant_id: UUID, case_id: UUID) -> Counter[tuple[str, int]]:
    """How many messages there are by name and by the event that sent them."""
    columns = select(Message.name, Message.seq, func.count()).group_by(Message.name, Message.seq)
    mine = (Message.tenant_id == tenant_id, Message.case_id == case_id, Message.kind == MessageKind.POLICY)
    return Counter({(name, seq): count for name, seq, count in session.execute(columns.where(*mine))})


def acknowledgements_missing(session: Session, opened: Opened, sent: set[str]) -> Iterator[str]:
    """The terms that run from receipt to a message, where that message neither went out nor is any more due.

    That is what an acknowledgement is to us, whatever the procedure calls it: what the complainant hears first.
    """
    stored = select(Deadline.term).where(
        Deadline.tenant_id == opened.file.tenant_id, Deadline.case_id == opened.case.id
    )
    due = set(session.scalars(stored.where(Deadline.state.in_((ClockState.RUNNING, ClockState.SUSPENDED)))))
    for clock in clocks(opened.world, opened.case):
        term = opened.world.policy.terms[clock.term]
        messages = {until.removeprefix(SENT) for until in term.until if until.startswith(SENT)}
        asked = RECEIVED in term.from_ and clock.state is not ClockState.LAPSED
        if asked and messages and clock.term not in due and not messages & sent:
            yield clock.term


def trail(session: Session, engine: Engine, folder: Path, tenant_id: UUID) -> Iterator[Finding]:
    """What of the chains and their seals does not prove true."""
    for fault in verify(session, engine.audit_key, folder, tenant_id, engine.old_audit_keys).findings:
        where = f"{fault.case_id or 'seal'}:{fault.number}"
        yield Finding(Sort.TRAIL, f"{fault.fault.name.lower()}:{where}", fault.case_id)

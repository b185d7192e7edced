"""The index: keyed tokens of what is written in each case, made anew whenever a seal says that a case went on.

Who has the database alone learns how often some unknown word occurs, and no more. The sealer names every case that
changed, so that no act pays for the index, and nothing that was recorded can be left out of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, Session

from weerklank.audit.model import Seal, SealEntry
from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.model import CaseFile, table_of
from weerklank.cases.search.texts import all_texts
from weerklank.cases.search.words import tokens_of
from weerklank.kernel import outbox
from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.keys import Keyring

INDEX = "index_words"  # the kind of job; its args are {"seal": the newest one}
TOKEN_BYTES = 8
AT_ONCE = 50  # seals in one go

REMOVE = text("DELETE FROM keyed_token WHERE tenant_id = :tenant AND case_id = :case AND token <> ALL(:tokens)")
ADD = text(
    "INSERT INTO keyed_token (tenant_id, token, case_id)"
    " SELECT :tenant, token, :case FROM unnest(CAST(:tokens AS bytea[])) AS new (token) ON CONFLICT DO NOTHING"
)


class SearchCursor(TenantOwned, Base):
    """Up to which seal an organisation's cases are in the index."""

    __tablename__ = "search_cursor"

    seal_no: Mapped[int]


def ask_to_index(session: Session, tenant_id: UUID) -> None:
    """Write a job when cases went on since the index was made. The caller commits."""
    newest = session.scalar(select(func.max(Seal.no)).where(Seal.tenant_id == tenant_id)) or 0
    if newest > indexed_up_to(session, tenant_id):
        outbox.enqueue(session, INDEX, dedupe_key=f"index:{newest}", args={"seal": newest})


def indexed_up_to(session: Session, tenant_id: UUID) -> int:
    """The number of the last seal whose cases are in the index; 0 before the first."""
    return session.scalar(select(SearchCursor.seal_no).where(SearchCursor.tenant_id == tenant_id)) or 0


def changed_since(session: Session, tenant_id: UUID, seal_no: int) -> tuple[Sequence[UUID], int]:
    """The cases that the seals after this one name, and the last seal of these: fifty at most.

    A seal names the histories of the organisation and of its reports as well, under their ids.
    """
    mine = (SealEntry.tenant_id == tenant_id, SealEntry.seal_no > seal_no, SealEntry.seal_no <= seal_no + AT_ONCE)
    is_case = (CaseFile.tenant_id == SealEntry.tenant_id, CaseFile.id == SealEntry.case_id)
    named = select(SealEntry.case_id).join(CaseFile, and_(*is_case)).where(*mine)
    cases = session.scalars(named.distinct()).all()
    last = session.scalar(select(func.max(SealEntry.seal_no)).where(*mine))
    return cases, last or seal_no


def move_cursor(session: Session, tenant_id: UUID, seal_no: int) -> None:
    """Note up to where the index is made. The caller commits."""
    row = postgresql.insert(table_of(SearchCursor)).values(tenant_id=tenant_id, seal_no=seal_no)
    session.execute(row.on_conflict_do_update(index_elements=["tenant_id"], set_={"seal_no": seal_no}))


def index_case(session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """Make the tokens of a case those of what is written in it now; none once it is destroyed. The caller commits.

    Whoever destroys it meanwhile waits, and takes away what is written here.
    """
    held = select(CaseFile.destroyed_at).where(CaseFile.tenant_id == tenant_id, CaseFile.id == case_id)
    if session.execute(held.with_for_update(read=True)).one().destroyed_at is not None:
        forget_words(session, tenant_id, case_id)
        return
    opened = open_case(session, tenant_id, case_id, now)
    words = tokens_of((opened.file.reference or "", *all_texts(read_words(engine, tenant_id, opened))))
    values = {"tenant": tenant_id, "case": case_id, "tokens": sorted(keyed(engine.keyring, tenant_id, words).values())}
    session.execute(REMOVE, values)
    session.execute(ADD, values)


def forget_words(session: Session, tenant_id: UUID, case_id: UUID) -> None:
    """Take a case out of the index. The caller commits."""
    session.execute(REMOVE, {"tenant": tenant_id, "case": case_id, "tokens": []})


def keyed(keyring: Keyring, tenant_id: UUID, words: Iterable[str]) -> dict[str, bytes]:
    """The token of each of these: a keyed hash that only this organisation's key can make."""
    key = hmac.digest(keyring.tenant_key(tenant_id), b"search", hashlib.sha256)
    return {word: hmac.digest(key, word.encode(), hashlib.sha256)[:TOKEN_BYTES] for word in words}

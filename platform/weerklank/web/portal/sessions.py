"""A complainant who gave a secret code, for as long as he goes on reading: an hour idle, a day at most."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from weerklank.identity.links import token_hash
from weerklank.kernel.ids import new_id, token
from weerklank.web.portal.model import ComplainantSession

IDLE = timedelta(hours=1)
ABSOLUTE = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)


def open_session(session: Session, tenant_id: UUID, case_id: UUID, now: datetime) -> str:
    """Let somebody read this case: answers the token for his cookie. Sessions that are over are cleared."""
    session.execute(delete(ComplainantSession).where(ComplainantSession.expires_at <= now))
    secret = token()
    row = ComplainantSession(tenant_id=tenant_id, id=new_id(), case_id=case_id, token_hash=token_hash(secret))
    row.created_at = row.seen_at = now
    row.expires_at = now + ABSOLUTE
    session.add(row)
    session.flush()
    return secret


def case_of(session: Session, secret: str, now: datetime) -> UUID | None:
    """The case this token may read, if it still may. That it was seen is written down at most every five minutes."""
    query = select(ComplainantSession).where(
        ComplainantSession.token_hash == token_hash(secret),
        ComplainantSession.ended_at.is_(None),
        ComplainantSession.expires_at > now,
        ComplainantSession.seen_at > now - IDLE,
    )
    row = session.scalar(query) if secret else None
    if row is None:
        return None
    if row.seen_at <= now - SEEN_EVERY:
        row.seen_at = now
    return row.case_id


def end_sessions_of(session: Session, case_id: UUID, now: datetime) -> None:
    """Whoever reads this case gives its code anew."""
    mine = (ComplainantSession.case_id == case_id, ComplainantSession.ended_at.is_(None))
    rows = update(ComplainantSession).where(*mine)
    session.execute(rows.values(ended_at=now))


def end_session(session: Session, secret: str, now: datetime) -> None:
    """He is done reading; the token opens nothing any more."""
    row = update(ComplainantSession).where(ComplainantSession.token_hash == token_hash(secret))
    session.execute(row.values(ended_at=now))

"""Those who run the platform. They belong to no organisation and have no way into one.

Operators are known by a user name they choose, so that the platform's own tables hold no name or address.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from weerklank.identity.links import token_hash
from weerklank.identity.login import (
    FAILURES_FORGOTTEN,
    MOST_FAILURES,
    Denied,
    begin_session,
    is_running,
    keep_seen,
    running_values,
)
from weerklank.identity.model import Operator, OperatorLink, OperatorSession
from weerklank.identity.passwords import check_password, hash_password, matches
from weerklank.kernel.errors import Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.ids import token as new_token

LINK_LASTS = timedelta(days=7)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


@dataclass(frozen=True)
class OperatorLoggedIn:
    """An operator's session, and the token that only its owner will have."""

    session: OperatorSession
    token: str


def make_operator_link(session: Session, now: datetime) -> str:
    """The token of a fresh link by which somebody becomes operator; earlier unused ones stop working."""
    session.execute(update(OperatorLink).where(OperatorLink.used_at.is_(None)).values(used_at=now))
    token = new_token()
    link = OperatorLink(id=new_id(), token_hash=token_hash(token), created_at=now, expires_at=now + LINK_LASTS)
    session.add(link)
    session.flush()
    return token


def needs_operator_link(session: Session, now: datetime) -> bool:
    """Whether nobody runs this platform yet and no link is waiting to be used."""
    if session.scalar(select(Operator.id).where(Operator.disabled_at.is_(None)).limit(1)):
        return False
    waiting = select(OperatorLink.id).where(OperatorLink.used_at.is_(None), OperatorLink.expires_at > now)
    return session.scalar(waiting.limit(1)) is None


def is_operator_link_open(session: Session, token: str, now: datetime) -> bool:
    """Whether the link could be used now."""
    return session.scalar(select(OperatorLink.id).where(*_usable(token, now))) is not None


def become_operator(session: Session, token: str, username: str, password: str, now: datetime) -> Operator:
    """Use the link up and make an operator. Refused: a bad or taken user name, a weak password, a spent link."""
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Refused("not_a_username")
    check_password(password, (username,))
    if session.scalar(select(Operator.id).where(Operator.username == username)):
        raise Refused("username_taken")
    used = update(OperatorLink).where(*_usable(token, now)).values(used_at=now).returning(OperatorLink.id)
    if session.scalar(used) is None:
        raise Refused("link_spent")
    operator = Operator(
        id=new_id(), username=username, password_hash=hash_password(password), created_at=now, failures=0
    )
    session.add(operator)
    session.flush()
    return operator


def _usable(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OperatorLink.token_hash == token_hash(token),
        OperatorLink.used_at.is_(None),
        OperatorLink.expires_at > now,
    )


def log_in_operator(session: Session, username: str, password: str, now: datetime) -> OperatorLoggedIn | Denied:
    """Let an operator in. An unknown name takes as long as a wrong password; ten failures shut it fifteen minutes."""
    query = select(Operator).where(Operator.username == username.strip().lower(), Operator.disabled_at.is_(None))
    operator = session.scalar(query.with_for_update())
    if operator is not None and _failed_too_often(operator, now):
        return Denied.TOO_OFTEN
    if not matches(operator.password_hash if operator else None, password) or operator is None:
        _count_failure(operator, now)
        return Denied.WRONG
    operator.failures, operator.failing_since = 0, None
    row = OperatorSession(operator_id=operator.id)
    return OperatorLoggedIn(row, begin_session(session, row, now))


def _failed_too_often(operator: Operator, now: datetime) -> bool:
    recent = operator.failing_since is not None and operator.failing_since > now - FAILURES_FORGOTTEN
    return recent and operator.failures >= MOST_FAILURES


def _count_failure(operator: Operator | None, now: datetime) -> None:
    if operator is None:
        return
    if operator.failing_since is None or operator.failing_since <= now - FAILURES_FORGOTTEN:
        operator.failures, operator.failing_since = 0, now
    operator.failures += 1


def operator_session_of(session: Session, token: str, now: datetime) -> tuple[OperatorSession, Operator] | None:
    """Whose token this is, if the session still runs."""
    query = select(OperatorSession, Operator).join(Operator, Operator.id == OperatorSession.operator_id)
    query = query.where(*is_running(OperatorSession), Operator.disabled_at.is_(None))
    row = session.execute(query, running_values(token, now)).one_or_none()
    if row is None:
        return None
    keep_seen(row[0], now)
    return row[0], row[1]


def log_out_operator(session: Session, operator_session: OperatorSession, now: datetime) -> None:
    """End this session."""
    operator_session.revoked_at = now

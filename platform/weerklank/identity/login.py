"""Logging in and out. Sessions are rows, bound to one organisation, and end when somebody says so.

A refusal is answered, not raised: the door commits either way, so that failed attempts are counted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Select, bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from weerklank.identity.links import token_hash, use_link
from weerklank.identity.model import Admin, Credential, LoginFailure, OperatorSession, Person, Purpose, StaffSession
from weerklank.identity.passwords import HASHER, check_password, hash_password, matches
from weerklank.identity.people import is_admin, normal_email, rename
from weerklank.identity.second_factor import check_code, has_second_factor
from weerklank.kernel.database import Instant
from weerklank.kernel.errors import Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.ids import token as new_token
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import Tenant

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)
MOST_FAILURES = 10
FAILURES_FORGOTTEN = timedelta(minutes=15)
WITH_PASSWORD = (Purpose.INVITE, Purpose.ADMIN, Purpose.RESET)


class Denied(StrEnum):
    """Why somebody was not let in. `WRONG` says no more than that: not whether the address is known."""

    WRONG = "wrong"
    CODE_NEEDED = "code_needed"
    TOO_OFTEN = "too_often"
    CLOSED = "closed"


@dataclass(frozen=True)
class LoggedIn:
    """A session, and the token that only its owner will have."""

    session: StaffSession
    token: str


def log_in(
    session: Session, keyring: Keyring, tenant: Tenant, email: str, password: str, code: str | None, now: datetime
) -> LoggedIn | Denied:
    """Let somebody in by address and password, and by the code of the second factor if he has one.

    An unknown address takes as long as a wrong password. After ten failures within fifteen minutes the address
    is not let in, known or not, whatever the password.
    """
    if not tenant.lets_staff_in:
        return Denied.CLOSED
    hashed = keyring.address_hash(tenant.id, _comparable(email))
    if failures(session, hashed, now) >= MOST_FAILURES:
        return Denied.TOO_OFTEN
    person, credential = _found(session, hashed)
    if not matches(credential.password_hash if credential else None, password) or person is None or credential is None:
        count_failure(session, tenant.id, hashed, now)
        return Denied.WRONG
    if has_second_factor(credential):
        if not code:
            return Denied.CODE_NEEDED
        if not check_code(session, keyring, credential, code, now):
            count_failure(session, tenant.id, hashed, now)
            return Denied.WRONG
    session.execute(delete(LoginFailure).where(LoginFailure.email_hash == hashed))
    if HASHER.check_needs_rehash(credential.password_hash):
        credential.password_hash = hash_password(password)
    return start_session(session, person, now, second_factor=has_second_factor(credential))


def _comparable(email: str) -> str:
    try:
        return normal_email(email)
    except Refused:
        return ""


def _found(session: Session, hashed: bytes) -> tuple[Person | None, Credential | None]:
    query = (
        select(Person, Credential)
        .join(Credential, (Credential.tenant_id == Person.tenant_id) & (Credential.person_id == Person.id))
        .where(Person.email_hash == hashed, Person.active_to.is_(None))
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else (None, None)


def failures(session: Session, hashed: bytes, now: datetime) -> int:
    """How often logging in with this address failed lately."""
    found = select(LoginFailure.count).where(
        LoginFailure.email_hash == hashed, LoginFailure.since > now - FAILURES_FORGOTTEN
    )
    return session.scalar(found) or 0


def count_failure(session: Session, tenant_id: UUID, hashed: bytes, now: datetime) -> None:
    """Count one more failure, starting anew when the last series is old enough. Old series of others are cleared."""
    old = now - FAILURES_FORGOTTEN
    session.execute(delete(LoginFailure).where(LoginFailure.since <= old))
    row = insert(LoginFailure).values(tenant_id=tenant_id, email_hash=hashed, since=now, count=1)
    again = row.on_conflict_do_update(
        index_elements=["tenant_id", "email_hash"], set_={"count": LoginFailure.count + 1}
    )
    session.execute(again)


def start_session(session: Session, person: Person, now: datetime, *, second_factor: bool) -> LoggedIn:
    """A new session for somebody who has proved who he is."""
    row = StaffSession(tenant_id=person.tenant_id, person_id=person.id, second_factor=second_factor)
    return LoggedIn(row, begin_session(session, row, now))


def begin_session(session: Session, row: StaffSession | OperatorSession, now: datetime) -> str:
    """Let a session begin; its token, of which only the hash is kept."""
    token = new_token()
    row.id, row.token_hash = new_id(), token_hash(token)
    row.created_at = row.seen_at = now
    row.expires_at = now + ABSOLUTE
    session.add(row)
    session.flush()
    return token


def session_of(session: Session, token: str, now: datetime) -> tuple[StaffSession, Person, bool] | None:
    """Who this token belongs to, if the session still runs: not ended, seen within 8 hours, younger than 24. One query.

    And whether he manages the organisation's settings.

    That it was seen is written down at most every five minutes.
    """
    row = session.execute(session_query(), running_values(token, now)).one_or_none()
    if row is None:
        return None
    keep_seen(row[0], now)
    return row[0], row[1], row[2]


def running_values(token: str, now: datetime) -> dict[str, Any]:
    """What the conditions of `is_running` take."""
    return {"token": token_hash(token), "now": now, "seen_after": now - IDLE}


def keep_seen(row: StaffSession | OperatorSession, now: datetime) -> None:
    if row.seen_at <= now - SEEN_EVERY:
        row.seen_at = now


@lru_cache
def session_query() -> Select[StaffSession, Person, bool]:
    """A running session by its token's hash, whose it is, and whether he manages the settings. Built once."""
    manages = exists().where(
        Admin.tenant_id == Person.tenant_id, Admin.person_id == Person.id, Admin.ended_at.is_(None)
    )
    same_person = (Person.tenant_id == StaffSession.tenant_id) & (Person.id == StaffSession.person_id)
    query = select(StaffSession, Person, manages).join(Person, same_person)
    return query.where(*is_running(StaffSession), Person.active_to.is_(None))


def is_running(table: type[StaffSession | OperatorSession]) -> tuple[ColumnElement[bool], ...]:
    """The conditions that this token's session has not ended."""
    return (
        table.token_hash == bindparam("token", type_=LargeBinary),
        table.revoked_at.is_(None),
        table.expires_at > bindparam("now", type_=Instant),
        table.seen_at > bindparam("seen_after", type_=Instant),
    )


def log_out(session: Session, staff_session: StaffSession, now: datetime) -> None:
    """End this session."""
    staff_session.revoked_at = now


def revoke_all(session: Session, person_id: UUID, now: datetime, keep: UUID | None = None) -> None:
    """End all sessions of somebody, but for the one with id `keep`."""
    running = update(StaffSession).where(StaffSession.person_id == person_id, StaffSession.revoked_at.is_(None))
    if keep is not None:
        running = running.where(StaffSession.id != keep)
    session.execute(running.values(revoked_at=now))


def running_sessions(session: Session, person_id: UUID, now: datetime) -> list[StaffSession]:
    """The sessions somebody can still be using, newest first."""
    query = select(StaffSession).where(
        StaffSession.person_id == person_id,
        StaffSession.revoked_at.is_(None),
        StaffSession.expires_at > now,
        StaffSession.seen_at > now - IDLE,
    )
    return list(session.scalars(query.order_by(StaffSession.created_at.desc())))


def accept_link(
    session: Session,
    keyring: Keyring,
    tenant: Tenant,
    token: str,
    password: str,
    now: datetime,
    *,
    name: str = "",
    email: str = "",
) -> Person:
    """Set a password by a one-time link (invitation, first admin, reset); all sessions end. A second factor stays.

    Whoever has no address yet, as a first admin, gives name and address too: refused `email_needed` without.
    """
    check_password(password, (tenant.name, tenant.slug, email))
    person = use_link(session, token, WITH_PASSWORD, now)
    if person.email_hash is None:
        if not email:
            raise Refused("email_needed")
        rename(session, keyring, person, name=name, email=email)
    set_password(session, person, password, now)
    return person


def change_password(session: Session, tenant: Tenant, current: StaffSession, old: str, new: str, now: datetime) -> None:
    """Replace the password by who knows it; all his other sessions end. Refused: `password_wrong`."""
    credential = session.scalar(select(Credential).where(Credential.person_id == current.person_id))
    if not matches(credential.password_hash if credential else None, old) or credential is None:
        raise Refused("password_wrong")
    check_password(new, (tenant.name, tenant.slug))
    credential.password_hash, credential.changed_at = hash_password(new), now
    revoke_all(session, current.person_id, now, keep=current.id)


def set_password(session: Session, person: Person, password: str, now: datetime) -> None:
    """Give somebody a password, new or other; ends all his sessions."""
    values: dict[str, Any] = {"password_hash": hash_password(password), "changed_at": now}
    row = insert(Credential).values(tenant_id=person.tenant_id, person_id=person.id, totp_last_step=0, **values)
    session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "person_id"], set_=values))
    revoke_all(session, person.id, now)


def needs_second_factor(session: Session, tenant: Tenant, staff_session: StaffSession) -> bool:
    """Whether the organisation demands a second factor of this admin and he has yet to set one up."""
    if staff_session.second_factor or not tenant.settings.get("admin_second_factor"):
        return False
    return is_admin(session, staff_session.person_id)

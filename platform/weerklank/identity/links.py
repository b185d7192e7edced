"""One-time links: made, mailed, used once, for one purpose, in one organisation."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from weerklank.identity.model import OneTimeLink, Person, Purpose
from weerklank.kernel.errors import Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.ids import token as new_token
from weerklank.kernel.keys import Keyring

LASTS = {
    Purpose.VERIFY: timedelta(days=2),
    Purpose.ADMIN: timedelta(days=7),
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
}


def token_hash(token: str) -> bytes:
    """What is kept of a token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def link_address(home: str, token: str) -> str:
    """Where a link leads; `home` is the organisation's own address, or the console's."""
    return f"{home}/link/{token}"


def make_link(
    session: Session, keyring: Keyring, person: Person, purpose: Purpose, now: datetime
) -> tuple[OneTimeLink, str]:
    """A fresh link and its token; open links of the same purpose for the same person stop working."""
    older = select(OneTimeLink).where(
        OneTimeLink.person_id == person.id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)
    )
    for link in session.scalars(older):
        session.delete(link)
    token = new_token()
    link = OneTimeLink(tenant_id=person.tenant_id, id=new_id(), person_id=person.id, purpose=purpose, created_at=now)
    link.token_hash = token_hash(token)
    sealer = keyring.for_tenant(person.tenant_id)
    link.token = sealer.seal(token, table="one_time_link", column="token", row=link.id)
    link.expires_at = now + LASTS[purpose]
    session.add(link)
    session.flush()
    return link, token


def person_of_link(session: Session, token: str, purposes: tuple[Purpose, ...], now: datetime) -> Person | None:
    """For whom the link could be used now. Looking does not use it up, for programs that follow links in mail."""
    link = OneTimeLink.person_id == Person.id
    query = select(Person).join(OneTimeLink, link & (OneTimeLink.tenant_id == Person.tenant_id))
    return session.scalar(query.where(*_usable(token, purposes, now), Person.active_to.is_(None)))


def use_link(session: Session, token: str, purposes: tuple[Purpose, ...], now: datetime) -> Person:
    """Use the link up and answer for whom it was; of many at once one gets through. Refused: `link_spent`."""
    used = (
        update(OneTimeLink)
        .where(*_usable(token, purposes, now))
        .values(used_at=now, token=None)
        .returning(OneTimeLink.person_id)
    )
    person_id: UUID | None = session.scalar(used)
    person = session.scalar(select(Person).where(Person.id == person_id, Person.active_to.is_(None)))
    if person is None:
        raise Refused("link_spent")
    return person


def _usable(token: str, purposes: tuple[Purpose, ...], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.token_hash == token_hash(token),
        OneTimeLink.purpose.in_(purposes),
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > now,
    )

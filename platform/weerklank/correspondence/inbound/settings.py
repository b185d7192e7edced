"""The mailbox an organisation lets us read: set by an admin, its address and password sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.correspondence.inbound.model import Mailbox
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased

WITH_MAILBOX = text("SELECT tenant_id FROM mailbox WHERE active")
PORTS = {"tls": 993, "starttls": 143, "plain": 143}


class Security(StrEnum):
    """How the connection is guarded: tls from the first byte, starttls after it began, plain not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


@dataclass(frozen=True)
class MailboxSettings:
    """Where it is and how we get in. `address` is what people write to; `folder` is read, and what was taken in is
    moved to `done`, so that the folder holds only what was not."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    address: str
    folder: str = "INBOX"
    done: str = "Weerklank"


def set_mailbox(
    session: Session, keyring: Keyring, tenant_id: UUID, channel: str, settings: MailboxSettings, now: datetime,
    *, production: bool,
) -> Mailbox:
    """Read this mailbox from now on. In production only by the usual ports and never unguarded: it is our machine that
    connects, to wherever an admin says. Refused: `mailbox_port`, `mailbox_plain`."""
    if production and settings.security is Security.PLAIN:
        raise Refused("mailbox_plain")
    if production and settings.port not in PORTS.values():
        raise Refused("mailbox_port")
    row = session.get(Mailbox, tenant_id) or Mailbox(tenant_id=tenant_id)
    row.channel, row.active, row.changed_at = channel, True, now
    row.read_at = row.failed_at = row.failure = None
    row.sealed = keyring.for_tenant(tenant_id).seal_json(
        asdict(settings), table="mailbox", column="sealed", row=tenant_id
    )
    session.add(row)
    session.flush()
    return row


def read_settings(keyring: Keyring, row: Mailbox) -> MailboxSettings | None:
    """What was set; None when the organisation's key is gone."""
    kept = keyring.for_tenant(row.tenant_id).unseal_json(
        row.sealed, table="mailbox", column="sealed", row=row.tenant_id
    )
    if isinstance(kept, Erased):
        return None
    return MailboxSettings(**{**kept, "security": Security(kept["security"])})


def address_of(session: Session, keyring: Keyring, tenant_id: UUID) -> str:
    """Where answers to our mail come in by themselves; nowhere ("") while no mailbox is read."""
    row = session.get(Mailbox, tenant_id)
    settings = read_settings(keyring, row) if row and row.active else None
    return settings.address if settings else ""


def was_read(row: Mailbox, now: datetime) -> None:
    """It was read to its end."""
    row.read_at, row.failed_at, row.failure = now, None, None


def was_not_read(row: Mailbox, failure: str, now: datetime) -> None:
    """It could not be read; since when stays the first time."""
    row.failed_at, row.failure = row.failed_at or now, failure


def tenants_with_mailbox(session: Session) -> Sequence[UUID]:
    """Those of whom a mailbox is read. Asked as the clock."""
    return session.scalars(WITH_MAILBOX).all()

"""Host names of an organisation's own: asked for, proven by a record in the DNS, verified by an operator.

Anybody may ask for any name, so asking gives nothing and keeps nobody else from asking: a name serves the one
organisation for which an operator saw the record, and no other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from weerklank.kernel.errors import NotFound, Refused
from weerklank.tenancy.model import Tenant, TenantHost

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?:{LABEL}\.)+(?=[a-z0-9-]*[a-z]){LABEL}")  # the last part is no number, or it would be an address
LONGEST = 253
MOST = 5  # for one organisation
RECORD = "_weerklank"  # below the name itself, so that it stands in nobody's way
LOCAL = ("localhost", "local", "internal", "invalid", "test", "example", "onion", "arpa")


def hosts_of(session: Session, tenant_id: UUID) -> Sequence[TenantHost]:
    """The names an organisation asked for, by name."""
    query = select(TenantHost).where(TenantHost.tenant_id == tenant_id)
    return session.scalars(query.order_by(TenantHost.host)).all()


def asking(session: Session) -> frozenset[UUID]:
    """The organisations that have a name which nobody verified yet."""
    return frozenset(session.scalars(select(TenantHost.tenant_id).where(TenantHost.verified_at.is_(None))))


def record_of(host: TenantHost) -> tuple[str, str]:
    """The TXT record that proves the name: its own name, and what it says."""
    return f"{RECORD}.{host.host}", f"weerklank={host.token}"


def ask_for_host(session: Session, tenant: Tenant, given: str, now: datetime, *, own: Collection[str]) -> str:
    """Note that an organisation wants to be found by this name; answers it as it will be written. Twice is once.

    Refused: what is no host name, a name of the platform itself (`own`) or below one, one that serves another
    organisation, a sixth one.
    """
    host = given.strip().lower().rstrip(".")
    if not HOST.fullmatch(host) or len(host) > LONGEST or host.rpartition(".")[2] in LOCAL:
        raise Refused("host_wrong")
    if any(host == name or host.endswith(f".{name}") for name in own):
        raise Refused("host_of_platform")
    taken = select(TenantHost.host).where(TenantHost.host == host, TenantHost.tenant_id != tenant.id)
    if session.scalar(taken.where(TenantHost.verified_at.is_not(None))):
        raise Refused("host_taken")
    session.refresh(tenant, with_for_update={"key_share": True})  # of two who ask at once, one comes after the other
    there = {each.host for each in hosts_of(session, tenant.id)}
    if len(there | {host}) > MOST:
        raise Refused("too_many_hosts", {"most": str(MOST)})
    new = postgresql.insert(TenantHost).values(tenant_id=tenant.id, host=host, asked_at=now, verified_at=None)
    session.execute(new.on_conflict_do_nothing())
    return host


def verify_host(session: Session, tenant: Tenant, name: str, now: datetime) -> None:
    """An operator saw the record: from now on the name leads here. Refused when it leads to another by now."""
    host = find_host(session, tenant, name)
    # Locked in one order, so that of two operators who verify it for two organisations one is told no.
    everybodys = select(TenantHost).where(TenantHost.host == name).order_by(TenantHost.tenant_id).with_for_update()
    rows = session.scalars(everybodys, execution_options={"populate_existing": True}).all()
    if any(row.verified_at for row in rows if row is not host):
        raise Refused("host_taken")
    host.verified_at = host.verified_at or now
    session.flush()


def drop_host(session: Session, tenant: Tenant, name: str) -> None:
    """The name leads here no more. Asked for again it gets another token."""
    session.delete(find_host(session, tenant, name))
    session.flush()


def find_host(session: Session, tenant: Tenant, name: str) -> TenantHost:
    """NotFound when the organisation did not ask for this name."""
    host = session.get(TenantHost, (tenant.id, name))
    if host is None:
        raise NotFound("host")
    return host

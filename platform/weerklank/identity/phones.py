"""The work telephone of who works here, which complainants read while he handles their case. Sealed as names are."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.identity.model import Person
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring

NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{4,28}")


def set_phone(keyring: Keyring, person: Person, phone: str) -> None:
    """Keep somebody's number as it was written; empty: he has none. Refused: `not_a_telephone`."""
    phone = " ".join(phone.split())
    if phone and not NUMBER.fullmatch(phone):
        raise Refused("not_a_telephone")
    sealer = keyring.for_tenant(person.tenant_id)
    person.phone = sealer.seal(phone, table="person", column="phone", row=person.id) if phone else None


def phone_of(keyring: Keyring, person: Person) -> str:
    """Somebody's number, opened; empty without one."""
    return _opened(keyring, person.tenant_id, person.id, person.phone)


def work_phone(session: Session, keyring: Keyring, tenant_id: UUID, person_id: UUID) -> str:
    """The number of somebody who works here; empty without one and of who left."""
    mine = select(Person.phone).where(Person.tenant_id == tenant_id, Person.id == person_id)
    return _opened(keyring, tenant_id, person_id, session.scalar(mine.where(Person.active_to.is_(None))))


def _opened(keyring: Keyring, tenant_id: UUID, person_id: UUID, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return str(keyring.for_tenant(tenant_id).unseal(sealed, table="person", column="phone", row=person_id))

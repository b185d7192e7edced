"""The key store: a second database with one key for each tenant and for each case, wrapped.

A case's key is wrapped by its tenant's, a tenant's by the master key, which no database holds. Destroying a
case's key erases the case, also from every copy of the main database. A key is written, for good, before the
first row that needs it; a key whose case never came to be is swept later (`sweep_orphan_keys`).
"""

import hashlib
import hmac
import os
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from weerklank.kernel.database import current_tenant, engine_for
from weerklank.kernel.sealed import KeyErased, Sealer, Tampered

KEY_BYTES = 32
CACHE_SECONDS = 60.0  # a key destroyed by another process is used no longer than this
CACHE_SIZE = 10_000
SWEEP_BATCH = 1_000

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS keystore",
    """
    CREATE TABLE IF NOT EXISTS keystore.tenant_key (
        tenant_id uuid PRIMARY KEY,
        wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS keystore.case_key (
        tenant_id uuid NOT NULL REFERENCES keystore.tenant_key,
        case_id uuid NOT NULL,
        wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, case_id)
    )
    """,
    "ALTER TABLE keystore.tenant_key ADD COLUMN IF NOT EXISTS codes bytea",
)
CODES = UUID(int=0)  # stands for a case where the key of the complainants' codes is remembered

WRITE_KEY = text("INSERT INTO keystore.case_key (tenant_id, case_id, wrapped) VALUES (:tenant, :case, :wrapped)")
READ_CODES = text("SELECT codes FROM keystore.tenant_key WHERE tenant_id = :tenant")
WRITE_CODES = text("UPDATE keystore.tenant_key SET codes = :codes WHERE tenant_id = :tenant")
ALL_TENANTS = text("SELECT tenant_id, wrapped FROM keystore.tenant_key ORDER BY tenant_id")
REWRAP = text("UPDATE keystore.tenant_key SET wrapped = :new WHERE tenant_id = :tenant AND wrapped = :old")
READ_KEYS = text(
    """
    SELECT NULL AS case_id, wrapped FROM keystore.tenant_key WHERE tenant_id = :tenant
    UNION ALL
    SELECT case_id, wrapped FROM keystore.case_key WHERE tenant_id = :tenant AND case_id = ANY(:cases)
    """
)


def create_keystore(keystore_url: str) -> None:
    """Make the key store's tables where they are missing; two at once do it once."""
    with engine_for(keystore_url) as engine, engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7305022)"))
        for statement in TABLES:
            connection.execute(text(statement))


class Held(NamedTuple):
    """A key that was fetched, and what seals with it; used until this moment of the process's clock."""

    until: float
    key: bytes
    sealer: Sealer


class Keyring:
    """The keys as the program uses them. One for a process; threads may share it."""

    def __init__(self, keystore: Engine, master_key: bytes, old_master_key: bytes | None = None) -> None:
        self.keystore = keystore.execution_options(isolation_level="AUTOCOMMIT")
        self.master_key = master_key
        self.old_master_key = old_master_key  # still accepted, until `rotate_master_key` is through
        self.cache: OrderedDict[tuple[UUID, UUID | None], Held] = OrderedDict()
        self.lock = threading.Lock()

    def new_tenant(self, tenant_id: UUID) -> Sealer:
        """Make a tenant's key and write it. Once made it stays: a second call answers the first key."""
        wrapped = wrap(self.master_key, os.urandom(KEY_BYTES), tenant_id, None)
        statement = text(
            "INSERT INTO keystore.tenant_key (tenant_id, wrapped) VALUES (:tenant, :wrapped) ON CONFLICT DO NOTHING"
        )
        with self.keystore.connect() as connection:
            connection.execute(statement, {"tenant": tenant_id, "wrapped": wrapped})
        return self.for_tenant(tenant_id)

    def new_case(self, tenant_id: UUID, case_id: UUID) -> Sealer:
        """Make a case's key and write it, before the case itself. Raises KeyErased if the tenant has none."""
        key = os.urandom(KEY_BYTES)
        wrapped = wrap(self.tenant_key(tenant_id), key, tenant_id, case_id)
        with self.keystore.connect() as connection:
            connection.execute(WRITE_KEY, {"tenant": tenant_id, "case": case_id, "wrapped": wrapped})
        return self.remember(tenant_id, case_id, key).sealer

    def for_case(self, tenant_id: UUID, case_id: UUID) -> Sealer:
        """The sealer of a case; if its key is destroyed or was never made, one that answers ERASED."""
        return self.for_cases(tenant_id, [case_id])[case_id]

    def for_cases(self, tenant_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, Sealer]:
        """The sealers of these cases, by at most one query."""
        held = self.remembered(tenant_id, case_ids)
        missing = [case_id for case_id in case_ids if case_id not in held]
        if missing:
            held |= self.fetch(tenant_id, missing)
        without = Sealer(tenant_id, None)
        return {case_id: held[case_id].sealer if case_id in held else without for case_id in case_ids}

    def for_tenant(self, tenant_id: UUID) -> Sealer:
        """The sealer for what belongs to no case, such as the people of an organisation."""
        held = self.of_tenant(tenant_id)
        return held.sealer if held else Sealer(tenant_id, None)

    def destroy_case(self, tenant_id: UUID, case_id: UUID) -> None:
        """Erase a case: what was sealed with its key can never be read again. No way back."""
        self.destroy_cases(tenant_id, [case_id])

    def destroy_cases(self, tenant_id: UUID, case_ids: Iterable[UUID]) -> int:
        gone = list(case_ids)
        statement = text("DELETE FROM keystore.case_key WHERE tenant_id = :tenant AND case_id = ANY(:cases)")
        with self.keystore.connect() as connection:
            count = connection.execute(statement, {"tenant": tenant_id, "cases": gone}).rowcount
        with self.lock:
            for case_id in gone:
                self.cache.pop((tenant_id, case_id), None)
        return count

    def address_hash(self, tenant_id: UUID, email: str) -> bytes:
        """By which an e-mail address is found without being readable; differs per tenant (32 bytes)."""
        normalised = unicodedata.normalize("NFKC", email).strip().casefold()
        purpose = hmac.digest(self.tenant_key(tenant_id), b"address", hashlib.sha256)
        return hmac.digest(purpose, normalised.encode(), hashlib.sha256)

    def code_key(self, tenant_id: UUID) -> bytes:
        """By which complainants' codes are hashed: made of the tenant's key, or what came along when it moved here."""
        held = self.remembered(tenant_id, [CODES]).get(CODES)
        if held is None:
            own = hmac.digest(self.tenant_key(tenant_id), b"complainant code", hashlib.sha256)
            held = self.remember(tenant_id, CODES, self.brought_code_key(tenant_id) or own)
        return held.key

    def brought_code_key(self, tenant_id: UUID) -> bytes | None:
        with self.keystore.connect() as connection:
            wrapped = connection.scalar(READ_CODES, {"tenant": tenant_id})
        return None if wrapped is None else unwrap(self.tenant_key(tenant_id), wrapped, tenant_id, CODES)

    def bring_code_key(self, tenant_id: UUID, key: bytes) -> None:
        """Go on hashing a tenant's codes by the key that they were hashed by where it comes from."""
        values = {"tenant": tenant_id, "codes": wrap(self.tenant_key(tenant_id), key, tenant_id, CODES)}
        with self.keystore.connect() as connection:
            connection.execute(WRITE_CODES, values)
        self.remember(tenant_id, CODES, key)

    def destroy_tenant(self, tenant_id: UUID) -> None:
        """Throw away all keys of a tenant. No way back."""
        with self.keystore.connect() as connection:
            for table in ("case_key", "tenant_key"):
                gone = text(f"DELETE FROM keystore.{table} WHERE tenant_id = :tenant")  # noqa: S608  # named right here
                connection.execute(gone, {"tenant": tenant_id})
        with self.lock:
            for known in [each for each in self.cache if each[0] == tenant_id]:
                del self.cache[known]

    def tenant_key(self, tenant_id: UUID) -> bytes:
        """Raises KeyErased if there is none."""
        held = self.of_tenant(tenant_id)
        if held is None:
            raise KeyErased("this tenant has no key")
        return held.key

    def of_tenant(self, tenant_id: UUID) -> Held | None:
        held = self.remembered(tenant_id, [None]).get(None)
        return held or self.fetch(tenant_id, []).get(None)

    def fetch(self, tenant_id: UUID, case_ids: list[UUID]) -> dict[UUID | None, Held]:
        """Read and unwrap those of these cases' keys that are there, and the tenant's that they are wrapped by."""
        with self.keystore.connect() as connection:
            rows = connection.execute(READ_KEYS, {"tenant": tenant_id, "cases": case_ids}).all()
        return self.unwrap_all(tenant_id, {row.case_id: row.wrapped for row in rows})

    def unwrap_all(self, tenant_id: UUID, wrapped: dict[UUID | None, bytes]) -> dict[UUID | None, Held]:
        """The tenant's key stands under None; without it nothing can be unwrapped."""
        if None not in wrapped:
            return {}
        tenant_key = self.open_tenant_key(tenant_id, wrapped[None])
        held: dict[UUID | None, Held] = {None: self.remember(tenant_id, None, tenant_key)}
        for case_id, data in wrapped.items():
            if case_id is not None:
                held[case_id] = self.remember(tenant_id, case_id, unwrap(tenant_key, data, tenant_id, case_id))
        return held

    def open_tenant_key(self, tenant_id: UUID, wrapped: bytes) -> bytes:
        """By the master key, or by the one before it while that is accepted. Raises Tampered."""
        try:
            return unwrap(self.master_key, wrapped, tenant_id, None)
        except Tampered:
            if self.old_master_key is None:
                raise
            return unwrap(self.old_master_key, wrapped, tenant_id, None)

    def remember(self, tenant_id: UUID, case_id: UUID | None, key: bytes) -> Held:
        held = Held(time.monotonic() + CACHE_SECONDS, key, Sealer(tenant_id, key))
        with self.lock:
            self.cache[tenant_id, case_id] = held
            self.cache.move_to_end((tenant_id, case_id))
            if len(self.cache) > CACHE_SIZE:
                self.cache.popitem(last=False)
        return held

    def remembered(self, tenant_id: UUID, case_ids: Iterable[UUID | None]) -> dict[UUID | None, Held]:
        """Those of these keys (the tenant's: None) that were fetched a moment ago."""
        now = time.monotonic()
        with self.lock:
            known = {case_id: self.cache.get((tenant_id, case_id)) for case_id in case_ids}
        return {case_id: held for case_id, held in known.items() if held and held.until > now}


def rotate_master_key(keyring: Keyring) -> tuple[int, int]:
    """Wrap every tenant's key with the new master key that the old one wrapped: how many now, of how many.

    May be broken off and run again, also beside programs at work. Raises Tampered for one that neither key opens.
    """
    changed = 0
    with keyring.keystore.connect() as connection:
        rows = connection.execute(ALL_TENANTS).all()
        for tenant_id, wrapped in rows:
            if not is_opened_by(keyring.master_key, tenant_id, wrapped):
                again = wrap(keyring.master_key, keyring.open_tenant_key(tenant_id, wrapped), tenant_id, None)
                values = {"tenant": tenant_id, "old": wrapped, "new": again}
                changed += connection.execute(REWRAP, values).rowcount
    return changed, len(rows)


def opened_by(keyring: Keyring) -> tuple[int, int]:
    """How many tenants' keys the master key opens, and how many only the old one. Raises Tampered for one of none."""
    with keyring.keystore.connect() as connection:
        rows = connection.execute(ALL_TENANTS).all()
    for tenant_id, wrapped in rows:
        keyring.open_tenant_key(tenant_id, wrapped)
    new = sum(is_opened_by(keyring.master_key, tenant_id, wrapped) for tenant_id, wrapped in rows)
    return new, len(rows) - new


def is_opened_by(master_key: bytes, tenant_id: UUID, wrapped: bytes) -> bool:
    try:
        unwrap(master_key, wrapped, tenant_id, None)
    except Tampered:
        return False
    return True


def sweep_orphan_keys(keyring: Keyring, session: Session, older_than: timedelta) -> int:
    """Destroy the keys of cases that never came to be: made before `older_than` ago, yet without an event.

    In a tenant's scope. Answers how many. `older_than` must exceed the longest transaction that receives a case.
    """
    tenant_id = current_tenant(session)
    swept, after = 0, UUID(int=0)
    while batch := old_keys(keyring, tenant_id, older_than, after):
        after = batch[-1]
        statement = text("SELECT case_id FROM event WHERE tenant_id = :tenant AND case_id = ANY(:cases) AND seq = 1")
        alive = set(session.scalars(statement, {"tenant": tenant_id, "cases": batch}))
        orphans = [case_id for case_id in batch if case_id not in alive]
        swept += keyring.destroy_cases(tenant_id, orphans) if orphans else 0
    return swept


def sweep_orphan_tenants(keyring: Keyring, session: Session, older_than: timedelta) -> int:
    """Destroy the keys of organisations that never came to be: made before `older_than` ago, and no such organisation.

    One under which a case's key was ever made is left alone, whatever the main database says. Answers how many.
    """
    old = text(
        "SELECT tenant_id FROM keystore.tenant_key WHERE created_at <= now() - CAST(:age AS interval)"
        " AND tenant_id NOT IN (SELECT tenant_id FROM keystore.case_key)"
    )
    with keyring.keystore.connect() as connection:
        found = set(connection.scalars(old, {"age": older_than}))
    alive = text("SELECT id FROM tenant WHERE id = ANY(:tenants)")
    orphans = found - set(session.scalars(alive, {"tenants": list(found)}))
    with keyring.keystore.connect() as connection:
        gone = text("DELETE FROM keystore.tenant_key WHERE tenant_id = ANY(:tenants)")
        return connection.execute(gone, {"tenants": list(orphans)}).rowcount


def old_keys(keyring: Keyring, tenant_id: UUID, older_than: timedelta, after: UUID) -> list[UUID]:
    statement = text(
        "SELECT case_id FROM keystore.case_key WHERE tenant_id = :tenant AND case_id > :after"
        " AND created_at <= now() - CAST(:age AS interval) ORDER BY case_id LIMIT :size"
    )
    values = {"tenant": tenant_id, "after": after, "age": older_than, "size": SWEEP_BATCH}
    with keyring.keystore.connect() as connection:
        return list(connection.scalars(statement, values))


def wrap(wrapping_key: bytes, key: bytes, tenant_id: UUID, case_id: UUID | None) -> bytes:
    return Sealer(tenant_id, wrapping_key).seal(key, table="keystore", column="wrapped", row=case_id)


def unwrap(wrapping_key: bytes, wrapped: bytes, tenant_id: UUID, case_id: UUID | None) -> bytes:
    sealer = Sealer(tenant_id, wrapping_key)
    key = sealer.unseal_bytes(wrapped, table="keystore", column="wrapped", row=case_id)
    if not isinstance(key, bytes):
        raise Tampered("a key is missing")
    return key

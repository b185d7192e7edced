"""The stage of a rehearsal: an organisation of its own in a transaction never committed, its keys in memory."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from ruamel.yaml import YAML
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.kernel.database import tenant_scope, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Sealer
from weerklank.policy.override import override
from weerklank.policy.reader import Reading, bytes_of, read_policy
from weerklank.policy.tree import Node, decode, read_tree
from weerklank.tenancy import organisations, policies
from weerklank.tenancy.model import State, Tenant

LONG_AGO = date(2000, 1, 1)


class KeysInMemory(Keyring):
    """Keys that are written nowhere: what is sealed in a rehearsal can never be read after it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[UUID, UUID | None], bytes] = {}

    def new_tenant(self, tenant_id: UUID) -> Sealer:
        return Sealer(tenant_id, self.kept.setdefault((tenant_id, None), os.urandom(32)))

    def new_case(self, tenant_id: UUID, case_id: UUID) -> Sealer:
        return Sealer(tenant_id, self.kept.setdefault((tenant_id, case_id), os.urandom(32)))

    def for_cases(self, tenant_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, Sealer]:
        return {case_id: Sealer(tenant_id, self.kept.get((tenant_id, case_id))) for case_id in case_ids}

    def for_tenant(self, tenant_id: UUID) -> Sealer:
        return Sealer(tenant_id, self.kept.get((tenant_id, None)))

    def destroy_cases(self, tenant_id: UUID, case_ids: Iterable[UUID]) -> int:
        return sum(self.kept.pop((tenant_id, case_id), None) is not None for case_id in case_ids)

    def tenant_key(self, tenant_id: UUID) -> bytes:
        return self.kept[tenant_id, None]

    def code_key(self, tenant_id: UUID) -> bytes:
        return self.tenant_key(tenant_id)


class NoFiles:
    """A rehearsal keeps no files: only their names are checked."""

    def name_of(self, name: str, data: bytes) -> str:
        return name

    def keep(self, *_: object) -> None:
        return None

    def scans(self, *_: object) -> Mapping[UUID, str]:
        return {}


@contextmanager
def scratch(database: Database) -> Iterator[Session]:
    """A session whose commits are savepoints of one transaction, which is rolled back whatever happens."""
    with database.connect() as connection:
        outer = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                yield session
        finally:
            outer.rollback()


def scratch_engine() -> Engine:
    """What acting needs, with nothing that outlives the rehearsal."""
    return Engine(KeysInMemory(), os.urandom(32), NoFiles())


@contextmanager
def organisation(session: Session, engine: Engine, text: str, reading: Reading) -> Iterator[Tenant]:
    """An organisation in trial with this policy, in whose scope the session then works."""
    now = datetime.now(UTC)
    with without_tenant(session, "a rehearsal makes an organisation of its own"):
        name = f"rehearsal-{new_id().hex[-12:]}"
        tenant = organisations.create(session, name, name, "REP", State.TRIAL, now)
        tenant_id = tenant.id
    with tenant_scope(session, tenant_id):
        engine.keyring.new_tenant(tenant_id)
        policies.publish(session, tenant, text, LONG_AGO, today=LONG_AGO, now=now, actor=None, reading=reading)
        yield tenant


def policy_with(path: Path, values: Mapping[str, Any]) -> tuple[str, Reading]:
    """The policy's text with some values of its own, if there are any, and what the reader makes of it."""
    raw = bytes_of(path)
    reading = read_policy(raw, name=str(path), overrides=values) if values else read_once(raw, str(path))
    if reading.policy is None:
        return "", reading
    if not values:
        return decode(raw), reading
    text = written(raw, values)
    return text, read_policy(text, name=str(path))


@lru_cache(16)
def read_once(raw: bytes, name: str) -> Reading:
    """The policy as it stands, read once for all its stories."""
    return read_policy(raw, name=name)


def written(raw: bytes, values: Mapping[str, Any]) -> str:
    """The text of the policy with these values; what is open in it stays open."""
    tree, _ = read_tree(decode(raw))
    list(override(tree, values))
    out = StringIO()
    YAML(typ="safe", pure=True).dump(plain(tree), out)
    return out.getvalue()


def plain(node: Node) -> Any:
    """The tree as the data it was read from."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, list) else node.value

"""Two organisations with cases, files and a sealed trail in a database of their own, and an empty place beside it."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.cases.conftest import FRIDAY, Office, open_office
from tests.conftest import AUDIT_KEY, MASTER_KEY, add_tenant
from tests.documents.conftest import bucket_address, object_store
from weerklank.assembly import Platform, assemble
from weerklank.audit.seals import seal_heads, witness
from weerklank.cases.doors import UploadedFile
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import create_keystore
from weerklank.kernel.postgres import Cluster
from weerklank.kernel.settings import Settings, load

__all__ = ["bucket_address", "object_store"]

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
EMPTY, MIGRATED = ("template1", "template1"), ("weerklank", "template1")
PDF = b"%PDF-1.7\n% een brief\n"


@dataclass
class House:
    """An installation of the tests: its settings and its parts, and how to come into an organisation."""

    settings: Settings
    platform: Platform
    superuser_url: str
    environ: dict[str, str]  # by which a command works here
    databases: tuple[str, str]  # of the work and of the keys

    def leave(self) -> None:
        """Close what is open here."""
        self.platform.database.dispose()
        self.platform.keyring.keystore.dispose()

    @contextmanager
    def office(self, tenant_id: UUID) -> Iterator[Office]:
        """Somebody at work in the organisation; what he does is committed by whoever asks."""
        with open_session(self.platform.database) as session, tenant_scope(session, tenant_id):
            yield open_office(session, self.platform.engine, tenant_id)

    def seal(self, tenant_id: UUID, now: datetime = NOW) -> None:
        with self.platform.tenant(tenant_id) as session:
            seal_heads(session, self.platform.engine.audit_key, tenant_id, now)
            session.commit()
            witness(session, self.settings.audit_folder, tenant_id)

    def rows(self, table: str, order: str = "1, 2, 3") -> list[tuple[Any, ...]]:
        """All rows of a table, past every wall."""
        with psycopg.connect(self.superuser_url) as connection:
            return connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()

    def run(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.superuser_url) as connection:
            connection.execute(statement, values)


def environment(cluster: Cluster, name: str, keys: str, var: Path) -> dict[str, str]:
    return {
        "ENVIRONMENT": "test",
        "VAR": str(var),
        "DATABASE_URL": cluster.dsn(name, "weerklank_owner"),
        "DATABASE_APP_URL": cluster.dsn(name, "weerklank_app"),
        "DATABASE_CLOCK_URL": cluster.dsn(name, "weerklank_clock"),
        "DATABASE_BACKUP_URL": cluster.dsn(name, "weerklank_backup"),
        "KEYSTORE_URL": cluster.dsn(keys, "weerklank_keys"),
        "MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "AUDIT_KEY": base64.b64encode(AUDIT_KEY).decode(),
    }


@contextmanager
def new_house(cluster: Cluster, var: Path, like: tuple[str, str] = EMPTY, **given: str) -> Iterator[House]:
    """Two databases, copies of these two, and a folder."""
    databases = (f"house_{new_id().hex}", f"keys_{new_id().hex}")
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        for owner, name, template in zip(("weerklank_owner", "weerklank_keys"), databases, like, strict=True):
            made = SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(*map(Identifier, (name, owner, template)))
            connection.execute(made)
        environ = environment(cluster, *databases, var) | given
        settings = load(environ)
        platform = assemble(settings)
        house = House(settings, platform, cluster.dsn(databases[0], "postgres"), environ, databases)
        yield house
        house.leave()
        for name in databases:
            connection.execute(SQL("DROP DATABASE {} (FORCE)").format(Identifier(name)))


@pytest.fixture
def make_house(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., House]]:
    with ExitStack() as open_houses:

        def make(migrated: bool = False, like: tuple[str, str] = EMPTY, **given: str) -> House:
            var = tmp_path / f"var-{new_id().hex}"
            house = open_houses.enter_context(new_house(cluster, var, MIGRATED if migrated else like, **given))
            if migrated:
                create_keystore(house.settings.keystore_url)
            return house

        yield make


@dataclass
class Lived:
    """A house in which something happened, in two organisations."""

    house: House
    anna: UUID
    carla: UUID
    cases: list[UUID]
    code: str  # of the first case


@pytest.fixture(scope="session")
def first(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Anna's organisation has three cases with a file each, Carla's has one; both trails are sealed. Nobody works
    here: it is copied."""
    with new_house(cluster, tmp_path_factory.mktemp("first") / "var", MIGRATED) as house:
        create_keystore(house.settings.keystore_url)
        with open_session(house.platform.database) as session:
            anna = add_tenant(session, house.platform.keyring, "anna")
            carla = add_tenant(session, house.platform.keyring, "carla")
        received = []
        for tenant, count in ((anna, 3), (carla, 1)):
            with house.office(tenant.id) as office:
                for number in range(count):
                    upload = UploadedFile(f"brief {number}.pdf", PDF + bytes([number]))
                    received.append(office.receive(files=(upload,), now=FRIDAY + timedelta(minutes=number)))
                office.assign(received[-1].case_id)
                office.session.commit()
            house.seal(tenant.id)
        house.leave()
        yield Lived(house, anna.id, carla.id, [each.case_id for each in received], received[0].code)


@pytest.fixture
def lived(first: Lived, make_house: Callable[..., House]) -> Lived:
    """A copy of it for one test."""
    house = make_house(like=first.house.databases)
    shutil.copytree(first.house.settings.var, house.settings.var, dirs_exist_ok=True)
    return replace(first, house=house)

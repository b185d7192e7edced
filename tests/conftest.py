"""The database of the tests: one private cluster for a run, a copy of the migrated database for each process.

Most tests use `app_session` (and `tenant`, `other_tenant`): it works as the role that owns nothing, in one
transaction that is rolled back, and may commit all it likes. A test of several connections at once takes
`fresh_database`. Nothing of this starts for a test that asks for none of it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import hypothesis
import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

import weerklank.tenancy.model  # noqa: F401 - every tenant's table refers to the table in it
from tests.architecture.statements import Listener
from weerklank.kernel import schema
from weerklank.kernel.database import make_engine, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring, create_keystore
from weerklank.kernel.postgres import Cluster, borrowed_cluster
from weerklank.kernel.settings import Settings, load

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples in every run: a run that fails says something of the change. `make fuzz` looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, deadline=None)
hypothesis.settings.register_profile("fuzz", deadline=None, print_blob=True)
hypothesis.settings.load_profile("same")

LISTENER = Listener()
AUDIT_KEY = bytes(range(32))
MASTER_KEY = bytes(range(32, 64))
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(frozen=True)
class Database:
    """A migrated database: the addresses by which each role reaches it, and its engine for the application."""

    cluster: Cluster
    name: str
    engine: Engine

    @property
    def app_url(self) -> str:
        return self.cluster.dsn(self.name, "weerklank_app")

    @property
    def clock_url(self) -> str:
        return self.cluster.dsn(self.name, "weerklank_clock")

    @property
    def owner_url(self) -> str:
        return self.cluster.dsn(self.name, "weerklank_owner")

    @property
    def superuser_url(self) -> str:
        """Past every wall: for planting damage, and for looking at the catalogue."""
        return self.cluster.dsn(self.name, "postgres")


@dataclass(frozen=True)
class Organisation:
    """A tenant's row as the tests need it; the tenancy room has the model."""

    id: UUID
    slug: str
    name: str


@pytest.fixture(autouse=True)
def read_statements() -> Iterator[None]:
    """Whatever the application sends during a test serves one organisation and says which."""
    yield
    assert LISTENER.taken() == []


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The run's PostgreSQL, shared by all its processes; the last one stops it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with borrowed_cluster(folder / "var", durable=False) as cluster:
        schema.upgrade(cluster.dsn("weerklank", "weerklank_owner"))
        yield cluster


@pytest.fixture(scope="session")
def database(cluster: Cluster) -> Iterator[Database]:
    """This process's own copy."""
    yield from copy_database(cluster)


@pytest.fixture
def fresh_database(cluster: Cluster) -> Iterator[Database]:
    """A copy for one test that commits for good, from as many connections as it likes."""
    yield from copy_database(cluster)


def copy_database(cluster: Cluster) -> Iterator[Database]:
    name = f"weerklank_{new_id().hex}"
    run = SQL("CREATE DATABASE {} TEMPLATE weerklank OWNER weerklank_owner").format(Identifier(name))
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(run)
    engine = make_engine(cluster.dsn(name, "weerklank_app"))
    yield Database(cluster, name, engine)
    engine.dispose()
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} (FORCE)").format(Identifier(name)))


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """The application's connection with the test's outer transaction, which is rolled back."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def open_test_session(connection: Connection) -> Iterator[Callable[[], Session]]:
    """Opens more sessions in the outer transaction: one session works for one tenant.

    They share a connection, so commit in one before using the other.
    """
    sessions: list[Session] = []

    def open_one() -> Session:
        sessions.append(Session(connection, join_transaction_mode="create_savepoint"))
        return sessions[-1]

    yield open_one
    for session in reversed(sessions):
        session.close()


@pytest.fixture
def app_session(open_test_session: Callable[[], Session]) -> Session:
    """A session as weerklank_app, without a scope: `with tenant_scope(app_session, tenant.id): ...`."""
    return open_test_session()


@pytest.fixture
def tenant(open_test_session: Callable[[], Session], keyring: Keyring) -> Organisation:
    """Anna's organisation: she complains there, Bram handles. Its keys exist."""
    return add_tenant(open_test_session(), keyring, "anna")


@pytest.fixture
def other_tenant(open_test_session: Callable[[], Session], keyring: Keyring) -> Organisation:
    """Carla's organisation, which must never see or learn anything of Anna's."""
    return add_tenant(open_test_session(), keyring, "carla")


def add_tenant(session: Session, keyring: Keyring, slug: str) -> Organisation:
    """A committed organisation with its key; also for a session on `fresh_database.engine`."""
    organisation = Organisation(new_id(), slug, f"Organisation of {slug.title()}")
    keyring.new_tenant(organisation.id)
    with without_tenant(session, "a test makes its organisation"):
        session.execute(
            text(
                "INSERT INTO tenant (id, slug, name, state, plan, locale, prefix)"
                " VALUES (:id, :slug, :name, 'trial', 'basic', 'nl', :prefix)"
            ),
            {
                "id": organisation.id,
                "slug": slug,
                "name": organisation.name,
                "prefix": slug[:3].upper(),
            },
        )
        session.commit()
    return organisation


@pytest.fixture(scope="session")
def keystore(cluster: Cluster) -> Iterator[Engine]:
    """The key store, a second database. Tests share it: tenants and cases have ids of their own."""
    url = cluster.dsn("weerklank_keys", "weerklank_keys")
    create_keystore(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def keyring(keystore: Engine) -> Keyring:
    return Keyring(keystore, MASTER_KEY)


@pytest.fixture
def audit_key() -> bytes:
    return AUDIT_KEY


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings as `load` makes them, of this process's database and a folder of this test."""
    return load(
        {
            "ENVIRONMENT": "test",
            "VAR": str(tmp_path / "var"),
            "DATABASE_URL": database.owner_url,
            "DATABASE_APP_URL": database.app_url,
            "DATABASE_CLOCK_URL": database.clock_url,
            "KEYSTORE_URL": database.cluster.dsn("weerklank_keys", "weerklank_keys"),
        }
    )


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """The browser that all tests share; each opens profiles of its own."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    assert found, "these tests need chromium (see .ci/packages)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()

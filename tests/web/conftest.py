"""The running application for tests of its pages: a database of its own with the five organisations of `tenants/`.

What these tests write stays until the run ends; each makes what it needs and looks for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import Database, copy_database
from tests.web.pages import OpenReader, Reader
from weerklank.kernel.database import db, open_session
from weerklank.kernel.keys import Keyring, create_keystore
from weerklank.kernel.postgres import Cluster
from weerklank.kernel.settings import ROOT, Settings, load
from weerklank.tenancy.folder import folders, import_folder
from weerklank.tenancy.organisations import find_by_slug
from weerklank.web import create_app
from weerklank.web.parts import NAME

STORY = "My contact person did not call me back for three weeks, although she promised to."


@pytest.fixture(scope="session")
def web_database(cluster: Cluster) -> Iterator[Database]:
    yield from copy_database(cluster)


@pytest.fixture(scope="session")
def web_settings(web_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    keystore = web_database.cluster.dsn("weerklank_keys", "weerklank_keys")
    create_keystore(keystore)
    return load(
        {
            "ENVIRONMENT": "test",
            "VAR": str(tmp_path_factory.mktemp("var")),
            "DATABASE_URL": web_database.owner_url,
            "DATABASE_APP_URL": web_database.app_url,
            "DATABASE_CLOCK_URL": web_database.clock_url,
            "KEYSTORE_URL": keystore,
            "LOG_LEVEL": "error",
        }
    )


@pytest.fixture(scope="session")
def app(web_settings: Settings, web_database: Database) -> Iterator[Flask]:
    """The application, with the organisations as `weerklank tenants import` makes them."""
    with running(web_settings) as app:
        for folder in folders(ROOT / "tenants"):
            import_one(web_database, app.extensions[NAME].keyring, folder)
        yield app


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """An application by these settings that leaves no connection behind."""
    app = create_app(settings)
    yield app
    platform = app.extensions[NAME]
    for engine in (platform.keyring.keystore, platform.database, platform.clock):
        engine.dispose()
    with app.app_context():
        db.engine.dispose()


def import_one(database: Database, keyring: Keyring, folder: Path) -> None:
    with open_session(database.engine) as session:
        import_folder(session, keyring, folder, datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
        session.commit()


@pytest.fixture
def reader(app: Flask) -> OpenReader:
    """Opens a browser of its own at an organisation: `reader("staatvandienst")`."""

    def open_one(slug: str = "", language: str = "en") -> Reader:
        return Reader(app.test_client(), f"/{slug}" if slug else "", language)

    return open_one


@pytest.fixture
def session(web_database: Database) -> Iterator[Session]:
    """A session on the application's database, as its role; without a scope."""
    with open_session(web_database.engine) as session:
        yield session


@pytest.fixture
def staatvandienst(app: Flask, session: Session) -> UUID:
    return find_by_slug(session, "staatvandienst").id

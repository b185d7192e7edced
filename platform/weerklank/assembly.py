"""Where the platform is put together from settings, for every kind of process: web, worker and commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.documents.files import Files
from weerklank.documents.scanner import Scanner
from weerklank.documents.store import Bucket, Folder
from weerklank.kernel.database import PAGE_SECONDS, make_engine, open_session, tenant_scope
from weerklank.kernel.health import DEGRADED, OK, Check, database_state, keys_state, queue_state
from weerklank.kernel.keys import Keyring
from weerklank.kernel.replica import for_reading, keeps_up
from weerklank.kernel.settings import Settings


@dataclass(frozen=True)
class Platform:
    """Settings, the engine that carries out actions, and the databases; made once for a process."""

    settings: Settings
    engine: Engine
    files: Files

    @property
    def keyring(self) -> Keyring:
        return self.engine.keyring

    @cached_property
    def database(self) -> Database:
        """The database as the application's role."""
        return make_engine(self.settings.database_url)

    @cached_property
    def clock(self) -> Database:
        """The database as the clock's role, which sees due moments of all tenants and nothing else."""
        return make_engine(self.settings.database_clock_url)

    @cached_property
    def reports(self) -> Database | None:
        """A copy of the database for reading much, if there is one. It takes no transaction that might write."""
        url = self.settings.database_reports_url
        return make_engine(url).execution_options(postgresql_readonly=True) if url else None

    def now(self) -> datetime:
        """The instant, aware and in UTC, by which the pages and the worker act. Only they ask."""
        moved = self.settings.clock_file
        return datetime.now(UTC) + timedelta(seconds=float(moved.read_text()) if moved else 0)

    @contextmanager
    def tenant(self, tenant_id: UUID) -> Iterator[Session]:
        """A session of its own in one tenant's scope. Whoever opens it commits."""
        with open_session(self.database) as session, tenant_scope(session, tenant_id):
            yield session

    @contextmanager
    def reading(self, tenant_id: UUID) -> Iterator[Session]:
        """The same for what only reads, and much: on the copy for reports while there is one that keeps up."""
        chosen = for_reading(self.reports, self.database)
        with open_session(chosen) as session, tenant_scope(session, tenant_id):
            yield session


def assemble(settings: Settings) -> Platform:
    """Put the platform together. Nothing is opened before it is needed."""
    keyring = Keyring(make_engine(settings.keystore_url, PAGE_SECONDS), settings.master_key, settings.old_master_key)
    store = Bucket(settings.bucket) if settings.bucket else Folder(settings.var / "files")
    files = Files(store, Scanner(settings.scanner_url) if settings.scanner_url else None)
    return Platform(settings, Engine(keyring, settings.audit_key, files, settings.old_audit_keys), files)


@contextmanager
def assembled(settings: Settings) -> Iterator[Platform]:
    """The platform for one command, whose connections are closed at the end of it."""
    platform = assemble(settings)
    try:
        yield platform
    finally:
        for engine in (platform.database, platform.clock, platform.keyring.keystore):
            engine.dispose()


def parts_of(platform: Platform) -> Mapping[str, Check]:
    """What the platform stands on, and how each is asked whether it is there."""
    parts = {
        "database": lambda: database_state(platform.database),
        "keys": lambda: keys_state(platform.keyring.keystore),
    }
    redis_url, scanner = platform.settings.redis_url, platform.files.scanner
    if redis_url:
        parts["queue"] = lambda: queue_state(redis_url)
    if copy := platform.reports:
        parts["reports"] = lambda: OK if keeps_up(copy) else DEGRADED  # without it the database is asked
    if scanner:
        parts["scanner"] = lambda: OK if scanner.answers() else DEGRADED  # without it files wait, and nothing else
    return parts

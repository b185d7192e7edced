"""The tables' versions: bring a database up to this program's, and refuse one that does not fit it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from weerklank.kernel.database import CONNECT_SECONDS, driver_url
from weerklank.kernel.errors import BadSurroundings

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
ONE_AT_A_TIME = 7_305_021  # the advisory lock of whoever migrates
LOCK_WAIT = "300ms"  # the longest that a migration may make readers and writers queue behind it
HALF_RESTORED = "half_restored"
TRIES = 100
PAUSE_SECONDS = 0.5


def upgrade(owner_url: str) -> str:
    """Run the migrations that a database lacks, as its owner; the new version. Raises BadSurroundings.

    Two that start at once do it once. A migration that cannot get its lock lets others pass and tries again.
    """
    engine = create_engine(
        driver_url(owner_url),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    with reachable("database"), engine.connect() as connection:
        wait_for_turn(connection)
        connection.execute(text(f"SET lock_timeout = '{LOCK_WAIT}'"))
        connection.commit()
        run_migrations(connection)
        return current(connection) or ""


def wait_for_turn(connection: Connection) -> None:
    """Until nobody else migrates. Asked for again and again: an index that is made while others work waits for every
    transaction that began before it, also for one that would wait here."""
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ONE_AT_A_TIME}):
        connection.commit()
        time.sleep(PAUSE_SECONDS)


@contextmanager
def reachable(what: str) -> Iterator[None]:
    """Turn what the server or the network says against a connection into one sentence (BadSurroundings)."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig).strip().split("\n", 1)[0].rstrip(".")
        raise BadSurroundings(f"The {what} cannot be used: {said}.") from error


def run_migrations(connection: Connection) -> None:
    settings = configuration()
    settings.attributes["connection"] = connection
    for attempt in range(1, TRIES + 1):
        try:
            refuse_newer(connection)
            connection.commit()  # so that each migration has a transaction of its own, or none where it asks for none
            command.upgrade(settings, "head")
            connection.commit()
            return
        except OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, LockNotAvailable) or attempt == TRIES:
                raise
            time.sleep(PAUSE_SECONDS)


def check(connection: Connection) -> None:
    """Refuse to start: raises BadSurroundings if the role could pass the walls, or the schema does not fit."""
    refuse_powerful_role(connection)
    refuse_half_restored(connection)
    refuse_newer(connection)
    found = current(connection)
    if found != head():
        raise BadSurroundings(
            f"The database has version {found or 'none'}, this program needs {head()}: run `weerklank db upgrade`."
        )


def refuse_powerful_role(connection: Connection) -> None:
    """Row-level security holds only for a role that owns nothing and has no privilege to bypass it."""
    role, powerful, owns = connection.execute(
        text(
            """
            SELECT current_user, rolsuper OR rolbypassrls,
                   EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
            FROM pg_roles WHERE rolname = current_user
            """
        )
    ).one()
    if powerful or owns:
        raise BadSurroundings(
            f"The database role {role} {'may bypass row-level security' if powerful else 'owns tables'}; "
            "the application must connect as weerklank_app."
        )


def refuse_half_restored(connection: Connection) -> None:
    """A back-up that is being put back, or was not wholly, is marked by a table of this name."""
    if connection.execute(text(f"SELECT to_regclass('public.{HALF_RESTORED}')")).scalar() is not None:
        raise BadSurroundings(
            "The database is only half restored: run `weerklank restore` again; it says what is in the way."
        )


def refuse_newer(connection: Connection) -> None:
    found = current(connection)
    if found is not None and found not in known():
        raise BadSurroundings(f"The database has version {found}, which is newer than this program knows.")


def current(connection: Connection) -> str | None:
    """The version that the database has; None for an empty one."""
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        return None


@cache
def head() -> str:
    """The version that this program needs; there is one head."""
    return scripts().get_current_head() or ""


@cache
def known() -> frozenset[str]:
    return frozenset(script.revision for script in scripts().walk_revisions())


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def configuration() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return settings

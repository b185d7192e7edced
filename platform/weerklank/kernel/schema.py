"""The tables' versions: bring a database up to this program's, and refuse one that does not fit it.

A migration says by `compatible_from` which is the oldest version whose program may work on the tables it leaves
behind. The database keeps that, so that older processes go on while newer ones take over. docs/migrations.md
has the rules for a new migration.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from weerklank.kernel.database import CONNECT_SECONDS, LIMITS, POOLED, driver_url, is_pooled
from weerklank.kernel.errors import BadSurroundings

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
ONE_AT_A_TIME = 7_305_021  # the advisory lock of whoever migrates
LOCK_WAIT = "200ms"  # for each table, of which a migration touches two at most: so long may others queue behind it
SETTINGS = (
    f"SET lock_timeout = '{LOCK_WAIT}'",
    "SET client_connection_check_interval = '1s'",  # whoever is killed leaves neither his lock nor his work behind
)
HALF_RESTORED = "half_restored"
TRIES = 100
PAUSE_SECONDS = 0.5


def upgrade(owner_url: str, to: str = "head") -> str:
    """Run the migrations that a database lacks, as its owner; the new version. Raises BadSurroundings.

    Two that start at once do it once. A migration that cannot get its lock lets others pass and tries again.
    """
    if is_pooled(owner_url):
        raise BadSurroundings(f"DATABASE_URL is for migrations and may not lead through a pooler (`{POOLED}`).")
    engine = create_engine(
        driver_url(owner_url),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS},
    )
    with reachable("database"), engine.connect() as connection:
        wait_for_turn(connection)
        run_migrations(connection, to)
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


def run_migrations(connection: Connection, to: str) -> None:
    settings = configuration()
    settings.attributes["connection"] = connection
    for attempt in range(1, TRIES + 1):
        try:
            for setting in SETTINGS:
                connection.execute(text(setting))
            refuse_newer(connection)
            lacks = current(connection) in (None, *known())
            connection.commit()  # so that each migration has a transaction of its own, or none where it asks for none
            if lacks:
                command.upgrade(settings, to)
                connection.commit()
            return
        except OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, LockNotAvailable) or attempt == TRIES:
                raise
            time.sleep(PAUSE_SECONDS)


def make_index(op: Operations, name: str, on: str, *, unique: bool = False) -> None:
    """For migrations: make an index while others read and write, outside any transaction; also after a run broke off.

    It waits for the transactions that are under way as long as that takes: nobody waits for it meanwhile.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # what a broken-off run may have left
        op.execute(f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {name} ON {on}")
        op.execute(f"SET lock_timeout = '{LOCK_WAIT}'")


def note_compatible(ctx: MigrationContext, step: MigrationInfo, **rest: object) -> None:
    """Keep with the version which program may still work; called within each migration's transaction."""
    script = scripts().get_revision(step.up_revision_id or "")
    oldest = getattr(script.module, "compatible_from", script.revision)
    assert ctx.connection is not None
    if oldest_program(ctx.connection) is not None:
        ctx.connection.execute(
            text("UPDATE alembic_version SET compatible_from = greatest(compatible_from, :oldest)"), {"oldest": oldest}
        )


def check(connection: Connection) -> None:
    """Refuse to start: raises BadSurroundings if the role could pass the walls, or the schema does not fit."""
    refuse_powerful_role(connection)
    refuse_no_limits(connection)
    refuse_half_restored(connection)
    refuse_newer(connection)
    found = current(connection)
    if found is None or (found != head() and found in known()):
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


def refuse_no_limits(connection: Connection) -> None:
    """Nothing waits for ever: limits come with a connection, or behind a pooler with the role."""
    row = connection.execute(text("SELECT current_user, current_setting('statement_timeout')")).one()
    if row[1] == "0":
        limits = " ".join(f"ALTER ROLE {row[0]} SET {name} = '{value}';" for name, value in LIMITS.items())
        raise BadSurroundings(f"The database role {row[0]} has no limits; let its administrator give it some: {limits}")


def refuse_half_restored(connection: Connection) -> None:
    """A back-up that is being put back, or was not wholly, is marked by a table of this name."""
    if connection.execute(text(f"SELECT to_regclass('public.{HALF_RESTORED}')")).scalar() is not None:
        raise BadSurroundings(
            "The database is only half restored: run `weerklank restore` again; it says what is in the way."
        )


def refuse_newer(connection: Connection) -> None:
    """A newer database is refused, unless it says that a program as old as this one may work on it."""
    found = current(connection)
    if found is not None and found not in known() and oldest_program(connection) not in known():
        raise BadSurroundings(
            f"The database has version {found}, which is newer than this program knows and can work on; "
            "install the release that made it, or a later one."
        )


def current(connection: Connection) -> str | None:
    """The version that the database has; None for an empty one."""
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        return None


def oldest_program(connection: Connection) -> str | None:
    """The oldest version whose program may work on this database; None where nobody noted it."""
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT compatible_from FROM alembic_version")).scalar()
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

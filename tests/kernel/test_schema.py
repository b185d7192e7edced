"""A database that does not fit, or a role that could pass the walls, is refused in one sentence."""

import threading

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from tests.conftest import Database
from weerklank.cli.main import main
from weerklank.kernel import schema
from weerklank.kernel.database import make_engine
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.health import database_state, keys_state
from weerklank.kernel.postgres import Cluster
from weerklank.kernel.settings import Settings


def tampered(database: Database, statement: str) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # a statement of this file


def test_it_accepts_the_database_it_migrated(database: Database, keystore: Engine) -> None:
    with database.engine.connect() as connection:
        schema.check(connection)
    assert (database_state(database.engine), keys_state(keystore)) == ("ok", "ok")


@pytest.mark.parametrize("role", ["postgres", "weerklank_owner"])
def test_it_refuses_to_work_as_a_role_that_passes_the_walls(database: Database, role: str) -> None:
    engine = make_engine(database.cluster.dsn(database.name, role))
    with engine.connect() as connection, pytest.raises(BadSurroundings, match=role):
        schema.check(connection)
    engine.dispose()


def test_it_accepts_an_owner_that_stepped_down(database: Database) -> None:
    engine = make_engine(f"{database.owner_url}&options=-c%20role%3Dweerklank_app")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == "weerklank_app"
        schema.check(connection)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999', compatible_from = '9999'", "newer than this program"),
        ("UPDATE alembic_version SET version_num = '0001'", "weerklank db upgrade"),
        ("DROP TABLE alembic_version", "weerklank db upgrade"),
    ],
)
def test_it_refuses_a_database_of_another_version(
    fresh_database: Database, keystore: Engine, statement: str, sentence: str
) -> None:
    tampered(fresh_database, statement)
    with fresh_database.engine.connect() as connection, pytest.raises(BadSurroundings, match=sentence):
        schema.check(connection)
    assert database_state(fresh_database.engine) == "unfit"


def test_it_does_not_migrate_a_newer_database(fresh_database: Database) -> None:
    tampered(fresh_database, "UPDATE alembic_version SET version_num = '9999', compatible_from = '9999'")
    with pytest.raises(BadSurroundings, match="newer"):
        schema.upgrade(fresh_database.owner_url)


def test_it_says_what_is_unreachable(cluster: Cluster, database: Database, keystore: Engine) -> None:
    nowhere = create_engine(cluster.dsn("no_such_database", "weerklank_app").replace("://", "+psycopg://"))
    assert (database_state(nowhere), keys_state(nowhere)) == ("unreachable", "unreachable")
    with pytest.raises(BadSurroundings, match="database cannot be used"):
        schema.upgrade(cluster.dsn("no_such_database", "weerklank_owner"))


def test_it_migrates_an_empty_database_once_when_two_start_at_once(cluster: Cluster) -> None:
    name = "weerklank_two_at_once"
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER weerklank_owner")
    versions: list[str] = []
    url = cluster.dsn(name, "weerklank_owner")
    threads = [threading.Thread(target=lambda: versions.append(schema.upgrade(url))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with psycopg.connect(cluster.dsn("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} (FORCE)")
    assert versions == [schema.head()] * 2


def test_it_gives_way_to_others_and_tries_again(fresh_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    with psycopg.connect(fresh_database.superuser_url) as reader:
        reader.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            reader.rollback()

        monkeypatch.setattr(schema.time, "sleep", pause)
        assert schema.upgrade(fresh_database.owner_url) == schema.head()
    assert pauses == [schema.PAUSE_SECONDS]


def test_it_migrates_and_checks_by_command(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", settings.database_url)
    monkeypatch.setenv("DATABASE_CLOCK_URL", settings.database_clock_url)
    monkeypatch.setenv("KEYSTORE_URL", settings.keystore_url)
    monkeypatch.setenv("VAR", str(settings.var))
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert schema.head() in capsys.readouterr().out
    monkeypatch.setenv("DATABASE_APP_URL", settings.database_owner_url)
    assert main(["db", "check"]) == 2
    assert "weerklank_app" in capsys.readouterr().err

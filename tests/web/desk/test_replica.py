"""The export of the register from a copy of the database: a real streaming replica, with the same walls."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from tests.conftest import Database
from tests.web.conftest import running
from tests.web.desk.conftest import Desk
from weerklank.assembly import Platform, parts_of
from weerklank.kernel.postgres import Cluster, find_runner, start_cluster
from weerklank.kernel.settings import Settings
from weerklank.web.parts import NAME


@pytest.fixture(scope="module")
def replica(web_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A second server that follows the one of the tests."""
    var = tmp_path_factory.mktemp("copy")
    data = var / "postgres" / "data"
    data.parent.mkdir(mode=0o700)
    superuser = web_database.cluster.dsn("postgres", "postgres")
    runner = find_runner(data.parent, data)
    done = runner.run(data.parent, "pg_basebackup", "-D", str(data), "-R", "-c", "fast", "-d", superuser)
    assert done.returncode == 0, done.stderr
    copy = start_cluster(var, durable=False)
    yield copy
    copy.stop()


@contextmanager
def with_copy(desk: Desk, settings: Settings, url: str) -> Iterator[tuple[Platform, Callable[[], str]]]:
    """The application with a copy at this address, and the export as Bram gets it there."""
    with running(replace(settings, database_reports_url=url)) as app:
        platform: Platform = app.extensions[NAME]
        bram = replace(desk, app=app).staff(desk.cast.bram)
        yield platform, lambda: bram.client.get(f"{bram.base}/desk/quality/register.csv").get_data(as_text=True)
        if platform.reports:
            platform.reports.dispose()
        platform.database.dispose()


def ask(url: str, statement: str, *values: Any) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values or None)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def until_it_followed(database: Database, copy: str) -> None:
    reached = ask(database.superuser_url, "SELECT pg_current_wal_lsn()")
    for _ in range(3000):
        if ask(copy, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", reached):
            return
        select.select([], [], [], 0.02)
    raise AssertionError("the copy does not follow")


TICK = """
INSERT INTO tick (name, slot, claimed_at) VALUES ('seal', '2026', now() - %s::interval)
ON CONFLICT (name) DO UPDATE SET claimed_at = excluded.claimed_at
"""


def test_the_register_is_exported_from_a_copy_that_keeps_up_and_not_from_one_that_lags(
    desk: Desk, web_database: Database, web_settings: Settings, replica: Cluster
) -> None:
    ours, copy = web_database.superuser_url, replica.dsn(web_database.name, "postgres")
    first, secret = desk.receive(), desk.receive()
    ask(ours, TICK, "1 minute")
    until_it_followed(web_database, copy)
    ask(copy, "SELECT pg_wal_replay_pause()")
    later = desk.receive()
    wall = "INSERT INTO case_wall (tenant_id, case_id, person_id) VALUES (%s, %s, %s)"
    ask(ours, wall, desk.organisation.id, secret.case_id, desk.cast.bram)
    with with_copy(desk, web_settings, replica.dsn(web_database.name, "weerklank_app")) as (platform, export):
        seen = export()
        assert first.reference in seen
        assert later.reference not in seen, "this was not read from the copy"
        assert secret.reference not in seen, "a wall holds at once, also where the copy lags"
        assert parts_of(platform)["reports"]() == "ok"
        ask(copy, "SELECT pg_wal_replay_resume()")
        ask(ours, TICK, "4 minutes")
        until_it_followed(web_database, copy)
        ask(copy, "SELECT pg_wal_replay_pause()")
        last = desk.receive()
        assert parts_of(platform)["reports"]() == "degraded"
        assert last.reference in export()
        ask(copy, "SELECT pg_wal_replay_resume()")


def test_the_register_is_exported_without_the_copy_when_it_is_gone(
    desk: Desk, web_database: Database, web_settings: Settings
) -> None:
    reference = desk.receive().reference
    nowhere = web_database.cluster.dsn("no_such_database", "weerklank_app")
    with with_copy(desk, web_settings, nowhere) as (platform, export):
        assert reference in export()
        assert parts_of(platform)["reports"]() == "degraded"


def test_what_reads_much_cannot_write_and_sees_its_own_organisation_only(
    desk: Desk, open_desk: Callable[..., Desk], web_database: Database, web_settings: Settings, replica: Cluster
) -> None:
    other = open_desk()
    other.receive()
    desk.receive()
    ask(web_database.superuser_url, TICK, "1 minute")
    until_it_followed(web_database, replica.dsn(web_database.name, "postgres"))
    for url in (replica.dsn(web_database.name, "weerklank_app"), ""):
        nowhere = "postgresql://nobody@/nothing?host=/nowhere"
        with (
            with_copy(desk, web_settings, url or nowhere) as (platform, _),
            platform.reading(desk.organisation.id) as session,
        ):
            assert session.scalars(text("SELECT DISTINCT tenant_id FROM case_file")).all() == [desk.organisation.id]
            assert session.scalar(text("SELECT pg_is_in_recovery()")) is bool(url)
            with pytest.raises(InternalError, match="read-only transaction"):
                session.execute(text("DELETE FROM case_file"))

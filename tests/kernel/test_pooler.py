"""Behind a pooler every transaction may have another connection, and nothing of one is seen in the next."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from tests.conftest import Database, add_tenant
from tests.kernel.pooler import pooler
from weerklank.kernel import outbox, schema
from weerklank.kernel.database import LIMITS, POOLED, engine_for, engine_options, open_session, tenant_scope
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import load

CONNECTIONS = 2
THREADS = 4
TRANSACTIONS = 1_000
# Not the ORM's: only row-level security stands between this and everybody's rows.
EVERYBODYS = text("SELECT DISTINCT tenant_id FROM outbox")


@pytest.fixture
def pooled(fresh_database: Database, tmp_path: Path) -> Iterator[str]:
    """The address of the application's role through a pooler with two connections."""
    with pooler(fresh_database, tmp_path, CONNECTIONS) as port:
        yield f"postgresql://weerklank_app@127.0.0.1:{port}/weerklank?{POOLED}"


@pytest.fixture
def engine(pooled: str) -> Iterator[Engine]:
    with engine_for(pooled) as engine:
        yield engine


def test_a_thousand_transactions_of_five_organisations_see_their_own_rows_only(
    engine: Engine, fresh_database: Database, keyring: Keyring
) -> None:
    with open_session(engine) as session:
        tenants = [add_tenant(session, keyring, f"tenant{number}") for number in range(5)]
    foreign: list[object] = []
    backends: set[int] = set()

    def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(TRANSACTIONS // THREADS):
            own = chance.choice(tenants)
            with open_session(engine) as session, tenant_scope(session, own.id):
                outbox.enqueue(session, "test", dedupe_key=str(new_id()), args={})
                found = set(session.scalars(EVERYBODYS))
                backends.add(session.scalars(text("SELECT pg_backend_pid()")).one())
                session.commit() if chance.random() < 0.5 else session.rollback()
                again = set(session.scalars(EVERYBODYS))
                foreign.extend((found | again) - {own.id})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert foreign == []
    assert len(backends) <= CONNECTIONS < THREADS
    with engine.connect() as without_scope:
        assert without_scope.scalars(EVERYBODYS).all() == []
    with psycopg.connect(fresh_database.superuser_url) as everything:
        assert everything.execute("SELECT count(DISTINCT tenant_id) FROM outbox").fetchone() == (5,)


def test_nothing_is_prepared_on_a_connection_that_is_somebody_elses_next(engine: Engine) -> None:
    for _ in range(20):
        with engine.connect() as connection:
            connection.execute(text("SELECT id FROM tenant WHERE slug = :slug"), {"slug": "anna"})
            assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


def test_the_limits_stand_with_the_role(engine: Engine) -> None:
    with engine.connect() as connection:
        schema.check(connection)
        for name, value in LIMITS.items():
            assert connection.scalar(text(f"SELECT current_setting('{name}') = :value"), {"value": as_shown(value)}), (
                name
            )


def as_shown(value: str) -> str:
    """PostgreSQL tells sixty seconds as a minute."""
    return {"60s": "1min"}.get(value, value)


def test_it_refuses_a_role_without_limits(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        unlimited = f"ALTER ROLE weerklank_app IN DATABASE {fresh_database.name} SET statement_timeout = 0"
        superuser.execute(unlimited)  # type: ignore[call-overload]  # the name of this test's own database
    with (
        engine_for(f"{fresh_database.app_url}&{POOLED}") as engine,
        engine.connect() as connection,
        pytest.raises(BadSurroundings, match="ALTER ROLE weerklank_app SET statement_timeout = '10s'"),
    ):
        schema.check(connection)


def test_it_says_what_cannot_lead_through_a_pooler() -> None:
    owner = f"postgresql://owner@db/weerklank?{POOLED}"
    with pytest.raises(BadSurroundings, match="DATABASE_URL is for migrations"):
        schema.upgrade(owner)
    stepped_down = load({"DATABASE_URL": owner}).database_url
    with pytest.raises(BadSurroundings, match="DATABASE_APP_URL"):
        engine_options(stepped_down)

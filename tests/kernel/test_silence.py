"""A database that takes everything and never answers is left in time, whatever it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from faults.between import Line, Way
from tests.conftest import Database
from weerklank.kernel.database import (
    CONNECT_SECONDS,
    GRACE_SECONDS,
    be_patient,
    make_engine,
    open_session,
    without_limit,
    without_tenant,
)

SECONDS = 1  # for a statement
LONGER = text("SELECT pg_sleep(2.5)")
MUCH_LONGER = 20.0  # than any of these should take; before there was a limit each took for ever


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    with Line(str(database.cluster.socket / ".s.PGSQL.5432")) as line:
        yield line


@pytest.fixture
def engine(line: Line, database: Database) -> Iterator[Engine]:
    engine = make_engine(f"postgresql://weerklank_app@127.0.0.1:{line.port}/{database.name}", SECONDS)
    yield engine
    line.be(Way.REFUSED)
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with open_session(engine) as session, without_tenant(session, "a test asks for nobody's rows"):
        yield session


def one(session: Session) -> None:
    assert session.scalar(text("SELECT 1")) == 1


def test_it_leaves_a_database_that_falls_silent_over_a_statement(line: Line, session: Session) -> None:
    one(session)
    line.be(Way.SILENT)
    began = monotonic()
    with pytest.raises(OperationalError, match="did not answer in time"):
        one(session)
    assert SECONDS + GRACE_SECONDS <= monotonic() - began < MUCH_LONGER


def test_it_leaves_a_database_that_falls_silent_over_a_rollback_or_a_commit(line: Line, session: Session) -> None:
    for end in (session.rollback, session.commit):
        one(session)
        line.be(Way.SILENT)
        with pytest.raises(OperationalError, match="did not answer in time"):
            end()
        session.close()
        line.be(Way.FINE)


def test_it_asks_a_kept_connection_shortly_whether_it_is_there_and_then_for_another(
    line: Line, session: Session
) -> None:
    one(session)
    session.rollback()
    line.be(Way.SILENT)
    began = monotonic()
    with pytest.raises(OperationalError):
        one(session)
    assert CONNECT_SECONDS <= monotonic() - began < MUCH_LONGER
    line.be(Way.FINE)
    one(session)


def test_it_hears_from_the_server_itself_that_a_statement_takes_too_long(session: Session) -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        session.execute(LONGER)
    session.rollback()
    one(session)


def test_it_waits_for_work_on_everything_as_long_as_that_takes_and_then_no_more(line: Line, session: Session) -> None:
    without_limit(session)
    session.execute(LONGER)
    session.commit()
    one(session)
    line.be(Way.SILENT)
    with pytest.raises(OperationalError, match="did not answer in time"):
        one(session)


def many(session: Session) -> None:
    for _ in range(10):
        one(session)


def test_all_statements_of_a_page_together_have_a_limit(line: Line, session: Session) -> None:
    line.be(Way.SLOW)
    be_patient(1.0)
    try:
        with pytest.raises(OperationalError, match="did not answer in time"):
            many(session)
    finally:
        be_patient(None)
    one(session)

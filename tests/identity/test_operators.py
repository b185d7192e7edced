"""Those who run the platform."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW, PASSWORD
from tests.conftest import Database
from weerklank.identity.login import FAILURES_FORGOTTEN, IDLE, MOST_FAILURES, Denied
from weerklank.identity.model import Person
from weerklank.identity.operators import (
    LINK_LASTS,
    OperatorLoggedIn,
    become_operator,
    is_operator_link_open,
    log_in_operator,
    log_out_operator,
    make_operator_link,
    needs_operator_link,
    operator_session_of,
)
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.errors import NoScope, Refused


@pytest.fixture
def session(app_session: Session) -> Iterator[Session]:
    with without_tenant(app_session, "a test of the platform's own tables"):
        yield app_session


def test_it_makes_one_operator_of_a_link(session: Session) -> None:
    assert needs_operator_link(session, NOW)
    token = make_operator_link(session, NOW)
    assert not needs_operator_link(session, NOW)
    become_operator(session, token, " Beheer1 ", PASSWORD, NOW)
    assert not is_operator_link_open(session, token, NOW)
    with pytest.raises(Refused, match="link_spent"):
        become_operator(session, token, "beheer2", PASSWORD, NOW)
    assert isinstance(log_in_operator(session, "beheer1", PASSWORD, NOW), OperatorLoggedIn)


def test_it_makes_one_operator_of_twenty_who_use_the_link_at_once(fresh_database: Database) -> None:
    with open_session(fresh_database.engine) as session, without_tenant(session, "a test"):
        token = make_operator_link(session, NOW)
        session.commit()

    def use(number: int) -> bool:
        with open_session(fresh_database.engine) as session, without_tenant(session, "a test"):
            try:
                become_operator(session, token, f"beheer{number}", PASSWORD, NOW)
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(use, range(20))) == 1


def test_it_needs_a_new_link_once_the_first_ran_out_unused(session: Session) -> None:
    token = make_operator_link(session, NOW)
    assert is_operator_link_open(session, token, NOW + LINK_LASTS - timedelta(seconds=1))
    assert not is_operator_link_open(session, token, NOW + LINK_LASTS)
    assert needs_operator_link(session, NOW + LINK_LASTS)


def test_it_replaces_an_open_link_by_a_newer_one(session: Session) -> None:
    first, second = make_operator_link(session, NOW), make_operator_link(session, NOW)
    assert not is_operator_link_open(session, first, NOW)
    assert is_operator_link_open(session, second, NOW)


@pytest.mark.parametrize("username", ["", "ab", "Jan Jansen", "jan@example.nl", "x" * 41, "-jan"])
def test_it_refuses_a_user_name_that_is_none(session: Session, username: str) -> None:
    with pytest.raises(Refused, match="not_a_username"):
        become_operator(session, make_operator_link(session, NOW), username, PASSWORD, NOW)


def test_it_refuses_a_weak_password_and_a_name_in_use_without_spending_the_link(session: Session) -> None:
    become_operator(session, make_operator_link(session, NOW), "beheer1", PASSWORD, NOW)
    token = make_operator_link(session, NOW)
    with pytest.raises(Refused, match="password_too_short"):
        become_operator(session, token, "beheer2", "kort", NOW)
    with pytest.raises(Refused, match="username_taken"):
        become_operator(session, token, "beheer1", PASSWORD, NOW)
    assert is_operator_link_open(session, token, NOW)


def test_it_shuts_an_operator_out_after_ten_failures_for_a_while(session: Session) -> None:
    become_operator(session, make_operator_link(session, NOW), "beheer1", PASSWORD, NOW)
    for _ in range(MOST_FAILURES):
        assert log_in_operator(session, "beheer1", "fout", NOW) is Denied.WRONG
    assert log_in_operator(session, "beheer1", PASSWORD, NOW) is Denied.TOO_OFTEN
    assert log_in_operator(session, "niemand", PASSWORD, NOW) is Denied.WRONG
    assert isinstance(log_in_operator(session, "beheer1", PASSWORD, NOW + FAILURES_FORGOTTEN), OperatorLoggedIn)


def test_it_ends_an_operators_session_by_log_out_by_time_and_when_disabled(session: Session) -> None:
    become_operator(session, make_operator_link(session, NOW), "beheer1", PASSWORD, NOW)
    done = log_in_operator(session, "beheer1", PASSWORD, NOW)
    assert isinstance(done, OperatorLoggedIn)
    assert operator_session_of(session, done.token, NOW)
    assert operator_session_of(session, done.token, NOW + IDLE) is None
    session.execute(text("UPDATE operator SET disabled_at = now()"))
    assert operator_session_of(session, done.token, NOW) is None
    session.execute(text("UPDATE operator SET disabled_at = NULL"))
    log_out_operator(session, done.session, NOW)
    assert operator_session_of(session, done.token, NOW) is None


def test_it_cannot_reach_an_organisations_people_from_where_operators_work(session: Session) -> None:
    with pytest.raises(NoScope):
        session.query(Person).all()
    assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 0

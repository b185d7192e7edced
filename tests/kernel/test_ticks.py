"""Two schedulers do the work of one."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Database
from weerklank.kernel.database import make_engine, open_session, without_tenant
from weerklank.kernel.ticks import beats, claim_tick, hold_tick

DAY = date(2026, 10, 25)
LEASE = timedelta(seconds=30)


def test_it_gives_a_slot_once_and_only_forward(app_session: Session) -> None:
    assert claim_tick(app_session, "remind", DAY)
    assert not claim_tick(app_session, "remind", DAY)
    assert claim_tick(app_session, "remind", DAY + timedelta(1))
    assert not claim_tick(app_session, "remind", DAY), "this one has passed"
    assert claim_tick(app_session, "report", DAY), "another job"


def test_it_gives_a_slot_again_if_the_claimer_rolled_back(app_session: Session) -> None:
    assert claim_tick(app_session, "remind", DAY)
    app_session.rollback()
    assert claim_tick(app_session, "remind", DAY)


def test_it_gives_a_slot_again_if_the_claimer_died_over_it_and_not_if_he_was_done(app_session: Session) -> None:
    assert claim_tick(app_session, "remind", DAY, LEASE)
    assert not claim_tick(app_session, "remind", DAY, LEASE)
    run_out(app_session)
    assert claim_tick(app_session, "remind", DAY, LEASE), "nobody said that it was done"
    run_out(app_session)
    hold_tick(app_session, "remind", DAY, LEASE)
    assert not claim_tick(app_session, "remind", DAY, LEASE), "its claimer is still at it"
    hold_tick(app_session, "remind", DAY, None)
    run_out(app_session)
    hold_tick(app_session, "remind", DAY, LEASE)
    assert not claim_tick(app_session, "remind", DAY, LEASE), "it is done, and nobody holds it any more"
    assert claim_tick(app_session, "remind", DAY + timedelta(1), LEASE)


def run_out(session: Session) -> None:
    with without_tenant(session, "a test lets time go by"):
        session.execute(text("UPDATE tick SET lease_until = now() WHERE lease_until IS NOT NULL"))


def test_it_tells_how_long_ago_each_job_was_begun(app_session: Session) -> None:
    assert claim_tick(app_session, "remind", DAY)
    assert beats(app_session) == {"remind": timedelta(0)}, "both in the transaction of this test"


def test_it_sorts_moments_also_around_a_year_and_a_change_of_the_clock(app_session: Session) -> None:
    for moment in (
        datetime(2025, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    ):
        assert claim_tick(app_session, "minute", moment)
        assert not claim_tick(app_session, "minute", moment)


def test_it_refuses_a_slot_without_a_zone(app_session: Session) -> None:
    with pytest.raises(ValueError, match="zone"):
        claim_tick(app_session, "minute", datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


def test_it_runs_each_slot_once_with_several_schedulers(fresh_database: Database) -> None:
    clock = make_engine(fresh_database.clock_url)
    claimed: list[date] = []
    days = [DAY + timedelta(number) for number in range(50)]

    def schedule() -> None:
        with open_session(clock) as session:
            for day in days:
                if claim_tick(session, "remind", day):
                    claimed.append(day)
                session.commit()

    threads = [threading.Thread(target=schedule) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    clock.dispose()
    assert len(claimed) == len(set(claimed))
    assert claimed[-1] == days[-1]

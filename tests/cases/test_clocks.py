"""The clock finds what is due across organisations, reminds and notes what was missed, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from tests.cases.conftest import FRIDAY, Office, open_office
from tests.conftest import Database, Organisation, add_tenant
from weerklank.cases import clocks
from weerklank.cases.act import Engine, open_case
from weerklank.cases.actions.complete import Complete
from weerklank.cases.model import Deadline, Message
from weerklank.kernel.database import make_engine, open_session, tenant_scope
from weerklank.kernel.events import Event
from weerklank.kernel.keys import Keyring

REMINDER = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)  # 8 o'clock in Amsterdam, one working day before Tuesday 10 March
OVER = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)  # midnight after Tuesday


@pytest.fixture
def lasting(fresh_database: Database, engine: Engine, keyring: Keyring) -> Iterator[tuple[Database, Office]]:
    """An office on a database where other connections see what was committed."""
    with open_session(fresh_database.engine) as session:
        organisation: Organisation = add_tenant(session, keyring, "anna")
        with tenant_scope(session, organisation.id):
            yield fresh_database, open_office(session, engine, organisation.id)


def due(database: Database, now: datetime) -> list[str]:
    clock = make_engine(database.clock_url)
    with Session(clock) as session:
        found = clocks.due_terms(session, now)
    clock.dispose()
    return [term for _, _, term in found]


def tick(office: Office, now: datetime) -> list[str]:
    """What one round of the clock does; answers the kinds of events."""
    query = select(Deadline.case_id, Deadline.term).where(Deadline.next_at <= now)
    pairs = [(row.case_id, row.term) for row in office.session.execute(query)]
    kinds = []
    for case_id, term in clocks.claim_terms(office.session, office.tenant.id, pairs, now):
        acted = clocks.remind_or_miss(office.session, office.engine, office.tenant.id, case_id, term, now)
        kinds += [event.kind.value for event in acted.events]
    return kinds


def test_it_finds_what_is_due_as_the_clock_and_nothing_before(lasting: tuple[Database, Office]) -> None:
    database, office = lasting
    office.receive()
    office.session.commit()
    assert due(database, REMINDER - timedelta(seconds=1)) == []
    assert due(database, REMINDER) == ["acknowledge"]


def test_it_shows_the_clock_no_more_than_ids_and_moments(lasting: tuple[Database, Office]) -> None:
    database, office = lasting
    office.receive()
    office.session.commit()
    clock = make_engine(database.clock_url)
    with clock.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.execute(text("SELECT owners FROM deadline"))
    clock.dispose()


def test_it_gives_a_claimed_term_to_nobody_else(lasting: tuple[Database, Office]) -> None:
    database, office = lasting
    case_id = office.receive().case_id
    pairs = [(case_id, "acknowledge")]
    assert clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER) == pairs
    office.session.commit()
    assert clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER) == []
    assert due(database, REMINDER) == []


def test_it_reminds_once_and_then_notes_what_was_missed_once(office: Office) -> None:
    office.receive()
    assert tick(office, REMINDER) == ["reminded"]
    assert tick(office, REMINDER) == []
    assert tick(office, OVER - timedelta(seconds=1)) == []
    assert tick(office, OVER) == ["term_missed"]
    assert tick(office, OVER + timedelta(days=1)) == []


def test_it_tells_whom_the_procedure_names(office: Office) -> None:
    office.receive()
    tick(office, REMINDER)
    tick(office, OVER)
    told = office.session.execute(select(Message.name, Message.person_id).where(Message.about == "acknowledge")).all()
    assert sorted(told) == sorted(
        [("reminded", office.eva), ("term_missed", office.eva), ("term_missed", office.fred)]
    )


def test_it_does_not_remind_of_what_was_done(office: Office) -> None:
    case_id = office.receive().case_id
    office.do(case_id, Complete("acknowledge"), office.eva)
    assert tick(office, OVER) == []


def test_it_does_nothing_for_a_term_that_moved_on_meanwhile(office: Office) -> None:
    case_id = office.receive().case_id
    pairs = [(case_id, "acknowledge")]
    claimed = clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER)
    office.do(case_id, Complete("acknowledge"), office.eva)
    before = office.session.scalar(select(func.count()).select_from(Event))
    for each in claimed:
        clocks.remind_or_miss(office.session, office.engine, office.tenant.id, *each, REMINDER)
    assert office.session.scalar(select(func.count()).select_from(Event)) == before


def test_it_leaves_a_term_of_a_dead_clock_half_a_minute_and_one_that_broke_five(office: Office) -> None:
    case_id = office.receive().case_id
    clocks.claim_terms(office.session, office.tenant.id, [(case_id, "acknowledge")], REMINDER)
    left = select(Deadline.lease_until - func.now()).where(Deadline.lease_until.is_not(None))
    assert office.session.scalars(left).all() == [timedelta(seconds=30)]
    clocks.postpone(office.session, office.tenant.id, case_id, "acknowledge")
    assert office.session.scalars(left).all() == [timedelta(minutes=5)]


def test_it_sets_a_term_aside_after_three_tries_and_says_so(office: Office) -> None:
    case_id = office.receive().case_id
    pairs = [(case_id, "acknowledge")]
    lease_over = update(Deadline).values(lease_until=None)
    for _ in range(clocks.TRIES):
        assert clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER) == pairs
        office.session.execute(lease_over)
    assert clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER) == []
    assert clocks.set_aside(office.session, office.tenant.id) == pairs
    alarm = office.session.execute(select(Message.role, Message.about).where(Message.name == clocks.SET_ASIDE)).all()
    assert alarm == [("administrators", "acknowledge")]
    assert clocks.claim_terms(office.session, office.tenant.id, pairs, REMINDER + timedelta(days=1)) == []


def test_it_verifies_every_stored_deadline(office: Office) -> None:
    case_id = office.receive().case_id
    office.receive(now=FRIDAY + timedelta(days=3))
    assert list(clocks.verify(office.session, office.tenant.id, FRIDAY)) == []
    planted = update(Deadline).where(Deadline.case_id == case_id, Deadline.term == "decide")
    office.session.execute(planted.values(due_on=date(2026, 4, 18)))
    (found,) = clocks.verify(office.session, office.tenant.id, FRIDAY)
    assert (found.case_id, found.term, found.column) == (case_id, "decide", "due_on")
    assert (found.stored, found.computed) == ("2026-04-18", "2026-04-17")


def test_it_verifies_a_row_that_is_gone(office: Office) -> None:
    case_id = office.receive().case_id
    row = office.session.scalars(select(Deadline).where(Deadline.term == "decide")).one()
    office.session.delete(row)
    (found,) = clocks.verify(office.session, office.tenant.id, FRIDAY)
    assert (found.case_id, found.term, found.stored, found.computed) == (case_id, "decide", None, "there")


def test_it_verifies_without_any_key(office: Office, keyring: Keyring) -> None:
    received = [office.receive(now=FRIDAY + timedelta(days=n)).case_id for n in range(3)]
    office.do(received[0], Complete("acknowledge"), office.eva)
    before = [open_case(office.session, office.tenant.id, each, FRIDAY).case for each in received]
    keyring.destroy_cases(office.tenant.id, received)
    assert list(clocks.verify(office.session, office.tenant.id, FRIDAY)) == []
    after = [open_case(office.session, office.tenant.id, each, FRIDAY).case for each in received]
    assert after == before

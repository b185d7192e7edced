"""Two people at once: one wins, the other is told; and nothing that was not said is written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from tests.cases.conftest import FRIDAY, Office, by, open_office
from tests.conftest import Database, add_tenant
from weerklank.cases import doors
from weerklank.cases.act import Engine
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Note
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import Intake
from weerklank.cases.model import CaseFile
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import Conflict, Refused
from weerklank.kernel.events import Event
from weerklank.kernel.keys import Keyring
from weerklank.policy.events import COMPLAINANT
from weerklank.tenancy.model import Tenant


@pytest.fixture
def place(fresh_database: Database, engine: Engine, keyring: Keyring) -> tuple[Database, Engine, Office, UUID]:
    """A committed case that many connections can see."""
    with open_session(fresh_database.engine) as session:
        organisation = add_tenant(session, keyring, "anna")
        with tenant_scope(session, organisation.id):
            office = open_office(session, engine, organisation.id)
            case_id = office.receive().case_id
            session.commit()
    return fresh_database, engine, office, case_id


def at_once(place: tuple[Database, Engine, Office, UUID], actions: list[Action]) -> list[str]:
    """Every action by Eva in a session and thread of its own, all begun together; how each ended."""
    database, engine, office, case_id = place
    together, tenant_id, eva = Barrier(len(actions)), office.tenant_id, office.eva

    def run(action: Action) -> str:
        with open_session(database.engine) as session, tenant_scope(session, tenant_id):
            together.wait(10)
            try:
                doors.perform(session, engine, tenant_id, case_id, action, by(eva), FRIDAY)
                session.commit()
            except (Conflict, Refused) as error:
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return sorted(pool.map(run, actions))


def test_it_lets_one_of_two_do_a_step(place: tuple[Database, Engine, Office, UUID]) -> None:
    ended = at_once(place, [Complete("acknowledge"), Complete("acknowledge")])
    assert ended.count("done") == 1
    assert set(ended) <= {"done", "Conflict", "Refused"}


def test_it_loses_no_note_and_writes_none_twice(place: tuple[Database, Engine, Office, UUID]) -> None:
    database, _, office, case_id = place
    ended = at_once(place, [Note(f"Notitie {number}") for number in range(6)])
    with open_session(database.engine) as session, tenant_scope(session, office.tenant_id):
        query = select(func.count()).where(Event.case_id == case_id, Event.kind == "noted")
        assert session.scalar(query) == ended.count("done") >= 1
        numbers = session.scalars(select(Event.seq).where(Event.case_id == case_id).order_by(Event.seq)).all()
        assert numbers == list(range(1, len(numbers) + 1))
        assert session.scalar(select(CaseFile.seq)) == len(numbers)


def test_it_takes_a_form_in_once_however_often_it_is_sent_at_once(
    place: tuple[Database, Engine, Office, UUID],
) -> None:
    database, engine, office, _ = place
    form, together = uuid4(), Barrier(4)
    intake = Intake("portal", contact={"name": "Anna", "email": "a@b.example"}, story="Het ging mis.", dedupe=form)

    def send(_: int) -> str | None:
        with open_session(database.engine) as session, tenant_scope(session, office.tenant_id):
            tenant = session.get_one(Tenant, office.tenant_id)
            together.wait(10)
            try:
                received = doors.receive_complaint(session, engine, tenant, intake, COMPLAINANT, FRIDAY)
                session.commit()
            except Conflict:
                return None
            return received.code

    with ThreadPoolExecutor(4) as pool:
        codes = set(pool.map(send, range(4))) - {None}
    assert len(codes) == 1
    with open_session(database.engine) as session, tenant_scope(session, office.tenant_id):
        assert session.scalar(select(func.count()).where(CaseFile.dedupe == form)) == 1


def test_it_gives_every_case_a_reference_of_its_own(place: tuple[Database, Engine, Office, UUID]) -> None:
    database, engine, office, _ = place
    intake = Intake("portal", contact={"name": "Anna", "email": "a@b.example"}, story="Het ging mis.")

    def send(_: int) -> str:
        with open_session(database.engine) as session, tenant_scope(session, office.tenant_id):
            tenant = session.get_one(Tenant, office.tenant_id)
            received = doors.receive_complaint(session, engine, tenant, intake, COMPLAINANT, FRIDAY)
            session.commit()
            return received.reference

    with ThreadPoolExecutor(4) as pool:
        references = sorted(pool.map(send, range(12)))
    assert references == [f"ANN-2026-{number:04}" for number in range(2, 14)]

"""The second factor: set up, asked for, each code good once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW, PASSWORD, START, hire, let_in
from tests.conftest import Database, Organisation, add_tenant
from weerklank.identity.links import make_link
from weerklank.identity.login import Denied, LoggedIn, accept_link, log_in, needs_second_factor, set_password
from weerklank.identity.model import Credential, Purpose, StaffSession
from weerklank.identity.people import add_person, find_person
from weerklank.identity.second_factor import begin_enrolment, check_code, confirm_enrolment, remove_second_factor
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import Tenant

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def organisation(session: Session, tenant: Organisation) -> Tenant:
    found = session.get(Tenant, tenant.id)
    assert found is not None
    return found


@pytest.fixture
def dewi(session: Session, keyring: Keyring, tenant: Organisation) -> StaffSession:
    """Dewi, an admin, logged in."""
    return let_in(session, hire(session, keyring, tenant.id).dewi).session


def code_of(address: str, now: datetime) -> str:
    secret = parse_qs(urlsplit(address).query)["secret"][0]
    return pyotp.TOTP(secret).at(now)


def enrol(session: Session, keyring: Keyring, staff_session: StaffSession) -> str:
    address = begin_enrolment(session, keyring, staff_session, "Voorbeeld")
    confirm_enrolment(session, keyring, staff_session, code_of(address, NOW), NOW)
    return address


def test_it_is_asked_for_once_a_code_confirmed_it(
    session: Session, keyring: Keyring, organisation: Tenant, dewi: StaffSession
) -> None:
    address = begin_enrolment(session, keyring, dewi, "Voorbeeld")
    assert isinstance(log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, None, NOW), LoggedIn)
    confirm_enrolment(session, keyring, dewi, code_of(address, NOW), NOW)
    assert log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, None, LATER) is Denied.CODE_NEEDED
    assert log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, "000000", LATER) is Denied.WRONG
    done = log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, code_of(address, LATER), LATER)
    assert isinstance(done, LoggedIn)
    assert done.session.second_factor


def test_it_takes_no_code_twice(session: Session, keyring: Keyring, organisation: Tenant, dewi: StaffSession) -> None:
    code = code_of(enrol(session, keyring, dewi), LATER)
    assert isinstance(log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, code, LATER), LoggedIn)
    assert log_in(session, keyring, organisation, "dewi@example.nl", PASSWORD, code, LATER) is Denied.WRONG


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (90, False)])
def test_it_forgives_a_clock_that_runs_half_a_minute_off(
    session: Session, keyring: Keyring, dewi: StaffSession, seconds: int, good: bool
) -> None:
    code = code_of(enrol(session, keyring, dewi), LATER + timedelta(seconds=seconds))
    credential = session.get_one(Credential, (dewi.tenant_id, dewi.person_id))
    assert check_code(session, keyring, credential, code, LATER) is good


def test_it_lets_one_of_twenty_through_who_use_a_code_at_once(fresh_database: Database, keyring: Keyring) -> None:
    with open_session(fresh_database.engine) as session:
        tenant = add_tenant(session, keyring, "anna")
        with tenant_scope(session, tenant.id):
            person = add_person(session, keyring, tenant.id, name="Dewi", email="dewi@example.nl", today=START)
            address = enrol(session, keyring, let_in(session, person.id).session)
            session.commit()
    code = code_of(address, LATER)

    def use(_: int) -> bool:
        with open_session(fresh_database.engine) as session, tenant_scope(session, tenant.id):
            credential = session.get_one(Credential, (tenant.id, person_id))
            good = check_code(session, keyring, credential, code, LATER)
            session.commit()
            return good

    with open_session(fresh_database.engine) as session, tenant_scope(session, tenant.id):
        person_id = session.execute(text("SELECT id FROM person")).scalar_one()
    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(use, range(20))) == 1


def test_it_cannot_be_replaced_or_removed_without_a_code(
    session: Session, keyring: Keyring, dewi: StaffSession
) -> None:
    address = enrol(session, keyring, dewi)
    with pytest.raises(Refused, match="second_factor_there"):
        begin_enrolment(session, keyring, dewi, "Voorbeeld")
    with pytest.raises(Refused, match="code_wrong"):
        remove_second_factor(session, keyring, dewi, "000000", LATER)
    remove_second_factor(session, keyring, dewi, code_of(address, LATER), LATER)
    assert begin_enrolment(session, keyring, dewi, "Voorbeeld") != address


def test_it_is_not_set_up_by_a_wrong_code(session: Session, keyring: Keyring, dewi: StaffSession) -> None:
    begin_enrolment(session, keyring, dewi, "Voorbeeld")
    with pytest.raises(Refused, match="code_wrong"):
        confirm_enrolment(session, keyring, dewi, "000000", NOW)


def test_it_stays_when_the_password_is_reset(
    session: Session, keyring: Keyring, organisation: Tenant, dewi: StaffSession
) -> None:
    enrol(session, keyring, dewi)
    _, token = make_link(session, keyring, find_person(session, dewi.person_id), Purpose.RESET, LATER)
    accept_link(session, keyring, organisation, token, "een kast vol knopen", LATER)
    done = log_in(session, keyring, organisation, "dewi@example.nl", "een kast vol knopen", None, LATER)
    assert done is Denied.CODE_NEEDED


def test_it_is_demanded_of_admins_where_the_organisation_says_so(
    session: Session, keyring: Keyring, organisation: Tenant, dewi: StaffSession
) -> None:
    assert not needs_second_factor(session, organisation, dewi)
    organisation.settings = {"admin_second_factor": True}
    assert needs_second_factor(session, organisation, dewi)
    enrol(session, keyring, dewi)
    assert not needs_second_factor(session, organisation, dewi)
    els = add_person(session, keyring, organisation.id, name="Iris", email="iris@example.nl", today=START)
    set_password(session, els, PASSWORD, NOW)
    done = log_in(session, keyring, organisation, "iris@example.nl", PASSWORD, None, NOW)
    assert isinstance(done, LoggedIn)
    assert not needs_second_factor(session, organisation, done.session)


def test_it_keeps_the_secret_sealed(session: Session, keyring: Keyring, dewi: StaffSession) -> None:
    secret = parse_qs(urlsplit(enrol(session, keyring, dewi)).query)["secret"][0]
    kept = str(session.execute(text("SELECT row_to_json(c)::text FROM credential c")).all())
    assert secret not in kept
    assert secret.encode().hex() not in kept

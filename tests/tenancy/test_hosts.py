"""A host name of one's own: asked for by anybody, proven by a record, and leading to one organisation at most."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database, Organisation, add_tenant
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.keys import Keyring
from weerklank.tenancy import hosts
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import find_by_host

NOW = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
OWN = ("weerklank.nl", "localhost")
NAME = "klachten.example.nl"


@pytest.fixture
def session(app_session: Session) -> Iterator[Session]:
    with without_tenant(app_session, "a test of the platform's own table"):
        yield app_session


@pytest.fixture
def anna(session: Session, tenant: Organisation) -> Tenant:
    return session.get_one(Tenant, tenant.id)


@pytest.fixture
def carla(session: Session, other_tenant: Organisation) -> Tenant:
    return session.get_one(Tenant, other_tenant.id)


def ask(session: Session, tenant: Tenant, name: str = NAME) -> str:
    return hosts.ask_for_host(session, tenant, name, NOW, own=OWN)


def leads_to(session: Session, name: str = NAME) -> str | None:
    found = find_by_host(session, name)
    return found.slug if found else None


def test_it_leads_nowhere_until_it_is_verified_and_no_more_when_it_is_dropped(session: Session, anna: Tenant) -> None:
    assert ask(session, anna, " Klachten.Example.NL. ") == NAME
    assert leads_to(session) is None
    hosts.verify_host(session, anna, NAME, NOW)
    assert leads_to(session) == "anna"
    hosts.drop_host(session, anna, NAME)
    assert leads_to(session) is None


def test_it_keeps_the_record_of_a_name_that_is_asked_for_twice(session: Session, anna: Tenant) -> None:
    ask(session, anna)
    (first,) = hosts.hosts_of(session, anna.id)
    name, value = hosts.record_of(first)
    assert name == f"_weerklank.{NAME}"
    assert value.removeprefix("weerklank=") == first.token
    assert len(first.token) == 32
    ask(session, anna)
    (second,) = hosts.hosts_of(session, anna.id)
    assert hosts.record_of(second) == (name, value)


def test_it_gives_each_organisation_and_each_name_a_record_of_its_own(
    session: Session, anna: Tenant, carla: Tenant
) -> None:
    for tenant, name in ((anna, NAME), (anna, "b.example.nl"), (carla, NAME)):
        ask(session, tenant, name)
    every = [*hosts.hosts_of(session, anna.id), *hosts.hosts_of(session, carla.id)]
    assert len({host.token for host in every}) == 3


@pytest.mark.parametrize(
    "name",
    ["", "example", "127.0.0.1", "10.0.0.1.", "[::1]", "a..nl", "-a.nl", "a-.nl", "a b.nl", "a.nl/x", "https://a.nl",
     "a.nl:80", "a_b.nl", "é.nl", "a" * 64 + ".nl", "a." * 127 + "nl", "x.localhost", "db.internal", "a.nl\0"],
)  # fmt: skip
def test_it_refuses_what_is_no_name_that_the_world_can_find(session: Session, anna: Tenant, name: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(session, anna, name)
    assert refused.value.code == "host_wrong"


@pytest.mark.parametrize("name", ["weerklank.nl", "x.weerklank.nl", "a.b.weerklank.nl", "WEERKLANK.nl."])
def test_it_refuses_a_name_of_the_platform(session: Session, anna: Tenant, name: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(session, anna, name)
    assert refused.value.code == "host_of_platform"
    assert ask(session, anna, "mijnweerklank.nl") == "mijnweerklank.nl"


def test_it_lets_nobody_keep_a_name_from_others_by_asking_first(session: Session, anna: Tenant, carla: Tenant) -> None:
    ask(session, carla)
    ask(session, anna)
    hosts.verify_host(session, anna, NAME, NOW)
    with pytest.raises(Refused) as refused:
        hosts.verify_host(session, carla, NAME, NOW)
    assert refused.value.code == "host_taken"
    with pytest.raises(Refused):
        ask(session, carla)
    assert leads_to(session) == "anna"


def test_it_asks_for_no_more_than_five(session: Session, anna: Tenant) -> None:
    for number in range(5):
        ask(session, anna, f"n{number}.example.nl")
    ask(session, anna, "n0.example.nl")
    with pytest.raises(Refused) as refused:
        ask(session, anna)
    assert refused.value.code == "too_many_hosts"


def test_it_verifies_and_drops_only_what_was_asked_for(session: Session, anna: Tenant, carla: Tenant) -> None:
    ask(session, carla)
    with pytest.raises(NotFound):
        hosts.verify_host(session, anna, NAME, NOW)
    with pytest.raises(NotFound):
        hosts.drop_host(session, anna, NAME)


def test_it_keeps_the_day_on_which_it_was_verified(session: Session, anna: Tenant) -> None:
    ask(session, anna)
    for moment in (NOW, NOW + timedelta(days=1)):
        hosts.verify_host(session, anna, NAME, moment)
    assert hosts.hosts_of(session, anna.id)[0].verified_at == NOW


def test_it_tells_which_organisations_wait(session: Session, anna: Tenant, carla: Tenant) -> None:
    ask(session, anna)
    ask(session, carla, "b.example.nl")
    hosts.verify_host(session, anna, NAME, NOW)
    assert hosts.asking(session) == {carla.id}


def test_it_leads_to_one_when_two_operators_verify_it_for_two_at_once(
    fresh_database: Database, keyring: Keyring
) -> None:
    ids = []
    for slug in ("anna", "carla"):
        with open_session(fresh_database.engine) as session:
            ids.append(add_tenant(session, keyring, slug).id)
        with open_session(fresh_database.engine) as session, without_tenant(session, "a test of hosts"):
            ask(session, session.get_one(Tenant, ids[-1]))
            session.commit()

    def verify(number: int) -> bool:
        with open_session(fresh_database.engine) as session, without_tenant(session, "a test of hosts"):
            try:
                hosts.verify_host(session, session.get_one(Tenant, ids[number]), NAME, NOW)
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(verify, range(2))) == [False, True]

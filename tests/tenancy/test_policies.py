"""Versions of a policy: published from a day, never changed, the one in force on a day."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from tests.cast import NOW, SMALL, TODAY
from tests.conftest import Database, Organisation, add_tenant
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import PolicyVersion, State, Tenant
from weerklank.tenancy.policies import (
    PolicyRefused,
    in_force,
    newest,
    policy_of,
    publish,
    versions,
)

DAY = timedelta(days=1)
OTHER = SMALL.replace("within: 6 weeks", "within: 8 weeks")
OPEN = SMALL.replace("within: 6 weeks", "within: {unconfirmed: how long?, reading: 6 weeks}")
WRONG = SMALL.replace("owner: handler", "owner: hanlder").replace("kind: post", "kind: pots", 1)


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def ours(session: Session, tenant: Organisation) -> Tenant:
    return session.get_one(Tenant, tenant.id)


def put(session: Session, tenant: Tenant, policy: str, day: date = TODAY, **more: Any) -> PolicyVersion:
    return publish(session, tenant, policy, day, today=TODAY, now=NOW, actor=None, **more)


def test_it_is_in_force_from_its_day_on(session: Session, ours: Tenant) -> None:
    first = put(session, ours, SMALL)
    second = put(session, ours, OTHER, TODAY + 10 * DAY)
    days = [TODAY, TODAY + 9 * DAY, TODAY + 10 * DAY, TODAY + 1000 * DAY]
    assert [in_force(session, ours.id, day).number for day in days] == [1, 1, 2, 2]
    assert [one.id for one in versions(session, ours.id)] == [second.id, first.id]
    assert newest(session, ours.id) is second


def test_it_handles_what_came_in_before_the_first_version_under_that_one(session: Session, ours: Tenant) -> None:
    put(session, ours, SMALL)
    put(session, ours, OTHER)
    assert in_force(session, ours.id, date(1999, 1, 1)).number == 1
    assert in_force(session, ours.id, TODAY).number == 2


def test_it_is_not_found_where_nothing_was_published(session: Session, ours: Tenant) -> None:
    with pytest.raises(NotFound):
        in_force(session, ours.id, TODAY)


def test_it_refuses_a_policy_with_mistakes_and_says_all_of_them_with_their_lines(
    session: Session, ours: Tenant
) -> None:
    with pytest.raises(PolicyRefused, match="policy_wrong") as caught:
        put(session, ours, WRONG)
    assert len(caught.value.findings) >= 2
    assert all(finding.line > 1 for finding in caught.value.findings)
    assert versions(session, ours.id) == []


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_it_refuses_every_policy_of_an_organisation_that_is_shut(session: Session, ours: Tenant, state: str) -> None:
    ours.state = state
    with pytest.raises(PolicyRefused, match="tenant_suspended"):
        put(session, ours, SMALL)


def test_it_runs_on_readings_in_trial_and_not_once_live(session: Session, ours: Tenant) -> None:
    assert put(session, ours, OPEN).readings
    ours.state = State.ACTIVE
    assert not put(session, ours, SMALL).readings
    with pytest.raises(PolicyRefused, match="policy_open") as caught:
        put(session, ours, OPEN)
    assert [question.question for question in caught.value.questions] == ["how long?"]


def test_it_refuses_a_day_that_is_past_or_before_that_of_the_newest(session: Session, ours: Tenant) -> None:
    put(session, ours, SMALL, TODAY + 5 * DAY)
    for day in (TODAY - DAY, TODAY, TODAY + 4 * DAY):
        with pytest.raises(PolicyRefused, match="policy_in_past"):
            put(session, ours, OTHER, day)
    assert put(session, ours, OTHER, TODAY + 5 * DAY).number == 2


def test_it_refuses_what_the_newest_version_says_already(session: Session, ours: Tenant) -> None:
    put(session, ours, SMALL)
    with pytest.raises(PolicyRefused, match="policy_same"):
        put(session, ours, SMALL)
    put(session, ours, OTHER)
    assert put(session, ours, SMALL).number == 3


def test_it_can_be_neither_changed_nor_deleted(session: Session, ours: Tenant) -> None:
    put(session, ours, SMALL)
    for statement in ("UPDATE policy_version SET text = ''", "DELETE FROM policy_version"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


def test_it_numbers_versions_one_after_the_other_when_many_publish_at_once(
    fresh_database: Database, keyring: Keyring
) -> None:
    with open_session(fresh_database.engine) as session:
        tenant = add_tenant(session, keyring, "anna")

    def try_it(number: int) -> int:
        with open_session(fresh_database.engine) as session, tenant_scope(session, tenant.id):
            policy = SMALL.replace("within: 6 weeks", f"within: {number + 5} weeks")
            published = put(session, session.get_one(Tenant, tenant.id), policy).number
            session.commit()
            return published

    with ThreadPoolExecutor(5) as threads:
        assert sorted(threads.map(try_it, range(10))) == list(range(1, 11))


def test_it_reads_a_text_once_and_fetches_it_once(session: Session, ours: Tenant) -> None:
    unique = SMALL.replace("organisation: Voorbeeld", f"organisation: Voorbeeld {new_id()}")
    put(session, ours, unique)
    policy = policy_of(in_force(session, ours.id, TODAY))
    tenant_id = ours.id
    session.expire_all()
    asked: list[str] = []
    listener: Callable[..., None] = lambda *given: asked.append(given[2])  # noqa: E731 - one of six things counts
    event.listen(session.get_bind(), "before_cursor_execute", listener)
    again = policy_of(in_force(session, tenant_id, TODAY))
    event.remove(session.get_bind(), "before_cursor_execute", listener)
    assert again is policy
    assert len(asked) == 1
    assert "policy_version.text" not in asked[0]


def test_it_is_not_found_for_another_organisation(
    open_test_session: Callable[[], Session], tenant: Organisation, other_tenant: Organisation
) -> None:
    ours, theirs = open_test_session(), open_test_session()
    with tenant_scope(theirs, other_tenant.id):
        put(theirs, theirs.get_one(Tenant, other_tenant.id), SMALL)
        theirs.commit()
    with tenant_scope(ours, tenant.id):
        assert versions(ours, tenant.id) == []
        with pytest.raises(NotFound):
            in_force(ours, tenant.id, TODAY)


@pytest.mark.parametrize("given", ["", "\0", "[]", "a: *b", "x" * 1_000_001, "weerklank: 1", "\udcff"])
def test_it_refuses_what_is_no_policy_without_falling_over(session: Session, ours: Tenant, given: str) -> None:
    with pytest.raises(Refused, match="policy_wrong"):
        put(session, ours, given)

"""Organisations: their states, what goes on in each, and how they are found."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW
from tests.conftest import Database, Organisation, add_tenant
from weerklank.kernel.database import open_session, tenant_scope, without_tenant
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.branding import Branding
from weerklank.tenancy.model import State, Tenant, TenantHost
from weerklank.tenancy.organisations import (
    activate,
    all_organisations,
    approve,
    create,
    end,
    find_by_host,
    find_by_slug,
    history,
    logo_of,
    resume,
    set_logo,
    set_look,
    suspend,
)

OPERATOR = new_id()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


@pytest.fixture
def session(app_session: Session) -> Iterator[Session]:
    with without_tenant(app_session, "a test of the platform's own tables"):
        yield app_session


@pytest.fixture
def ours(session: Session, tenant: Organisation) -> Tenant:
    return session.get_one(Tenant, tenant.id)


def test_it_remembers_who_moved_it_when_and_why(session: Session, ours: Tenant) -> None:
    activate(session, ours, OPERATOR, NOW, questions=0)
    suspend(session, ours, OPERATOR, "rekening niet betaald", NOW)
    resume(session, ours, OPERATOR, NOW)
    told = [(change.from_state, change.to_state, change.reason) for change in history(session, ours)]
    assert sorted(told) == sorted(
        [("trial", "active", None), ("active", "suspended", "rekening niet betaald"), ("suspended", "active", None)]
    )
    assert {change.operator_id for change in history(session, ours)} == {OPERATOR}


@pytest.mark.parametrize("before", [State.TRIAL, State.ACTIVE])
def test_it_resumes_where_it_was(session: Session, ours: Tenant, before: State) -> None:
    ours.state = before
    suspend(session, ours, OPERATOR, "reden", NOW)
    assert (ours.takes_complaints, ours.lets_staff_in, ours.shows_status) == (False, True, True)
    resume(session, ours, OPERATOR, NOW)
    assert ours.state == before
    assert ours.takes_complaints


def test_it_stays_readable_for_complainants_after_the_end(session: Session, ours: Tenant) -> None:
    end(session, ours, OPERATOR, "opgezegd", NOW)
    assert (ours.takes_complaints, ours.lets_staff_in, ours.shows_status) == (False, False, True)


def test_it_does_nothing_yet_while_pending(session: Session, ours: Tenant) -> None:
    ours.state = State.PENDING
    assert (ours.takes_complaints, ours.lets_staff_in, ours.shows_status) == (False, False, False)


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        ("trial", "approve"),
        ("ended", "approve"),
        ("pending", "activate"),
        ("ended", "activate"),
        ("pending", "suspend"),
        ("suspended", "suspend"),
        ("ended", "suspend"),
        ("trial", "resume"),
        ("ended", "resume"),
        ("ended", "end"),
    ],
)
def test_it_makes_no_move_that_does_not_exist(session: Session, ours: Tenant, state: str, verb: str) -> None:
    ours.state, ours.email_verified_at = state, NOW
    session.flush()
    moves: dict[str, Callable[[], None]] = {
        "approve": lambda: approve(session, ours, OPERATOR, NOW),
        "activate": lambda: activate(session, ours, OPERATOR, NOW, questions=0),
        "suspend": lambda: suspend(session, ours, OPERATOR, "reden", NOW),
        "resume": lambda: resume(session, ours, OPERATOR, NOW),
        "end": lambda: end(session, ours, OPERATOR, "reden", NOW),
    }
    with pytest.raises(Refused, match="not_in_this_state"):
        moves[verb]()
    assert ours.state == state
    assert history(session, ours) == []


def test_it_goes_live_only_when_every_question_is_answered(session: Session, ours: Tenant) -> None:
    with pytest.raises(Refused, match="policy_open"):
        activate(session, ours, OPERATOR, NOW, questions=3)
    activate(session, ours, OPERATOR, NOW, questions=0)
    assert (ours.state, ours.plan) == ("active", "standard")


@pytest.mark.parametrize("verb", [suspend, end])
def test_it_asks_a_reason_for_shutting(session: Session, ours: Tenant, verb: Callable[..., None]) -> None:
    with pytest.raises(Refused, match="reason_needed"):
        verb(session, ours, OPERATOR, "  ", NOW)


def test_it_lets_one_of_ten_operators_through_who_suspend_at_once(fresh_database: Database, keyring: Keyring) -> None:
    with open_session(fresh_database.engine) as session:
        tenant = add_tenant(session, keyring, "anna")

    def try_it(_: int) -> bool:
        with open_session(fresh_database.engine) as session, without_tenant(session, "a test"):
            try:
                suspend(session, session.get_one(Tenant, tenant.id), OPERATOR, "reden", NOW)
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(try_it, range(10))) == 1


def test_it_is_found_by_short_name_and_by_a_verified_host_in_any_case(
    app_session: Session, tenant: Organisation, other_tenant: Organisation
) -> None:
    with without_tenant(app_session, "a test gives hosts"):
        app_session.add(TenantHost(host="klachten.anna.example", tenant_id=tenant.id, verified_at=NOW))
        app_session.add(TenantHost(host="klachten.carla.example", tenant_id=other_tenant.id))
        app_session.commit()
    found = find_by_host(app_session, "Klachten.ANNA.example")
    with without_tenant(app_session, "a test looks"):
        assert found is not None
        assert found.id == tenant.id
        assert find_by_slug(app_session, "carla").id == other_tenant.id
    assert find_by_host(app_session, "klachten.carla.example") is None
    assert find_by_host(app_session, "elsewhere.example") is None
    with pytest.raises(NotFound):
        find_by_slug(app_session, "nobody")


def test_it_lists_all_by_name(session: Session, tenant: Organisation, other_tenant: Organisation) -> None:
    create(session, "Aardappelboer", "aardappel", "AAR", State.TRIAL, NOW)
    assert [one.slug for one in all_organisations(session)] == ["aardappel", "anna", "carla"]


def test_it_shows_an_organisations_own_logo_and_the_newest_only(
    open_test_session: Callable[[], Session], tenant: Organisation, other_tenant: Organisation
) -> None:
    ours, theirs = open_test_session(), open_test_session()
    with tenant_scope(ours, tenant.id):
        organisation = ours.get_one(Tenant, tenant.id)
        first = set_logo(ours, organisation, SVG, NOW).sha256
        second = set_logo(ours, organisation, SVG + b"\n", NOW).sha256
        set_look(ours, organisation, Branding(brand="#5B2A6E", tint="#f6f0f8", accent="#a8521a"))
        assert organisation.branding["logo"] == second
        assert organisation.branding["brand"] == "#5b2a6e"
        assert logo_of(ours, second).kind == "image/svg+xml"
        with pytest.raises(NotFound):
            logo_of(ours, first)
        ours.commit()
    with tenant_scope(theirs, other_tenant.id), pytest.raises(NotFound):
        logo_of(theirs, second)


def test_it_leaves_no_way_to_change_the_history_of_an_organisation(session: Session, ours: Tenant) -> None:
    suspend(session, ours, OPERATOR, "reden", NOW)
    for statement in ("UPDATE tenant_change SET reason = ''", "DELETE FROM tenant_change", "DELETE FROM tenant"):
        with pytest.raises(Exception, match="permission denied"), session.begin_nested():
            session.execute(text(statement))

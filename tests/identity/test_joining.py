"""An organisation joins, and its first admin gets in."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cast import NOW, PASSWORD, TODAY
from tests.conftest import Organisation
from weerklank.identity.joining import admin_link, join, needs_first_link, verify_email
from weerklank.identity.login import Denied, LoggedIn, accept_link, log_in
from weerklank.identity.people import add_person, is_admin
from weerklank.kernel.database import tenant_scope, without_tenant
from weerklank.kernel.errors import Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import State, Tenant
from weerklank.tenancy.organisations import Wanted, approve, find_by_slug
from weerklank.tenancy.policies import in_force, policy_of

WANTED = Wanted('De Buurtbus & Zn. "Ons"', "buurtbus", "BUS", "Dorpsstraat 1, 1234 AB Ergens", "general", True)


def test_it_goes_from_signing_up_to_logging_in_through_verification_and_approval(
    open_test_session: Callable[[], Session], keyring: Keyring
) -> None:
    ours, operators = open_test_session(), open_test_session()
    joined = join(ours, keyring, WANTED, "Ids Idema", "ids@example.nl", NOW)
    tenant, tenant_id = joined.tenant, joined.tenant.id
    assert tenant.state == State.PENDING
    with tenant_scope(ours, tenant_id):
        verify_email(ours, tenant, joined.token, PASSWORD, NOW)
        assert log_in(ours, keyring, tenant, "ids@example.nl", PASSWORD, None, NOW) is Denied.CLOSED
        ours.commit()
    with without_tenant(operators, "an operator approves"):
        approve(operators, find_by_slug(operators, "buurtbus"), new_id(), NOW)
        operators.commit()
    with tenant_scope(ours, tenant_id):
        ours.refresh(tenant)
        assert isinstance(log_in(ours, keyring, tenant, "ids@example.nl", PASSWORD, None, NOW), LoggedIn)
        assert is_admin(ours, joined.admin.id)
        policy = policy_of(in_force(ours, tenant_id, TODAY))
        assert (policy.procedure.organisation, policy.procedure.prefix) == (WANTED.name, "BUS")


def test_it_cannot_be_approved_before_its_address_is_verified(app_session: Session, keyring: Keyring) -> None:
    joined = join(app_session, keyring, WANTED, "Ids Idema", "ids@example.nl", NOW)
    with tenant_scope(app_session, joined.tenant.id), pytest.raises(Refused, match="email_not_verified"):
        approve(app_session, joined.tenant, new_id(), NOW)


def test_it_verifies_once(app_session: Session, keyring: Keyring) -> None:
    joined = join(app_session, keyring, WANTED, "Ids Idema", "ids@example.nl", NOW)
    with tenant_scope(app_session, joined.tenant.id):
        verify_email(app_session, joined.tenant, joined.token, PASSWORD, NOW)
        with pytest.raises(Refused, match="link_spent"):
            verify_email(app_session, joined.tenant, joined.token, PASSWORD, NOW)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"terms_accepted": False}, "terms_not_accepted"),
        ({"name": "  "}, "organisation_name_needed"),
        ({"address": " "}, "address_needed"),
        ({"slug": "admin"}, "slug_reserved"),
        ({"slug": "console"}, "slug_reserved"),
        ({"slug": "Buurt"}, "slug_wrong"),
        ({"slug": "../x"}, "slug_wrong"),
        ({"slug": "a" * 41}, "slug_wrong"),
        ({"slug": "bus--x"}, "slug_wrong"),
        ({"slug": "anna"}, "slug_taken"),
        ({"prefix": "bus"}, "prefix_wrong"),
        ({"prefix": "B"}, "prefix_wrong"),
        ({"template": "../general"}, "unknown_template"),
    ],
)
def test_it_refuses_what_cannot_be(
    app_session: Session, keyring: Keyring, tenant: Organisation, change: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused, match=code):
        join(app_session, keyring, replace(WANTED, **change), "Ids", "ids@example.nl", NOW)  # type: ignore[arg-type]  # parametrised
    with without_tenant(app_session, "a test looks"):
        assert app_session.execute(text("SELECT count(*) FROM tenant WHERE name LIKE 'De Buurt%'")).scalar_one() == 0


@pytest.fixture
def session(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


def organisation(session: Session, tenant: Organisation) -> Tenant:
    return session.get_one(Tenant, tenant.id)


def test_it_gives_an_organisation_without_people_a_first_admin(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    ours = organisation(session, tenant)
    assert needs_first_link(session, ours)
    token = admin_link(session, keyring, ours, NOW)
    assert not needs_first_link(session, ours)
    person = accept_link(session, keyring, ours, token, PASSWORD, NOW, name="Ids Idema", email="ids@example.nl")
    assert is_admin(session, person.id)


def test_it_renews_the_link_of_an_admin_who_never_came_instead_of_making_another(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    first = admin_link(session, keyring, organisation(session, tenant), NOW)
    assert admin_link(session, keyring, organisation(session, tenant), NOW) != first
    assert session.execute(text("SELECT count(*) FROM admin")).scalar_one() == 1


def test_it_makes_another_admin_when_the_ones_there_are_can_get_in(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    ours = organisation(session, tenant)
    accept_link(
        session, keyring, ours, admin_link(session, keyring, ours, NOW), PASSWORD, NOW, name="I", email="i@x.nl"
    )
    admin_link(session, keyring, ours, NOW)
    assert session.execute(text("SELECT count(*) FROM admin")).scalar_one() == 2


def test_it_gives_no_first_link_where_there_are_people(
    session: Session, keyring: Keyring, tenant: Organisation
) -> None:
    add_person(session, keyring, tenant.id, name="Bram", email=None, today=TODAY)
    assert not needs_first_link(session, organisation(session, tenant))

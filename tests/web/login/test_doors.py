"""The doors of an organisation, as pages."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import text

from tests.cast import PASSWORD
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import OpenReader
from weerklank.identity.joining import admin_link
from weerklank.identity.links import make_link
from weerklank.identity.model import Purpose
from weerklank.identity.people import find_person, make_admin
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.tenancy.model import State, Tenant

NEW = "een kast vol knopen"


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


def link_for(own: Own, purpose: Purpose) -> str:
    """The token of a fresh link for Gijs, who has no password yet."""
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        _, token = make_link(session, own.keyring, find_person(session, own.cast.gijs), purpose, datetime.now(UTC))
        session.commit()
        return token


def set_state(own: Own, state: State) -> None:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        session.get_one(Tenant, own.id).state = state
        session.commit()


def test_it_lets_staff_in_and_out_again(own: Own) -> None:
    reader = own.log_in("dewi")
    assert reader.get("/account").heading == "My account"
    reader.send(reader.get("/account"), action="/logout")
    assert reader.get("/account").heading == "Log in"


def test_it_goes_on_to_the_page_that_was_asked_for(own: Own) -> None:
    reader = own.reader()
    page = reader.send(reader.get("/office/people"), {"email": "dewi@example.nl", "password": PASSWORD})
    assert page.heading == "People"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_goes_on_to_no_page_elsewhere(own: Own, wanted: str) -> None:
    reader = own.reader()
    login = reader.get("/login")
    token = next(login.form().all("input", name="csrf_token")).attributes["value"]
    values = {"email": "dewi@example.nl", "password": PASSWORD, "next": wanted, "csrf_token": token}
    answer = reader.client.post(f"/{own.slug}/login", data=values)
    assert answer.status_code == 302
    assert answer.location.startswith(f"/{own.slug}/")


@pytest.mark.parametrize(("email", "password"), [("dewi@example.nl", "fout"), ("niemand@example.nl", PASSWORD)])
def test_it_says_the_same_whoever_is_turned_away_and_keeps_the_address_only(
    own: Own, email: str, password: str
) -> None:
    reader = own.reader()
    page = reader.send(reader.get("/login"), {"email": email, "password": password}, status=422)
    assert page.errors() == ["This combination is not right. Check address and password, and the code if you use one."]
    assert page.form().one("input", id="email").attributes["value"] == email
    assert page.form().one("input", id="password").attributes["value"] == ""


def test_it_says_what_is_missing(own: Own) -> None:
    reader = own.reader("nl")
    page = reader.send(reader.get("/login"), status=422)
    assert page.errors() == ["Vul uw e-mailadres in.", "Vul uw wachtwoord in."]


def test_it_shuts_an_address_after_too_many_tries_although_each_is_refused(own: Own) -> None:
    reader = own.reader()
    for _ in range(10):
        reader.send(reader.get("/login"), {"email": "dewi@example.nl", "password": "fout"}, status=422)
    page = reader.send(reader.get("/login"), {"email": "dewi@example.nl", "password": PASSWORD}, status=422)
    assert "Wait fifteen minutes" in page.errors()[0]


def test_it_gives_a_cookie_that_scripts_cannot_read_and_that_lives_below_the_organisation_only(own: Own) -> None:
    reader = own.log_in("dewi")
    (cookie,) = [one for one in (reader.client._cookies or {}).values() if one.key.endswith("-staff")]
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert (cookie.path, cookie.key) == (f"/{own.slug}/", f"weerklank-{own.slug}-staff")


def test_it_takes_the_cookie_of_one_organisation_for_no_other(own: Own, app: Flask, web_database: Database) -> None:
    other = make_own(app, web_database)
    reader = own.log_in("dewi")
    (cookie,) = [one for one in (reader.client._cookies or {}).values() if one.key.endswith("-staff")]
    stranger = other.reader()
    stranger.client.set_cookie(f"weerklank-{other.slug}-staff", cookie.value, path=f"/{other.slug}/")
    assert stranger.get("/account").heading == "Log in"


def test_it_sets_a_password_by_a_link_once(own: Own) -> None:
    token, reader = link_for(own, Purpose.INVITE), own.reader()
    page = reader.get(f"/link/{token}")
    assert reader.get(f"/link/{token}").heading == "Choose a password"
    page = reader.send(page, {"password": NEW, "password-again": NEW})
    assert page.heading == "Log in"
    reader.send(reader.get("/account"), {"email": "gijs@example.nl", "password": NEW})
    assert reader.get("/account").heading == "My account"
    assert reader.get(f"/link/{token}", status=404).heading == "This link does not work any more"


@pytest.mark.parametrize(
    ("password", "again", "error"),
    [
        ("kort", "kort", "at least 12"),
        ("welkom123456", "welkom123456", "easy to guess"),
        (NEW, "een kast vol knoopjes", "not the same"),
        ("x" * 1000 + "y", "x" * 1000 + "z", "at most 256"),
    ],
)
def test_it_says_what_is_wrong_with_a_password_without_spending_the_link(
    own: Own, password: str, again: str, error: str
) -> None:
    token, reader = link_for(own, Purpose.INVITE), own.reader()
    page = reader.send(reader.get(f"/link/{token}"), {"password": password, "password-again": again}, status=422)
    assert error in page.errors()[0]
    assert reader.send(page, {"password": NEW, "password-again": NEW}).heading == "Log in"


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "é", "../login"])
def test_it_answers_404_with_a_way_out_to_a_link_that_is_none(own: Own, token: str) -> None:
    assert own.reader().get(f"/link/{token}", status=404).heading in (
        "This link does not work any more",
        "This page is not here",
    )


def test_it_asks_a_first_admin_who_he_is(own: Own) -> None:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        tenant = session.get_one(Tenant, own.id)
        token = admin_link(session, own.keyring, tenant, datetime.now(UTC))
        session.commit()
    reader = own.reader()
    page = reader.get(f"/link/{token}")
    page = reader.send(page, {"password": NEW, "password-again": NEW, "name": "Ids", "email": ""}, status=422)
    assert page.errors() == ["An e-mail address is needed for this."]
    page = reader.send(
        page, {"password": NEW, "password-again": NEW, "name": "Ids", "email": "dewi@example.nl"}, status=422
    )
    assert page.errors() == ["Somebody here already has this e-mail address."]
    page = reader.send(page, {"password": NEW, "password-again": NEW, "name": "Ids", "email": "ids@example.nl"})
    assert "Office of" in reader.send(reader.get("/office/"), {"email": "ids@example.nl", "password": NEW}).heading


def test_it_mails_a_link_to_who_forgot_a_password_and_tells_nobody_whether_it_did(own: Own) -> None:
    texts = set()
    for email in ("dewi@example.nl", "niemand@example.nl"):
        reader = own.reader()
        texts.add(reader.send(reader.get("/login/forgotten"), {"email": email}).text)
    assert len(texts) == 1
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        assert session.execute(text("SELECT kind FROM outbox")).scalars().all() == ["link"]


def test_it_asks_for_a_code_once_an_app_is_set_up(own: Own) -> None:
    reader = own.log_in("dewi")
    page = reader.send(reader.get("/account"), action="second-factor")
    secret = re.sub(r"\s", "", next(page.root.all("p", **{"class": "secret"})).text)
    page = reader.send(page, {"totp": pyotp.TOTP(secret).now()})
    assert "From now on we ask for a code" in page.text
    fresh = own.reader()
    page = fresh.send(fresh.get("/login"), {"email": "dewi@example.nl", "password": PASSWORD}, status=422)
    assert "Fill in the code" in page.errors()[0]
    page = fresh.send(page, {"password": PASSWORD, "totp": "000000"}, status=422)
    assert "not right" in page.errors()[0]
    later = pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))
    fresh.send(page, {"password": PASSWORD, "totp": later})
    assert fresh.get("/account").heading == "My account"


def test_it_sets_no_app_up_by_a_wrong_code(own: Own) -> None:
    reader = own.log_in("dewi")
    page = reader.send(reader.get("/account"), action="second-factor")
    assert "This code is not right" in reader.send(page, {"totp": "000000"}).text
    own.log_in("dewi")


def test_it_changes_a_password_and_logs_out_everywhere_else(own: Own) -> None:
    here, there = own.log_in("dewi"), own.log_in("dewi")
    page = here.send(here.get("/account"), {"old-password": "fout", "new-password": NEW}, action="password", status=422)
    assert page.errors() == ["This is not your password."]
    here.send(page, {"old-password": PASSWORD, "new-password": NEW}, action="password")
    assert here.get("/account").heading == "My account"
    assert there.get("/account").heading == "Log in"


def test_it_logs_out_everywhere_else_on_request(own: Own) -> None:
    here, there = own.log_in("dewi"), own.log_in("dewi")
    here.send(here.get("/account"), action="sessions")
    assert there.get("/account").heading == "Log in"
    assert here.get("/account").heading == "My account"


def test_it_tells_who_sends_something_after_logging_out_elsewhere(own: Own) -> None:
    here, there = own.log_in("dewi"), own.log_in("dewi")
    page = there.get("/account")
    here.send(here.get("/account"), action="sessions")
    assert there.send(page, action="password", status=401).heading == "You are no longer logged in"


@pytest.fixture
def shut(own: Own) -> Own:
    set_state(own, State.ENDED)
    return own


def test_it_lets_nobody_in_at_an_organisation_that_has_ended(shut: Own) -> None:
    reader = shut.reader()
    page = reader.send(reader.get("/login"), {"email": "dewi@example.nl", "password": PASSWORD}, status=422)
    assert page.errors() == ["Nobody can log in at this organisation now."]


def test_it_has_no_staff_pages_on_the_platforms_own_address(reader: OpenReader) -> None:
    for path in ("/login", "/account", "/office/", "/link/x"):
        reader("").get(path, status=404)


def test_it_brings_who_only_manages_to_the_office_and_others_to_the_desk(own: Own) -> None:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        make_admin(session, find_person(session, own.cast.els), datetime.now(UTC), by=None)
        session.commit()
    assert landing(own, "dewi") == "Worklist", "an administrator in a post"
    assert landing(own, "els") == f"Office of Organisation {own.slug}"


def landing(own: Own, who: str) -> str:
    reader = own.reader()
    return reader.send(reader.get("/login"), {"email": f"{who}@example.nl", "password": PASSWORD}).heading


def test_it_says_who_is_logged_in(own: Own) -> None:
    assert "dewi@example.nl" in own.log_in("dewi").get("/account").text

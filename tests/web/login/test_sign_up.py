"""An organisation signs up on the platform's pages, is approved, and begins."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from tests.cast import PASSWORD
from tests.conftest import Database
from tests.web.console.operators import an_operator
from tests.web.pages import OpenReader, Reader
from weerklank.identity.letters import link_letter
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.ids import new_id
from weerklank.tenancy.organisations import find_by_slug
from weerklank.tenancy.templates import templates
from weerklank.web.parts import NAME

FILLED = {
    "organisation": 'De Buurtbus & "Zn."',
    "address": "Dorpsstraat 1\n1234 AB Ergens",
    "prefix": "bus",
    "template": "general",
    "name": "Ids Idema",
    "email": "ids@example.nl",
    "terms": "yes",
}


@pytest.fixture
def slug() -> str:
    return f"bus-{new_id().hex[-10:]}"


def mailed_link(app: Flask, database: Database, slug: str) -> str:
    """The path of the link that was mailed, below the organisation's address."""
    with open_session(database.engine) as session:
        tenant = find_by_slug(session, slug)
        with tenant_scope(session, tenant.id):
            link_id = session.execute(text("SELECT args->>'link' FROM outbox WHERE kind = 'link'")).scalar_one()
            letter = link_letter(session, app.extensions[NAME].keyring, tenant, link_id, "", datetime.now(UTC))
            assert letter is not None
            assert letter.to == "ids@example.nl"
            return letter.paragraphs[-2]


def test_it_goes_from_signing_up_to_an_office_with_a_procedure(
    app: Flask, web_database: Database, reader: OpenReader, slug: str
) -> None:
    visitor = reader("", "nl")
    page = visitor.send(visitor.get("/sign-up"), {**FILLED, "slug": slug})
    assert page.heading == "Kijk in uw mail"
    admin = reader(slug)
    page = admin.get(mailed_link(app, web_database, slug))
    page = admin.send(page, {"password": PASSWORD, "password-again": PASSWORD})
    assert page.heading == "Your e-mail address is confirmed"
    log_in(admin, status=422)
    operator = an_operator(app, web_database)
    operator.send(operator.get(f"/console/organisations/{slug}"), action="approve")
    log_in(admin)
    page = admin.get("/office/")
    assert page.heading == 'Office of De Buurtbus & "Zn."'
    assert "Nobody holds these posts" in page.text
    assert "Still to be answered" in page.text
    assert reader(slug).get("/complain").status == 200


def log_in(admin: Reader, status: int = 200) -> None:
    admin.send(admin.get("/login"), {"email": "ids@example.nl", "password": PASSWORD}, status=status)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"terms": ""}, "You can only sign up if you agree"),
        ({"organisation": ""}, "Fill in the name of the organisation"),
        ({"slug": "console"}, "The platform needs this name itself"),
        ({"slug": "staatvandienst"}, "Another organisation has this name"),
        ({"slug": "a b"}, "small letters, digits and single dashes"),
        ({"prefix": "b1"}, "two to eight letters"),
        ({"email": "ids"}, "This is not an e-mail address"),
        ({"template": "../../etc"}, "Choose one of the answers"),
        ({"organisation": "x" * 201}, "too long"),
        ({"organisation": "a\x00b"}, "characters that we cannot keep"),
    ],
)
def test_it_keeps_what_was_filled_in_and_says_what_is_wrong(
    reader: OpenReader, slug: str, change: dict[str, str], sentence: str
) -> None:
    visitor = reader("")
    filled = {**FILLED, "slug": slug, **change}
    page = visitor.post("/sign-up", {**filled, "csrf_token": token(visitor)}, status=422)
    assert sentence in " ".join(page.errors())
    assert page.form().one("input", id="name").attributes["value"] == "Ids Idema"


def token(visitor: Reader) -> str:
    return next(visitor.get("/sign-up").form().all("input", name="csrf_token")).attributes["value"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_offers_every_policy_to_start_from_and_says_for_whom_it_is(reader: OpenReader, language: str) -> None:
    page = reader("", language).get("/sign-up")
    offered = [one.attributes["value"] for one in page.form().all("input", name="template")]
    assert offered == [one.name for one in templates()]
    for one in templates():
        assert one.label.in_(language) in page.text
        assert one.meant_for.in_(language) in page.text


def test_it_shows_nothing_of_an_organisation_that_waits(reader: OpenReader, slug: str) -> None:
    visitor = reader("")
    visitor.send(visitor.get("/sign-up"), {**FILLED, "slug": slug})
    for path in ("/", "/complain", "/procedure"):
        reader(slug).get(path, status=404)


def test_it_signs_up_on_the_platforms_own_pages_only(reader: OpenReader) -> None:
    reader("staatvandienst").get("/sign-up", status=404)

"""A name of the organisation's own: asked for in the office, verified in the console, and only then serving."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import Database
from tests.web.console.operators import an_operator
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def dewi(own: Own) -> Reader:
    return own.log_in("dewi")


@pytest.fixture
def operator(app: Flask, web_database: Database) -> Reader:
    return an_operator(app, web_database)


def name_of(own: Own) -> str:
    """A name that no other test asks for."""
    return f"klachten.{own.slug}.nl"


def ask(own: Own, dewi: Reader) -> Page:
    return dewi.send(dewi.get("/office/hosts"), {"host": name_of(own)}, action="/hosts")


def serves(own: Own) -> bool:
    answer = own.app.test_client().get("/", headers={"Host": name_of(own)})
    assert answer.status_code in (200, 404)
    return answer.status_code == 200 and f"Organisation {own.slug}" in answer.get_data(as_text=True)


def test_it_shows_the_record_and_serves_only_after_an_operator_verified_it(
    own: Own, dewi: Reader, operator: Reader
) -> None:
    page = ask(own, dewi)
    record = f"_weerklank.{name_of(own)}"
    assert record in page.text
    assert "TXT" in page.text
    assert "waits for verification" in page.text
    assert not serves(own)
    assert f"Organisation {own.slug} trial asks for a name" in operator.get("/console/").text
    page = operator.get(f"/console/organisations/{own.slug}")
    assert f"{record} TXT" in page.text
    page = operator.send(page, action="/hosts/verify")
    assert "The name leads there now." in page.text
    assert serves(own)
    assert "Verified on" in dewi.get("/office/hosts").text


def test_it_stops_serving_when_the_organisation_does_without_it(own: Own, dewi: Reader, operator: Reader) -> None:
    page, other = ask(own, dewi), dewi.get("/office/hosts")
    operator.send(operator.get(f"/console/organisations/{own.slug}"), action="/hosts/verify")
    dewi.send(page, {"host": name_of(own)}, action="/drop")
    assert not serves(own)
    dewi.send(other, {"host": name_of(own)}, action="/drop", status=404)


def test_it_stops_serving_when_the_operator_takes_it_away(own: Own, dewi: Reader, operator: Reader) -> None:
    ask(own, dewi)
    page = operator.send(operator.get(f"/console/organisations/{own.slug}"), action="/hosts/verify")
    assert "The name leads there no more." in operator.send(page, action="/hosts/drop").text
    assert not serves(own)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Fill in a name"),
        ("https://klachten.example.nl", "This is not a host name."),
        ("own.localhost", "This is not a host name."),
        ("x" * 400, "too long"),
        ("a\x00.nl", "cannot keep"),
    ],
)
def test_it_keeps_what_was_typed_and_says_what_is_wrong(dewi: Reader, name: str, sentence: str) -> None:
    page = dewi.send(dewi.get("/office/hosts"), {"host": name}, action="/hosts", status=422)
    assert sentence in " ".join(page.errors())


def test_it_tells_the_operator_when_the_name_leads_elsewhere_by_now(
    own: Own, dewi: Reader, operator: Reader, app: Flask, web_database: Database
) -> None:
    other = make_own(app, web_database)
    page = ask(own, dewi)
    theirs = other.log_in("dewi")
    theirs.send(theirs.get("/office/hosts"), {"host": name_of(own)}, action="/hosts")
    stale = operator.get(f"/console/organisations/{other.slug}")
    operator.send(operator.get(f"/console/organisations/{own.slug}"), action="/hosts/verify")
    page = operator.send(stale, action="/hosts/verify", status=422)
    assert page.errors() == ["This name already leads to another organisation."]
    token = next(theirs.get("/office/hosts").root.all("input", name="csrf_token")).attributes["value"]
    page = theirs.post("/office/hosts", {"host": name_of(own), "csrf_token": token}, status=422)
    assert page.errors() == ["This name already leads to another organisation."]
    assert serves(own)


def test_it_shows_nobody_elses_names(own: Own, dewi: Reader, app: Flask, web_database: Database) -> None:
    ask(own, dewi)
    theirs = make_own(app, web_database).log_in("dewi")
    page = theirs.get("/office/hosts")
    assert name_of(own) not in page.text
    theirs.send(page, {"host": "x.example.nl"}, action="/hosts")
    theirs.send(theirs.get("/office/hosts"), {"host": name_of(own)}, action="/drop", status=404)


def test_it_says_it_in_dutch_too(own: Own) -> None:
    dewi = own.log_in("dewi", "nl")
    page = ask(own, dewi)
    assert page.heading == "Eigen adres"
    assert "wacht op bevestiging" in page.text

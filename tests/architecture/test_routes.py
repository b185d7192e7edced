"""The rules of the house about pages, tried on every route there is, as whoever may ask for it.

A new route is tried here without anybody thinking of it. A parameter it takes has to be known to `known`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from psycopg.sql import SQL, Identifier
from werkzeug.routing import Rule

from tests.cast import PASSWORD
from tests.conftest import Database
from tests.web.conftest import app, web_database, web_settings  # noqa: F401 - fixtures
from tests.web.console.operators import an_operator
from tests.web.own import Own, make_own
from tests.web.pages import Reader, check, parse
from weerklank.web.access import PERSONAL, WITHOUT_TENANT, Access, declared

# What is no page: nothing to read, or something to save.
NO_PAGES = ("desk.export_register", "shared.static", "shared.style", "shared.logo", "shared.healthz", "shared.readyz")
NOT_HIS = ("desk.oversee",)  # shown to whom the procedure gives the reports
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class House:
    """Two organisations, each with a complaint in it, and a browser for everybody who may ask for something in one."""

    app: Flask
    database: Database
    own: Own
    other: Own
    browsers: Mapping[Access, Reader]

    def rules(self, *methods: str) -> Iterator[tuple[Rule, Access]]:
        """Every route by one of these methods, with who may ask."""
        for rule in self.app.url_map.iter_rules():
            kind = declared(self.app.view_functions[rule.endpoint])
            assert kind is not None, f"{rule.endpoint} declares no access"
            if set(methods) & (rule.methods or set()):
                yield rule, kind

    def ids(self, own: Own) -> dict[str, list[str]]:
        """Every id there is of an organisation, by its table."""
        with psycopg.connect(self.database.superuser_url) as connection:
            tables = connection.execute(
                "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.columns t"
                " USING (table_schema, table_name) WHERE c.table_schema = 'public' AND c.column_name = 'id'"
                " AND t.column_name = 'tenant_id' AND c.data_type = 'uuid' AND t.data_type = 'uuid'"
            ).fetchall()
            return {
                name: [str(row[0]) for row in connection.execute(
                    SQL("SELECT id FROM {} WHERE tenant_id = %s").format(Identifier(name)), (own.id,)
                )]
                for (name,) in tables
            }  # fmt: skip

    def checksum(self) -> dict[str, tuple[int, str]]:
        """What every table holds, as one number each."""
        with psycopg.connect(self.database.superuser_url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            sums = SQL("SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t")
            return {name: connection.execute(sums.format(Identifier(name))).fetchone() or (0, "") for (name,) in tables}


@pytest.fixture(scope="module")
def house(app: Flask, web_database: Database) -> House:  # noqa: F811 - the fixtures of that name
    own, other = make_own(app, web_database), make_own(app, web_database)
    complainant = complain(own)
    complain(other)
    browsers = {
        Access.ANYWHERE: own.reader(),
        Access.PUBLIC: own.reader(),
        Access.COMPLAINANT: complainant,
        Access.STAFF: own.log_in("bram"),
        Access.ADMIN: own.log_in("dewi"),
        Access.OPERATOR: an_operator(app, web_database),
        Access.PLATFORM: Reader(app.test_client()),
    }
    return House(app, web_database, own, other, browsers)


def complain(own: Own) -> Reader:
    """Somebody who complained there, with a file, and follows it."""
    reader = own.reader()
    page = reader.send(reader.get("/complain"), {"story": "The parcel was late."})
    page = reader.send(page)
    page = reader.send(page, button=("do", "next"), files=[(b"%PDF-1.7 a letter", "letter.pdf")])
    page = reader.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email"})
    reader.send(reader.send(page))
    return reader


def path_of(rule: Rule, values: Mapping[str, str]) -> str:
    """The route's path with these values for its parameters."""
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda match: values[match.group(1)], rule.rule)


def parameters(rule: Rule, house: House, ids: Mapping[str, list[str]]) -> dict[str, str]:
    """A value for each parameter of a route: the first of these ids that is of its sort, for the rest any that fits."""
    return {name: known(name, rule, house, ids) for name in rule.arguments}


def known(name: str, rule: Rule, house: House, ids: Mapping[str, list[str]]) -> str:
    tables = {
        "case_id": "case_file",
        "view_id": "saved_view",
        "file_id": "document",
        "message_id": "message",
        "mail_id": "inbound_mail",
        "dossier_id": "dossier",
        "rehearsal_id": "rehearsal",
        "person_id": "person",
        "absence_id": "absence",
        "held_id": "post_holder",
        "job_id": "outbox",
        "about": "measure",
        "measure_id": "measure",
        "relative_id": "person",
        "item_id": "published",
        "report_id": "report",
        "advice_id": "recommendation",
        "improvement_id": "improvement",
        "entry_id": "log_entry",
    }
    if name in tables:
        return next(iter(ids.get(tables[name], ())), str(uuid4()))
    converter = rule._converters[name]
    words = re.findall(r"[\w-]+", converter.regex) if type(converter).__name__ == "AnyConverter" else []
    plain = {"slug": house.own.slug, "token": "no-such-token", "digest": "0" * 64, "number": "99", "step": "decision",
             "term": "decide", "key": "nothing", "name": "app.css"}  # fmt: skip
    value = words[0] if words else plain.get(name)
    assert value is not None, f"tell `known` what <{name}> of {rule.rule} can be"
    return value


def test_every_route_declares_who_may_ask(house: House) -> None:
    assert all(kind in Access for _, kind in house.rules("GET", *WRITES))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_has_title_heading_landmarks_names_and_language(house: House, language: str) -> None:
    for rule, kind in house.rules("GET"):
        if rule.arguments or rule.endpoint in NO_PAGES:
            continue
        browser = house.browsers[kind]
        answer = browser.client.get(
            browser.base + rule.rule, headers={"Accept-Language": language}, follow_redirects=True
        )
        assert answer.status_code == (404 if rule.endpoint in NOT_HIS else 200), rule.rule
        try:
            check(parse(answer.get_data(as_text=True)), language)
        except AssertionError as wrong:
            raise AssertionError(f"{rule.rule}: {wrong}") from wrong


def test_every_page_of_a_thing_has_them_too(house: House) -> None:
    ids = house.ids(house.own)
    for rule, kind in house.rules("GET"):
        if not rule.arguments or rule.endpoint in NO_PAGES:
            continue
        browser = house.browsers[kind]
        answer = browser.client.get(browser.base + path_of(rule, parameters(rule, house, ids)), follow_redirects=True)
        assert answer.status_code in (200, 404), rule.rule
        if answer.mimetype == "text/html":
            check(parse(answer.get_data(as_text=True)))


def test_every_page_that_is_personal_says_so_to_the_browser(house: House) -> None:
    for rule, kind in house.rules("GET"):
        if kind in PERSONAL and not rule.arguments:
            browser = house.browsers[kind]
            assert browser.client.get(browser.base + rule.rule).headers["Cache-Control"] == "no-store", rule.rule


def test_another_organisations_things_are_not_there(house: House) -> None:
    ids = house.ids(house.other)
    assert ids["case_file"]
    assert ids["document"]
    tried = 0
    for rule, kind in house.rules("GET", *WRITES):
        own_things = {name for name in rule.arguments if name.endswith("_id")}
        if not own_things or kind in WITHOUT_TENANT:
            continue
        browser = house.browsers[kind]
        path = browser.base + path_of(rule, parameters(rule, house, ids))
        for method in {"GET", "POST"} & (rule.methods or set()):
            data = {"csrf_token": token_of(browser, kind)} if method == "POST" else None
            answer = browser.client.open(path, method=method, data=data)
            assert answer.status_code == 404, f"{method} {rule.rule}: {answer.status_code}"
            tried += 1
    assert tried > 10


def test_another_organisations_session_opens_nothing(house: House) -> None:
    """Who is logged in at one organisation is nobody at another, with the very same cookies."""
    for kind in (Access.STAFF, Access.ADMIN, Access.COMPLAINANT):
        thief = house.other.reader()
        for cookie in house.browsers[kind].client._cookies.values():
            name = cookie.key.replace(house.own.slug, house.other.slug)
            thief.client.set_cookie(name, cookie.value, path=f"{thief.base}/")
        for rule, wanted in house.rules("GET"):
            if wanted is kind and not rule.arguments:
                answer = thief.client.get(thief.base + rule.rule)
                assert answer.status_code == 302, rule.rule
                assert "log" in answer.headers["Location"] or "/status" in answer.headers["Location"]


def token_of(browser: Reader, kind: Access) -> str:
    """A valid token for a form, from a page that this browser may open."""
    pages = {Access.STAFF: "/account", Access.ADMIN: "/account", Access.OPERATOR: "/console/",
             Access.COMPLAINANT: "/status/add", Access.PLATFORM: "/sign-up"}  # fmt: skip
    page = browser.get(pages.get(kind, "/status"))
    return next(page.root.all("input", name="csrf_token")).attributes["value"]


def test_nothing_is_written_without_a_token(house: House) -> None:
    ids = house.ids(house.own)
    before = house.checksum()
    for rule, kind in house.rules(*WRITES):
        browser = house.browsers[kind]
        path = browser.base + path_of(rule, parameters(rule, house, ids))
        for data in ({}, {"csrf_token": "made up"}):
            answer = browser.client.post(path, data=data)
            assert answer.status_code == 400, f"{rule.rule}: {answer.status_code}"
    assert house.checksum() == before


def test_nobody_writes_who_may_not_even_read(house: House) -> None:
    """With a valid token, but without being logged in."""
    ids = house.ids(house.own)
    before = house.checksum()
    stranger, outside = house.own.reader(), Reader(house.app.test_client())
    for rule, kind in house.rules("GET", *WRITES):
        if kind not in PERSONAL:
            continue
        browser = outside if kind is Access.OPERATOR else stranger
        token = token_of(browser, Access.PLATFORM if kind is Access.OPERATOR else Access.PUBLIC)
        path = browser.base + path_of(rule, parameters(rule, house, ids))
        for method in {"GET", "POST"} & (rule.methods or set()):
            data = {"csrf_token": token, "password": PASSWORD} if method == "POST" else None
            answer = browser.client.open(path, method=method, data=data)
            assert answer.status_code == (401 if method == "POST" else 302), f"{method} {rule.rule}"
    assert house.checksum() == before


def test_staff_are_no_admins_and_nobody_is_an_operator(house: House) -> None:
    staff = house.browsers[Access.STAFF]
    for rule, kind in house.rules("GET"):
        if kind is Access.ADMIN and not rule.arguments:
            assert staff.client.get(staff.base + rule.rule).status_code == 403, rule.rule
        if kind in WITHOUT_TENANT and not rule.arguments:
            assert staff.client.get(staff.base + rule.rule).status_code == 404, rule.rule


def test_the_platforms_pages_know_no_organisations_and_the_other_way_round(house: House) -> None:
    outside = Reader(house.app.test_client())
    for rule, kind in house.rules("GET"):
        if kind not in (*WITHOUT_TENANT, Access.ANYWHERE) and not rule.arguments:
            assert outside.client.get(rule.rule).status_code == 404, rule.rule


def test_reading_changes_nothing(house: House) -> None:
    ids = house.ids(house.own)
    paths = [(rule, kind, path_of(rule, parameters(rule, house, ids))) for rule, kind in house.rules("GET")]
    for _, kind, path in paths:  # what is remembered on the way, such as a form's cookie, is there
        house.browsers[kind].client.get(house.browsers[kind].base + path).close()
    before = house.checksum()
    for method in ("GET", "HEAD", "OPTIONS"):
        for _, kind, path in paths:
            house.browsers[kind].client.open(house.browsers[kind].base + path, method=method).close()
    after = house.checksum()
    # Who opened which case is noted, for when he turns out to be involved.
    assert {name for name in before if before[name] != after[name]} <= {"case_seen"}


def test_no_page_fails_over_an_id_of_nothing(house: House) -> None:
    nothing = {name: [str(UUID(int=0))] for name in house.ids(house.own)}
    for rule, kind in house.rules("GET"):
        if any(name.endswith("_id") for name in rule.arguments):
            browser = house.browsers[kind]
            answer = browser.client.get(browser.base + path_of(rule, parameters(rule, house, nothing)))
            assert answer.status_code == 404, rule.rule

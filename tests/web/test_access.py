"""What goes with every answer, and what the doors do with who is not let in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Blueprint, Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.web.complaining import follow
from tests.web.conftest import running
from tests.web.pages import OpenReader, Reader
from weerklank.identity.links import token_hash
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.settings import Settings
from weerklank.web import access as gates
from weerklank.web.access import Access, access
from weerklank.web.portal import sessions
from weerklank.web.portal.model import ComplainantSession

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_it_sends_the_headers_that_protect_a_page(app: Flask) -> None:
    headers = app.test_client().get("/staatvandienst/").headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Server" not in headers


def test_it_lets_no_browser_keep_a_page_with_something_personal(app: Flask, reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    for path in ("/status/complaint", "/complain/story", "/status/add", "/nothing"):
        assert browser.client.get(f"/staatvandienst{path}").headers["Cache-Control"] == "no-store"
    assert "public" not in app.test_client().get("/staatvandienst/").headers["Cache-Control"]


def test_it_lets_a_browser_keep_files_whose_address_changes_with_them(app: Flask, reader: OpenReader) -> None:
    page = reader("staatvandienst").get("/")
    for link in page.root.all("link", rel="stylesheet"):
        answer = app.test_client().get(link.attributes["href"])
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.mimetype == "text/css"
        answer.close()


def test_it_serves_a_logo_that_can_run_nothing(app: Flask, reader: OpenReader) -> None:
    logo = next(reader("staatvandienst").get("/").root.one("header").all("img")).attributes["src"]
    headers = app.test_client().get(logo).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture
def safe_app(web_settings: Settings, app: Flask) -> Iterator[Flask]:
    """As in production: reached by https, through one proxy."""
    production = replace(web_settings, base_url="https://klachten.example", proxies=1)
    with running(production) as made:
        yield made


def test_it_ties_cookies_to_https_and_host_in_production(safe_app: Flask) -> None:
    client = safe_app.test_client()
    front = client.get("/staatvandienst/status", headers={"Host": "klachten.example", "X-Forwarded-Proto": "https"})
    assert front.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = front.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-weerklank-staatvandienst-form=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    own = client.get("/status", headers={"Host": "staatvandienst.klachten.example", "X-Forwarded-Proto": "https"})
    assert own.headers["Set-Cookie"].startswith("__Host-weerklank-staatvandienst-form=")
    assert "Path=/;" in own.headers["Set-Cookie"]


def test_it_refuses_to_start_with_a_page_that_declares_no_access(web_settings: Settings) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/forgotten", "page", lambda: "open to everybody")
    app = Flask(__name__)
    app.register_blueprint(forgotten)
    with pytest.raises(RuntimeError, match=r"forgotten\.page"):
        gates.require_declarations(app)


def test_a_declaration_says_also_whether_a_page_is_personal() -> None:
    assert access(Access.COMPLAINANT)(lambda: "").personal
    assert not access(Access.PUBLIC)(lambda: "").personal
    assert access(Access.PUBLIC, personal=True)(lambda: "").personal


@pytest.fixture
def counting_app(web_settings: Settings, app: Flask) -> Iterator[Flask]:
    """As outside of tests, where it is counted how often somebody asks."""
    with running(replace(web_settings, environment="development")) as made:
        yield made


def test_it_counts_how_often_a_code_is_tried(counting_app: Flask) -> None:
    browser = Reader(counting_app.test_client(), "/staatvandienst")
    token = browser.get("/status").root.one("input", name="csrf_token").attributes["value"]
    for _ in range(10):
        browser.post("/status", {"csrf_token": token, "code": "x"}, status=422)
    page = browser.post("/status", {"csrf_token": token, "code": "x"}, status=429)
    assert page.heading == "Too many tries"
    assert int(page.response.headers["Retry-After"]) > 0
    assert browser.get("/status").heading == "Where is my complaint?"


def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_a_day(
    reader: OpenReader, session: Session, staatvandienst: UUID
) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    with tenant_scope(session, staatvandienst):
        case_id = sessions.case_of(session, case_cookie(browser), datetime.now(UTC))
        assert case_id is not None
        token = sessions.open_session(session, staatvandienst, case_id, NOW)
        assert sessions.case_of(session, token, NOW + timedelta(minutes=59)) == case_id
        assert sessions.case_of(session, token, NOW + timedelta(minutes=59 + 61)) is None
        for hours in range(1, 24):
            sessions.case_of(session, token, NOW + timedelta(minutes=59 * hours))
        assert sessions.case_of(session, token, NOW + timedelta(hours=24, minutes=1)) is None
        session.rollback()


def test_reading_on_keeps_a_session_alive(reader: OpenReader, session: Session, staatvandienst: UUID) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    mine = ComplainantSession.token_hash == token_hash(case_cookie(browser))
    with tenant_scope(session, staatvandienst):
        long_ago = datetime.now(UTC) - timedelta(minutes=50)
        session.execute(update(ComplainantSession).where(mine).values(seen_at=long_ago))
        session.commit()
        browser.get("/status/complaint")
        seen = session.scalars(select(ComplainantSession.seen_at).where(mine)).one()
    assert seen > long_ago + timedelta(minutes=40)


def case_cookie(browser: Reader) -> str:
    cookies = browser.client._cookies.values()
    return next(cookie.value for cookie in cookies if cookie.key.endswith("-case"))


def test_a_token_of_a_session_that_was_ended_opens_nothing(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = follow(browser)
    name, value = next((c.key, c.value) for c in browser.client._cookies.values() if c.key.endswith("-case"))
    browser.send(page, action="/status/leave")
    browser.client.set_cookie(name, value, path="/staatvandienst/")
    assert browser.get("/status/complaint").heading == "Where is my complaint?"


@pytest.mark.parametrize(
    ("wanted", "goes"),
    [
        ("/cases?x=1", "/staatvandienst/cases?x=1"),
        ("https://evil.example/", "home"),
        ("//evil.example/", "home"),
        ("/\\evil.example", "home"),
        ("javascript:alert(1)", "home"),
        ("/a\r\nb", "home"),
        ("", "home"),
    ],
)
def test_it_goes_on_after_logging_in_only_to_a_page_of_its_own(app: Flask, wanted: str, goes: str) -> None:
    with app.test_request_context("/", query_string={"next": wanted}, base_url="http://localhost/staatvandienst/"):
        assert gates.safe_next("home") == goes

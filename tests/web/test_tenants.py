"""Whose page it is: by path, by a name below the platform's, or by a host of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from tests.web.complaining import complain, follow, reference_of
from tests.web.pages import OpenReader
from weerklank.kernel.database import without_tenant
from weerklank.kernel.settings import Settings
from weerklank.tenancy.model import Tenant, TenantHost
from weerklank.tenancy.organisations import RESERVED
from weerklank.web.tenants import Remembering, bare_host, platform_hosts


def title(app: Flask, path: str, host: str = "localhost", status: int = 200) -> str:
    answer = app.test_client().get(path, headers={"Host": host})
    assert answer.status_code == status, f"{host}{path}: {answer.status_code}"
    return answer.get_data(as_text=True).partition("<title>")[2].partition("</title>")[0]


@pytest.fixture
def own_host(session: Session, staatvandienst: UUID, app: Flask) -> Iterator[str]:
    host = TenantHost(host="klachten.example.nl", tenant_id=staatvandienst, verified_at=None)
    with without_tenant(session, "a host of its own"):
        session.add(host)
        session.commit()
        yield host.host
        session.execute(delete(TenantHost).where(TenantHost.host == "klachten.example.nl"))
        session.commit()


@pytest.fixture
def put_in_state(session: Session) -> Iterator[Callable[[str], None]]:
    """Puts Team Keizer into a state of the platform, and back into its trial."""

    def put(state: str) -> None:
        with without_tenant(session, "a test moves an organisation"):
            session.execute(update(Tenant).where(Tenant.slug == "team-keizer").values(state=state))
            session.commit()

    yield put
    put("trial")


def test_it_finds_an_organisation_by_the_first_part_of_the_path(app: Flask) -> None:
    assert title(app, "/staatvandienst/").endswith("Staatvandienst")
    assert title(app, "/mep/").endswith("M.E.P.")
    assert title(app, "/nobody/", status=404).endswith("Weerklank")


def test_it_sends_a_path_without_its_last_stroke_on(app: Flask) -> None:
    answer = app.test_client().get("/staatvandienst?lang=nl")
    assert answer.status_code == 308
    assert answer.headers["Location"] == "/staatvandienst/?lang=nl"


@pytest.mark.parametrize(
    "host", ["staatvandienst.localhost", "STAATVANDIENST.localhost:8000", "staatvandienst.localhost."]
)
def test_it_finds_an_organisation_by_a_name_below_the_platform(app: Flask, host: str) -> None:
    assert title(app, "/", host).endswith("Staatvandienst")
    assert title(app, "/procedure", host).startswith("The procedure") or title(app, "/procedure", host)


def test_it_finds_an_organisation_by_its_own_host_once_that_is_verified(
    app: Flask, session: Session, own_host: str
) -> None:
    assert title(app, "/", own_host, status=404)
    session.execute(
        update(TenantHost)
        .where(TenantHost.host == own_host)
        .values(verified_at=Tenant.created_at)
        .where(TenantHost.tenant_id == Tenant.id)
    )
    session.commit()
    assert title(app, "/", own_host).endswith("Staatvandienst")
    assert title(app, "/mep/", own_host, status=404).endswith("Staatvandienst")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "nobody.localhost", "console.localhost", "a b", "localhost.evil.example", "[::1", "x" * 300],
)
def test_it_answers_no_host_that_it_does_not_know(app: Flask, host: str) -> None:
    assert title(app, "/", host, status=404)


def test_it_makes_no_address_of_a_host_that_somebody_made_up(app: Flask) -> None:
    headers = {
        "Host": "localhost",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    answer = app.test_client().get("/staatvandienst/status/complaint", headers=headers)
    assert "evil" not in answer.headers["Location"]
    assert "evil" not in app.test_client().get("/staatvandienst/", headers=headers).get_data(as_text=True)


def test_it_has_the_platforms_own_pages_only_without_an_organisation(app: Flask) -> None:
    assert "Weerklank" in title(app, "/")
    assert title(app, "/status", status=404)
    assert title(app, "/complain/story", status=404)


def test_no_organisation_can_be_called_like_a_page_of_the_platform(app: Flask) -> None:
    from weerklank.web import is_platform_only

    first = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules() if is_platform_only(app, rule.endpoint)}
    assert first | {"static", "healthz", "readyz"} <= RESERVED


def test_it_answers_machines_by_whatever_name_they_know_it(app: Flask) -> None:
    for path in ("/healthz", "/readyz"):
        answer = app.test_client().get(path, headers={"Host": "10.0.0.7:9000"})
        assert answer.status_code == 200


def test_it_takes_no_complaints_for_a_suspended_organisation_but_shows_those_there_are(
    reader: OpenReader, put_in_state: Callable[[str], None]
) -> None:
    browser = reader("team-keizer")
    page = browser.send(browser.get("/complain"), {"story": "It was late."})
    put_in_state("suspended")
    assert browser.get("/complain").heading == "You cannot complain through this page now"
    front = browser.get("/").text
    assert "This page takes no new complaints now" in front
    assert "This is how you reach us:" in front
    browser.send(page, status=409)
    assert browser.get("/status").heading == "Where is my complaint?"


def test_it_shows_nothing_of_an_organisation_that_was_not_approved_yet(
    reader: OpenReader, put_in_state: Callable[[str], None]
) -> None:
    put_in_state("pending")
    browser = reader("team-keizer")
    for path in ("/", "/procedure", "/complain", "/status"):
        browser.get(path, status=404)


def test_it_keeps_cookies_below_the_organisation_that_gave_them(app: Flask, reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    browser.get("/?lang=nl")
    cookies = list(browser.client._cookies.values())
    assert len(cookies) >= 3
    for cookie in cookies:
        assert cookie.path == "/staatvandienst/"
        assert "staatvandienst" in cookie.key
        assert cookie.http_only
        assert cookie.same_site == "Lax"


def test_it_shows_one_complaint_by_path_and_by_host_alike(reader: OpenReader) -> None:
    assert reference_of(complain(reader("staatvandienst"))).startswith("SVD-")


def test_it_remembers_an_organisation_for_a_moment_only() -> None:
    asked: list[str] = []
    clock = [0.0]
    remembering = Remembering(lambda kind, name: asked.append(name), 5.0, lambda: clock[0])
    for second in (0.0, 4.9, 5.1):
        clock[0] = second
        assert remembering("slug", "nobody") is None
    assert asked == ["nobody", "nobody"]


def test_it_knows_the_platforms_hosts_by_its_settings(web_settings: Settings) -> None:
    assert platform_hosts(web_settings) >= {"localhost", "127.0.0.1", "[::1]"}
    assert bare_host("Klachten.Example.NL.:8443") == "klachten.example.nl"
    assert bare_host("bad host") == ""

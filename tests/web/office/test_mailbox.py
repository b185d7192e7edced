"""The mailbox at the office: tried before it is kept, its password never shown, and an alarm when it is not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.web.desk.conftest import Desk, open_desk  # noqa: F401 - fixtures
from tests.web.desk.test_inbox import BY_MAIL
from tests.workers.imap_server import PASSWORD, ImapServer, imap_server
from weerklank.correspondence.inbound.model import Mailbox
from weerklank.correspondence.inbound.settings import MailboxSettings, Security, set_mailbox
from weerklank.kernel.errors import Refused
from weerklank.web.parts import NAME


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap_server() as started:
        yield started


def filled(server: ImapServer, **more: str) -> dict[str, str]:
    given = {
        "channel": "letter", "address": "klachten@organisatie.example", "host": "127.0.0.1", "security": "plain",
        "port": str(server.port), "user": "klachten", "password": PASSWORD,
    }  # fmt: skip
    return given | more


def test_it_tries_a_mailbox_and_then_reads_it(
    open_desk: Callable[..., Desk], server: ImapServer  # noqa: F811 - the fixture
) -> None:
    desk = open_desk(BY_MAIL)
    dewi = desk.staff(desk.cast.dewi)
    page = dewi.send(dewi.get("/office/mailbox"), filled(server), action="/mailbox")
    assert "It works: 0 mails wait." in page.text
    assert page.root.one("input", name="password").attributes["value"] == ""

    wrong = dewi.send(page, {"password": "anders"}, action="/mailbox", status=422)
    assert "does not take this name and password" in wrong.text
    kept = dewi.send(dewi.get("/office/mailbox"), {"done": "Gedaan"}, action="/mailbox")
    assert "It works" in kept.text
    elsewhere = dewi.send(kept, {"user": "een-ander"}, action="/mailbox", status=422)
    assert "Fill in the password." in elsewhere.text
    with desk.session() as session:
        row = session.scalars(select(Mailbox)).one()
        assert PASSWORD.encode() not in row.sealed
    assert "is not read" in dewi.send(dewi.get("/office/mailbox"), action="/mailbox/off").text


def test_it_shows_a_mailbox_that_is_not_read_as_trouble(
    open_desk: Callable[..., Desk], server: ImapServer  # noqa: F811 - the fixture
) -> None:
    desk = open_desk(BY_MAIL)
    keyring = desk.app.extensions[NAME].keyring
    with desk.session() as session:
        row = set_mailbox(
            session, keyring, desk.organisation.id, "letter", server.settings(), datetime.now(UTC), production=False
        )
        row.failed_at, row.failure = datetime.now(UTC), "login"
        session.commit()
    dewi = desk.staff(desk.cast.dewi)
    assert "The mailbox cannot be read" in dewi.get("/office/trouble").text
    assert "does not take this name and password" in dewi.get("/office/mailbox").text
    assert "The mailbox cannot be read" in desk.staff(desk.cast.bram).get("/desk/inbox").text


@pytest.mark.parametrize(
    ("security", "port", "code"),
    [(Security.PLAIN, 143, "mailbox_plain"), (Security.TLS, 22, "mailbox_port"), (Security.TLS, 6379, "mailbox_port")],
)
def test_it_connects_in_production_only_safely_and_by_the_usual_ports(
    open_desk: Callable[..., Desk], security: Security, port: int, code: str  # noqa: F811 - the fixture
) -> None:  # fmt: skip
    desk = open_desk(BY_MAIL)
    settings = MailboxSettings("imap.elders.example", port, security, "x", "y", "x@elders.example")
    keyring, now = desk.app.extensions[NAME].keyring, datetime.now(UTC)
    with desk.session() as session, pytest.raises(Refused) as refused:
        set_mailbox(session, keyring, desk.organisation.id, "letter", settings, now, production=True)
    assert refused.value.code == code

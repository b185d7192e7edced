"""The local page with the mail of an installation that has no mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.web.pages import Reader
from weerklank.correspondence.channels.mail import Envelope, make_mail, put_in_maildir
from weerklank.correspondence.letters import Letter
from weerklank.kernel.database import db
from weerklank.kernel.settings import Settings
from weerklank.web import create_app, mailbox
from weerklank.web.parts import NAME


@pytest.fixture
def here(web_settings: Settings) -> Iterator[Flask]:
    """The application as a developer runs it."""
    app = create_app(replace(web_settings, environment="development"))
    yield app
    app.extensions[NAME].keyring.keystore.dispose()
    with app.app_context():
        db.engine.dispose()


def test_it_lists_and_shows_what_would_have_been_sent(here: Flask, web_settings: Settings) -> None:
    reader = Reader(here.test_client())
    assert "There is no mail yet." in reader.get("/mail/").text
    letter = Letter("Uw klacht <b>", ("Goedemorgen,", "Kijk op http://localhost/x of <script>."), "nl")
    envelope = Envelope("Voorbeeld", "post@localhost", "anna@voorbeeld.example", "<1@localhost>", datetime.now(UTC))
    put_in_maildir(web_settings.var / "mail", make_mail(letter, envelope, web_settings.base_url))
    page = reader.get("/mail/")
    assert "anna@voorbeeld.example" in page.text
    link = next(each for each in page.root.one("main").all("a"))
    page = reader.get(link.attributes["href"])
    assert page.heading == "Uw klacht <b>"
    assert "Kijk op http://localhost/x of <script>." in page.text
    reader.get("/mail/..%2F..%2Fkeys", 404)
    reader.get("/mail/none", 404)


def test_it_is_there_only_in_development_without_a_mail_server(here: Flask, app: Flask, web_settings: Settings) -> None:
    Reader(app.test_client()).get("/mail/", 404)
    for different in ({"environment": "production"}, {"environment": "test"}, {"smtp_url": "smtp://localhost"}):
        settings = replace(web_settings, **({"environment": "development"} | different))
        assert not mailbox.is_open(settings)

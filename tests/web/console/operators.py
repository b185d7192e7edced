"""An operator in a browser."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from tests.cast import PASSWORD
from tests.conftest import Database
from tests.web.pages import Reader
from weerklank.identity.operators import make_operator_link
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.ids import new_id


def operator_link(database: Database) -> str:
    """The token of a fresh link."""
    with open_session(database.engine) as session, without_tenant(session, "a test makes an operator"):
        token = make_operator_link(session, datetime.now(UTC))
        session.commit()
        return token


def an_operator(app: Flask, database: Database, language: str = "en") -> Reader:
    """A browser in which a new operator is logged in, by the pages for it."""
    reader, username = Reader(app.test_client(), "", language), f"op-{new_id().hex[-10:]}"
    page = reader.get(f"/console/link/{operator_link(database)}")
    page = reader.send(page, {"username": username, "password": PASSWORD, "password-again": PASSWORD})
    page = reader.send(page, {"username": username, "password": PASSWORD})
    assert page.errors() == []
    return reader

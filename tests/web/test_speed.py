"""How often a page asks the database: bounded, so that a loop of queries is seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from tests.web.complaining import fill_in, follow
from tests.web.pages import OpenReader
from weerklank.kernel.database import db

MOST_FOR_A_PAGE = 8
MOST_FOR_INTAKE = 15


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that the application sends meanwhile; the one that names the tenant goes with each transaction."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "set_config('app.tenant'" not in statement and "SAVEPOINT" not in statement:
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_it_asks_little_for_a_page(app: Flask, reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    for path in ("/", "/procedure", "/complain/story", "/status/complaint", "/status/add"):
        browser.client.get(f"/staatvandienst{path}")
        with statements(app) as sent:
            browser.client.get(f"/staatvandienst{path}")
        assert len(sent) <= MOST_FOR_A_PAGE, (path, sent)


def test_it_asks_little_to_take_a_complaint_in(app: Flask, reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = fill_in(browser)
    form = {each.attributes["name"]: each.attributes["value"] for each in page.form().all("input")}
    with statements(app) as sent:
        answer = browser.client.post("/staatvandienst/complain/check", data=form)
    assert answer.status_code == 302
    assert len(sent) <= MOST_FOR_INTAKE, "\n".join(sent)

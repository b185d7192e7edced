"""The complainant's own copy, asked for and found on his page."""

from __future__ import annotations

from flask import Flask

from tests.conftest import Database
from tests.web.own import make_own
from weerklank.assembly import Platform
from weerklank.web.parts import NAME
from weerklank.web.portal.copy import MOST_COPIES


def test_it_gives_the_complainant_a_page_to_have_a_copy_made(app: Flask, web_database: Database) -> None:
    assert isinstance(app.extensions[NAME], Platform)
    own = make_own(app, web_database)
    reader = own.reader()
    page = reader.send(reader.get("/complain"), {"story": "The parcel was late."})
    page = reader.send(reader.send(page), button=("do", "next"))
    page = reader.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email"})
    reader.send(reader.send(page))

    made = reader.send(reader.get("/status/copy"), action="/copy")
    assert "Your copy is being made." in made.text
    assert "is being made" in made.text
    assert "come back later with your code" in made.text
    assert not list(made.root.one("main").all("form"))
    token = reader.get("/status/add").root.one("main").one("input", name="csrf_token").attributes["value"]
    for _ in range(6):
        made = reader.post("/status/copy", {"csrf_token": token})
    assert made.text.count("is being made") == MOST_COPIES


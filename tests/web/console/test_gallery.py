"""The gallery: every part that pages are made of is shown in it, and the style sheets stay small."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import Database
from tests.web.console.operators import an_operator
from tests.web.pages import OpenReader
from weerklank.kernel.settings import ROOT

WEB = ROOT / "platform" / "weerklank" / "web"
MOST = {"app.css": 9_000, "portal.css": 4_000, "desk.css": 6_000, "app.js": 3_000, "desk.js": 5_000}
MACRO = re.compile(r"{% macro (\w+)\(")


def read(name: str) -> str:
    return (WEB / name).read_text("utf-8")


def uses(template: str) -> set[str]:
    return set(re.findall(r"\bui\.(\w+)", template))


def test_it_shows_every_part_that_pages_are_made_of() -> None:
    parts = read("templates/components.html")
    every = set(MACRO.findall(parts))
    inside = {name for name in every if re.search(rf"(?<!macro )\b{name}\(", parts)}
    shown = uses(read("console/templates/console/gallery.html"))
    frame = uses(read("templates/base.html")) | uses(read("console/templates/console/frame.html"))
    assert every - shown - frame - inside == set()
    assert len(shown) > 25


@pytest.mark.parametrize("language", ["en", "nl"])
def test_it_is_a_page_like_any_other(app: Flask, web_database: Database, language: str) -> None:
    page = an_operator(app, web_database, language).get("/console/gallery")
    assert page.root.one("h1").text == {"en": "Gallery", "nl": "Galerij"}[language]
    assert len(page.errors()) == 7


def test_it_is_nobody_elses(reader: OpenReader) -> None:
    assert reader("").get("/console/gallery").root.one("h1").text == "Log in as operator"


def test_what_a_page_loads_stays_small() -> None:
    files = [each for each in (WEB / "static").iterdir() if each.suffix in (".css", ".js")]
    sizes = {each.name: len(gzip.compress(each.read_bytes())) for each in files}
    assert {name: size for name, size in sizes.items() if size > MOST.get(name, 1_000)} == {}
    assert total(sizes, ".css") < 20_000
    assert total(sizes, ".js") < 10_000


def total(sizes: dict[str, int], suffix: str) -> int:
    return sum(size for name, size in sizes.items() if Path(name).suffix == suffix)


def test_sides_have_logical_names() -> None:
    """Left and right are the reader's: a language from right to left needs no second sheet."""
    sides = re.compile(r"\b(margin|padding|border|inset)-(left|right)\b|text-align: (left|right)|\b(left|right): ")
    for sheet in (WEB / "static").glob("*.css"):
        assert not sides.findall(sheet.read_text("utf-8")), sheet.name

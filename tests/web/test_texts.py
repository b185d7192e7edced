"""The languages, complete, and the right one for who reads."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from tests.web.pages import OpenReader
from weerklank.web import texts

WEB = Path(texts.__file__).parent
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
SOURCES = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def said_in_code() -> dict[str, str]:
    """Every text of the pages, with the file that says it."""
    found = extract_from_dir(str(WEB), SOURCES, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0]: name for name, _, message, _, _ in found}


def said_in_dutch() -> dict[str, str]:
    paths = texts.ROOT.glob("*/nl/LC_MESSAGES/messages.po")
    catalogues = [read_po(StringIO(path.read_text(encoding="utf-8")), locale="nl") for path in paths]
    return {
        message.id if isinstance(message.id, str) else message.id[0]: str(message.string)
        for catalogue in catalogues
        for message in catalogue
        if message.id and message.string
    }


def test_every_text_of_the_pages_is_said_in_dutch() -> None:
    dutch = said_in_dutch()
    missing = {text: name for text, name in said_in_code().items() if text not in dutch}
    assert not missing


def test_a_translation_fills_in_the_same_things() -> None:
    for path in texts.ROOT.glob("*/nl/LC_MESSAGES/messages.po"):
        for message in read_po(StringIO(path.read_text(encoding="utf-8")), locale="nl"):
            english = " ".join([message.id] if isinstance(message.id, str) else message.id)
            assert set(PLACEHOLDER.findall(english)) >= set(PLACEHOLDER.findall(str(message.string))), english


def test_a_catalogue_is_compiled_again_when_it_changed(tmp_path: Path) -> None:
    folder = tmp_path / "area" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "messages.po"
    source.write_text('msgid "Yes"\nmsgstr "Ja"\n', encoding="utf-8")
    assert texts.compile_catalogues(tmp_path) == [tmp_path / "area"]
    compiled = (folder / "messages.mo").read_bytes()
    assert b"Ja" in compiled
    source.write_text('msgid "Yes"\nmsgstr "Jazeker"\n', encoding="utf-8")
    texts.compile_catalogues(tmp_path)
    assert b"Jazeker" in (folder / "messages.mo").read_bytes()
    assert [path.name for path in folder.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("nl", "nl"),
        ("en-GB,en;q=0.8", "en"),
        ("de,fr", "de"),
        ("fr,ja", "nl"),
        ("ar-SY,en;q=0.5", "ar"),
        ("", "nl"),
        ("nl-BE,en;q=0.1", "nl"),
        ("%%%;q=x", "nl"),
    ],
)
def test_it_speaks_the_language_the_browser_prefers_else_the_organisations(
    app: Flask, header: str, expected: str
) -> None:
    answer = app.test_client().get("/staatvandienst/", headers={"Accept-Language": header})
    assert answer.headers["Content-Language"] == expected
    direction = "rtl" if expected == "ar" else "ltr"
    assert f'<html lang="{expected}" dir="{direction}"' in answer.get_data(as_text=True)
    assert {"Accept-Language", "Cookie"} <= set(answer.vary.to_header().split(", "))


def test_it_goes_on_in_the_language_that_was_chosen(reader: OpenReader) -> None:
    browser = reader("staatvandienst", "en")
    assert browser.get("/?lang=nl").root.one("html").attributes["lang"] == "nl"
    assert browser.get("/procedure").root.one("html").attributes["lang"] == "nl"
    page = browser.get("/procedure?lang=en")
    assert page.root.one("html").attributes["lang"] == "en"
    link = page.root.one("a", hreflang="nl")
    assert (link.attributes["href"], link.text) == ("?lang=nl", "Nederlands")


def test_it_tells_days_and_moments_as_people_do(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "nl"}):
        assert texts.day(date(2026, 11, 27)) == "vrijdag 27 november 2026"
        assert texts.instant(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "donderdag 2 juli 2026, 00:30"
        assert texts.day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "donderdag 2 juli 2026"
        assert texts.size(1_600_000) == "1,5 MB"
        assert texts.size(15 * 1024 * 1024) == "15 MB"
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert texts.day(date(2026, 11, 27)) == "Friday 27 November 2026"
        assert texts.size(900) == "1 kB"


def test_it_has_words_for_every_no_and_for_one_it_does_not_know(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "nl"}):
        assert texts.refused("file_empty", {}) == "Dit bestand is leeg."
        assert texts.refused("never_heard_of", {}) == "Dit kan niet."

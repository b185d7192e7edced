"""The manual is in the product: one text, beside the pages it is about."""

from __future__ import annotations

from itertools import chain

from flask import Flask

from tests.gates.table import NO_PAGES
from tests.web.pages import OpenReader, parse
from weerklank.web import manual

# Pages that say themselves all there is to say: the landing page, and ways in from elsewhere.
SPEAK_FOR_THEMSELVES = {"login.sign_up_page", "shared.front"}
AREAS = ("portal.", "desk.", "office.", "login.")


def pages(app: Flask) -> set[str]:
    """Every address that can be read, but for files."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - NO_PAGES


def test_every_page_that_the_manual_helps_with_is_there(app: Flask) -> None:
    named = list(chain.from_iterable(one.pages for one in manual.sections()))
    assert not sorted(set(named) - pages(app))
    assert len(named) == len(set(named)), "a page has one section that is about it"


def test_every_page_has_help(app: Flask) -> None:
    expected = {page for page in pages(app) if page.startswith(AREAS)} - SPEAK_FOR_THEMSELVES
    assert not sorted(expected - manual.helps().keys())


def test_every_picture_of_the_manual_is_there_and_shown() -> None:
    shown = {name for path in manual.FOLDER.glob("*.md") for _, name in manual.PICTURE.findall(path.read_text("utf-8"))}
    kept = {path.name for path in (manual.FOLDER / "pictures").glob("*.png")}
    assert shown == kept


def test_a_page_shows_the_words_of_the_manual(reader: OpenReader) -> None:
    browser = reader("staatvandienst", "nl")
    help_ = browser.get("/status").root.one("div", id="help")
    written = (manual.FOLDER / "klager.md").read_text("utf-8")
    assert help_.one("summary").text == "Hulp bij deze pagina"
    shown = [each.text for each in help_.all("li")]
    assert shown and all(text.split(";")[0].split(".")[0] in written for text in shown)
    whole = browser.get(help_.one("a").attributes["href"].removeprefix("/staatvandienst"))
    assert whole.heading == "Als u een klacht heeft"
    assert all(text in whole.text for text in shown)


def test_it_keeps_dutch_help_from_a_complainant_who_reads_another_language(reader: OpenReader) -> None:
    assert not list(reader("staatvandienst", "ar").get("/status").root.all("div", id="help"))
    assert reader("staatvandienst", "en").get("/login").root.one("div", id="help").one("div").attributes["lang"] == "nl"


def test_every_part_of_the_manual_can_be_read_by_everybody(reader: OpenReader) -> None:
    browser = reader("staatvandienst", "nl")
    for name in manual.READERS:
        page = browser.get(f"/manual/{name}")
        assert page.heading == manual.part(name).title
        assert [each.text for each in page.root.one("article").all("h2")] == [
            one.title for one in manual.part(name).sections
        ]
    browser.get("/manual/somebody", status=404)


def test_what_looks_like_html_in_the_manual_is_shown_as_text() -> None:
    html = manual.rendered("Een <script>alert(1)</script> en [een link](javascript:alert(1)).")
    assert not list(parse(html).all("script"))
    assert not list(parse(html).all("a"))

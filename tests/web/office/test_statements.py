"""An administrator says something of the organisation's own on three pages: looked at first, kept in versions."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Reader
from weerklank.kernel.database import without_tenant
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.statements import paragraphs

OFFICER = "Ask for our officer.\n\nShe is there on Monday."


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def dewi(own: Own) -> Reader:
    return own.log_in("dewi")


def said(own: Own, path: str = "/privacy", language: str = "en") -> list[str]:
    """The paragraphs of the organisation's own on a page."""
    sections = own.reader(language).get(path).root.all("section", **{"aria-labelledby": "own"})
    return [each.text for section in sections for each in section.all("p")]


def test_it_stands_on_the_page_by_language_and_paragraph_above_what_the_platform_says(own: Own, dewi: Reader) -> None:
    assert said(own) == []
    page = dewi.get("/office/texts")
    assert page.text.count("nothing of your own yet") == 3
    page = dewi.send(
        dewi.get("/office/texts/privacy"), {"text-en": OFFICER, "text-nl": "Vraag onze functionaris."}
    )
    assert "Saved. It stands on the page now." in page.text
    assert said(own) == ["Ask for our officer.", "She is there on Monday."]
    assert said(own, language="nl") == ["Vraag onze functionaris."]
    assert said(own, language="de") == ["Vraag onze functionaris."]
    assert "Autoriteit Persoonsgegevens" in own.reader().get("/privacy").text
    assert said(own, "/terms") == said(own, "/accessibility") == []
    assert "in 2 languages" in dewi.get("/office/texts").text


def test_it_is_looked_at_before_it_is_saved(own: Own, dewi: Reader) -> None:
    page = dewi.send(dewi.get("/office/texts/terms"), {"text-en": OFFICER, "do": "see"})
    assert "She is there on Monday." in page.root.one("section", **{"aria-labelledby": "seen-title"}).text
    assert said(own, "/terms") == []
    dewi.send(page, {"do": ""})
    assert said(own, "/terms") == ["Ask for our officer.", "She is there on Monday."]


def test_it_keeps_every_version_and_takes_one_up_again(own: Own, dewi: Reader) -> None:
    for text in ("First.", "Second."):
        dewi.send(dewi.get("/office/texts/privacy"), {"text-en": text})
    page = dewi.get("/office/texts/privacy?version=1")
    assert page.form().one("textarea", id="text-en").text == "First."
    dewi.send(page)
    assert said(own) == ["First."]
    assert "3 versions" in dewi.get("/office/texts/privacy").text
    dewi.get("/office/texts/privacy?version=9", status=404)
    dewi.send(dewi.get("/office/texts/privacy"), {"text-en": ""})
    assert said(own) == []
    assert "version 4" in dewi.get("/office/trail").text


def test_of_two_who_write_at_the_same_time_the_second_sees_the_first(own: Own, dewi: Reader) -> None:
    form = dewi.get("/office/texts/privacy")
    dewi.send(form, {"text-en": "Hers."})
    page = dewi.send(form, {"text-en": "His."}, status=422)
    assert page.errors() == [
        "Somebody saved another text meanwhile: it is the newest version below. Save again to put yours in its place."
    ]
    assert said(own) == ["Hers."]
    dewi.send(page)
    assert said(own) == ["His."]


def test_it_takes_no_version_that_says_the_same_and_none_that_is_too_long(own: Own, dewi: Reader) -> None:
    dewi.send(dewi.get("/office/texts/privacy"), {"text-en": "Hers."})
    page = dewi.send(dewi.get("/office/texts/privacy"), {"text-en": " Hers. "}, status=422)
    assert page.errors() == ["This is just what stands there already."]
    page = dewi.send(dewi.get("/office/texts/privacy"), {"text-en": "x" * 10_001}, status=422)
    assert len(page.errors()) == 1
    assert said(own) == ["Hers."]


def test_what_looks_like_html_is_shown_as_it_was_typed(own: Own, dewi: Reader) -> None:
    dewi.send(dewi.get("/office/texts/privacy"), {"text-en": "<script>alert(1)</script> <b>bold</b>"})
    page = own.reader().get("/privacy")
    assert "<script>alert(1)</script> <b>bold</b>" in page.root.one("section", **{"aria-labelledby": "own"}).text
    assert not list(page.root.one("section", **{"aria-labelledby": "own"}).all("b"))


def test_what_came_with_the_folder_counts_until_something_is_written(
    own: Own, session: Session, dewi: Reader
) -> None:
    with without_tenant(session, "a test gives an organisation a text"):
        tenant = session.get_one(Tenant, own.id)
        tenant.branding = {**tenant.branding, "terms": {"en": "Of the folder."}}
        session.commit()
    page = dewi.get("/office/texts/terms")
    assert page.form().one("textarea", id="text-en").text == "Of the folder."
    dewi.send(page, {"text-en": "Of the office."})
    assert said(own, "/terms") == ["Of the office."]


def test_only_an_administrator_writes_it_and_only_for_the_own_organisation(
    own: Own, dewi: Reader, app: Flask, web_database: Database
) -> None:
    for who in ("bram", "els"):
        own.log_in(who).get("/office/texts/privacy", status=403)
    dewi.send(dewi.get("/office/texts/privacy"), {"text-en": OFFICER})
    other = make_own(app, web_database)
    assert said(other) == []
    dewi.get("/office/texts/nonsense", status=404)


def test_an_empty_line_begins_a_paragraph() -> None:
    assert paragraphs("a\nb\r\n\r\nc\n\n\n\nd ") == ["a\nb", "c", "d"]
    assert paragraphs("  \n ") == []

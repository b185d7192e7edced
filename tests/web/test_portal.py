"""A complainant finds out how it works, makes a complaint and follows it."""

from __future__ import annotations

import re

from tests.web.pages import OpenReader, Page, Reader

STORY = "My contact person did not call me back for three weeks, although she promised to."
YOU = {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email", "tongue": "en"}


def test_it_tells_what_happens_when_you_complain_with_the_terms_of_the_policy(reader: OpenReader) -> None:
    page = reader("staatvandienst", "nl").get("/")
    assert "Binnen 2 werkdagen na ontvangst van de klacht" in page.text
    assert "Binnen 4 weken na ontvangst van de klacht" in page.text
    assert "klachten@staatvandienst.nl" in page.text
    assert "Oval" in page.text


def test_it_shows_a_form_in_maintenance_with_the_ways_that_work(reader: OpenReader) -> None:
    page = reader("mep", "nl").get("/complain")
    assert "Aan dit formulier wordt op dit moment gewerkt" in page.text
    assert "Gebruik zolang: per brief, per e-mail" in page.text
    assert not list(page.root.one("main").all("form"))


def test_it_takes_a_web_form_of_the_policy_as_its_own(reader: OpenReader) -> None:
    assert reader("gelukwerkt").get("/complain").heading == "What happened?"


def test_it_shows_the_procedure_in_both_languages(reader: OpenReader) -> None:
    assert "Klachtenreglement" in reader("staatvandienst", "nl").get("/procedure").heading
    assert "complaints regulation" in reader("staatvandienst", "en").get("/procedure").heading


def fill_in(browser: Reader, **you: str) -> Page:
    """All pages up to the one on which everything is checked."""
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, {"fact-relation": "client", "fact-about": "contact_person", "fact-contact_person": "Els Evers"})
    page = browser.send(page, button=("do", "next"))
    return browser.send(page, {**YOU, **you})


def test_it_asks_one_topic_a_page_and_shows_everything_before_it_is_sent(reader: OpenReader) -> None:
    page = fill_in(reader("staatvandienst"))
    assert page.heading == "Check what you filled in"
    for words in (STORY, "About my contact person", "Els Evers", "anna@example.nl", "By e-mail"):
        assert words in page.text


def code_of(page: Page) -> str:
    """The secret code that the confirmation shows."""
    found = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", page.text)
    assert found, page.text
    return found.group()


def test_it_confirms_a_complaint_with_its_number_a_code_and_what_comes_next(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(fill_in(browser))
    assert page.heading == "We have received your complaint"
    assert re.search(r"SVD-\d{4}-\d{4}", page.text)
    assert "Acknowledgement" in page.text
    assert len(code_of(page)) == 23

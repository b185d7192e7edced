"""Steps that several tests of the portal take: filling in the form, and reading what the confirmation shows."""

from __future__ import annotations

import re

from tests.web.pages import Page, Reader

STORY = "My contact person did not call me back for three weeks, although she promised to."
YOU = {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email", "tongue": "en"}


def fill_in(browser: Reader, story: str = STORY) -> Page:
    """All pages of Staatvandienst's form, up to the one on which everything is checked."""
    page = browser.send(browser.get("/complain"), {"story": story})
    page = browser.send(
        page, {"fact-relation": "client", "fact-about": "contact_person", "fact-contact_person": "Els Evers"}
    )
    page = browser.send(page, button=("do", "next"))
    page = browser.send(page)
    return browser.send(page, YOU)


def complain(browser: Reader, story: str = STORY) -> Page:
    """A complaint that was sent: its confirmation."""
    return browser.send(fill_in(browser, story))


def follow(browser: Reader) -> Page:
    """A complaint that was sent, on the page where one follows it."""
    return browser.send(complain(browser))


def code_of(page: Page) -> str:
    """The secret code that a confirmation shows."""
    found = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", page.text)
    assert found, page.text
    return found.group()


def reference_of(page: Page) -> str:
    """The number of the complaint."""
    found = re.search(r"[A-Z]{2,8}-\d{4}-\d{4,}", page.text)
    assert found, page.text
    return found.group()

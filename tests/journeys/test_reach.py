"""A complaint can be made and followed with the keyboard alone, and without any script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import OpenVisitor
from tests.journeys.house import House
from tests.journeys.portal import complain, give_code, read_confirmation
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

STORY = "My call was not returned for three weeks."
MOST_TABS = 60
NAME_OF_FOCUS = "document.activeElement.name || ''"
WORDS_OF_FOCUS = "(document.activeElement.innerText || '').trim()"


def tab_to(page: Page, wanted: str, told: str = NAME_OF_FOCUS) -> None:
    """Press Tab until what has the focus is this field, or holds these words; it must be visible then."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(told) == wanted:
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab does not come to {wanted!r} on {page.url}")


def enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation(wait_until="load") as coming:
        visitor.page.keyboard.press("Enter")
    visitor.came(coming.value)


def press(visitor: Visitor, words: str) -> None:
    tab_to(visitor.page, words, WORDS_OF_FOCUS)
    enter(visitor)


def test_it_can_be_filed_with_the_keyboard_alone(house: House, visitor: OpenVisitor) -> None:
    house.move_clock("2026-06-08 10:00")
    anna = visitor("staatvandienst")
    keys = anna.page.keyboard
    anna.open("/")
    keys.press("Tab")
    assert anna.page.evaluate(WORDS_OF_FOCUS) == "Skip to content"
    press(anna, "Make a complaint")
    tab_to(anna.page, "story")
    keys.type(STORY)
    press(anna, "Continue")
    tab_to(anna.page, "fact-relation")
    keys.press("Space")
    tab_to(anna.page, "fact-about")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    press(anna, "Continue")
    press(anna, "Continue")
    press(anna, "Continue")
    tab_to(anna.page, "name")
    keys.type("Anna Achterberg")
    tab_to(anna.page, "email")
    keys.type("anna@example")
    tab_to(anna.page, "tongue")
    keys.press("ArrowDown")
    press(anna, "Continue")
    assert anna.status == 422
    assert "This is not an e-mail address" in anna.page.evaluate(WORDS_OF_FOCUS)
    tab_to(anna.page, "email")
    keys.press("End")
    keys.type(".nl")
    press(anna, "Continue")
    anna.see(STORY, "Anna Achterberg", "anna@example.nl", "About something else in the service")
    press(anna, "Send my complaint")
    made = read_confirmation(anna)
    press(anna, "I have kept my code")
    anna.see(made.reference, "By Wednesday 10 June 2026 at the latest")


def test_it_can_be_filed_and_followed_without_scripts(house: House, visitor: OpenVisitor) -> None:
    house.move_clock("2026-06-08 10:00")
    bas = visitor("staatvandienst", phone=True, language="nl", java_script_enabled=False)
    facts = {"relation": "client", "about": "impersonal"}
    you = {"way": "email", "name": "Bas Blom", "email": "bas@blom.example", "tongue": "nl"}
    made = complain(bas, STORY, facts, you)
    assert not bas.page.get_by_role("button", name="Print deze pagina").is_visible()
    bas.press("I have kept my code")
    bas.press("Log out")
    give_code(bas, made.code)
    bas.see(made.reference, "Uiterlijk woensdag 10 juni 2026")
    bas.follow("Write a message or send files")
    bas.fill({"text": "Het gebeurde gisteren weer."})
    bas.press("Send")
    bas.see("Wij hebben het bij uw klacht gevoegd.")

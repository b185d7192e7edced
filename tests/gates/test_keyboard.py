"""What people come for can be done with the keyboard alone, and without any script; a letter within two minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.gates.ground import FULL, Ground
from tests.gates.hands import Hands
from tests.journeys.portal import CODE, REFERENCE
from tests.journeys.visitor import PASSWORD

pytestmark = pytest.mark.browser

SECONDS_A_KEY = 0.28  # of somebody who types without training; looking and thinking on top
TWO_MINUTES = 120
STORY = "My call was not returned for three weeks."
OpenHands = Callable[..., Hands]


@pytest.fixture
def hands(ground: Ground, chromium: Browser) -> Iterator[OpenHands]:
    """Opens a browser in English: `hands("prins")` with who is logged in, `hands()` with nobody."""
    contexts = []

    def of(who: str = "everybody", **more: Any) -> Hands:
        context = chromium.new_context(locale="en", reduced_motion="reduce", **more)
        context.add_cookies(ground.cookies[who])  # type: ignore[arg-type]  # dicts as it wants them
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return Hands(page)

    yield of
    for context in contexts:
        context.close()


def here(ground: Ground, path: str) -> str:
    return f"{ground.url}/{FULL}{path}"


def test_it_can_be_complained_followed_and_added_to_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    anna = hands(viewport={"width": 390, "height": 844})
    anna.page.goto(here(ground, "/"))
    anna.press("Tab")
    assert anna.page.evaluate("document.activeElement.innerText") == "Skip to content"
    anna.go("Make a complaint")
    anna.write("story", STORY)
    anna.go("Continue")
    anna.choose("fact-relation", 0)
    anna.choose("fact-about", 2)
    while not anna.page.locator("main [name=name]").count():
        anna.go("Continue")
    anna.write("name", "Anna Achterberg")
    anna.write("email", "anna@achterberg.example")
    anna.go("Continue")
    anna.see(STORY, "Anna Achterberg")
    anna.go("Send my complaint")
    code, reference = CODE.search(anna.text), REFERENCE.search(anna.text)
    assert code and reference, anna.text
    anna.go("I have kept my code")
    anna.see(reference.group())
    anna.go("Log out")
    anna.page.goto(here(ground, "/status"))
    anna.write("code", code.group())
    anna.enter()
    anna.see(reference.group())
    anna.go("Write a message or send files")
    anna.write("text", "It happened again yesterday.")
    anna.send()
    anna.see("We have added it to your complaint.")


def test_it_can_be_worked_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    prins = hands()
    prins.page.goto(here(ground, "/desk/"))
    prins.write("email", f"prins@{FULL}.example")
    prins.write("password", PASSWORD)
    prins.enter()
    prins.see("Worklist")
    reference = prins.page.locator("main tbody th a").first.inner_text()
    prins.go(reference)
    prins.see(reference)
    prins.to("Also possible")
    prins.press("Enter")
    prins.go("Write a note")
    prins.write("text", "Called back: no answer.")
    prins.send()
    prins.see("Called back: no answer.")


def test_it_can_be_found_again_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    prins = hands("prins")
    prins.page.goto(here(ground, "/desk/search"))
    prins.write("words", "Waterman")
    prins.enter()
    prins.see("Willem Waterman")
    found = prins.page.locator("main h3 a").first.inner_text()
    prins.go(found)
    prins.see("Willem Waterman")


def register_a_letter(officer: Hands) -> None:
    """Who, what, how and when: what a letter says."""
    officer.write("name", "Fatima Fontein")
    officer.write("address", "Havenweg 12, 7411 AB Deventer")
    officer.write("story", "Mevrouw is drie keer verkeerd doorverbonden en wil weten wie haar vraag beantwoordt.")
    officer.choose("channel", 0)
    officer.write("received-day", "9")
    officer.write("received-month", "6")
    officer.write("received-year", "2026")
    officer.go("Register the complaint")


def test_a_letter_is_registered_within_two_minutes_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    smid = hands("smid")
    smid.page.goto(here(ground, "/desk/register"))
    register_a_letter(smid)
    assert REFERENCE.search(smid.text), smid.text
    assert smid.keys * SECONDS_A_KEY < TWO_MINUTES, f"{smid.keys} keys"


def test_it_can_be_worked_without_scripts(ground: Ground, hands: OpenHands) -> None:
    prins = hands("prins", java_script_enabled=False)
    page = prins.page
    page.goto(here(ground, "/desk/"))
    page.locator("main tbody th a").first.click()
    page.locator("details.also > summary").click()
    page.get_by_role("link", name="Write a note").first.click()
    page.fill("main [name=text]", "Without any script.")
    page.locator("main form:has([name=text]) .actions button").first.click()
    prins.see("Without any script.")
    page.goto(here(ground, "/desk/search"))
    page.fill("[name=words]", "Waterman")
    page.locator("#search button").last.click()
    prins.see("Willem Waterman")


def test_it_can_be_followed_without_scripts(ground: Ground, hands: OpenHands) -> None:
    bas = hands("follows received", java_script_enabled=False, viewport={"width": 390, "height": 844})
    bas.page.goto(here(ground, "/status/complaint"))
    bas.page.get_by_role("link", name="Write a message or send files").first.click()
    bas.page.fill("main [name=text]", "It happened again.")
    bas.page.locator("main form:has([name=text]) .actions button").last.click()
    bas.see("We have added it to your complaint.")

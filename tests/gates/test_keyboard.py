"""What people come for can be done with the keyboard alone, and without any script; a letter within two minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.gates.ground import FULL, Ground
from tests.gates.hands import Hands
from tests.gates.rare import RARE
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
    anna.write("email", "anna@achterberg")
    assert anna.go("Continue").status == 422
    assert "This is not an e-mail address" in anna.page.evaluate("document.activeElement.innerText")
    anna.to("email")
    anna.press("End")
    anna.type(".example")
    anna.go("Continue")
    anna.see(STORY, "Anna Achterberg", "anna@achterberg.example")
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


def test_a_form_can_be_saved_and_taken_up_again_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    anna, elsewhere = hands(), hands()
    anna.page.goto(here(ground, "/complain/story"))
    anna.write("story", STORY)
    anna.go("Save and go on later")
    code = CODE.search(anna.text)
    assert code, anna.text
    elsewhere.page.goto(here(ground, "/complain/go-on"))
    elsewhere.write("code", code.group())
    elsewhere.enter()
    elsewhere.page.goto(here(ground, "/complain/story"))
    assert elsewhere.page.input_value("[name=story]") == STORY


def test_a_decision_can_be_answered_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    nora = hands("answers it")
    nora.page.goto(f"{ground.url}/{RARE}/status/complaint")
    nora.go("Give your answer")
    nora.go("I agree with this")
    nora.go("Back to your complaint")
    assert not nora.page.locator("main").get_by_role("link", name="Give your answer").count()


def test_what_follows_can_be_read_and_changed_with_the_keyboard_alone(ground: Ground, hands: OpenHands) -> None:
    femke = hands("femke")
    femke.page.goto(f"{ground.url}/{RARE}/desk/cases/{ground.things['asked']}/withdraw")
    femke.choose("sure", 0)
    femke.write("reason", "She called.")
    femke.send()
    femke.see("This is what follows")
    femke.go("Change something")
    assert femke.page.input_value("[name=reason]") == "She called."


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


def test_a_step_tells_what_follows_without_scripts(ground: Ground, hands: OpenHands) -> None:
    femke = hands("femke", java_script_enabled=False)
    femke.page.goto(f"{ground.url}/{RARE}/desk/cases/{ground.things['asked']}/withdraw")
    femke.page.fill("[name=reason]", "She called.")
    femke.page.check("[name=sure]")
    femke.page.locator("main form .actions button").first.click()
    femke.see("This is what follows", "The complaint comes into the phase: Closed.")
    femke.page.get_by_role("button", name="Change something").click()
    assert femke.page.is_checked("[name=sure]")


def test_a_letter_is_registered_without_scripts(ground: Ground, hands: OpenHands) -> None:
    smid = hands("smid", java_script_enabled=False)
    smid.page.goto(here(ground, "/desk/register"))
    for name, words in (("name", "Gerrit Gracht"), ("address", "Kade 1, 7411 AB Deventer"), ("story", STORY)):
        smid.page.fill(f"main [name={name}]", words)
    smid.page.get_by_role("button", name="Register the complaint").click()
    assert REFERENCE.search(smid.text), smid.text


def test_somebody_is_let_in_and_appointed_without_scripts(ground: Ground, hands: OpenHands) -> None:
    prins = hands(java_script_enabled=False)
    prins.page.goto(here(ground, "/office/people/new"))
    prins.page.fill("[name=email]", f"prins@{FULL}.example")
    prins.page.fill("[name=password]", PASSWORD)
    prins.page.locator("main form button").first.click()
    prins.page.fill("main [name=name]", "Nina Nieuw")
    prins.page.fill("main [name=email]", "nina@nieuw.example")
    prins.page.locator("main form .actions button").first.click()
    prins.see("Nina Nieuw")


def test_it_can_be_followed_without_scripts(ground: Ground, hands: OpenHands) -> None:
    bas = hands("follows received", java_script_enabled=False, viewport={"width": 390, "height": 844})
    bas.page.goto(here(ground, "/status/complaint"))
    bas.page.get_by_role("link", name="Write a message or send files").first.click()
    bas.page.fill("main [name=text]", "It happened again.")
    bas.page.locator("main form:has([name=text]) .actions button").last.click()
    bas.see("We have added it to your complaint.")

"""A complaint can be made and followed on a telephone without any script; with the keyboard alone: `tests/gates`."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.house import House
from tests.journeys.portal import complain, give_code

pytestmark = pytest.mark.browser

STORY = "My call was not returned for three weeks."


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

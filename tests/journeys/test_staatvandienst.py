"""Staatvandienst: a complaint about a contact person, filed on a telephone on a Friday afternoon, up to its closing."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.house import House
from tests.journeys.people import Works, hire
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.browser

SLUG = "staatvandienst"
STORY = "Mijn contactpersoon belde mij drie weken niet terug, terwijl zij dat wel had beloofd."
CAST = {
    "smid": Works("Sanne Smid"),
    "prins": Works("Pia Prins", posts=("quality_officer",), password=False),
    "dekker": Works("Daan Dekker"),
    "bos": Works("Bo Bos", manager="dekker", team="Loopbaan"),
    "rijn": Works("Ria van Rijn", posts=("board",)),
    "hakim": Works("Hana Hakim", posts=("board",)),
    "mulder": Works("Mees Mulder", manager="dekker"),
}


def file_a_complaint(jansen: Visitor) -> tuple[str, str]:
    """All pages of the form, on a telephone, in Dutch; answers reference and code."""
    jansen.open("/")
    jansen.follow("Make a complaint")
    jansen.fill({"story": STORY})
    jansen.press("Continue")
    jansen.fill(
        {
            "fact-relation": "candidate",
            "fact-about": "contact_person",
            "fact-contact_person": "Bo Bos",
            "fact-event_day": "2026-03-02",
        }
    )
    jansen.press("Continue")
    jansen.press("Continue")
    jansen.fill({"way": "email", "name": "Joris Jansen", "email": "joris@jansen.example", "tongue": "nl"})
    jansen.press("Continue")
    jansen.see(STORY, "Bo Bos", "Joris Jansen")
    jansen.press("Send my complaint")
    reference = re.search(r"SVD-2026-\d{4,}", jansen.text)
    code = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", jansen.text)
    assert reference and code
    return reference.group(), code.group()


def test_it_carries_a_complaint_about_a_contact_person_from_friday_afternoon_to_closing(
    house: House, visitor: OpenVisitor
) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-06 16:00")
    jansen = visitor(SLUG, phone=True, language="nl")
    reference, code = file_a_complaint(jansen)
    jansen.see("dinsdag 10 maart 2026")
    jansen.press("I have kept my code")
    jansen.see(reference, "dinsdag 10 maart 2026")

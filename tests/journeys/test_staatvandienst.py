"""Staatvandienst: a complaint about a contact person, filed on a telephone on a Friday afternoon, up to its closing."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House, words
from tests.journeys.people import Works, email_of, hire, send_invitation
from tests.journeys.portal import complain, give_code
from tests.journeys.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.browser

SLUG = "staatvandienst"
FACTS = {
    "relation": "candidate",
    "about": "contact_person",
    "contact_person": "Bo Bos",
    "event_day": "2026-03-02",
}
YOU = {"way": "email", "name": "Joris Jansen", "email": "joris@jansen.example", "tongue": "nl"}
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


def choose_password(house: House, prins: Visitor) -> None:
    """By the link that came by mail, which works once."""
    address = re.search(r"http://\S+/link/\S+", words(house.post.wait_for(email_of("prins", SLUG), "toegang")))
    assert address
    prins.open(address.group())
    prins.fill({"password": PASSWORD, "password-again": PASSWORD})
    prins.press("Set password")
    prins.open(address.group())
    assert prins.status == 404


def take_up(prins: Desk) -> None:
    """The quality officer says who is meant, acknowledges, registers and assesses; the rules find the handler."""
    prins.sees("10 Mar 2026", "3 Apr 2026", "name only: say who it is")
    prins.act("facts", {"facts-fact-contact_person": "Bo Bos"}, about="contact_person")
    prins.do("acknowledge", text="Mevrouw Prins kijkt maandag naar uw klacht.")
    prins.do("register", {"handled_before": "no"})
    prins.do("assess", {"assessment_reason": "Kandidaat in een traject."}, outcome="treat")
    prins.do("assign")
    prins.sees("Handler Daan Dekker")


def treat(rijn: Desk) -> None:
    """A member of the board weighs sharing, investigates, plans a measure and decides."""
    weighed = {"seriousness": "Matig", "nature": "Bejegening", "sharing_reason": "Eerst zelf de feiten nagaan."}
    rijn.do("share", weighed, outcome="withhold")
    found = {"findings": "Er is niet teruggebeld.", "circumstances": "Ziekte.", "background": "Drukte."}
    rijn.do("investigate", found, outcome="done")
    rijn.do("decide", text="Uw klacht is gegrond.", refused="Plan the actions and measures first")
    rijn.act("plan", {"text": "Een vaste vervanger bij ziekte", "owner": "Mees Mulder", "day": "2026-03-27"})
    rijn.do("decide", text="Uw klacht is gegrond. Wij hadden u moeten terugbellen.")


def test_it_carries_a_complaint_about_a_contact_person_from_friday_afternoon_to_closing(
    house: House, visitor: OpenVisitor
) -> None:
    people = hire(house, SLUG, CAST)
    house.move_clock("2026-03-06 16:00")
    jansen = visitor(SLUG, phone=True, language="nl")
    made = complain(jansen, STORY, FACTS, YOU)
    jansen.see("Uiterlijk dinsdag 10 maart 2026 Ontvangstbevestiging")
    jansen.press("I have kept my code")
    jansen.see(made.reference, "Uiterlijk dinsdag 10 maart 2026 Ontvangstbevestiging", "Uiterlijk vrijdag 3 april 2026")

    desk = {who: Desk(visitor(SLUG), SLUG, who) for who in ("prins", "bos", "dekker", "rijn", "mulder")}
    prins, rijn, dekker, mulder = desk["prins"], desk["rijn"], desk["dekker"], desk["mulder"]
    send_invitation(house, SLUG, people["prins"])
    choose_password(house, prins.visitor)
    prins.find(made.reference)
    take_up(prins)
    desk["bos"].is_shut_out_of(prins.case)
    dekker.find(made.reference)

    house.move_clock("2026-03-11 10:00")
    why = "Tekende de brief aan de kandidaat mee."
    prins.act("involve", {"person": "Daan Dekker", "relation": "involved", "reason": why})
    prins.sees("Ria van Rijn, Hana Hakim handles, as Board", "Next day 3 Apr 2026")
    prins.visitor.unfold("Terms that are over")
    prins.visitor.see("Acknowledgement, 10 Mar 2026: met")
    dekker.is_shut_out_of(prins.case)
    desk["bos"].is_shut_out_of(prins.case)

    rijn.find(made.reference)
    treat(rijn)
    unfinished = "Not all actions and measures have been carried out and checked."
    rijn.do("close", refused=unfinished)
    house.move_clock("2026-03-25 11:00")
    mulder.find(made.reference)
    mulder.act("carry-out", {"text": "De vervangingslijst hangt op."}, about=mulder.measure())
    rijn.do("close", refused=unfinished)
    prins.act("verify", about=prins.measure())
    rijn.do("close")
    rijn.sees("Closed")

    house.quiet(SLUG)
    sent = ["Onze beslissing op uw klacht", "Uw klacht is afgesloten", "Wij hebben uw klacht ontvangen"]
    assert house.post.subjects("joris@jansen.example") == [f"{subject} ({made.reference})" for subject in sent]
    assert house.post.to(email_of("bos", SLUG)) == []
    jansen.press("Log out")
    give_code(jansen, made.code)
    jansen.see("Mevrouw Prins kijkt maandag", "Wij hadden u moeten terugbellen", "vaste vervanger", "Oval", *sent)
    jansen.miss("Ziekte", "Bo Bos", why)

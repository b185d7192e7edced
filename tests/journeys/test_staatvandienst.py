"""Staatvandienst: a complaint about a contact person, from a Friday afternoon up to archive and quarterly report."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House, words
from tests.journeys.learning import archive, improve, look_why, make_file, note_duty, release, take_step
from tests.journeys.people import Works, email_of, hire, send_invitation
from tests.journeys.portal import complain, read_all
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
    "visser": Works("Vera Visser", posts=("management_team",)),
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
    rijn.act("plan", {"text": "Een vaste vervanger bij ziekte", "owner": "Mees Mulder", "day": "2026-04-20"})
    rijn.do("decide", text="Uw klacht is gegrond.", refused="A measure takes longer than the term.")
    later = {"overrun_reason": "De vervanger begint in april.", "inform_day": "2026-04-08"}
    rijn.do("overrun_notice", {**later, "monitor_day": "2026-04-10", "finish_day": "2026-04-20"})
    rijn.do("decide", text="Uw klacht is gegrond. Wij hadden u moeten terugbellen.")


def see_it_through(house: House, rijn: Desk, prins: Desk, mulder: Desk) -> None:
    """On the agreed days: word to the complainant, a look at the schedule, the measure done and checked."""
    house.move_clock("2026-04-08 09:00")
    rijn.do("progress", text="De vervanger is gevonden.")
    house.move_clock("2026-04-10 09:00")
    prins.do("monitor", {"monitor_note": "Op schema."})
    unfinished = "Not all actions and measures have been carried out and checked."
    rijn.do("close", refused=unfinished)
    mulder.act("measure", {"text": "De vervangingslijst hangt op."}, about=mulder.measure())
    rijn.do("close", refused=unfinished)
    prins.act("verify", about=prins.measure())
    rijn.do("close")
    rijn.sees("Closed")


def learn(house: House, people: dict[str, UUID], prins: Desk, visser: Desk, mulder: Desk) -> None:
    """The report of the quarter: released, talked over with the management team, its measure done and checked."""
    noted = {"kind": "deviation", "day": "2026-04-09", "text": "Een terugbelverzoek bleef liggen."}
    note_duty(prins, "quality", noted)
    release(prins)
    said = "Wij spreken af dat iedereen binnen twee dagen terugbelt."
    there = [str(people["prins"]), str(people["visser"])]
    measure = {"measure1": "Een lijst met terugbelverzoeken", "owner1": "Mees Mulder", "by1": "2026-06-30"}
    take_step(visser, "evaluate", {"day": "2026-04-10", "with": there, "text": said, **measure})
    visser.visitor.see(said, "Een lijst met terugbelverzoeken", "Vera Visser", "recorded in the archive")
    house.move_clock("2026-06-15 09:00")
    improve(mulder, "done", "De lijst is in gebruik.")
    improve(prins, "check")
    prins.visitor.see("De lijst is in gebruik.", "checked")


def test_it_carries_a_complaint_about_a_contact_person_from_friday_afternoon_to_closing(
    house: House, visitor: OpenVisitor
) -> None:
    people = hire(house, SLUG, CAST)
    house.move_clock("2026-03-06 16:00")
    jansen = visitor(SLUG, phone=True, language="nl")
    made = complain(jansen, STORY, FACTS, YOU)
    jansen.see("Uiterlijk dinsdag 10 maart 2026", "Wij bevestigen dat uw klacht binnen is.")
    jansen.press("I have kept my code")
    jansen.see(made.reference, "Uiterlijk dinsdag 10 maart 2026", "Uiterlijk vrijdag 3 april 2026")

    desk = {who: Desk(visitor(SLUG), SLUG, who) for who in ("prins", "bos", "dekker", "rijn", "mulder", "visser")}
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
    prins.sees("Ria van Rijn, Hana Hakim handles, as Board", "By when 3 Apr 2026")
    prins.visitor.see("What Daan Dekker saw of this case")
    prins.visitor.unfold("Terms that are over")
    prins.visitor.see("Acknowledgement, 10 Mar 2026: met")
    dekker.is_shut_out_of(prins.case)
    desk["bos"].is_shut_out_of(prins.case)

    rijn.find(made.reference)
    treat(rijn)
    mulder.find(made.reference)
    see_it_through(house, rijn, prins, mulder)

    house.quiet(SLUG)
    sent = ["Onze beslissing op uw klacht", "Uw klacht is afgesloten", "Wij hebben uw klacht ontvangen"]
    subjects = house.post.subjects("joris@jansen.example")
    assert len(subjects) == 5
    assert {f"{subject} ({made.reference})" for subject in sent} < set(subjects)
    assert house.post.to(email_of("bos", SLUG)) == []
    jansen.press("Log out")
    told = read_all(jansen, made.code)
    for said in ("Mevrouw Prins kijkt maandag", "Wij hadden u moeten terugbellen", "vaste vervanger", "Oval", *sent):
        assert said in told
    for said in ("Ziekte", "Bo Bos", why):
        assert said not in told

    look_why(prins)
    make_file(prins, "oval", "Oval vraagt om het dossier.")
    archive(prins, "2031-04-10")
    prins.sees("Kept until and with Thursday 10 April 2031")
    house.learn(SLUG)
    desk["visser"].open("/")
    learn(house, people, prins, desk["visser"], mulder)

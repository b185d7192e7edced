"""M.E.P.: a letter, registered two days after it arrived, through two proposals to a copy for the Ministry."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import answer, give_code

pytestmark = pytest.mark.browser

SLUG = "mep"
STORY = "Mijn uitkering kwam drie maanden achter elkaar te laat."
CAST = {
    "yilmaz": Works("Esra Yilmaz"),
    "visser": Works("Carla Visser", posts=("complaints_officer",)),
    "aydin": Works("Selim Aydin", posts=("board",)),
    "brouwer": Works("Hanna Brouwer", posts=("board", "director")),
    "wit": Works("Tom de Wit", team="Betalingen"),
    "kok": Works("Lena Kok", team="Betalingen"),
}
LETTER = {
    "channel": "letter",
    "received": "2026-03-04",
    "receiver": "Esra Yilmaz",
    "name": "Johan Peters",
    "address": "Havenstraat 2\n1234 AB Zuiderdam",
    "way": "post",
    "tongue": "nl",
    "story": STORY,
}


def begin(visser: Desk, yilmaz: Desk, reference: str) -> None:
    """The officer acknowledges with a promised day and explains; who got the letter talks to the complainant."""
    visser.do("register")
    visser.do("acknowledge", refused="When will the complainant have an answer?")
    visser.do("acknowledge", {"promised_day": "2026-03-27"})
    visser.do("explain", text="Een collega belt u eerst.")
    visser.sees("27 Mar 2026")
    yilmaz.find(reference)
    talked = {"talk_day": "2026-03-06", "talk_summary": "De heer Peters wil een formele klacht."}
    yilmaz.do("front", talked, outcome="not_solved")


def determine(visser: Desk, yilmaz: Desk) -> None:
    """It may be structural; the officer determines who settles it, agrees how to inform, and finds the cause."""
    yilmaz.do("classify", {"higher_attention": "yes"}, outcome="structural")
    chosen = {"department": "Betalingen", "assignment_reason": "Kent de betalingen."}
    visser.do("determine", chosen, person="Lena Kok")
    agreed = {"complainant_agreement": "Per brief", "complainant_agreement_day": "2026-03-20"}
    visser.do("agreements", agreed, outcome="not_about_a_person")
    visser.do("root_cause", {"root_cause": "Een nieuw systeem.", "consulted": "Betalingen"})


def propose(visser: Desk, kok: Desk, proposal: str) -> None:
    kok.do("treat", {"proposal": proposal})
    visser.do("propose", text=proposal)


def test_it_carries_a_letter_through_two_proposals_and_sends_the_ministry_its_copy_after_closing(
    house: House, visitor: OpenVisitor
) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-06 10:00")
    desk = {who: Desk(visitor(SLUG), SLUG, who) for who in ("yilmaz", "visser", "brouwer", "kok")}
    yilmaz, visser, brouwer, kok = desk["yilmaz"], desk["visser"], desk["brouwer"], desk["kok"]
    reference, code = visser.register(LETTER, {"origin": "customer", "subject": "payments"})
    visser.sees("Next day 11 Mar 2026", "18 Mar 2026", "received on Wednesday 4 March 2026, by Esra Yilmaz")

    begin(visser, yilmaz, reference)
    peters = visitor(SLUG, language="nl")
    answer(peters, code, "formal", "formal")
    determine(visser, yilmaz)
    assert house.post.wait_for(email_of("aydin", SLUG), "structureel")

    kok.find(reference)
    propose(visser, kok, "U krijgt een vaste betaaldag.")
    answer(peters, code, "verdict", "other_proposal")
    visser.do("promise_again", {"new_day": "2026-04-24"})
    visser.sees("24 Apr 2026")
    propose(visser, kok, "U krijgt een vaste betaaldag en de rente terug.")
    answer(peters, code, "verdict", "satisfied")

    visser.do("register_solution", {"solution": "Vaste betaaldag en rente."})
    visser.do("close", refused="Not everybody involved has a copy of the solution.")
    visser.do("copy_solution")
    visser.do("close")
    visser.sees("Where it stands Closed", "18 Mar 2026")
    visser.visitor.unfold("Copy of the solution to Complainant")
    visser.visitor.go(visser.visitor.page.locator('a[href*="/messages/"]:visible').first)
    visser.visitor.see("Havenstraat 2")

    house.move_clock("2026-03-16 09:00")
    brouwer.find(reference)
    brouwer.do("ministry_copy", {"ministry_proof": "Aangetekend verzonden."}, outcome="sent")
    brouwer.sees("Closed")
    give_code(peters, code)
    peters.see("Uw klacht is afgehandeld", "rente terug", "vrijdag 27 maart 2026", "Een collega belt u eerst.")
    house.quiet(SLUG)
    assert len(house.post.to(email_of("kok", SLUG))) > 0

"""M.E.P.: a letter, registered two days after it came, through two proposals to the Ministry and the annual report."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House
from tests.journeys.learning import (
    answer_advice,
    improve,
    look_why,
    make_file,
    note_duty,
    open_report,
    post_letters,
    release,
    take_step,
)
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import answer, read_all

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


def advise(visser: Desk, brouwer: Desk, kok: Desk, reference: str) -> None:
    """The officer asks the board for advice, and the handler writes on the agreed day."""
    visser.do("ask_advice", {"advice_question": "Mogen wij ook de rente vergoeden?"}, outcome="ask")
    brouwer.find(reference)
    brouwer.do("advise", {"advice": "Ja, de rente ook."})
    visser.sees("Ja, de rente ook.")
    kok.find(reference)
    kok.do("inform_complainant", text="Wij zoeken uit waar het misging.")


def propose(visser: Desk, kok: Desk, proposal: str) -> None:
    kok.do("treat", {"proposal": proposal})
    visser.do("propose", text=proposal)


def learn(house: House, visser: Desk, brouwer: Desk, kok: Desk) -> None:
    """Advice and the annual report: written, released, decided on by the board, presented; its measure is done."""
    note_duty(visser, "prevent", {"to": "board", "text": "Bel terug binnen een dag."})
    answer_advice(brouwer, "accept")
    open_report(visser)
    visser.visitor.press("Release")
    assert visser.visitor.status == 422
    visser.visitor.see("Analysis")
    take_step(visser, "write", {"section-analysis": "Het nieuwe systeem betaalde te laat."})
    release(visser)
    measure = {"measure1": "Elke maand de betaaldagen nalopen", "owner1": "Lena Kok", "by1": "2027-03-31"}
    take_step(brouwer, "decide", measure)
    take_step(visser, "present", {"day": "2027-01-04"})
    visser.visitor.see("Het nieuwe systeem betaalde te laat.", "Bel terug binnen een dag.", "recorded in the archive")
    open_report(kok)
    kok.visitor.see("Elke maand de betaaldagen nalopen")
    improve(kok, "done", "De eerste ronde is gedaan.")
    house.quiet(SLUG)
    assert house.post.to(email_of("wit", SLUG))


def test_it_carries_a_letter_through_two_proposals_and_sends_the_ministry_its_copy_after_closing(
    house: House, visitor: OpenVisitor
) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-06 10:00")
    peters = visitor(SLUG, language="nl")
    peters.open("/complain")
    peters.see("brief")
    desk = {who: Desk(visitor(SLUG), SLUG, who) for who in ("yilmaz", "visser", "brouwer", "kok")}
    yilmaz, visser, brouwer, kok = desk["yilmaz"], desk["visser"], desk["brouwer"], desk["kok"]
    reference, code = visser.register(LETTER, {"origin": "customer", "subject": "payments"})
    visser.sees("By when 11 Mar 2026", "18 Mar 2026", "received on Wednesday 4 March 2026, by Esra Yilmaz")

    begin(visser, yilmaz, reference)
    answer(peters, code, "formal", "formal")
    determine(visser, yilmaz)
    assert house.post.wait_for(email_of("aydin", SLUG), "structureel")

    advise(visser, brouwer, kok, reference)
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
    visser.sees("Closed , now", "18 Mar 2026")
    visser.visitor.unfold("Copy of the solution to Complainant")
    unfolded = visser.visitor.page.locator("details[open]", has_text="Copy of the solution to Complainant")
    visser.visitor.go(unfolded.locator('a[href*="/messages/"]').first)
    visser.visitor.see("Havenstraat 2")
    house.quiet(SLUG)
    assert post_letters(visser) >= 5
    visser.sees("posted")
    look_why(visser)

    house.move_clock("2026-03-16 09:00")
    brouwer.do("ministry_copy", {"ministry_proof": "Aangetekend verzonden."}, outcome="sent")
    brouwer.sees("Closed")
    told = read_all(peters, code)
    for words in ("Uw klacht is afgehandeld", "rente terug", "vrijdag 27 maart 2026", "Een collega belt u eerst."):
        assert words in told
    house.quiet(SLUG)
    assert len(house.post.to(email_of("kok", SLUG))) > 0

    make_file(visser, "ministry", "Het ministerie vraagt om het dossier.")
    house.move_clock("2027-01-04 10:00")
    house.learn(SLUG)
    learn(house, visser, brouwer, kok)

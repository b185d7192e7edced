"""Team Keizer: told at the desk, first to the employee himself, settled in writing, with two signatures."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Answers, Desk
from tests.journeys.house import House
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import answer, give_code

pytestmark = pytest.mark.browser

SLUG = "team-keizer"
STORY = "Mijn begeleider kwam drie keer niet opdagen."
CAST = {
    "mulder": Works("Mila Mulder", team="Noord"),
    "smit": Works("Stijn Smit", team="Noord"),
    "visser": Works("Vera Visser", posts=("officer",), external=True),
    "keizer": Works("Kees Keizer", posts=("office",)),
}
TOLD = {
    "channel": "desk",
    "received": "2026-03-02",
    "time": "10:15",
    "receiver": "Stijn Smit",
    "name": "Hein Hendriks",
    "email": "hein@hendriks.example",
    "way": "email",
    "tongue": "nl",
    "story": STORY,
}


def test_it_lets_the_employee_try_first_and_closes_with_two_signatures(house: House, visitor: OpenVisitor) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-02 10:30")
    mulder, smit, visser = (Desk(visitor(SLUG), SLUG, who) for who in ("mulder", "smit", "visser"))
    reference, code = smit.register(TOLD, {"capacity": "client", "employee": "Mila Mulder"})
    house.post.wait_for(email_of("mulder", SLUG), "betrokken")

    mulder.find(reference)
    mulder.sees("You are involved in this complaint", STORY)
    mulder.visitor.miss("hein@hendriks.example")
    mulder.do("front", {"attempt": "Wij spraken over de gemiste afspraken en maakten nieuwe."}, outcome="solved")

    house.move_clock("2026-03-05 09:00")
    visser.find(reference)
    visser.sees("30 Mar 2026")
    visser.do("inform", text="U hoort uiterlijk 30 maart van ons.")
    visser.do("decide", text="Uw begeleider belt voortaan als zij verhinderd is.")
    hendriks = visitor(SLUG, phone=True, language="nl")
    answer(hendriks, code, "satisfaction", "satisfied")

    form: Answers = {
        "lodging": ["A"],
        "nature": ["I", "III"],
        "cause": "Een dubbele agenda.",
        "solution": "Nieuwe afspraken.",
    }
    visser.do("close", refused="The complaint registration form is not complete yet.")
    visser.do("complete_form", form)
    visser.do("sign_form")
    visser.do("close", refused="both the employee and the complaints officer sign")
    mulder.do("sign_form")
    visser.do("close")
    visser.sees("Where it stands Closed")

    house.quiet(SLUG)
    sent = [f"De beslissing op uw klacht ({reference})", f"Hoe wij uw klacht behandelen ({reference})"]
    assert house.post.subjects(TOLD["email"]) == sent
    give_code(hendriks, code)
    hendriks.see("Uw begeleider belt voortaan", "U hoort uiterlijk 30 maart van ons.", *sent)

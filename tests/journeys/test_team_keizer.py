"""Team Keizer: told at the desk, first tried by the employee, settled in writing, signed, put away and analysed."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Answers, Desk
from tests.journeys.house import House
from tests.journeys.learning import answer_advice, archive, improve, look_why, make_file, note_duty, release, take_step
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import answer, read_all

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


def learn(visser: Desk, keizer: Desk, mulder: Desk, smit: Desk) -> None:
    """The yearly analysis and talk: written, decided on by the office, shown in its meeting; its measure is done."""
    note_duty(visser, "recommend", {"to": "office", "text": "Laat iedereen bellen bij verhindering."})
    take_step(visser, "write", {"section-analysis": "Afspraken stonden dubbel in de agenda."})
    release(visser)
    answer_advice(keizer, "accept")
    lesson = {"measure1": "Training agenda's", "owner1": "Stijn Smit", "by1": "2027-04-01", "kind1": "training"}
    take_step(keizer, "decide", {**lesson, "who1": "team Noord"})
    take_step(visser, "present", {"day": "2027-01-04"})
    visser.visitor.see("Training agenda's", "Laat iedereen bellen", "recorded in the archive")
    note_duty(keizer, "discuss", {"day": "2027-01-04", "text": "Wij bespraken de analyse.", "who": "team Noord"})
    keizer.visitor.see("Wij bespraken de analyse.")
    improve(smit, "done", "De training was op 2 februari.")
    mulder.open("/publication")
    mulder.visitor.page.fill("#told-client_start", "Dossier 118")
    mulder.visitor.press("Told today")
    mulder.visitor.see("Dossier 118")


def test_it_lets_the_employee_try_first_and_closes_with_two_signatures(house: House, visitor: OpenVisitor) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-02 10:30")
    mulder, smit, visser = (Desk(visitor(SLUG), SLUG, who) for who in ("mulder", "smit", "visser"))
    reference, code = smit.register(TOLD, {"capacity": "client", "employee": "Mila Mulder"})
    house.post.wait_for(email_of("mulder", SLUG), "betrokken")

    mulder.find(reference)
    mulder.sees("You are involved in this complaint", STORY)
    mulder.visitor.miss("hein@hendriks.example")
    mulder.do("front", {"consult_question": "Mag ik een dagdeel aanbieden?"}, outcome="consult")
    visser.find(reference)
    visser.do("answer_consult", {"consult_answer": "Ja."})
    mulder.do("front", {"attempt": "Wij spraken over de gemiste afspraken en maakten nieuwe."}, outcome="solved")

    house.move_clock("2026-03-05 09:00")
    visser.sees("30 Mar 2026", "Mag ik een dagdeel aanbieden?")
    visser.do("register", {"lodging": "A", "nature": ["I", "III"]}, outcome="registered")
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
    visser.sees("Closed , now")

    house.quiet(SLUG)
    sent = [f"De beslissing op uw klacht ({reference})", f"Hoe wij uw klacht behandelen ({reference})"]
    assert house.post.subjects(TOLD["email"]) == sent
    told = read_all(hendriks, code)
    for words in ("Uw begeleider belt voortaan", "U hoort uiterlijk 30 maart van ons.", *sent):
        assert words in told

    look_why(visser)
    make_file(visser, "erisietsmisgegaan", "De klager gaf toestemming.")
    archive(visser, "2031-03-05")
    house.move_clock("2027-01-04 10:00")
    house.learn(SLUG)
    learn(visser, Desk(visitor(SLUG), SLUG, "keizer"), mulder, smit)

"""Gelukwerkt: a complaint by the web form of its own procedure, up to its closing and the annual report."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House
from tests.journeys.learning import answer_advice, improve, look_why, note_duty, release, take_step
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import answer, complain, read_all

pytestmark = pytest.mark.browser

SLUG = "gelukwerkt"
STORY = "The trainer was an hour late twice and nobody told us."
FACTS = {"origin": "customer", "subject": "training"}
YOU = {"way": "email", "name": "Deniz Özdemir", "email": "deniz@ozdemir.example", "tongue": "en"}
CAST = {
    "bakker": Works("Berber Bakker"),
    "smit": Works("Sem Smit", posts=("complaints_officer",)),
    "willems": Works("Wies Willems", posts=("owners",)),
    "jong": Works("Jip de Jong", posts=("owners",)),
    "jacobs": Works("Jos Jacobs"),
}


def handle(smit: Desk) -> None:
    """The officer registers, promises a day, explains, judges whether it is structural, and names the handler."""
    smit.sees("16 Mar 2026", "With the form on the website")
    smit.do("register", {"about_whom": "Jos Jacobs"})
    smit.do("acknowledge", {"promised_day": "2026-03-20"})
    smit.do("explain", text="A colleague looks into it this week.")
    smit.do("classify", {"higher_attention": "no"}, outcome="incident")
    smit.do("determine", {"assignment_reason": "Knows the programme."}, person="Berber Bakker")
    agreed = {
        "complainant_agreement": "By e-mail",
        "complainant_agreement_day": "2026-03-18",
        "respondent_agreement": "Smit tells Jacobs in person.",
    }
    smit.do("agreements", agreed, outcome="about_a_person")
    smit.do("inform_complainant", text="We spoke to the trainer today.")
    smit.do("root_cause", {"root_cause": "Two trainings planned at once.", "consulted": "Planning"})


def learn(house: House, smit: Desk, owners: list[Desk], bakker: Desk) -> None:
    """Advice after a talk; the annual report, on which every owner decides; its measure is carried out."""
    note_duty(smit, "improve", {"to": "owners", "text": "Plan trainings in one calendar."})
    answer_advice(smit, "consult", "Planning agrees.")
    answer_advice(owners[0], "reject", "We did so last month.")
    take_step(smit, "write", {"section-analysis": "Trainings were planned at once."})
    release(smit)
    measure = {"measure1": "One calendar for all", "owner1": "Berber Bakker", "by1": "2027-03-31"}
    take_step(owners[0], "decide", measure)
    take_step(owners[1], "decide", {})
    take_step(smit, "present", {"day": "2027-01-04"})
    smit.visitor.see("One calendar for all", "We did so last month.", "recorded in the archive")
    improve(bakker, "done", "The calendar is in use.")
    house.quiet(SLUG)
    assert house.post.to(email_of("jacobs", SLUG))


def test_it_carries_a_complaint_from_the_web_form_to_closing(house: House, visitor: OpenVisitor) -> None:
    hire(house, SLUG, CAST)
    house.move_clock("2026-03-09 11:00")
    ozdemir = visitor(SLUG, phone=True)
    made = complain(ozdemir, STORY, FACTS, YOU)
    ozdemir.see("By Monday 16 March 2026 at the latest")
    ozdemir.press("I have kept my code")

    smit, bakker, jacobs = (Desk(visitor(SLUG), SLUG, who) for who in ("smit", "bakker", "jacobs"))
    smit.find(made.reference)
    handle(smit)
    jacobs.is_shut_out_of(smit.case)
    bakker.find(made.reference)
    bakker.do("treat", {"proposal": "A free extra training day."})
    smit.do("propose", text="We offer you a free extra training day.")
    answer(ozdemir, made.code, "verdict", "other_proposal")
    smit.do("promise_again", {"new_day": "2026-04-03"})
    bakker.do("treat", {"proposal": "Two free extra training days."})
    smit.do("propose", text="We offer you two free extra training days.")

    answer(ozdemir, made.code, "verdict", "satisfied")
    smit.do("register_solution", {"solution": "Two free extra training days."})
    smit.do("copy_solution")
    smit.do("close")
    smit.sees("Closed , now")

    house.quiet(SLUG)
    subjects = house.post.subjects(YOU["email"])
    assert len(subjects) == 7, subjects
    assert all(made.reference in subject for subject in subjects)
    assert [str(mail["Subject"]) for mail in house.post.to(email_of("bakker", SLUG))]
    told = read_all(ozdemir, made.code)
    for words in ("We spoke to the trainer today.", "We offer you a free extra training day.", *subjects):
        assert words in told
    for words in ("Jos Jacobs", "Two trainings planned at once."):
        assert words not in told

    look_why(smit)
    house.move_clock("2027-01-04 10:00")
    house.learn(SLUG)
    owners = [Desk(visitor(SLUG), SLUG, who) for who in ("willems", "jong")]
    learn(house, smit, owners, bakker)

"""Nationale ombudsman: told at reception, the formal way, a letter only the ombudsman signs, and the overview."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.desk import Desk
from tests.journeys.house import House
from tests.journeys.learning import begin_report, look_why, release, take_step
from tests.journeys.people import Works, email_of, hire
from tests.journeys.portal import read_all

pytestmark = pytest.mark.browser

SLUG = "nationale-ombudsman"
CAST = {
    "smeets": Works("Tess Smeets", team="Onderzoek"),
    "graaf": Works("Hugo de Graaf"),
    "kuiper": Works("Stan Kuiper", coordinator="smeets", manager="graaf", team="Onderzoek"),
    "postma": Works("Lieke Postma", posts=("adviser",), team="Kwaliteit"),
    "dam": Works("Koen van Dam", posts=("adviser",), team="Kwaliteit"),
    "alberts": Works("Ans Alberts", posts=("team_manager_oo",)),
    "bosman": Works("Bas Bosman", posts=("staff_director",)),
    "ruiter": Works("Rik Ruiter", posts=("secretariat",)),
    "verhoef": Works("Vic Verhoef", posts=("general_director",)),
    "lodder": Works("Loes Lodder", posts=("deputy_ombudsman",)),
    "zanten": Works("Zoë van Zanten", posts=("ombudsman",)),
    "boer": Works("Bram de Boer", posts=("team_managers",)),
    "meijer": Works("Marit Meijer", posts=("reception",)),
}
TOLD = {
    "channel": "reception",
    "received": "2026-04-07",
    "name": "Derya Demir",
    "email": "derya@demir.example",
    "way": "email",
    "tongue": "nl",
    "story": "De onderzoeker sprak mij af terwijl ik mijn verhaal deed.",
}


def listen(postma: Desk) -> None:
    """Triage, the file, the acknowledgement with a proposal to call, the employee told, and the call itself."""
    postma.do("triage", {"kind_reason": "Zij voelt zich onheus behandeld."}, outcome="complaint")
    postma.do("register", {"djuma_number": "2026-17"})
    postma.do("assign", person="Lieke Postma")
    postma.do("acknowledge", {"call_day": "2026-04-15"}, refused="At what time do you propose to call?")
    postma.do("acknowledge", {"call_day": "2026-04-15", "call_time": "10.00 uur"})
    told = {"treatment_complaint": "yes", "other_employee_wanted": "no", "underlying": "suspended"}
    postma.do("inform_employee", told)
    said = {
        "call_subject": "De toon",
        "call_goal": "Excuses",
        "call_solution": "Een brief",
        "call_note": "Zij vertelde haar verhaal rustig.",
        "note_requested": "no",
    }
    postma.do("call", said, outcome="spoken")


def draft(postma: Desk, others: dict[str, Desk], reference: str) -> None:
    """The formal way: the talk with the employee, the letter, the remarks, and a note for the risk that it brings."""
    postma.do("choose_route", {"route_reason": "Het is ernstig."}, outcome="formal")
    postma.do("plan_interview", {"interview_day": "2026-04-16"})
    postma.do("interview", {"interview_note": "Hij herkent het."}, outcome="enough")
    letter = {
        "letter": "Uw klacht is gegrond.",
        "reputational_risk": "yes",
        "measure_needs_agk": "no",
        "not_for_letter": "no",
    }
    postma.do("draft", letter)
    postma.do("ask_remarks")
    for who, role in (("dam", "colleague"), ("alberts", "team_manager"), ("bosman", "staff_director")):
        others[who].find(reference)
        given = {"remarks_team_manager": "Korter graag."} if who == "alberts" else {}
        others[who].do(f"remark_{role}", given, outcome="remarks" if given else "none")
    postma.do("process_remarks", {"remarks_processed": "Ingekort."})
    postma.do("to_secretariat", refused="Write the covering note first.")
    postma.do("cover_note", {"cover_note": "De krant belde al."})
    postma.do("to_secretariat")


def round_off(postma: Desk, ruiter: Desk) -> None:
    """Scan, copy, what was learnt and the file; closing is refused until each is done."""
    postma.do("close_formal", refused="scan")
    ruiter.do("scan", {"scan_day": "2026-04-24"})
    postma.do("copy_letter")
    postma.do("learn", {"structural_points": "Te weinig tijd", "individual_points": "Toon in gesprekken"})
    postma.do("complete_file", {"file_check": ["complaint", "acknowledgement", "notes", "outcome"]})
    postma.do("close_formal")


def learn(house: House, postma: Desk, boer: Desk, people: dict[str, UUID]) -> None:
    """The overview of structural points, without names, talked over with the managers of the teams."""
    house.move_clock("2026-05-06 09:00")
    begin_report(postma, "structural_overview", "2026-04-01", "2026-04-30")
    release(postma)
    there = [str(people["postma"]), str(people["boer"])]
    said = "De teams bellen binnen een dag terug."
    take_step(boer, "evaluate", {"day": "2026-05-06", "with": there, "text": said})
    boer.visitor.see(said, "Lieke Postma", "Bram de Boer")
    boer.visitor.miss("Stan Kuiper", "Derya Demir")


def test_it_sends_no_letter_before_the_ombudsman_signed_and_closes_when_all_is_learnt(
    house: House, visitor: OpenVisitor
) -> None:
    people = hire(house, SLUG, CAST)
    house.move_clock("2026-04-07 11:00")
    who = ("meijer", "postma", "ruiter", "zanten", "lodder", "kuiper")
    meijer, postma, ruiter, zanten, lodder, kuiper = (Desk(visitor(SLUG), SLUG, each) for each in who)
    reference, code = meijer.register(TOLD, {"about": "employee", "employee": "Stan Kuiper"})

    house.move_clock("2026-04-10 09:00")
    postma.find(reference)
    postma.sees("14 Apr 2026")
    listen(postma)
    house.post.wait_for(email_of("smeets", SLUG), reference)
    house.quiet(SLUG)
    kuiper.case = postma.case
    kuiper.sees("You are involved in this complaint", "What was sent to you")
    kuiper.visitor.miss(TOLD["email"], TOLD["story"], "Zij vertelde haar verhaal", "What happened")

    house.move_clock("2026-04-16 10:00")
    draft(postma, {each: Desk(visitor(SLUG), SLUG, each) for each in ("dam", "alberts", "bosman")}, reference)
    house.move_clock("2026-04-24 10:00")
    ruiter.find(reference)
    ruiter.do("present")
    lodder.is_shut_out_of(postma.case)
    assert "dispatch" not in postma.steps()
    zanten.find(reference)
    zanten.do("sign", outcome="signed")
    ruiter.do("dispatch")
    assert "dispatch" not in postma.steps()
    round_off(postma, ruiter)
    postma.sees("Closed , now")

    house.quiet(SLUG)
    subjects = house.post.subjects(TOLD["email"])
    assert len(subjects) == len(set(subjects)), subjects
    demir = visitor(SLUG, phone=True, language="nl")
    told = read_all(demir, code)
    for words in ("woensdag 15 april 2026, 10.00 uur", "Uw klacht is gegrond.", *subjects):
        assert words in told
    for words in ("Hij herkent het.", "Toon in gesprekken", "De krant belde al."):
        assert words not in told

    look_why(postma)
    learn(house, postma, Desk(visitor(SLUG), SLUG, "boer"), people)

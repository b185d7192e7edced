"""The engine where things meet: a wall and what goes out, the same day twice, an extension after the day has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.cases.test_engine import BRAM, DINA, EVA, FRED, FRIDAY, Play, by, person
from weerklank.cases.actions.ask import Ask
from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.record import AddInformation, Record
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.deadlines import Duration
from weerklank.policy.clocks import Clock, ClockState, clock_of
from weerklank.policy.events import COMPLAINANT, PLATFORM, Kind
from weerklank.policy.people import People, Person
from weerklank.policy.reader import load_version
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World

SMALL = Path("tests/policy/examples/small.yaml").read_text("utf-8")
GIJS = person("Gijs")


def small(*changes: tuple[str, str]) -> Play:
    """The small procedure with these changes to its text, and Gijs, who has no part in anything."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    above = {BRAM: DINA, DINA: FRED, EVA: FRED, FRED: None, GIJS: DINA}
    persons = {one: Person(one, manager=manager) for one, manager in above.items()}
    return Play(World.of(load_version(text), People(persons, {"quality_officer": (EVA,), "board": (FRED,)})))


def clock(play: Play, term: str) -> Clock:
    found = clock_of(play.world, play.case, term)
    assert found is not None
    return found


def written_to(play: Play, message: str) -> set[UUID]:
    sent = (event for event in play.events if event.kind is Kind.SENT and event.open["message"] == message)
    return {UUID(to["person"]) for event in sent for to in event.open["to"] if to["person"]}


NEWS = """
messages:
  news:
    label: {nl: nieuws, en: news}
    to: [quality_officer, board]
    on: [received, fact.about]
    attach: complaint
    source: art-2
"""


def test_it_writes_at_receipt_to_nobody_whom_the_same_facts_wall_off() -> None:
    play = small(("\nmessages:\n", NEWS))
    play.receive(facts={"about": EVA})
    assert written_to(play, "news") == {FRED}


def test_it_finds_no_handler_and_writes_to_nobody_whom_the_facts_of_the_same_step_wall_off() -> None:
    told = "\nmessages:\n  told:\n    to: [quality_officer, board]\n    source: art-3\n"
    sends = ("    then: decision\n", "    then: decision\n    offers: about\n    message: told\n")
    play = small(sends, ("\nmessages:\n", told))
    play.receive(facts={})
    assert play.act(Complete("assign", facts={"about": EVA}), by(EVA)) is None
    assert [event.open["handlers"] for event in play.events if event.kind is Kind.ASSIGNED] == [[str(FRED)]]
    assert written_to(play, "told") == {FRED}


def test_it_walls_off_who_follows_from_another_wall() -> None:
    line = "    is: respondent\n    source: art-3\n"
    play = small((line, f"{line}  - person: manager\n    is: involved\n    source: art-3\n"))
    play.receive()
    assert play.case.involved == {BRAM: frozenset({"respondent"}), DINA: frozenset({"involved"})}


CHOSEN = (
    ("    - id: manager\n      when: {involved: manager}\n      to: board\n", ""),
    ("    - id: respondent_known\n      when: {fact: about, known: true}\n      to: manager\n", ""),
    ("    - id: rest\n      to: quality_officer\n", "    - id: rest\n"),
    ("  chosen_by: board\n", "  chosen_by: board\n  warn: involved\n"),
)


def overruled() -> Play:
    """Dina, who is involved, handles because Eva gave a reason."""
    play = small(*CHOSEN[:-1], ("  chosen_by: board\n", "  chosen_by: quality_officer\n  warn: involved\n"))
    play.receive()
    assert play.act(Involve(DINA, "involved", "Zij zat erbij."), by(EVA)) is None
    assert play.act(Complete("assign", persons=(DINA,), reason="Er is niemand anders."), by(EVA)) is None
    assert play.case.handlers == (DINA,) and not is_walled(play.case, DINA)
    return play


def test_it_puts_the_wall_up_again_when_who_was_overruled_turns_out_to_be_complained_about() -> None:
    play = overruled()
    assert play.act(Involve(DINA, "respondent", "De klacht gaat ook over haar."), by(EVA)) is None
    assert is_walled(play.case, DINA) and play.case.handlers == ()
    assert DINA in play.index.walled and DINA not in play.index.parties


def test_it_overrules_for_one_who_handles_and_no_longer_than_that() -> None:
    play = overruled()
    play.act(Involve(DINA, "respondent", "De klacht gaat ook over haar."), by(EVA))
    assert play.act(Complete("assign", persons=(GIJS,)), by(EVA)) is None
    assert play.act(Release(DINA, "Het was een ander."), by(EVA)) is None
    assert play.act(Involve(DINA, "involved", "Zij zat er toch bij."), by(EVA)) is None
    assert is_walled(play.case, DINA)


def test_it_lets_only_the_role_that_chooses_choose_a_handler_while_somebody_there_may() -> None:
    play = small(*CHOSEN)
    play.receive()
    refusal = play.act(Complete("assign", persons=(GIJS,)), by(EVA))
    assert refusal is not None and (refusal.code, refusal.rule) == ("not_your_step", "assignment.chosen_by")
    assert play.act(Involve(FRED, "involved", "Hij was erbij."), by(EVA)) is None
    assert play.act(Complete("assign", persons=(GIJS,)), by(EVA)) is None


def test_it_tells_the_receiver_nothing_more_once_he_is_involved() -> None:
    play = small()
    play.receive(facts={}, received_by=GIJS)
    assert play.act(Involve(GIJS, "involved", "Hij was erbij."), by(EVA)) is None
    assert play.act(AddInformation("Nog iets."), COMPLAINANT) is None
    assert [notice.people for notice in play.index.notices] == [()]


HIS_OWN = ("\nsteps:\n", "\nsteps:\n  listen:\n    by: respondent\n    on: involved\n    source: art-3\n")
STANDS_IN = ("    kind: respondent\n", "    kind: respondent\n    substitute: manager\n")


def test_it_gives_a_part_meant_for_who_is_complained_about_to_no_substitute_who_is_involved() -> None:
    play = small(HIS_OWN, STANDS_IN)
    play.world = replace(play.world, people=replace(play.world.people, absent=frozenset({BRAM})))
    play.receive()
    listen = next(task for task in play.index.tasks if task.step == "listen")
    assert listen.people == (DINA,)
    play.act(Involve(DINA, "involved", "Zij zat erbij."), by(EVA))
    assert next(task for task in play.index.tasks if task.step == "listen").people == ()


def test_it_makes_nobody_handler_who_is_complained_about_although_a_role_means_him() -> None:
    play = small(("      to: manager\n", "      to: named\n"))
    play.receive()
    refusal = play.act(Complete("assign"), by(EVA))
    assert refusal is not None and refusal.code == "nobody_may_handle"


def rounds() -> Play:
    """A term that starts anew with every judgement and is met by a receipt confirmed after it."""
    return small((
        "    from: received\n    within: 6 weeks\n    until: decided\n",
        "    from: fact.judgement\n    within: 6 weeks\n    restarts: true\n    until: fact.about\n",
    ))  # fmt: skip


def test_it_counts_nothing_of_the_evening_before_because_it_was_the_same_day_in_utc() -> None:
    play = rounds()
    play.receive(facts={})
    before_midnight, after_midnight = (datetime(2026, 3, 9, hour, 30, tzinfo=UTC) for hour in (22, 23))
    play.act(Record(facts={"about": BRAM}), by(EVA), before_midnight)
    play.act(Record(facts={"judgement": "upheld"}), by(EVA), after_midnight)
    assert clock(play, "decide").state is ClockState.RUNNING


def test_it_does_not_let_this_mornings_answer_meet_a_term_that_starts_anew_this_afternoon() -> None:
    play = rounds()
    play.receive(facts={})
    first, answer, again = (datetime(2026, 3, 9, hour, tzinfo=UTC) for hour in (8, 9, 13))
    play.act(Record(facts={"judgement": "upheld"}), by(EVA), first)
    play.act(Record(facts={"about": BRAM}), by(EVA), answer)
    assert clock(play, "decide").state is ClockState.MET
    play.act(Record(facts={"judgement": "not_upheld"}), by(EVA), again)
    assert clock(play, "decide").state is ClockState.RUNNING


def test_it_lets_a_day_without_an_hour_meet_a_term_that_started_that_day() -> None:
    play = small()
    play.receive()
    tuesday = FRIDAY + timedelta(days=4)
    assert play.act(Complete("acknowledge", on=FRIDAY.date()), by(EVA), tuesday) is None
    assert clock(play, "acknowledge").state is ClockState.MET and not clock(play, "acknowledge").late


def test_it_escalates_again_when_an_extended_day_passes_as_well() -> None:
    play = small(("      in_all: 4 weeks\n", "      in_all: 4 weeks\n      before_expiry: false\n"))
    play.receive()
    play.act(Complete("assign"), by(EVA))
    late = datetime(2026, 4, 18, 9, 0, tzinfo=UTC)
    for _ in range(2):
        assert play.act(Tick("decide"), PLATFORM, late) is None
    assert clock(play, "decide").next_at is None
    assert play.act(Extend("decide", Duration.parse("2 weeks"), "Wij wachten op stukken."), by(DINA), late) is None
    assert clock(play, "decide").next_step == "remind.0"
    after = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
    for _ in range(3):
        play.act(Tick("decide"), PLATFORM, after)
    missed = [event for event in play.events if event.kind is Kind.TERM_MISSED]
    assert [event.at for event in missed] == [late, after]


def test_it_refuses_an_extension_that_is_longer_in_another_unit() -> None:
    play = small()
    play.receive()
    play.act(Complete("assign"), by(EVA))
    for longer, code in (("21 working_days", "extension_too_long"), ("0 weeks", "extension_too_long"),
                         ("900 hours", "not_countable")):  # fmt: skip
        refusal = play.act(Extend("decide", Duration.parse(longer), "Wij wachten op stukken."), by(DINA))
        assert refusal is not None and refusal.code == code
    assert play.act(Extend("decide", Duration.parse("28 days"), "Wij wachten op stukken."), by(DINA)) is None


def test_it_says_that_an_agreed_day_lies_in_the_past() -> None:
    play = small(("      in_all: 4 weeks\n", "      consent: true\n"))
    play.receive()
    play.act(Complete("assign"), by(EVA))
    refusal = play.act(Agree("decide", FRIDAY.date(), "Afgesproken."), by(DINA))
    assert refusal is not None and refusal.code == "day_past"


HOURS = ("    within: 2 working_days\n    counting: working_days\n", "    within: 24 hours\n")


def test_it_shows_the_day_of_a_term_in_hours_and_refuses_to_extend_it_once_over() -> None:
    extended = ("    missed: {tell: board}\n", "    missed: {tell: board}\n    extend: {by: quality_officer}\n")
    play = small(HOURS, ("    remind: 1 working_days\n", "    remind: [1 days, 2 hours]\n"), extended)
    play.receive()
    assert play.index.next_due == date(2026, 3, 7)
    assert next(task for task in play.index.tasks if task.step == "acknowledge").due_on == date(2026, 3, 7)
    assert clock(play, "acknowledge").next_at == datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
    play.act(Tick("acknowledge"), PLATFORM, FRIDAY)
    assert clock(play, "acknowledge").next_at == datetime(2026, 3, 7, 13, 0, tzinfo=UTC)
    late = FRIDAY + timedelta(hours=25)
    refusal = play.act(Extend("acknowledge", Duration.parse("2 hours"), "Druk."), by(EVA), late)
    assert refusal is not None and refusal.code == "term_over"


def test_it_reminds_some_hours_before_the_end_of_a_last_day() -> None:
    play = small(("    remind: 1 working_days\n", "    remind: 6 hours\n"))
    play.receive()
    assert clock(play, "acknowledge").next_at == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def test_it_takes_one_answer_for_everything_that_was_asked() -> None:
    play = small()
    play.receive()
    for text in ("Wanneer was dat?", "En wie was erbij?"):
        assert play.act(Ask(text), by(EVA)) is None
    assert play.act(AddInformation("Gisteren, met Gijs."), COMPLAINANT) is None
    assert len(play.case.asked_on) == len(play.case.completed_on) == 2


def test_it_lets_a_reported_measure_stand_as_it_was_reported() -> None:
    play = small()
    play.receive()
    play.act(Complete("assign"), by(EVA))
    measure = person("measure")
    play.act(PlanMeasure(measure, GIJS, date(2026, 3, 20), "Een training."), by(DINA))
    assert play.act(CarryOutMeasure(measure, "Certificaat"), by(GIJS)) is None
    again = play.act(CarryOutMeasure(measure, "Een ander bewijs"), by(GIJS))
    moved = play.act(MoveMeasure(measure, date(2026, 4, 20), "Later."), by(DINA))
    assert again == moved == Refusal("measure_done", "measures")
    assert play.act(VerifyMeasure(measure), by(EVA)) is None


def test_it_takes_one_withdrawal() -> None:
    after = "\nwithdraw:\n  then: close\n  source: art-6\n\nmessages:\n"
    play = small(("\nmessages:\n", after))
    play.receive()
    assert play.act(Withdraw(), COMPLAINANT) is None
    assert list(play.case.open) == ["close"]
    assert play.act(Withdraw(), COMPLAINANT) == Refusal("nothing_to_withdraw", "withdraw")


SIGNED = """
steps:
  agree:
    label: {nl: tekenen, en: sign}
    does: sign
    by: quality_officer
    signed_by: [quality_officer, board]
    on: received
    outcomes:
      signed:
        asks: judgement
        sends: acknowledgement
        event: agreed
        then: close
      returned: {}
    source: art-5
"""


def test_it_does_with_the_last_signature_all_that_the_outcome_says() -> None:
    play = small(("\nsteps:\n", SIGNED))
    play.receive()
    refusal = play.act(Sign("agree"), by(EVA))
    assert refusal is not None and refusal.code == "missing_fact"
    play.act(Record(facts={"judgement": "upheld"}), by(EVA))
    assert play.act(Sign("agree"), by(EVA)) is None
    assert "agree" in play.case.open and play.sent() == []
    assert play.act(Sign("agree"), by(FRED)) is None
    assert play.sent() == ["acknowledgement"]
    assert "event.agreed" in play.case.moments and "close" in play.case.open


def test_it_lets_who_holds_both_posts_sign_for_both_at_once() -> None:
    play = small(("\nsteps:\n", SIGNED.replace("        asks: judgement\n", "")))
    posts = {"quality_officer": (EVA,), "board": (EVA,)}
    play.world = replace(play.world, people=replace(play.world.people, posts=posts))
    play.receive()
    assert play.act(Sign("agree"), by(EVA)) is None
    assert "agree" not in play.case.open
    assert [event.open["role"] for event in play.events if event.kind is Kind.SIGNED] == ["quality_officer", "board"]


def test_it_refuses_what_would_meet_a_term_before_its_first_day() -> None:
    play = small(("    within: 6 weeks\n", "    within: 6 weeks\n    at_least: 1 weeks\n"))
    play.receive()
    play.act(Complete("assign"), by(EVA))
    decision = Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk.")
    refusal = play.act(decision, by(DINA), FRIDAY + timedelta(days=6))
    assert refusal is not None and refusal.code == "before_its_day"
    assert play.act(decision, by(DINA), FRIDAY + timedelta(days=8)) is None


def test_it_begins_a_repeating_term_again_each_time_it_is_met_until_the_case_closes() -> None:
    play = small((
        "    from: received\n    within: 6 weeks\n    until: decided\n",
        "    from: received\n    repeats: 2 weeks\n    until: fact.about\n",
    ))  # fmt: skip
    play.receive(facts={})
    assert clock(play, "decide").due.due == date(2026, 3, 20)
    play.act(Record(facts={"about": BRAM}), by(EVA), FRIDAY + timedelta(days=3))
    assert clock(play, "decide").state is ClockState.RUNNING
    assert clock(play, "decide").due.due == date(2026, 3, 23)
    play.act(Withdraw(), COMPLAINANT, FRIDAY + timedelta(days=4))
    assert clock(play, "decide").state is ClockState.LAPSED


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1)])
def test_it_refuses_a_day_from_which_nothing_can_be_counted(day: date) -> None:
    play = small(("  judgement:\n", "  happened:\n    label: {nl: dag, en: day}\n    type: day\n  judgement:\n"))
    play.receive()
    refusal = play.act(Record(facts={"happened": day}), by(EVA))
    assert refusal is not None and refusal.code == "bad_fact"


@pytest.mark.parametrize("asked", ["when: {fact: judgement, is: upheld}", "unknown: true"])
def test_it_takes_a_complaint_in_without_what_it_did_not_have_to_ask(asked: str) -> None:
    when = f"  when_was_it:\n    type: day\n    at_intake: required\n    {asked}\n    source: art-2\n"
    play = small(("  judgement:\n", f"{when}  judgement:\n"))
    play.receive()
    assert play.case.received_at == FRIDAY


def test_it_watches_the_measure_that_has_to_be_done_first() -> None:
    play = small((
        "    from: received\n    within: 6 weeks\n    until: decided\n",
        "    from: measure_planned\n    of_measures: true\n    until: measures_verified\n",
    ))  # fmt: skip
    play.receive()
    play.act(Complete("assign"), by(EVA))
    late, soon = person("late"), person("soon")
    play.act(PlanMeasure(late, GIJS, date(2026, 5, 1), "Training"), by(DINA))
    play.act(PlanMeasure(soon, GIJS, date(2026, 4, 1), "Gesprek"), by(DINA))
    assert clock(play, "decide").due.due == date(2026, 4, 1)
    play.act(MoveMeasure(soon, date(2026, 5, 8), "Vakantie."), by(DINA))
    assert clock(play, "decide").due.due == date(2026, 5, 1)
    play.act(CarryOutMeasure(late, "Gedaan."), by(DINA))
    play.act(VerifyMeasure(late), by(EVA))
    assert clock(play, "decide").due.due == date(2026, 5, 8)

"""How a story is played: its settings, its people, its time, and what is refused in it."""

from __future__ import annotations

from tests.rehearsal.conftest import Tell

ASSIGNED = "  - {at: 2026-03-09 09:00, do: assign, by: eva}\n"


def look(at: str, expected: str) -> str:
    return f"  - {{at: {at}, expect: {{{expected}}}}}\n"


def test_it_reminds_and_escalates_in_order_each_on_its_own_day(tell: Tell) -> None:
    times = [
        look("2026-03-09 07:59", "not_sent: [reminded, term_missed]"),
        look("2026-03-09 08:00", "sent: {message: reminded, to: eva, times: 1}, not_sent: term_missed"),
        look("2026-03-10 23:59", "due: {acknowledge: {state: running}}, not_sent: term_missed"),
        look("2026-03-11 00:00", "due: {acknowledge: {state: missed}}, sent: {message: term_missed, times: 2}"),
        look("2026-04-09", "sent: [{message: term_missed, to: fred, times: 1}, {message: reminded, times: 1}]"),
        look("2026-04-10", "sent: {message: reminded, times: 2}"),
        look("2026-12-31", "sent: [{message: reminded, times: 2}, {message: term_missed, to: fred, times: 2}]"),
    ]
    assert tell(ASSIGNED.replace("09:00", "07:00") + "".join(times)) == []


def test_it_counts_from_the_day_of_arrival_and_looks_at_the_day_of_entry(tell: Tell) -> None:
    late = """  - at: 2026-03-02
    receive: {channel: letter, by: eva, registered: 2026-03-09 10:00}
    expect: {due: {acknowledge: {day: 2026-03-04, state: running}, decide: 2026-04-13}}
"""
    assert tell(late + look("2026-03-09 10:00", "due: {acknowledge: {state: missed}}, sent: term_missed")) == []


def test_it_sets_holidays_and_closed_days(tell: Tell) -> None:
    due = look("2026-03-06 16:01", "due: {acknowledge: {day: 2026-03-12, why: Verbouwing}}")
    closed = "set:\n  calendar.closed: [{from: 2026-03-09, to: 2026-03-10, label: Verbouwing}]\n"
    assert tell(due, closed) == []
    easter = "  - {at: 2026-04-02, receive: {channel: letter, by: eva}, expect: {due: {acknowledge: 2026-04-0%d}}}\n"
    assert tell(easter % 8) == []
    assert tell(easter % 7, "set: {calendar.holidays: [easter_monday]}\n") == []
    assert tell(easter % 6, "set: {calendar.holidays: []}\n") == []


def test_it_sets_terms_and_takes_keys_away(tell: Tell) -> None:
    house = "set:\n  terms.decide.within: 5 working_days\n  terms.decide.strength: house\n  terms.acknowledge: null\n"
    expected = "due: {decide: {day: 2026-03-13, strength: house}}, no_term: acknowledge"
    house += "  steps.acknowledge: null\n  steps.close.guards: null\n"
    assert tell(look("2026-03-06 16:01", expected), house) == []


def test_it_sets_items_of_a_list_by_their_id(tell: Tell) -> None:
    rule = "set: {assignment.rules.respondent_known.to: board}\n"
    assert tell(ASSIGNED + look("2026-03-09 09:01", "handler: fred, rule: respondent_known"), rule) == []


def test_it_shuts_a_channel(tell: Tell) -> None:
    page = "  - {at: 2026-03-09, receive: {channel: portal}, refused: {rule: channels.portal.state}}\n"
    assert tell(page, "set: {channels.portal.state: maintenance}\n") == []
    assert tell(page) == ["10: this was not refused"]


def test_it_gives_open_work_to_the_substitute_while_somebody_is_away(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09, absent: eva, until: 2026-03-10}
  - {at: 2026-03-09, expect: {tasks: {eva: [], fred: [assign, acknowledge]}}}
  - {at: 2026-03-10, expect: {tasks: {eva: []}, due: {acknowledge: {owner: fred}}}}
  - {at: 2026-03-11, expect: {tasks: {eva: [assign, acknowledge], fred: []}}}
"""
    assert tell(rest) == []


def test_it_changes_posts_and_the_chart(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09 09:00, chart: bram, manager: eva}
  - {at: 2026-03-09 10:00, appoint: dina, post: quality_officer, refused: {rule: platform.seats_taken, source: art-4}}
  - {at: 2026-03-09 11:00, leave_post: eva, post: quality_officer}
  - {at: 2026-03-09 12:00, appoint: dina, post: quality_officer, expect: {tasks: {dina: [assign, acknowledge]}}}
  - {at: 2026-03-09 13:00, do: assign, by: dina, expect: {handler: eva}}
"""
    assert tell(rest) == []


def test_it_keeps_cases_apart_by_their_names(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09, case: second, receive: {channel: portal, way: post, address: Plein 1}}
  - {at: 2026-03-10, case: second, do: acknowledge, by: eva, expect: {sent: {message: acknowledgement, via: letter}}}
  - {at: 2026-03-10, case: case 1, expect: {not_sent: acknowledgement, report: {received: 2}}}
"""
    assert tell(rest) == []


def test_it_compares_a_refusal_by_rule_source_and_words(tell: Tell) -> None:
    expected = "refused: {rule: steps.assign, source: art-4, says: kwaliteitsmedewerker}"
    assert tell(f"{ASSIGNED}  - {{at: 2026-03-09, do: acknowledge, by: dina, {expected}}}\n") == [
        "11: refused by steps.acknowledge, not by steps.assign"
    ]
    assert tell(f"  - {{at: 2026-03-09, do: assign, by: dina, {expected}}}\n") == [
        "10: refused by platform.not_found, not by steps.assign",
        "10: the refusal cites nothing, not art-4",
        "10: the refusal says: Deze zaak bestaat niet voor deze persoon.",
    ]
    assert tell(f"  - {{at: 2026-03-09, do: assign, by: eva, {expected}}}\n") == ["10: this was not refused"]


def test_it_tells_a_refusal_nobody_expected(tell: Tell) -> None:
    (line,) = tell("  - {at: 2026-03-09, do: decision, by: eva, text: Zo., expect: {closed: false}}\n")
    assert line == (
        "10: refused by steps.decision (no source): Deze stap staat nu niet open. Misschien was een collega u voor; "
        "bekijk de zaak opnieuw."
    )


def test_it_undoes_what_was_refused(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09, involve: dina, by: eva, refused: {rule: platform.involve, says: reden}}
  - {at: 2026-03-09, do: assign, by: eva, expect: {handler: dina}}
"""
    assert tell(rest) == []


def test_it_plays_every_verb(tell: Tell) -> None:
    rest = f"""{ASSIGNED}  - {{at: 2026-03-10 09:00, do: acknowledge, by: eva, on: 2026-03-09}}
  - {{at: 2026-03-10 10:00, ask: true, by: dina, text: Wat?, expect: {{sent: {{message: asked, to: complainant}}}}}}
  - {{at: 2026-03-11 10:00, add: true, text: Op maandag., expect: {{sent: {{message: information_added, to: dina}}}}}}
  - {{at: 2026-03-11 11:00, ask: true, by: dina, text: En hoe laat?}}
  - {{at: 2026-03-11 12:00, answered: true, by: dina, text: Om tien uur.}}
  - {{at: 2026-03-11 13:00, note: true, by: dina, text: Zij belde.}}
  - {{at: 2026-03-12 09:00, record: true, by: dina, facts: {{judgement: upheld}}, expect: {{dossier: judgement}}}}
  - {{at: 2026-03-12 10:00, extend: decide, by: dina, days: 2 weeks, reason: D.}}
  - {{at: 2026-03-12 10:30, expect: {{due: {{decide: 2026-05-01}}}}}}
  - {{at: 2026-03-12 11:00, agree: decide, by: dina, until: 2026-05-20, reason: G.}}
  - {{at: 2026-03-12 11:30, expect: {{due: {{decide: 2026-05-20}}}}}}
  - {{at: 2026-03-13 09:00, plan: training, by: dina, owner: bram, until: 2026-06-01, text: Een training}}
  - {{at: 2026-03-13 10:00, do: decision, by: dina, text: Zo is het., expect: {{open: measures, phase: measures}}}}
  - {{at: 2026-03-16 09:00, move: training, by: dina, until: 2026-06-08, reason: Ziek.}}
  - {{at: 2026-06-08 09:00, carry_out: training, by: dina, text: Zie de lijst.}}
  - {{at: 2026-06-08 10:00, verify: training, by: eva, expect: {{open: close, report: {{measures_open: 0}}}}}}
  - {{at: 2026-06-08 11:00, involve: fred, by: eva, reason: Familie., expect: {{sees: {{fred: nothing}}}}}}
  - {{at: 2026-06-08 12:00, release: fred, by: eva, reason: Toch niet.}}
  - {{at: 2026-06-08 13:00, withdraw: true, reason: Klaar., expect: {{closed: true, phase: closed}}}}
"""
    assert tell(rest) == []

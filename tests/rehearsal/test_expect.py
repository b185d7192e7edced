"""What a story can expect: each key holds when it is so, and tells what is the case at its own line when it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from tests.rehearsal.conftest import PEOPLE, RECEIVED, Tell
from weerklank.cases.model import Deadline
from weerklank.rehearsal.player import Stage
from weerklank.rehearsal.run import Result

ASSIGNED = "  - {at: 2026-03-09 09:00, do: assign, by: eva}\n"
CONFIRMED = "  - {at: 2026-03-09 10:00, do: acknowledge, by: eva, text: Hallo.}\n"
DECIDED = "  - {at: 2026-03-10, do: decision, by: dina, text: Zo is het., facts: {judgement: upheld}}\n"

TRUE = [
    "phase: treatment, closed: false, handler: dina, rule: respondent_known, not_choosable: [bram, eva]",
    "open: [acknowledge, decision], not_open: close, tasks: {dina: decision, eva: acknowledge, bram: []}",
    "due: {acknowledge: 2026-03-10, decide: {day: 2026-04-17, owner: dina, strength: hard}}",
    "due: {decide: {state: running, why: [vrijdag 6 maart 2026, weken]}}",
    "offers: {dina: [decision, extend.decide], eva: acknowledge}, no_offer: {eva: decision, complainant: decision}",
    "sent: [{message: reminded, to: eva, via: email}, {message: assigned, to: dina, times: 1}], not_sent: decision",
    "nothing_to: [bram, fred], sees: {bram: nothing, dina: all}, alarm: false",
    "page: [Dina, 17 april 2026], not_page: Bram, dossier: [assign, about], report: {received: 1, running: 1}",
]
FALSE = [
    ("phase: triage", "the phase is treatment"),
    ("closed: true", "the case is open"),
    ("handler: eva", "the handler is dina"),
    ("handler: nobody", "the handler is dina"),
    ("rule: rest", "the handler was found by rule respondent_known"),
    ("not_choosable: dina", "dina can be made handler"),
    ("due: {decide: 2026-04-18}", "term decide is due on 2026-04-17"),
    ("due: {decide: {owner: eva}}", "term decide belongs to dina"),
    ("due: {decide: {strength: house}}", "term decide is hard"),
    ("due: {decide: {state: met}}", "term decide is running"),
    ("due: {decide: {why: Pasen}}", "the reasons of term decide do not say 'Pasen'"),
    ("due: {unheard_of: 2026-04-18}", "term unheard_of does not run"),
    ("no_term: decide", "term decide runs"),
    ("sent: decision", "message decision to anybody was sent 0 times; sent: "),
    ("sent: {message: assigned, to: dina, times: 2}", "message assigned to dina was sent 1 times"),
    ("sent: {message: assigned, contains: Pasen}", "message assigned to anybody does not hold 'Pasen': "),
    ("sent: {message: assigned, lacks: behandelaar}", "message assigned to anybody holds 'behandelaar'"),
    ("sent: {message: assigned, via: letter}", "message assigned to anybody was sent 0 times"),
    ("not_sent: assigned", "message assigned to anybody was sent"),
    ("nothing_to: dina", "dina got "),
    ("open: close", "step close is not open; open are acknowledge, decision"),
    ("not_open: decision", "step decision is open"),
    ("tasks: {dina: []}", "the tasks of dina are decision"),
    ("offers: {dina: close}", "dina can do decision, decision.done, extend.decide, not close"),
    ("no_offer: {dina: decision}", "dina can do decision"),
    ("sees: {bram: all}", "bram sees nothing"),
    ("page: Bram", "the complainant's page does not show 'Bram'"),
    ("not_page: Dina", "the complainant's page shows 'Dina'"),
    ("alarm: true", "the administrators were not alarmed"),
    ("dossier: judgement", "the file does not hold judgement; it holds about, assign"),
    ("report: {closed: 1}", "the report counts 0 for closed"),
]


def test_it_finds_no_difference_when_things_are_as_expected(tell: Tell) -> None:
    assert tell(ASSIGNED + "".join(f"  - {{at: 2026-03-09 09:01, expect: {{{each}}}}}\n" for each in TRUE)) == []


def test_it_tells_what_is_the_case_at_the_line_of_the_key(tell: Tell) -> None:
    looks = (f"  - at: 2026-03-09 09:01\n    expect:\n      {each}\n" for each, _ in FALSE)
    found = tell(ASSIGNED + "".join(looks))
    first = 13  # the line of the first key; each look takes three lines
    wanted = [f"{first + 3 * number}: {said}" for number, (_, said) in enumerate(FALSE)]
    assert [line[: len(start)] for line, start in zip(found, wanted, strict=True)] == wanted


def test_it_knows_a_term_that_was_met_and_whether_in_time(tell: Tell) -> None:
    look = "  - {at: 2026-03-12, expect: {due: {acknowledge: {state: met, late: false}}}}\n"
    assert tell(ASSIGNED + CONFIRMED + look) == []
    assert tell(ASSIGNED + CONFIRMED.replace("03-09", "03-11") + look) == ["12: term acknowledge was met late"]


def test_it_reads_messages_as_the_complainant_gets_them(tell: Tell) -> None:
    mail = "{message: decision, to: complainant, contains: [gegrond, Zo is het, Ombudsman van Ergens]}"
    assert tell(ASSIGNED + CONFIRMED + DECIDED + f"  - {{at: 2026-03-11, expect: {{sent: {mail}}}}}\n") == []


def test_it_finds_a_stored_deadline_that_is_not_what_its_events_give(
    play: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddle(stage: Stage, *_: object) -> None:
        stage.session.execute(update(Deadline).where(Deadline.tenant_id == stage.tenant.id).values(late=True))

    monkeypatch.setattr("weerklank.rehearsal.player.deliver_all", meddle)
    result = play(PEOPLE + RECEIVED + "    expect: {closed: false}\n")
    assert "the stored deadline acknowledge.late is True, computed False" in str(result.differences[0])

"""Facts that ask for money or a document, that have bounds, and that the platform fills in by itself."""

from __future__ import annotations

from tests.rehearsal.conftest import Tell

MONEY = """set:
  facts.award: {label: Vergoeding, question: Wat wilt u terug?, type: amount, at_least: 10, at_most: 250, source: art-5}
  facts.proof: {label: Machtiging, type: file, source: art-5}
  facts.lodging:
    label: Indiening
    type: choices
    options: {A: mondeling, B: schriftelijk}
    preset: [{when: {channel: portal}, is: A}, {is: B}]
    source: art-5
  facts.small: {label: Klein, type: yes_no, preset: [{when: {fact: award, at_most: "99.99"}, is: true}], source: a}
  steps.acknowledge.asks: award
  steps.acknowledge.offers: proof
"""
SEND = "  - {at: 2026-03-09 09:00, do: acknowledge, by: eva, facts: {%s}%s}\n"


def test_it_takes_an_amount_in_euro_between_its_bounds(tell: Tell) -> None:
    refused = ", refused: {rule: facts.award, says: 'Vergoeding: minstens € 10,00, hoogstens € 250,00'}"
    assert tell(SEND % ("award: 9", refused) + SEND % ("award: '250.01'", refused), MONEY) == []
    assert tell(SEND % ("award: '250,00'", ", expect: {dossier: award}"), MONEY) == []
    wrong = tell(SEND % ("award: een paar tientjes", ", expect: {dossier: award}"), MONEY)
    assert "is an amount in euro" in wrong[0]


def test_it_tells_an_amount_as_people_write_it(tell: Tell) -> None:
    contains = "  messages.acknowledgement.contains: [fact.award, due.decide]\n"
    expected = ", expect: {sent: {message: acknowledgement, contains: 'Vergoeding: € 12,50'}}"
    assert tell(SEND % ("award: '12,50'", expected), MONEY + contains) == []


def test_it_compares_an_amount_with_euros(tell: Tell) -> None:
    assert tell(SEND % ("award: '99,99'", ", expect: {dossier: small}"), MONEY) == []
    assert tell(SEND % ("award: 100", ", expect: {dossier: small}"), MONEY) != []


def test_it_holds_a_file_that_was_asked_for(tell: Tell) -> None:
    given = SEND % ("award: 20, proof: machtiging.pdf", ", expect: {dossier: [proof, machtiging.pdf]}")
    assert tell(given, MONEY) == []
    asked = MONEY.replace("steps.acknowledge.asks: award", "steps.acknowledge.asks: [award, proof]")
    missing = ", refused: {rule: steps.acknowledge.asks, says: Machtiging}"
    assert tell(SEND % ("award: 20", missing), asked) == []


def test_it_adds_a_file_to_a_case_by_whoever_has_a_part_in_it(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09, add_file: verslag.pdf, by: eva, expect: {dossier: verslag.pdf}}
  - {at: 2026-03-09, add_file: foto.jpg, by: complainant, expect: {dossier: [verslag.pdf, foto.jpg]}}
  - {at: 2026-03-09, add_file: eigen.pdf, by: bram, refused: {rule: platform.not_found}}
"""
    assert tell(rest) == []


def test_it_fills_in_what_nobody_did_by_the_first_line_that_holds(tell: Tell) -> None:
    change = "  - {at: 2026-03-09 08:00, record: true, by: eva, facts: {lodging: A}}\n"
    settings = MONEY + "  steps.close.asks: lodging\n  messages.acknowledgement.contains: [fact.lodging, due.decide]\n"
    expected = ", expect: {sent: {message: acknowledgement, contains: 'Indiening: %s'}}"
    assert tell(SEND % ("award: 20", expected % "schriftelijk"), settings) == []
    assert tell(change + SEND % ("award: 20", expected % "mondeling"), settings) == []
    by_page = "  - {at: 2026-03-06 17:00, receive: {channel: portal}}\n"
    assert tell(by_page + SEND % ("award: 20", expected % "mondeling"), settings) == []


def test_it_leaves_what_was_given_with_the_complaint(tell: Tell) -> None:
    given = "  - {at: 2026-03-06 17:00, receive: {channel: portal, facts: {lodging: [B]}}}\n"
    settings = MONEY + "  messages.acknowledgement.contains: [fact.lodging, due.decide]\n"
    expected = ", expect: {sent: {message: acknowledgement, contains: 'Indiening: schriftelijk'}}"
    assert tell(given + SEND % ("award: 20", expected), settings) == []

"""Who complains: anonymous, by word of mouth, by somebody who acts for him, or together with others."""

from __future__ import annotations

from tests.rehearsal.conftest import Tell

ROLE = """set:
  roles.speaker: {label: gemachtigde, kind: representative, source: art-2}
  messages.acknowledgement.to: speaker
"""
SEVERAL = "set: {contact.several: true}\n"
ANONYMOUS = "set: {contact.anonymous: true, contact.one_of: null}\n"
LODGED = "  - {at: 2026-03-06 17:00, receive: {channel: portal, %s}%s}\n"
SEND = "  - {at: 2026-03-09 09:00, do: acknowledge, by: eva, expect: {sent: [%s]%s}}\n"
REP = "representative: {name: mr. Vos, email: vos@voorbeeld.example%s}"


def test_it_writes_to_who_acts_for_the_complainant_and_names_him(tell: Tell) -> None:
    holds = "contains: ['de klacht van Anna de Boer, namens wie u optreedt']"
    sent = f"{{message: acknowledgement, to: speaker, via: email, times: 1, {holds}}}"
    not_sent = ", not_sent: [{message: acknowledgement, to: complainant}]"
    assert tell(LODGED % (REP % "", "") + SEND % (sent, not_sent), ROLE) == []


def test_it_writes_to_the_complainant_while_nobody_acts_or_somebody_only_helps(tell: Tell) -> None:
    sent = "{message: acknowledgement, to: complainant, times: 1, lacks: [namens wie]}"
    assert tell(LODGED % (REP % ", helps: true", "") + SEND % (sent, ""), ROLE) == []
    assert tell(SEND % (sent, ""), ROLE + "  messages.acknowledgement.cc: complainant\n") == []


def test_it_gives_the_complainant_a_copy_where_the_procedure_says_so(tell: Tell) -> None:
    sent = "{message: acknowledgement, to: complainant, times: 1}, {message: acknowledgement, to: speaker, times: 1}"
    settings = ROLE + "  messages.acknowledgement.cc: complainant\n"
    assert tell(LODGED % (REP % "", "") + SEND % (sent, ", page: [Uw klacht]"), settings) == []


def test_it_lets_somebody_begin_and_stop_to_act_while_the_case_runs(tell: Tell) -> None:
    rest = """  - {at: 2026-03-09 08:00, represent: {name: mr. Vos, address: Kade 1}, by: eva}
  - {at: 2026-03-09 08:10, ask: true, by: eva, text: Welke dag?, expect: {sent: {message: asked, to: speaker}}}
  - {at: 2026-03-09 08:15, expect: {sent: {message: asked, via: letter}}}
  - {at: 2026-03-09 08:20, unrepresent: true, by: eva}
  - {at: 2026-03-09 08:30, represent: {name: Onbereikbaar}, by: eva, refused: {rule: contact.representative}}
"""
    assert tell(rest + SEND % ("{message: acknowledgement, to: complainant, times: 1}", ""), ROLE) == []


def test_it_refuses_a_representative_where_the_procedure_knows_none(tell: Tell) -> None:
    no = ", refused: {rule: contact.representative}"
    assert tell(LODGED % (REP % "", no), "set: {contact.representative: 'no'}\n") == []


def test_it_asks_for_proof_only_where_somebody_acts(tell: Tell) -> None:
    proof = """set:
  facts.proof: {label: Machtiging, type: file, at_intake: required, when: {complainant: represented}, source: art-2}
"""
    assert tell(LODGED % (REP % "", ", refused: {rule: contact, says: Machtiging}"), proof) == []
    given = REP % "" + ", facts: {proof: machtiging.pdf}"
    assert tell(LODGED % (given, ", expect: {dossier: proof}"), proof) == []
    assert tell(LODGED % ("text: Slecht", ", expect: {phase: triage}"), proof) == []


def test_it_lets_who_stays_anonymous_read_his_page_only(tell: Tell) -> None:
    sent = "{message: acknowledgement, to: complainant, via: page, times: 1, lacks: [Anna]}"
    hidden = LODGED % ("anonymous: true", "")
    assert tell(hidden + SEND % (sent, ", page: [Wij hebben uw klacht ontvangen]"), ANONYMOUS) == []
    assert tell(LODGED % ("anonymous: true", ", refused: {rule: contact.anonymous}")) == []


def test_it_writes_to_everybody_who_complains_along(tell: Tell) -> None:
    others = "co_complainants: [{name: Piet, address: Kade 1}, {name: Kees, email: kees@voorbeeld.example}]"
    sent = (
        "{message: acknowledgement, to: complainant, times: 3},"
        " {message: acknowledgement, via: letter, times: 1}, {message: acknowledgement, via: email, times: 2}"
    )
    assert tell(LODGED % (others, "") + SEND % (sent, ""), SEVERAL) == []
    assert tell(LODGED % (others, ", refused: {rule: contact.several}")) == []
    assert tell(LODGED % ("co_complainants: [{name: Piet}]", ", refused: {rule: contact.several}"), SEVERAL) == []


def test_it_lets_somebody_join_a_case_that_runs(tell: Tell) -> None:
    join = "  - {at: 2026-03-09 08:00, join: {name: Piet, address: Kade 1}, by: %s%s}\n"
    sent = "{message: acknowledgement, to: complainant, times: 2}"
    assert tell(join % ("eva", "") + SEND % (sent, ""), SEVERAL) == []
    assert tell(join % ("bram", ", refused: {rule: platform.not_found}"), SEVERAL) == []


def test_it_asks_of_whoever_tells_it_what_the_procedure_asks_then(tell: Tell) -> None:
    oral = """set:
  channels.call: {label: telefoon, kind: phone, form: oral, to: quality_officer, source: art-2}
  contact.oral: {name: required, phone: required, source: art-2b}
"""
    call = "  - {at: 2026-03-09, receive: {channel: call, by: eva, email: none%s}%s}\n"
    assert tell(call % ("", ", refused: {rule: contact.oral, source: art-2b}"), oral) == []
    assert tell(call % (", phone: 06 12345678", ", expect: {phase: triage}"), oral) == []

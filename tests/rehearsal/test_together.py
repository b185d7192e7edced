"""Cases that belong together, and restrictions on contact."""

from __future__ import annotations

from tests.rehearsal.conftest import Tell

COMBINING = """set:
  combining:
    by: quality_officer
    links:
      underlying: {label: onderliggende zaak, rests: true}
      elsewhere: {label: dossier elders, rests: true, outside: true}
      same: {label: zelfde voorval}
    merge: {message: merged, source: art-9}
    split: {message: part, source: art-9}
    source: art-9
  messages.merged: {label: samen, to: complainant, body: "Uw klacht gaat verder als {other}. {text}", source: art-9}
  messages.part: {label: deel, to: complainant, body: "Een deel van {other} is een eigen klacht.", source: art-9}
  messages.resumes:
    {label: verder, to: quality_officer, on: closed, when: {linked: underlying}, body: Weer verder, source: art-9}
"""
SECOND = (
    "  - {at: 2026-03-09 08:00, case: second,"
    " receive: {channel: letter, by: eva, complainant: Piet, facts: {about: fred}}}\n"
)
FIRST = "  - {at: 2026-03-09 07:00, case: first, receive: {channel: letter, by: eva}}\n"
LINK = "  - {at: 2026-03-09 09:00, case: %s, link: %s, by: eva%s}\n"
STOP = "  - {at: 2026-03-10 09:00, case: %s, withdraw: true%s}\n"


def test_it_shows_a_linked_case_as_resting_until_this_one_closes(tell: Tell) -> None:
    rest = [
        FIRST,
        SECOND,
        LINK % ("first", "underlying", ", other: second, expect: {links: {underlying: rests}, rests: false}"),
        "  - {at: 2026-03-09 10:00, case: second, expect: {rests: true, due: {acknowledge: {state: running}}}}\n",
        STOP % ("first", ", expect: {links: {underlying: runs}, sent: {message: resumes, to: eva}}"),
        "  - {at: 2026-03-10 10:00, case: second, expect: {rests: false, links: {underlying: runs}}}\n",
    ]
    assert tell("".join(rest), COMBINING) == []


def test_it_links_a_file_elsewhere_by_its_number(tell: Tell) -> None:
    laid = LINK % ("first", "elsewhere", ", number: Z-2026-123, expect: {links: {elsewhere: rests}}")
    assert tell(FIRST + laid + STOP % ("first", ", expect: {links: {elsewhere: runs}}"), COMBINING) == []
    none = ", refused: {rule: combining.links.elsewhere}"
    assert tell(FIRST + LINK % ("first", "elsewhere", none), COMBINING) == []


def test_it_lets_only_who_may_and_who_sees_both_link(tell: Tell) -> None:
    by_another = "  - {at: 2026-03-09 09:00, case: first, link: same, other: second, by: dina, refused: {rule: %s}}\n"
    assert tell(FIRST + SECOND + by_another % "platform.not_found", COMBINING) == []
    about_eva = SECOND.replace("about: fred", "about: eva")
    hidden = LINK % ("first", "same", ", other: second, refused: {rule: platform.not_found}")
    assert tell(FIRST + about_eva + hidden, COMBINING) == []
    assert tell(LINK.replace("case: %s, ", "") % ("same", ", number: 1, refused: {rule: combining.links}")) != []


def test_it_takes_a_link_away_on_both_sides_with_a_reason(tell: Tell) -> None:
    away = "  - {at: 2026-03-09 09:10, case: second, unlink: same, other: first, by: eva%s}\n"
    laid = FIRST + SECOND + LINK % ("first", "same", ", other: second, expect: {links: {same: runs}}")
    assert tell(laid + away % ", refused: {rule: combining.links}", COMBINING) == []
    gone = LINK.replace("09:00", "09:20") % ("first", "same", ", other: second, expect: {links: {same: runs}}")
    assert tell(laid + away % ", reason: Vergissing" + gone, COMBINING) == []
    twice = gone.replace("expect: {links: {same: runs}}", "refused: {rule: combining.links.same}")
    assert tell(laid + twice, COMBINING) == []


def test_it_merges_a_case_into_another_whose_letters_its_complainant_gets_from_then_on(tell: Tell) -> None:
    sent = "{message: merged, to: complainant, contains: ['verder als VBD-2026-0003']}"
    rest = [
        FIRST,
        SECOND,
        "  - {at: 2026-03-09 09:00, case: first, merge: second, by: eva, ",
        f"expect: {{closed: true, links: {{merge: runs}}, sent: {sent}}}}}\n",
        "  - {at: 2026-03-09 09:30, case: second, do: acknowledge, by: eva, ",
        "expect: {links: {merge: runs}, sent: {message: acknowledgement, to: complainant, times: 2}}}\n",
    ]
    assert tell("".join(rest), COMBINING) == []


def test_it_keeps_the_walls_of_a_case_that_goes_on_in_another(tell: Tell) -> None:
    first = FIRST.replace("by: eva", "by: eva, facts: {about: bram}")
    merged = "  - {at: 2026-03-09 09:00, case: first, merge: second, by: eva}\n"
    walled = "  - {at: 2026-03-09 09:10, case: second, expect: {sees: {bram: nothing}, not_choosable: bram}}\n"
    assert tell(first + SECOND + merged + walled, COMBINING) == []


def test_it_splits_off_a_part_that_was_received_on_the_same_day(tell: Tell) -> None:
    split = (
        "  - {at: 2026-03-11 09:00, split: part, by: eva, text: Over de rekening%s}\n"
        "  - {at: 2026-03-11 09:10, case: part, expect: {phase: triage, due: {decide: 2026-04-17},"
        " links: {split: runs}, sees: {bram: nothing}, sent: {message: part, contains: ['deel van VBD-2026-0001']}}}\n"
    )
    assert tell(split % ", expect: {links: {split: runs}}", COMBINING) == []
    no = "  - {at: 2026-03-11 09:00, split: part, by: eva, text: X, refused: {rule: combining.split}}\n"
    assert tell(no) == []


RESTRICTED = """set:
  restrictions:
    by_letter:
      label: alleen per brief
      by: quality_officer
      most: 3 months
      message: limits
      closes: portal
      source: art-9
  messages.limits: {label: beperking, to: complainant, contains: text, source: art-9}
"""
NO_REASON = (
    "  - {at: 2026-03-09 08:00, restrict: by_letter, by: eva, until: 2026-05-31,"
    " refused: {rule: restrictions.by_letter}}\n"
)
PUT = "  - {at: 2026-03-09 09:00, restrict: by_letter, by: %s, until: %s, reason: '%s'%s}\n"


def test_it_restricts_contact_with_a_reason_until_a_day_and_ends_by_itself(tell: Tell) -> None:
    told = "{message: limits, to: complainant, contains: [Veertig mails per dag, zondag 31 mei 2026]}"
    rest = [
        PUT % ("eva", "2026-05-31", "Veertig mails per dag", f", expect: {{restricted: by_letter, sent: {told}}}"),
        "  - {at: 2026-04-01, add: true, text: Nog iets, refused: {rule: restrictions.by_letter, source: art-9}}\n",
        "  - {at: 2026-05-31, expect: {restricted: by_letter, page: [alleen per brief]}}\n",
        "  - {at: 2026-06-01, add: true, text: Nog iets, expect: {restricted: []}}\n",
    ]
    assert tell("".join(rest), RESTRICTED) == []


def test_it_refuses_a_restriction_without_reason_too_long_or_by_somebody_else(tell: Tell) -> None:
    wrong = [
        NO_REASON,
        PUT % ("eva", "2026-06-10", "Scheldt", ", refused: {rule: restrictions.by_letter.most, says: 9 juni 2026}"),
        PUT % ("eva", "2026-03-09", "Scheldt", ", refused: {rule: restrictions.by_letter}"),
        PUT % ("dina", "2026-05-31", "Scheldt", ", refused: {rule: platform.not_found}"),
    ]
    assert tell("".join(wrong), RESTRICTED) == []


def test_it_lets_him_answer_what_we_ask_and_lifts_the_restriction(tell: Tell) -> None:
    put = PUT % ("eva", "2026-05-31", "Scheldt", "")
    ask = "  - {at: 2026-03-10, ask: true, by: eva, text: Welke dag?}\n"
    answer = "  - {at: 2026-03-11, add: true, text: Maandag, expect: {restricted: by_letter}}\n"
    assert tell(put + ask + answer, RESTRICTED) == []
    lift = "  - {at: 2026-03-11, lift: by_letter, by: eva, reason: Excuses, expect: {restricted: []}}\n"
    again = "  - {at: 2026-03-12, lift: by_letter, by: eva, reason: X, refused: {rule: restrictions}}\n"
    assert tell(put + lift + again, RESTRICTED) == []

"""Reading a policy: values in, findings with their place out."""

from datetime import date
from pathlib import Path

import pytest

from weerklank.deadlines import Counting, Duration
from weerklank.policy.findings import Severity
from weerklank.policy.model import Asked, Does
from weerklank.policy.reader import Reading, Unusable, check_live, load_version, read_policy

SMALL = Path(__file__).parent / "examples" / "small.yaml"
ROOT_TENANTS = sorted(Path(__file__).parents[2].glob("tenants/*/policy.yaml"))


def reading_of(*changes: tuple[str, str]) -> Reading:
    """The small policy with pieces of its text replaced."""
    text = SMALL.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
        text = text.replace(old, new)
    return read_policy(text, name="policy.yaml")


def line_of(reading: Reading, words: str) -> str:
    return next(str(finding) for finding in reading.findings if words in str(finding))


def place(text: str, words: str) -> tuple[int, int]:
    """Line and column, from 1, at which the words stand in a text."""
    before = text[: text.index(words)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_it_reads_the_small_policy_without_a_remark() -> None:
    reading = read_policy(SMALL, name="small.yaml")
    assert reading.findings == ()
    assert reading.open == ()
    policy = reading.policy
    assert policy is not None
    assert policy.terms["acknowledge"].within == Duration.parse("2 working_days")
    assert policy.terms["acknowledge"].counting is Counting.WORKING_DAYS
    assert policy.terms["decide"].until == ("decided",)
    assert policy.steps["decision"].does is Does.DECIDE
    assert policy.roles["manager"].of == "respondent"
    assert policy.contact.one_of == ("email", "address")
    assert policy.contact.name is Asked.REQUIRED
    assert policy.involvement[0].is_ == "respondent"
    assert policy.procedure.title.in_("en") == "Complaints procedure"


def test_it_gives_the_hash_of_the_bytes_of_the_file() -> None:
    by_path = read_policy(SMALL, name="a")
    by_text = read_policy(SMALL.read_text("utf-8"), name="b")
    assert by_path.sha256 == by_text.sha256
    assert reading_of(("5 years", "6 years")).sha256 != by_path.sha256


def test_it_names_a_misspelt_key_with_file_line_column_and_a_suggestion() -> None:
    reading = reading_of(("    until: decided", "    untill: decided"))
    line, column = place(SMALL.read_text("utf-8"), "until: decided")
    assert f"policy.yaml:{line}:{column}: unknown key 'untill', did you mean 'until'?" in map(str, reading.findings)
    assert reading.policy is None


def test_it_names_every_mistake_in_one_run_whatever_its_sort() -> None:
    reading = reading_of(
        ("    within: 6 weeks", "    within: 6 weken"),
        ("    kind: receiver", "    kind: reciever"),
        ("    to: board", "    to: bord"),
        ("  retention: 5 years", "  retention: 5 years\n  retention: 6 years"),
        ("    on: received\n    then: decision", "    then: decision"),
    )
    found = "\n".join(map(str, reading.findings))
    assert "a unit is one of hours" in found
    assert "did you mean 'receiver'?" in found
    assert "there is no role 'bord', did you mean 'board'?" in found
    assert "key 'retention' is given twice" in found


def test_it_tells_about_steps_that_never_open_beside_other_mistakes() -> None:
    reading = reading_of(
        ("    on: received\n    then: decision", "    then: decision"),
        ("prefix: VBD", "prefix: vbd"),
    )
    assert {"procedure.prefix", "steps.assign"} <= {finding.path for finding in reading.findings}


def test_it_does_not_blame_what_follows_from_a_mistake() -> None:
    reading = reading_of(("    does: decide\n", "    does: deside\n"))
    assert [finding.path for finding in reading.findings] == ["steps.decision.does"]


def test_it_says_which_key_is_missing_at_the_element_that_lacks_it() -> None:
    reading = reading_of(("    owner: handler\n", ""))
    line, column = place(SMALL.read_text("utf-8"), "  decide:\n")
    assert str(reading.findings[0]) == f"policy.yaml:{line}:{column + 2}: the key 'owner' is missing"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  source: art-8", "  source: 1.10", "this must be text, not 1.10; put it between quotes if it is text"),
        ("  source: art-8", "  source: 8", "this must be text, not 8; put it between quotes if it is text"),
        ("    required: true\n    substitute", "    required: yes\n    substitute", "must be true or false, not 'yes'"),
        ("retention: 5 years", "retention: 5", "this must be a duration such as '2 working_days', not 5"),
        ("retention: 5 years", "retention:", "'retention' is empty; give it a value or leave it out"),
        ("prefix: VBD", "prefix: vbd", "'vbd' cannot stand here"),
        ("holidays: national", "holidays: nationaal", "'nationaal' is not one of national, "),
        ("  one_of: [email, address]", "  one_of: [email, adres]", "did you mean 'address'?"),
        ("  ombudsman:\n", "  om budsman:\n", "'om budsman' cannot be a name"),
        ("  languages: [nl, en]", "  languages: [nl, en]\n  cost: 100001", "this must be from 0 to 100000"),
        ("title: {nl: Klachtenregeling, en: Complaints procedure}", "title: {Dutch: x}", "'Dutch' is not a language"),
        ("  rules:\n    - id: manager\n", "  rules: none\n  x:\n    - id: manager\n", "this must be a list"),
        ("weerklank: 1", "weerklank: 0", "this platform reads version 1 of the language"),
    ],
)
def test_it_says_in_plain_words_what_is_wrong_with_a_value(old: str, new: str, message: str) -> None:
    reading = reading_of((old, new))
    assert message in "\n".join(map(str, reading.findings))
    assert reading.policy is None


def test_it_reads_words_as_yaml_1_2_does() -> None:
    reading = reading_of(("      upheld: {nl: gegrond, en: upheld}", "      no: {nl: nee, en: no}"))
    assert reading.policy is not None
    assert reading.policy.facts["judgement"].options["no"].in_("en") == "no"


def test_it_takes_a_lone_value_for_a_list_of_one_where_the_model_says_so() -> None:
    reading = reading_of(("      cc: quality_officer".removeprefix("  "), "    cc: [quality_officer]"))
    assert reading.policy is not None
    assert reading.policy.messages["decision"].cc == ("quality_officer",)


def test_it_reads_days_as_days() -> None:
    closed = "  closed:\n    - {label: Kerst, from: 2026-12-24, to: 2027-01-01}\n  source: art-1\n\nscope:"
    reading = reading_of(("  source: art-1\n\nscope:", closed))
    assert reading.policy is not None
    assert reading.policy.calendar.closed[0].from_ == date(2026, 12, 24)


def test_it_uses_a_reading_and_keeps_the_question_open_with_its_line_and_source() -> None:
    reading = reading_of(("retention: 5 years", "retention: {unconfirmed: How long?, reading: 7 years}"))
    assert reading.policy is not None
    assert reading.policy.keeping.retention == Duration.parse("7 years")
    (question,) = check_live(reading)
    assert (question.path, question.question, question.reading) == ("keeping.retention", "How long?", True)
    assert question.line == place(SMALL.read_text("utf-8"), "retention:")[0]
    assert question.source == ("art-8",)


def test_it_leaves_a_value_out_that_is_only_a_question() -> None:
    reading = reading_of(("retention: 5 years", "retention: {unconfirmed: How long?}"))
    assert reading.policy is not None
    assert reading.policy.keeping.retention is None
    assert [question.reading for question in reading.open] == [False]


def test_it_asks_for_a_reading_where_the_procedure_cannot_do_without() -> None:
    reading = reading_of(("    owner: handler\n", "    owner: {unconfirmed: Who?}\n"))
    assert line_of(reading, "the key 'owner' is missing")


def test_it_takes_an_element_with_a_question_as_the_reading() -> None:
    reading = reading_of(("    name: Ombudsman van Ergens", "    unconfirmed: Is it this one?\n    name: Ombudsman"))
    assert reading.policy is not None
    assert reading.policy.bodies["ombudsman"].unconfirmed == "Is it this one?"
    assert reading.open[0].path == "bodies.ombudsman"
    assert reading.open[0].source == ("art-7",)


@pytest.mark.parametrize(
    "old",
    ["- id: manager", "holidays: national", "languages: [nl, en]", "type: person", "until: decided", "proof: true"],
)
def test_it_takes_a_question_in_any_place(old: str) -> None:
    if old == "proof: true":
        reading = reading_of(("measures:\n  verified_by", "measures:\n  unconfirmed: Sure?\n  verified_by"))
    elif old.startswith("- id"):
        reading = reading_of((old, "- id: {unconfirmed: Sure?, reading: manager}"))
    else:
        key, _, value = old.partition(": ")
        reading = reading_of((old, f"{key}: {{unconfirmed: Sure?, reading: {value}}}"))
    assert reading.findings == ()
    assert [question.question for question in reading.open] == ["Sure?"]


def test_it_refuses_a_reading_beside_other_keys_and_a_question_that_is_no_text() -> None:
    reading = reading_of(
        ("    name: Ombudsman van Ergens", "    unconfirmed: Who?\n    reading: x\n    name: Ombudsman"),
        ("retention: 5 years", "retention: {unconfirmed: true, reading: 5 years}"),
    )
    assert line_of(reading, "`reading` stands with `unconfirmed` and nothing else")
    assert line_of(reading, "`unconfirmed` needs the question as text")


def test_it_keeps_warnings_apart_from_errors() -> None:
    reading = reading_of(("    label: {nl: ontvanger, en: receiver}\n", ""))
    assert [finding.severity for finding in reading.findings] == [Severity.WARNING]
    assert ": warning: " in str(reading.findings[0])
    assert reading.policy is not None


def test_it_gives_the_policy_of_a_stored_version_once() -> None:
    text = SMALL.read_text("utf-8")
    assert load_version(text) is load_version(text)
    assert load_version(text) == read_policy(SMALL, name="small").policy


def test_it_refuses_a_stored_version_that_cannot_be_read() -> None:
    with pytest.raises(Unusable, match="1:1: the file is empty"):
        load_version("")
    with pytest.raises(Unusable, match="is missing"):
        load_version("weerklank: 1")

"""Values that a story puts in the place of the policy's own."""

from datetime import date
from typing import Any

import pytest

from tests.policy.test_reader import SMALL
from weerklank.deadlines import Duration
from weerklank.policy.reader import Reading, read_policy


def overridden(**values: Any) -> Reading:
    overrides = {path.replace("__", "."): value for path, value in values.items()}
    return read_policy(SMALL, name="policy.yaml", overrides=overrides)


def test_it_replaces_a_value_before_anything_is_checked() -> None:
    reading = overridden(terms__decide__within="5 working_days", calendar__holidays=["good_friday"])
    assert reading.policy is not None
    assert reading.policy.terms["decide"].within == Duration.parse("5 working_days")
    assert reading.policy.calendar.holidays == ("good_friday",)


def test_it_adds_an_element_and_a_key() -> None:
    closed = [{"label": "Kerst", "from": date(2026, 12, 24), "to": date(2027, 1, 1)}]
    term = {
        "label": "x",
        "from": "received",
        "within": "1 weeks",
        "until": "decided",
        "owner": "handler",
        "source": "s",
    }
    reading = overridden(calendar__closed=closed, terms__own=term)
    assert reading.policy is not None
    assert reading.policy.calendar.closed[0].to == date(2027, 1, 1)
    assert "own" in reading.policy.terms


def test_it_finds_items_of_a_list_by_their_id_or_number() -> None:
    reading = overridden(assignment__rules__rest__to="board", involvement__0__is="involved")
    assert reading.policy is not None
    assert reading.policy.assignment.rules[2].to == "board"
    assert reading.policy.involvement[0].is_ == "involved"


def test_it_takes_a_value_away() -> None:
    reading = overridden(keeping__retention=None, bodies__ombudsman__within=None)
    assert reading.policy is not None
    assert reading.policy.keeping.retention is None


def test_it_makes_a_section_that_the_file_left_out() -> None:
    text = SMALL.read_text("utf-8").replace("calendar:\n  holidays: national\n  source: art-1\n", "")
    reading = read_policy(text, name="p", overrides={"calendar.week": ["mo"], "calendar.source": "art-1"})
    assert reading.policy is not None
    assert reading.policy.calendar.week == ("mo",)


def test_it_points_at_the_override_that_is_wrong() -> None:
    reading = overridden(terms__decide__within="5 werkdagen", roles__handler__kind="handeler")
    assert reading.policy is None
    assert {finding.override for finding in reading.findings} == {"terms.decide.within", "roles.handler.kind"}
    wrong = "policy.yaml: override terms.decide.within: this must be a duration"
    assert any(str(one).startswith(wrong) for one in reading.findings)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("terms__decyde__within", "there is no 'decyde' here, did you mean 'decide'?"),
        ("assignment__rules__nobody__to", "there is no 'nobody' here"),
        ("keeping__retention__amount", "there is no 'amount' here"),
    ],
)
def test_it_says_where_a_path_leads_nowhere(path: str, message: str) -> None:
    reading = overridden(**{path: "x"})
    assert [finding.message for finding in reading.findings] == [message]


def test_it_goes_through_a_question_to_its_reading() -> None:
    text = SMALL.read_text("utf-8").replace("  holidays: national\n", "")
    text = text.replace("calendar:\n", "calendar:\n  unconfirmed: Which?\n")
    text = text.replace(
        "keeping:\n  retention: 5 years\n  source: art-8", "keeping: {unconfirmed: q, reading: {source: a}}"
    )
    reading = read_policy(text, name="p", overrides={"keeping.retention": "1 years"})
    assert reading.policy is not None
    assert reading.policy.keeping.retention == Duration.parse("1 years")

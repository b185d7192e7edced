"""What the checks know of reports, duties, publication and the register."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policy.test_checks import SOURCE, errors, findings, warnings

REPORT: dict[str, Any] = {**SOURCE, "every": "1 years", "by": "quality_officer", "to": ["board"]}
DUTY: dict[str, Any] = {**SOURCE, "by": "board", "text": "Doe dit."}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"contains": ["outcome"]}, "a report cannot contain 'outcome', did you mean 'outcomes'?"),
        ({"contains": ["about"]}, "a report cannot contain 'about': choose from cases_received, channels, "),
        ({"contains": ["judgement per nothing"]}, "a report cannot contain 'judgement per nothing': choose from "),
        ({"every": "5 working_days"}, "say it in whole days, weeks, months or years"),
        ({"every": "0 years"}, "say it in whole days, weeks, months or years"),
        ({"decided_by": "all"}, "nobody decides on this report: say who with `decides`"),
        ({"decides": "handler"}, "role 'handler' exists within a case only; outside one it finds nobody"),
        ({"to": ["complainant"]}, "role 'complainant' exists within a case only; outside one it finds nobody"),
        ({"evaluated_by": ["manager"]}, "role 'manager' exists within a case only; outside one it finds nobody"),
    ],
)
def test_it_knows_what_a_report_can_be(given: dict[str, Any], message: str) -> None:
    [said] = errors(reports__annual=REPORT | given)
    assert said.startswith(message)


def test_it_takes_tables_facts_and_texts() -> None:
    contains = ["outcomes", "running_cases", "judgement", "recommendations", "analysis"]
    assert findings(reports__annual=REPORT | {"contains": contains}) == ()


def test_it_warns_of_reminders_of_no_day() -> None:
    assert warnings(reports__annual=REPORT | {"remind": ["1 weeks"]}) == [
        "without `within` there is no day to remind of"
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"does": "register"}, "what is registered needs `kinds`"),
        ({"warn_on": "12-01"}, "a day of the year goes with `every: 1 years`"),
        ({"warn_on": "12-01", "every": "3 months"}, "a day of the year goes with `every: 1 years`"),
        ({"consult": True}, "only a duty that recommends consults first"),
        ({"by": "receiver"}, "role 'receiver' exists within a case only; outside one it finds nobody"),
        ({"every": "3 hours"}, "say it in whole days, weeks, months or years"),
    ],
)
def test_it_knows_what_a_duty_can_be(given: dict[str, Any], message: str) -> None:
    assert errors(duties__talk=DUTY | given) == [message]


def test_it_wants_somebody_who_looks_and_no_person_in_the_register() -> None:
    place = {**SOURCE, "where": "page", "by": "respondent"}
    wrong = "role 'respondent' exists within a case only; outside one it finds nobody"
    assert errors(publication__site=place) == [wrong]
    assert errors(keeping__quality=["about"]) == ["fact 'about' is a person: the register names nobody"]

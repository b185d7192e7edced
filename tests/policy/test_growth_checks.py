"""What the check knows of pauses, consent, silence, appointed roles, what is kept apart and what is for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policy.test_checks import SOURCE, STEP, TERM, errors, warnings

PANEL = {**SOURCE, "kind": "appointed", "assignment": {"rules": [{"id": "all", "to": "board"}]}}
APPOINT = {**STEP, "does": "assign", "of": "panel", "by": "board"}
PAUSE = {"label": "x", "from": "involved", "until": "assigned"}
PUBLIC = {**SOURCE, "kind": "public"}


def test_it_takes_what_stands_in_the_language() -> None:
    assert errors(terms__x={**TERM, "from": ["received", "assigned"], "pauses": [PAUSE], "closed": "stand_still"}) == []
    assert errors(terms__decide__extend__further=True, terms__decide__extend__consent_of="respondent") == []
    assert errors(roles__panel=PANEL, steps__sit=APPOINT, terms__x={**TERM, "from": "assigned.panel"}) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pauses": [{**PAUSE, "label": None}]}, "a pause needs a `label`: it is the reason people read"),
        ({"pauses": [{**PAUSE, "until": []}]}, "a pause needs a moment at which it begins and one at which it ends"),
        ({"pauses": [{**PAUSE, "from": "opened.nothing"}]}, "there is no step 'nothing'"),
        ({"missed": {"takes": "decision"}}, "'decision' names a step; write `step.outcome`"),
        ({"missed": {"takes": "decision.great"}}, "step 'decision' has no outcome 'great'"),
        ({"missed": {"takes": "decision.done"}}, "silence writes nothing, and this sends a message that must contain"),
        ({"missed": {"takes": "measures.done"}}, "a step that does measures is not done by silence"),
        ({"extend": {"by": "handler", "further": True}}, "`further` needs `in_all`"),
        ({"extend": {"by": "handler", "consent_of": "board"}}, "`consent_of` needs `consent` or `further`"),
    ],
)
def test_it_wants_a_term_that_can_be_counted_and_told(change: dict[str, Any], message: str) -> None:
    given = {key: value for key, value in {**TERM, **change}.items() if value is not None}
    for pause in given.get("pauses", ()):
        given["pauses"] = [{key: value for key, value in pause.items() if value is not None}]
    (found,) = errors(terms__x=given)
    assert found.startswith(message)


def test_it_wants_no_pause_of_a_term_with_a_stated_day() -> None:
    back = {**TERM, "back_from": "fact.event_day", "closed": "stand_still"}
    day = {**SOURCE, "type": "day", "at_intake": "optional"}
    (found,) = errors(terms__x=back, facts__event_day=day)
    assert found == "a term by a stated day or counted back does not stand still"


@pytest.mark.parametrize(
    ("role", "step", "message"),
    [
        ({**PANEL, "assignment": None}, APPOINT, "a role of kind appointed needs `assignment`"),
        (PANEL, {**APPOINT, "of": "board"}, "this role is of kind post; `of` names an appointed one"),
        (PANEL, {**STEP, "of": "panel", "by": "board"}, "`of` is for a step that does assign"),
        ({**PANEL, "assignment": {"rules": []}}, APPOINT, "there is no rule: nobody would ever be appointed"),
        ({**PANEL, "assignment": {"rules": [{"id": "x"}]}}, APPOINT, "this rule leaves the choice to a person"),
        ({**PANEL, "assignment": {**PANEL["assignment"], "number": 0}}, APPOINT, "at least one person is chosen"),
        ({**PANEL, "assignment": {**PANEL["assignment"], "never": "x"}}, APPOINT, "there is no role 'x'"),
        ({**PANEL, "chair": "complainant"}, APPOINT, "this role finds nobody of the organisation"),
        ({**PANEL, "chair": "panel"}, APPOINT, "`chair` goes round in a circle: panel -> panel"),
    ],
)
def test_it_wants_an_appointed_role_that_can_be_filled(
    role: dict[str, Any], step: dict[str, Any], message: str
) -> None:
    given = {key: value for key, value in role.items() if value is not None}
    assert any(found.startswith(message) for found in errors(roles__panel=given, steps__sit=step))


def test_it_wants_a_body_whose_numbers_can_be_met() -> None:
    assert errors(roles__board__least=2) == ["`least` is 2, and there are 1 seats"]
    assert "`least` is for roles of kind post and appointed" in errors(roles__handler__least=2)
    assert warnings(roles__panel={**PANEL, "least": 3}, steps__sit=APPOINT) == ["`least` is 3, and 1 may be chosen"]


def test_it_warns_of_a_step_whose_words_its_own_doer_would_not_see() -> None:
    (found,) = warnings(steps__close__visible="board")
    assert found.startswith("who does this step would not see what is written in it: 'quality_officer'")


@pytest.mark.parametrize(
    "message",
    [
        {"body": "Van {complainant}"},
        {"subject": "Zaak {reference}"},
        {"contains": "complaint"},
        {"attach": "complaint"},
        {"contains": "fact.about"},
    ],
)
def test_it_wants_nothing_for_everybody_that_says_whose_complaint_it_is(message: dict[str, Any]) -> None:
    told = {**SOURCE, "to": "everybody", "on": "closed", **message}
    (found,) = errors(roles__everybody=PUBLIC, messages__lesson=told)
    assert found.startswith("everybody reads this message, and ")


def test_it_wants_everybody_to_do_nothing() -> None:
    found = errors(roles__everybody=PUBLIC, steps__close__by="everybody", terms__decide__owner="everybody")
    assert found.count("a role of kind public does nothing: it is everybody") == 2

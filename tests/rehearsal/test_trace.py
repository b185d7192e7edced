"""Which elements of a policy a story shows at work: here every element cites its own path as its clause."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.rehearsal.conftest import PEOPLE, RECEIVED, SMALL
from weerklank.rehearsal.run import Result

Show = Callable[[str], set[str]]
ASSIGNED = "  - {at: 2026-03-09 09:00, do: assign, by: eva}\n"
CONFIRMED = "  - {at: 2026-03-09 10:00, do: acknowledge, by: eva, text: Hallo.}\n"
LOOK = "  - {at: %s, expect: {phase: triage}}\n"
DECIDED = "  - {at: 2026-03-10, do: decision, by: dina, text: Zo is het., facts: {judgement: upheld}}\n"


@pytest.fixture
def show(folder: Path, play: Callable[[str], Result]) -> Show:
    """The elements that a story touches."""
    policy = YAML(typ="safe", pure=True).load(SMALL)
    cite_itself(policy, "")
    out = StringIO()
    YAML().dump(policy, out)
    (folder / "policy.yaml").write_text(out.getvalue(), "utf-8")

    def show_rest(rest: str) -> set[str]:
        result = play(PEOPLE + RECEIVED + rest)
        assert [str(one) for one in result.differences] == []
        return set(result.touched)

    return show_rest


def cite_itself(value: Any, path: str) -> None:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in parts:
        cite_itself(each, f"{path}.{name}".strip("."))
    if isinstance(value, dict) and value.get("source") != "platform" and {"source", "id", "in_all"} & value.keys():
        value["source"] = path


def test_it_shows_what_worked_at_receipt_and_nothing_that_was_merely_there(show: Show) -> None:
    shown = show(LOOK % "2026-03-06 16:01")
    assert shown == {"channels.letter", "facts.about", "involvement.0", "roles.named", "roles.quality_officer",
                     "roles.receiver"}  # fmt: skip


def test_it_shows_the_rule_that_matched_but_not_the_one_that_was_passed(show: Show) -> None:
    shown = show(ASSIGNED + "  - {at: 2026-03-09 09:01, expect: {rule: respondent_known}}\n")
    assert {"assignment", "assignment.rules.1", "roles.manager", "roles.handler", "steps.assign"} <= shown
    assert not {"assignment.rules.0", "assignment.rules.2", "steps.decision", "roles.board"} & shown


def test_it_shows_a_term_that_rang_was_met_or_was_asked_for(show: Show) -> None:
    assert "terms.acknowledge" not in show(LOOK % "2026-03-09 07:59")
    assert {"terms.acknowledge", "roles.quality_officer"} <= show(LOOK % "2026-03-09 08:00")
    assert "roles.board" not in show(LOOK % "2026-03-10 23:59")
    assert "roles.board" in show(LOOK % "2026-03-11 00:00")
    assert {"terms.acknowledge", "messages.acknowledgement"} <= show(CONFIRMED + LOOK % "2026-03-09 11:00")
    assert "terms.decide" in show("  - {at: 2026-03-07, expect: {due: {decide: 2026-04-17}}}\n")


def test_it_shows_what_was_sent_to_whom_and_where_one_can_go(show: Show) -> None:
    shown = show(ASSIGNED + DECIDED + "  - {at: 2026-03-10 13:00, expect: {phase: measures}}\n")
    assert {"messages.decision", "roles.complainant", "bodies.ombudsman", "facts.judgement", "terms.decide"} <= shown
    assert "measures" not in shown


def test_it_shows_what_said_no_and_not_what_lies_around_it(show: Show) -> None:
    plan = "  - {at: 2026-03-09 10:00, plan: sign, by: dina, owner: fred, until: 2026-03-20, text: Een bord.}\n"
    done = ["carry_out: sign, by: fred, text: Foto", "verify: sign, by: eva"]
    rest = "".join(f"  - {{at: 2026-03-11 0{hour}:00, {what}}}\n" for hour, what in enumerate(done, 6))
    closing = "  - {at: 2026-03-11 09:00, do: close, by: eva, refused: {rule: steps.close.guards.0}}\n"
    shown = show(ASSIGNED + plan + DECIDED + rest + closing)
    assert {"steps.close.guards.0", "measures", "steps.measures"} <= shown
    assert "steps.close" not in shown


def test_it_shows_the_role_whose_step_it_was_when_somebody_else_is_refused(show: Show) -> None:
    shown = show(ASSIGNED + "  - {at: 2026-03-09 10:00, do: decision, by: eva, refused: {rule: steps.decision}}\n")
    assert {"steps.decision", "roles.handler"} <= shown


def test_it_shows_an_extension_and_the_end_by_withdrawal(show: Show) -> None:
    longer = "  - {at: 2026-03-10, extend: decide, by: dina, days: 2 weeks, reason: Druk.}\n"
    shown = show(ASSIGNED + longer + "  - {at: 2026-03-11, withdraw: true, by: complainant, expect: {closed: true}}\n")
    assert {"terms.decide", "terms.decide.extend", "messages.extension"} <= shown


def test_a_story_that_does_not_touch_the_clause_it_names_goes_wrong(play: Callable[[str], Result]) -> None:
    named = "source: [art-2, art-6, S1]\n"
    result = play(PEOPLE + named + RECEIVED + "    expect: {phase: triage}\n")
    assert [(one.line, one.message) for one in result.differences] == [
        (7, "the story says it is about art-6, but nothing that cites it worked in it")
    ]
    assert "art-2" in result.touched

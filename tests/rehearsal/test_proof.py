"""The linter's proof. Each test plants one fault in the small procedure, which has none, and a near miss beside it."""

from pathlib import Path
from typing import Any

import pytest

from weerklank.policy.findings import Finding, Severity
from weerklank.policy.reader import load_version, read_policy
from weerklank.rehearsal.proof import Proof, prove
from weerklank.rehearsal.proof.walking import Walker

SMALL = Path(__file__).parents[1] / "policy" / "examples" / "small.yaml"
TENANTS = sorted((Path(__file__).parents[2] / "tenants").glob("*/policy.yaml"))
TEMPLATES = sorted((Path(__file__).parents[2] / "tenants" / "_templates").glob("*/policy.yaml"))
SOURCE = {"source": "s", "label": "x"}
YES_NO = {**SOURCE, "type": "yes_no", "at_intake": "optional"}


def proven(**values: Any) -> tuple[list[str], Proof]:
    """The findings of the walk as lines of the file, and the proof."""
    overrides = {path.replace("__", "."): value for path, value in values.items()}
    reading = read_policy(SMALL, name="p", overrides=overrides)
    assert reading.policy is not None, [str(one) for one in reading.findings]
    proof = prove(reading.policy)
    found: list[Finding] = [reading.finding("p", one) for one in proof.problems]
    return [f"{one.path}: {one.severity}: {one.message}" for one in found], proof


def found(**values: Any) -> list[str]:
    return proven(**values)[0]


def test_it_finds_nothing_in_the_small_procedure_and_says_how_much_it_walked() -> None:
    lines, proof = proven()
    assert lines == []
    assert [one.of for one in proof.assigned] == [None]
    assert proof.assigned[0].combinations == proof.assigned[0].handled + proof.assigned[0].alarms > 50
    assert [str(one) for one in proof.summary()][1] == f"steps: {proof.states} states, all can reach closing"


def test_it_finds_a_case_that_can_never_be_closed_because_a_fact_is_not_asked_any_more() -> None:
    guard = [{"label": "x", "when": {"any": [{"fact": "heard", "is": True}]}}]
    faulty = {"facts__heard": YES_NO, "steps__close__guards": guard}
    (line,) = found(**faulty, steps__decision__offers="heard", steps__decision__asks=[])[:1]
    assert "nothing leads to closing any more" in line
    assert found(**faulty, steps__close__offers="heard") == []


def test_it_finds_a_step_that_never_opens_and_one_that_does() -> None:
    step = {**SOURCE, "by": "handler", "on": "done.decision"}
    facts = {"facts__a": YES_NO}
    never = {"all": [{"fact": "a", "is": True}, {"fact": "a", "is": False}]}
    assert found(**facts, steps__x={**step, "when": never}) == [
        "steps.x: error: this step never opens: what it waits for never comes with its `when` holding"
    ]
    assert found(**facts, steps__x={**step, "when": {"fact": "a", "is": True}}) == []


def test_it_finds_an_outcome_that_is_never_on_offer() -> None:
    def outcomes(when: dict[str, Any]) -> dict[str, Any]:
        ways = {"go": {"label": "x", "then": "measures"}, "odd": {"label": "x", "when": when, "then": "measures"}}
        return {"steps__decision__then": None, "steps__decision__outcomes": ways}

    assert found(**outcomes({"happened": "done.close"})) == [
        "steps.decision.outcomes.odd: warning: this outcome is never on offer: its `when` never holds while the step "
        "is open"
    ]
    assert found(**outcomes({"happened": "sent.acknowledgement"})) == []


def test_it_finds_a_step_that_opens_and_can_never_be_done() -> None:
    step = {**SOURCE, "by": "handler", "on": "received"}
    late = [{"label": "x", "when": {"happened": "done.close"}}]
    assert found(steps__x={**step, "guards": late}) == [
        "steps.x: error: this step opens but can never be done: something it needs never holds"
    ]
    assert found(steps__x={**step, "guards": [{"label": "x", "when": {"happened": "done.assign"}}]}) == []


def test_it_finds_a_term_that_no_case_comes_to_meet() -> None:
    def term(until: str) -> dict[str, Any]:
        never = {"label": "x", "when": {"happened": "done.close"}}
        ways = {"go": {"label": "x", "then": "measures"}, "odd": {**never, "then": "measures"}}
        term = {**SOURCE, "from": "received", "within": "1 weeks", "owner": "handler", "until": until}
        return {"steps__decision__then": None, "steps__decision__outcomes": ways, "terms__x": term}

    wanted = "terms.x.until: warning: no case comes to where this term is met"
    assert wanted in found(**term("done.decision.odd"))
    assert wanted not in found(**term("done.decision.go"))


def test_it_finds_a_rule_in_the_shadow_of_another() -> None:
    rules: list[dict[str, Any]] = [
        {"id": "all", "to": "board", "when": {"any": [{"channel": "letter"}, {"form": "written"}]}},
        {"id": "late", "to": "manager", "when": {"channel": "letter"}},
        {"id": "rest", "to": "board"},
    ]
    lines = found(assignment__rules=rules)
    assert "assignment.rules.1: warning: rule 'late' never decides: whenever it holds, one before it does too" in lines
    rules[0]["when"] = {"all": [{"channel": "letter"}, {"involved": "manager"}]}
    assert not any("'rest'" in line or "'late'" in line for line in found(assignment__rules=rules) if "never" in line)


def test_it_finds_presets_and_walls_in_the_shadow_of_another() -> None:
    preset = [{"when": {"form": "written"}, "is": True}, {"when": {"channel": "letter"}, "is": False}]
    assert found(facts__a={**YES_NO, "preset": preset}) == [
        "facts.a.preset.1: warning: this line never decides: whenever it holds, one before it does too"
    ]
    assert found(facts__a={**YES_NO, "preset": [{"when": {"channel": "portal"}, "is": True}, *preset[1:]]}) == []
    wall = {"person": "named", "is": "respondent", "source": "s"}
    assert found(involvement=[wall, {**wall, "when": {"form": "oral"}}])[0].startswith("involvement.1: warning")
    assert found(involvement=[wall, {**wall, "is": "involved", "when": {"form": "oral"}}]) == []


def test_it_asks_about_a_conflict_that_leaves_nobody() -> None:
    rules = [{"id": "all", "to": "board"}]
    assert found(assignment__rules=rules) == [
        "assignment.rules.0: question: when 'board' is involved himself, rule 'all' leaves nobody and the rules name "
        "nobody after: an alarm"
    ]
    assert found(assignment__rules=rules, roles__board__substitute="quality_officer",
                 roles__quality_officer__substitute=None) == []  # fmt: skip


def test_it_finds_combinations_that_fit_no_rule() -> None:
    rules = [{"id": "a", "to": "quality_officer", "when": {"channel": "letter"}}]
    assert any("fit none of the rules" in line for line in found(assignment__rules=rules))
    rules.append({"id": "b", "to": "quality_officer", "when": {"channel": "portal"}})
    assert not any("fit none of the rules" in line for line in found(assignment__rules=rules))


def test_it_finds_messages_that_set_each_other_off_for_ever() -> None:
    message = {**SOURCE, "to": "board", "body": "x"}
    round_ = {"messages__a": {**message, "on": ["received", "sent.b"]}, "messages__b": {**message, "on": "sent.a"}}
    lines = found(**round_, steps__x={**SOURCE, "by": "handler", "on": "received", "does": "send", "message": "a"})
    assert any("without end and without anybody doing something" in line for line in lines)
    assert found(messages__a={**message, "on": "received"}, messages__b={**message, "on": "sent.a"}) == []


@pytest.mark.parametrize("path", [SMALL, *TENANTS], ids=lambda path: path.parent.name)
def test_doing_what_stands_apart_first_hides_no_way_and_no_standstill(path: Path) -> None:
    """The shorter walk against the walk in every order, where that is small enough to be walked."""
    policy = read_policy(path, name="p").policy
    assert policy is not None
    short, full = Walker(policy), Walker(policy, in_one_order=False, most=300)
    compared = 0
    for steps in short.influence.walks():
        every = full.tried(steps)
        if every is not None:
            compared += 1
            one = short.walk(steps)
            assert one.done == every.done
            assert bool(list(one.standstills)) == bool(list(every.standstills))
            assert set(one.states) <= set(every.states)
    assert compared or len(policy.steps) > 30  # everything hangs together in the largest one


@pytest.mark.parametrize("path", [*TENANTS, *TEMPLATES], ids=lambda path: path.parent.name)
def test_every_case_of_every_procedure_here_can_be_closed(path: Path) -> None:
    """What is left over are questions: where the text names nobody after somebody who is involved himself."""
    reading = read_policy(path, name=str(path))
    assert reading.policy is not None
    proof = prove(reading.policy)
    wrong = [str(reading.finding(str(path), one)) for one in proof.problems if one.severity != "question"]
    assert wrong == []
    assert proof.states is not None and proof.stuck == 0
    assert all(one.combinations == one.handled + one.alarms for one in proof.assigned)


def test_it_only_warns_where_it_cannot_know_who_will_be_appointed() -> None:
    text = Path("tenants/_examples/bewindvoerders/policy.yaml").read_text("utf-8")
    found = {problem.severity for problem in prove(load_version(text)).problems}
    assert found == {Severity.WARNING, Severity.QUESTION}

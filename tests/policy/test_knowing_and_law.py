"""What can be known in time, who can be reached, and what the law says. One planted fault each, and a near miss."""

from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.policy.test_reader import SMALL
from weerklank.cli.words import translator
from weerklank.policy.law import BASES
from weerklank.policy.reader import read_policy

ROOT = Path(__file__).parents[2]
SOURCE = {"source": "s", "label": "x"}
STEP = {**SOURCE, "by": "handler"}
YES_NO = {**SOURCE, "type": "yes_no"}


def found(**values: Any) -> list[str]:
    """Every finding that is not a warning about labels, with its path, once there is an override for each key."""
    overrides = {path.replace("__", "."): value for path, value in values.items()}
    findings = read_policy(SMALL, name="p", overrides=overrides).findings
    return [f"{one.path}: {one.severity}: {one.message}" for one in findings]


def test_it_finds_a_role_that_nobody_can_hold() -> None:
    boss = {**SOURCE, "kind": "relation", "relation": "manager_of"}
    assert found(roles__boss={**boss, "of": "complainant"}) == [
        "roles.boss: error: nobody can ever hold this role: 'complainant' is nobody of the organisation, so has no "
        "manager or colleagues there"
    ]
    assert found(roles__boss={**boss, "of": "receiver"}) == []
    inner = {"roles__boss": {**boss, "of": "complainant"}, "roles__top": {**boss, "of": "boss"}}
    assert any(line.startswith("roles.top: error") and "found from 'boss'" in line for line in found(**inner))


def test_it_finds_a_role_whose_person_nobody_is_asked_for() -> None:
    role = {**SOURCE, "kind": "fact", "fact": "who"}
    (line,) = [one for one in found(roles__x=role, facts__who={**SOURCE, "type": "person"}) if "role" in one]
    assert "nothing asks for fact 'who'" in line
    assert found(roles__x=role, facts__who={**SOURCE, "type": "person", "at_intake": "optional"}) == []


def test_it_finds_a_fact_that_is_looked_at_before_it_can_be_known() -> None:
    when = {"fact": "late", "is": True}
    early = {"facts__late": YES_NO, "steps__decision__offers": "late"}
    step = {**STEP, "on": "received"}
    assert found(**early, steps__x={**step, "when": when}) == [
        "steps.x.when.fact: warning: fact 'late' cannot be known yet when this is looked at"
    ]
    assert found(**early, steps__x={**step, "on": "done.decision", "when": when}) == []
    assert found(facts__late={**YES_NO, "at_intake": "asked"}, steps__x={**step, "when": when}) == []


def test_it_finds_a_rule_of_assignment_that_asks_too_early() -> None:
    rules = [{"id": "a", "when": {"fact": "judgement", "is": "upheld"}, "to": "board"}, {"id": "b", "to": "board"}]
    assert found(assignment__rules=rules) == [
        "assignment.rules.0.when.fact: warning: fact 'judgement' cannot be known yet when this is looked at"
    ]
    rules[0]["when"] = {"fact": "about", "known": True}
    assert found(assignment__rules=rules) == []


def test_it_finds_a_message_that_reaches_nobody() -> None:
    message = {**SOURCE, "to": "handler", "body": "x"}
    assert found(messages__x={**message, "on": "received"}) == [
        "messages.x.to: error: this message reaches nobody: when it is sent there is nobody in handler"
    ]
    assert found(messages__x={**message, "on": "assigned"}) == []
    assert found(messages__x={**message, "on": "received", "to": ["handler", "board"]}) == []


def test_it_finds_a_fact_that_leaks_through_a_message() -> None:
    secret = {**SOURCE, "type": "text", "at_intake": "no", "visible": ["handler"]}
    asked = {"facts__secret": secret, "steps__decision__asks": "secret"}
    leak = {"messages__decision__body": {"nl": "{fact.secret}", "en": "{fact.secret}"}}
    (line,) = found(**asked, **leak)
    assert line == (
        "messages.decision: warning: fact 'secret' is for handler only, but this message shows it to complainant, "
        "quality_officer"
    )
    allowed = {**secret, "visible": ["handler", "complainant", "quality_officer"]}
    assert found(facts__secret=allowed, steps__decision__asks="secret", **leak) == []


def test_it_finds_a_term_above_what_the_law_allows_in_any_unit() -> None:
    assert found(procedure__basis="awb_9") == []
    for within in ("7 weeks", "43 days", "2 months", "30 working_days"):
        (line,) = found(procedure__basis="awb_9", terms__decide__within=within)
        assert line.startswith("terms.decide.within: error: longer than the law allows: Awb 9:11 lid 1 (2026-01-01)")
    for within in ("6 weeks", "42 days", "1 months", "20 working_days"):
        assert found(procedure__basis="awb_9", terms__decide__within=within) == []
    assert found(terms__decide__within="20 weeks") == []


def test_it_allows_longer_where_a_committee_advises() -> None:
    body = {**SOURCE, "kind": "post", "seats": 3, "least": 3}
    advice = {"roles__committee": body, "steps__advice": {**STEP, "by": "committee", "on": "assigned"}}
    assert found(procedure__basis="awb_9", terms__decide__within="10 weeks", **advice) == []
    assert len(found(procedure__basis="awb_9", terms__decide__within="11 weeks", **advice)) == 1


def test_it_finds_an_extension_beyond_the_law() -> None:
    (line,) = found(procedure__basis="wkkgz", terms__decide__extend__in_all="5 weeks")
    assert line.startswith("terms.decide.extend.in_all: error: extended by more than the law allows: Wkkgz 17 lid 2")
    assert found(procedure__basis="wkkgz", terms__decide__extend__in_all="4 weeks") == []


def test_it_finds_a_decision_without_the_outside_body_the_law_wants() -> None:
    pieces = ["text", "fact.judgement"]
    (line,) = found(procedure__basis="awb_9", messages__decision__contains=pieces)
    assert line.startswith("messages.decision.contains: error: Awb 9:12 lid 2 wants the outside body")
    assert found(procedure__basis="web", messages__decision__contains=pieces) == []


def test_it_asks_where_a_rule_was_not_compared_with_the_law_yet() -> None:
    (line,) = found(procedure__basis="wet_kinderopvang", terms__decide__within="8 weeks")
    assert line.startswith("terms.decide.within: question: longer than the law allows")
    assert found(procedure__basis="wet_kinderopvang") == []


def test_every_law_says_its_article_at_each_limit() -> None:
    for basis in BASES.values():
        assert all(any(letter.isdigit() for letter in limit.article) for limit in basis.limits)


def test_every_finding_can_be_said_in_dutch() -> None:
    path = ROOT / "translations" / "engine" / "nl" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as lines:
        dutch = {str(one.id) for one in read_po(lines, locale="nl") if one.string}
    said = {
        str(message)
        for room in ("policy", "rehearsal")
        for _, _, message, _, _ in extract_from_dir(
            str(ROOT / "platform" / "weerklank" / room), [("**.py", "python")], keywords={"said": None}
        )
    }
    assert said - dutch == set()


def test_it_says_a_finding_in_dutch_with_its_values_and_its_hint() -> None:
    (one,) = read_policy(SMALL, name="p", overrides={"terms.decide.owner": "handlr"}).findings
    assert one.in_(translator("nl")).endswith("er is geen role 'handlr', bedoelt u 'handler'?")
    assert one.in_(translator("en")) == str(one)

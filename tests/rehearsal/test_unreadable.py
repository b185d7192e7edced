"""A story that cannot be read or played says what is wrong and where; whatever stands in it, never a traceback."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import PEOPLE, RECEIVED, SMALL, Tell
from weerklank.policy.model import Policy
from weerklank.policy.reader import load_version
from weerklank.rehearsal.model import (
    Deadline,
    Expect,
    Happening,
    Mail,
    Planned,
    Player,
    Receive,
    Refused,
    Reported,
    Story,
)
from weerklank.rehearsal.names import misnamed
from weerklank.rehearsal.reader import VERBS, read_story
from weerklank.rehearsal.run import Result

Play = Callable[[str | bytes], Result]
LOOK = "  - {at: 2026-03-09, expect: {closed: false}}\n"


@pytest.mark.parametrize(
    ("rest", "wrong"),
    [
        ("  - {at: 2026-03-09, du: assign, expect: {closed: false}}\n", "unknown key 'du'"),
        ("  - {at: 2026-03-09, expect: {hndler: eva}}\n", "unknown key 'hndler', did you mean 'handler'?"),
        ("  - {at: 2026-03-09, sign: close, do: close}\n", "one thing at a time: do, sign are 2"),
        ("  - {at: 2026-03-09, expect: {}}\n", "nothing happens here and nothing is expected"),
        ("  - {at: 2026-03-09, do: asign, by: eva}\n", "there is no step 'asign' here, did you mean 'assign'?"),
        ("  - {at: 2026-03-09, do: assign.don, by: eva}\n", "there is no outcome 'don' here, did you mean 'done'?"),
        ("  - {at: 2026-03-09, do: assign, by: ewa}\n", "there is no person 'ewa' here, did you mean 'eva'?"),
        ("  - {at: 2026-03-09, receive: {channel: leter}}\n", "there is no channel 'leter' here, did you mean"),
        ("  - {at: 2026-03-09, receive: {channel: letter, language: fr}}\n", "there is no language 'fr' here"),
        ("  - {at: 2026-03-09, record: true, by: eva, facts: {abot: x}}\n", "there is no fact 'abot' here, did you"),
        ("  - {at: 2026-03-09, appoint: eva, post: bord}\n", "there is no post 'bord' here, did you mean 'board'?"),
        ("  - {at: 2026-03-09, expect: {no_term: decid}}\n", "there is no term 'decid' here, did you mean 'decide'?"),
        ("  - {at: 2026-03-09, expect: {not_open: clos}}\n", "there is no step 'clos' here, did you mean 'close'?"),
        ("  - {at: 2026-03-09, expect: {not_sent: decison}}\n", "there is no message 'decison' here, did you mean"),
        ("  - {at: 2026-03-09, expect: {not_sent: {to: bord}}}\n", "there is no recipient 'bord' here, did you mean"),
        ("  - {at: 2026-03-09, expect: {sees: {eva: some}}}\n", "'some' is not one of all, part, nothing"),
        ("  - {at: 2026-03-09, expect: {report: {late: 1}}}\n", "there is no count 'late' here"),
        ("  - {at: 2026-03-05, expect: {closed: false}}\n", "2026-03-05 is before what was told last; tell"),
        ("  - {at: yesterday, expect: {closed: false}}\n", "'yesterday' is no day and no moment; write 2026-03-06 or"),
        ("  - {at: 0001-01-01, expect: {closed: false}}\n", "'0001-01-01' is too long ago or too far away for a story"),
        ("  - {at: 2026-03-09, extend: decide, by: eva, days: long}\n", "a duration is an amount and a unit"),
        ("  - {at: 2026-03-09, plan: training, by: eva, owner: bram, text: x}\n", "give the day with `until`"),
        ("  - {at: 2026-03-09, case: other, expect: {closed: false}}\n", "there is no case other yet"),
        ("  - {at: 2026-03-09, case: case 1, receive: {channel: letter}}\n", "there is a case case 1 already"),
    ],
)
def test_it_says_what_is_wrong_in_one_line(tell: Tell, rest: str, wrong: str) -> None:
    found = tell(rest + LOOK)
    assert found[0].startswith(f"!10: {wrong}"), found


def test_it_wants_an_expectation(play: Play) -> None:
    (found,) = play(PEOPLE + RECEIVED).differences
    assert found.unreadable
    assert "this story expects nothing" in found.message


def test_it_lets_a_story_say_that_a_procedure_has_no_such_thing(tell: Tell) -> None:
    assert tell("  - {at: 2026-03-09, expect: {no_term: ministry_copy, not_open: ministry_copy}}\n") == []


def test_it_keeps_two_words_of_the_format_from_being_people(play: Play) -> None:
    (found,) = play(PEOPLE + "  nobody: {}\n" + RECEIVED + LOOK).differences
    assert found.message.startswith("'nobody' means something else in a story")


def test_it_names_the_places_of_a_policy_that_is_wrong(play: Play, folder: Path) -> None:
    policy = folder / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("owner: handler", "owner: handlr"), "utf-8")
    (found,) = play(PEOPLE + RECEIVED + LOOK).differences
    assert found.unreadable
    assert str(found).startswith(f"{policy}:")
    assert found.message == "there is no role 'handlr', did you mean 'handler'?"
    policy.write_bytes(b"\xff\xfe{")
    assert play(PEOPLE + RECEIVED + LOOK).differences[0].message.startswith("saved as UTF-16")


def test_it_names_a_setting_that_leads_nowhere_or_breaks_the_policy(tell: Tell) -> None:
    (found,) = tell(LOOK, "set: {terms.decid.within: 1 weeks}\n")
    assert found.startswith("!1: set: terms.decid.within: there is no 'decid' here, did you mean 'decide'?")
    assert tell(LOOK, "set: {terms.decide.within: 1.5}\n")[0].startswith("!1: set: terms.decide.within: this must be a")
    assert tell(LOOK, "set: {steps: null}\n")[0].startswith("!")


def test_it_stops_at_a_procedure_that_never_comes_to_rest(tell: Tell) -> None:
    ever = "set:\n  messages.acknowledgement.on: [sent.extension]\n  messages.extension.on: [sent.acknowledgement]\n"
    found = tell("  - {at: 2026-03-09, do: acknowledge, by: eva, text: x}\n" + LOOK, ever)
    assert "refused by steps" in found[0]
    assert "zonder einde" in found[0]


def test_it_refuses_days_that_no_calendar_reaches(play: Play, folder: Path) -> None:
    policy = folder / "policy.yaml"
    fact = "  event:\n    label: {nl: dag, en: day}\n    type: day\n    at_intake: optional\n    source: a\n"
    with_day = policy.read_text("utf-8").replace("  judgement:\n", f"{fact}  judgement:\n", 1)
    policy.write_text(with_day, "utf-8")
    days = "".join(
        f"  - {{at: 2026-03-09, record: true, by: eva, facts: {{event: {day}}}, refused: {{rule: facts.event}}}}\n"
        for day in ("0001-01-01", "9999-12-31")
    )
    agreed = """  - {at: 2026-03-09, do: assign, by: eva}
  - {at: 2026-03-10, agree: decide, by: dina, until: 9999-12-31, reason: x, refused: {rule: terms.decide.extend}}
"""
    assert play(PEOPLE + RECEIVED + days + agreed).differences == ()


HOSTILE = {
    "empty": b"",
    "NUL": b"story: a\0b\n",
    "NUL in quotes": (PEOPLE.replace("North", '"a\\0b"') + RECEIVED + LOOK).encode(),
    "UTF-16": "story: a".encode("utf-16"),
    "no YAML": b"story: [",
    "a list": b"- 1\n",
    "a word": b"hello",
    "an anchor": b"story: &a x\npeople: *a\n",
    "a tag": b"story: !!python/object:os.system x\n",
    "two documents": b"story: a\n---\nstory: b\n",
    "deep": b"story: " + b"[" * 100_000,
    "huge": b"# " + b"x" * 2_000_000,
    "many": (PEOPLE + "happenings:\n" + LOOK * 20_000).encode(),
    "happenings no list": (PEOPLE + "happenings: 3\n").encode(),
    "happenings nothing": (PEOPLE + "happenings:\n").encode(),
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_it_survives_hostile_files(play: Play, raw: bytes) -> None:
    result = play(raw)
    assert result.differences
    assert all(one.unreadable for one in result.differences)


def test_it_says_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    read = read_story(tmp_path / "missing.yaml", "missing.yaml")
    assert [str(one) for one in read.findings] == ["missing.yaml:1:1: cannot be read: No such file or directory"]


VALUES: tuple[Any, ...] = (
    None, True, -1, 10**17, "", "x" * 20_001, "\u0085\u202e", [], [[]], [None, {}], {"a": {"b": 1}}, "9999-12-31",
    "0001-01-01",
)  # fmt: skip
FULL = {
    "at": "2026-03-09", "by": "eva", "case": "case 1", "text": "T", "reason": "R", "relation": "involved",
    "days": "1 weeks", "until": "2026-05-01", "owner": "bram", "post": "board", "manager": "fred", "person": "dina",
    "facts": {"judgement": "upheld"}, "on": "2026-03-09", "expect": {"closed": False},
}  # fmt: skip
DOING: dict[str, Any] = {
    "receive": {"channel": "letter"}, "do": "assign", "sign": "assign", "record": True, "involve": "dina",
    "release": "dina", "extend": "decide", "agree": "decide", "ask": True, "answered": True, "add": True, "note": True,
    "plan": "m", "move": "m", "carry_out": "m", "verify": "m", "withdraw": True,
    "archive": True, "destroy": True, "absent": "eva", "appoint": "eva",
    "leave_post": "eva", "chart": "eva",
    "begin": "annual", "write": "annual.analysis", "release_report": "annual", "decide_on": "annual",
    "present": "annual", "evaluate": "annual", "recommend": "advise.r", "consult": "r", "accept": "r", "reject": "r",
    "log": "talk", "enter": "note.incident", "strike": "facts.about", "check": "site", "announce": "start",
    "tell": "start",
    "represent": {"name": "Hulp"}, "unrepresent": True, "join": {"name": "Nog iemand"}, "link": "same",
    "unlink": "same", "merge": "case 1", "split": "part", "restrict": "letters", "lift": "letters",
}  # fmt: skip


def odd_happenings() -> Iterator[dict[str, Any]]:
    """Every verb in full, and every key of every part with a value of a wrong sort."""
    for verb in VERBS:
        yield {**{key: value for key, value in FULL.items() if key != "case"}, verb: DOING[verb]}
    for value in VALUES:
        yield from ({**FULL, each.name: value} for each in dataclasses.fields(Happening))
        yield from ({**FULL, "receive": {"channel": "letter", key: value}} for key in keys_of(Receive))
        yield from ({**FULL, "do": "assign", "refused": {key: value}} for key in keys_of(Refused))
        yield from ({**FULL, "expect": {key: value}} for key in keys_of(Expect))
        yield from ({**FULL, "expect": {"due": {"decide": {key: value}}}} for key in keys_of(Deadline))
        yield from ({**FULL, "expect": {"sent": [{key: value}]}} for key in keys_of(Mail))
        yield from ({**FULL, "expect": {"reports": {"annual": {key: value}}}} for key in keys_of(Reported))
        yield from ({**FULL, "strike": "facts.about", "measures": {"m": {key: value}}} for key in keys_of(Planned))
        yield {**FULL, "do": "assign", "facts": {"judgement": value, "about": value}}


def keys_of(model: type) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(model))


HEAD = """story: s
people: {bram: {manager: dina}, dina: {}, eva: {posts: quality_officer}, fred: {posts: board}}
happenings:
  - {at: 2026-03-06, receive: {channel: letter, by: eva}}
"""


def written(happenings: list[dict[str, Any]]) -> str:
    """The story, one happening a line: JSON is YAML."""
    return HEAD + "".join(f"  - {json.dumps(one)}\n" for one in happenings)


def test_it_reads_every_key_with_every_sort_of_value(play: Play, folder: Path) -> None:
    policy, every = load_version(SMALL.read_text("utf-8")), list(odd_happenings())
    left = []
    for start in range(0, len(every), 30):
        left += playable(policy, folder / "odd.yaml", every[start : start + 30])
    assert len(left) > 100
    while left:
        unreadable = [one.line for one in play(written(left)).differences if one.unreadable]
        left = left[unreadable[0] - HEAD.count("\n") :] if unreadable else []


def playable(policy: Policy, path: Path, some: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of these happenings in which nothing is wrong."""
    path.write_text(written(some), "utf-8")
    wrong = {one.line for one in read_story(path, "odd").findings}
    some = [one for line, one in enumerate(some, HEAD.count("\n") + 1) if line not in wrong]
    path.write_text(written(some), "utf-8")
    read = read_story(path, "odd")
    unknown = {read.place(one.path) for one in misnamed(policy, read.story)} if read.story else set()
    return [one for line, one in enumerate(some, HEAD.count("\n") + 1) if line not in unknown]


@pytest.mark.parametrize("key", [*keys_of(Story), *keys_of(Player)])
def test_it_reads_every_key_of_the_story_and_its_people(play: Play, key: str) -> None:
    for value in VALUES:
        story: dict[str, Any] = {"story": "s", "people": {"eva": {}}, "happenings": [FULL | {"do": "assign"}]}
        story = story | {key: value} if key in keys_of(Story) else story | {"people": {"eva": {key: value}}}
        assert play(json.dumps(story)).differences

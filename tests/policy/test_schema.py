"""The JSON Schema for editors agrees with the reader about the same files."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.policy.test_reader import ROOT_TENANTS, SMALL
from weerklank.policy.reader import read_policy
from weerklank.policy.schema import json_schema

POLICIES = [*sorted(SMALL.parent.glob("*.yaml")), *ROOT_TENANTS]
VALIDATOR = Draft202012Validator(json_schema())


def as_json(value: Any) -> Any:
    """What an editor sees of a YAML value."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def mistakes(text: str) -> Iterator[str]:
    document = as_json(YAML(typ="safe", pure=True).load(text))
    return (f"{list(error.absolute_path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(document))


def test_it_is_a_schema_of_the_draft_it_names() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema()))["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_accepts_every_policy_the_reader_accepts(path: Path) -> None:
    assert list(mistakes(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("retention: 5 years", "retention: {unconfirmed: How long?, reading: 7 years}"),
        ("retention: 5 years", "retention: {unconfirmed: How long?}"),
        ("holidays: national", "holidays: {unconfirmed: Which?, reading: [national]}"),
        ("  board:\n", "  board:\n    unconfirmed: Really?\n"),
        ("keeping:\n", "keeping:\n  unconfirmed: Really?\n"),
    ],
)
def test_it_accepts_a_question_wherever_the_reader_does(old: str, new: str) -> None:
    text = SMALL.read_text("utf-8").replace(old, new)
    assert read_policy(text, name="p").policy is not None
    assert list(mistakes(text)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    until: decided", "    untill: decided"),
        ("    kind: receiver", "    kind: reciever"),
        ("retention: 5 years", "retention: 5 jaar"),
        ("retention: 5 years", "retention: {unconfirmed: How long?, reading: 7 jaar}"),
        ("    required: true\n    substitute", "    required: yes\n    substitute"),
        ("prefix: VBD", "prefix: vbd"),
        ("    owner: handler\n", ""),
        ("  ombudsman:\n", "  om budsman:\n"),
        ("weerklank: 1", "weerklank: 2"),
        ("title: {nl: Klachtenregeling, en: Complaints procedure}", "title: {Dutch: x}"),
    ],
)
def test_it_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    text = SMALL.read_text("utf-8")
    assert text.count(old) == 1
    text = text.replace(old, new)
    assert read_policy(text, name="p").policy is None
    assert list(mistakes(text))

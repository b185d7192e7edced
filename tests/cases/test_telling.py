"""Every kind of event can be told: half an event is caught here."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from weerklank.cases.telling import TELLINGS, Place
from weerklank.policy.events import Kind

ROOM = Path(__file__).parents[2] / "platform" / "weerklank"
PLACEHOLDERS = {
    "step", "outcome", "message", "to", "person", "term", "day", "by", "role", "facts", "channel", "name", "consent",
    "link", "from_version", "to_version", "restriction", "rating",
}  # fmt: skip


def test_it_tells_every_kind() -> None:
    assert set(TELLINGS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_it_has_words_for_staff_and_auditor_in_both_languages(kind: Kind) -> None:
    telling = TELLINGS[kind]
    assert telling.label("nl").strip()
    assert telling.label("en").strip()
    assert telling.audit.strip()
    assert telling.place in Place
    assert (telling.shown("nl") is None) == (telling.shown("en") is None)
    for words in (telling.nl, telling.en, telling.shown_nl or "", telling.shown_en or ""):
        assert {name for _, name, _, _ in string.Formatter().parse(words) if name} <= PLACEHOLDERS


def test_it_knows_what_to_redact_of_everything_that_is_sealed() -> None:
    """Whatever the rules put into the sealed part of an event has a redaction rule."""
    written = {kind: set[str]() for kind in Kind}
    for file in (*ROOM.glob("cases/actions/*.py"), *ROOM.glob("policy/*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Event" and len(call.args) == 5:
                kind = Kind[call.args[0].attr] if isinstance(call.args[0], ast.Attribute) else None
                keys = {
                    key.value
                    for node in ast.walk(call.args[4])
                    if isinstance(node, ast.Dict)
                    for key in node.keys
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
                assert kind is not None
                written[kind] |= keys
    assert written[Kind.NOTED] == {"text"}
    forgotten = {kind: keys - set(TELLINGS[kind].redacts) for kind, keys in written.items()}
    assert not any(forgotten.values()), forgotten

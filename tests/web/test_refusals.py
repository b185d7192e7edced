"""Every refusal of organisations, people and exports has words, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from weerklank.kernel.settings import ROOT
from weerklank.web.refusals import OF_ORGANISATIONS_AND_PEOPLE
from weerklank.web.texts import REFUSALS

ROOMS = [ROOT / "platform" / "weerklank" / room for room in ("tenancy", "identity", "backup")]


def codes() -> Iterator[str]:
    """The codes that the rooms' rules refuse with."""
    for path in (path for room in ROOMS for path in sorted(Path(room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "PolicyRefused"):
                for choice in ast.walk(node.args[0]):
                    if isinstance(choice, ast.Constant):
                        yield str(choice.value)


def test_it_has_words_for_every_refusal_and_no_words_for_none() -> None:
    raised = set(codes())
    assert len(raised) > 30
    assert raised - REFUSALS.keys() == set()
    assert OF_ORGANISATIONS_AND_PEOPLE.keys() - raised == set()


@pytest.mark.parametrize("code", sorted(OF_ORGANISATIONS_AND_PEOPLE))
def test_it_says_it_in_dutch_with_the_same_values(code: str) -> None:
    english = OF_ORGANISATIONS_AND_PEOPLE[code]._args[0]
    found = []
    for path in (ROOT / "translations").glob("*/nl/LC_MESSAGES/messages.po"):
        with path.open("rb") as lines:
            message = read_po(lines, locale="nl").get(english)
        found += [message.string] if message and message.string else []
    assert found, english
    assert {english.count(f"%({name})s") for name in ("most", "least", "post")} == {
        found[0].count(f"%({name})s") for name in ("most", "least", "post")
    }

"""What the page about the language shows of a worked example stands in that example, which is tested by its stories."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTIONS = re.split(r"^## ", (ROOT / "docs" / "language.md").read_text("utf-8"), flags=re.MULTILINE)
EXAMPLE = re.compile(r"`(tests/policy/examples/\w+)`")
SHOWN = [(found.group(1), section) for section in SECTIONS if (found := EXAMPLE.search(section))]


def test_it_has_worked_examples() -> None:
    assert len(SHOWN) >= 2


@pytest.mark.parametrize(("example", "section"), SHOWN, ids=[section.split("\n")[0] for _, section in SHOWN])
def test_it_shows_what_the_example_says(example: str, section: str) -> None:
    held = {line.strip() for line in (ROOT / example / "policy.yaml").read_text("utf-8").splitlines()}
    shown = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    assert shown
    assert [line for line in shown if line not in held] == []

"""The worked examples of the language: each a small policy of its own, with stories that show what its keys do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Database
from weerklank.policy.reader import read_policy
from weerklank.rehearsal.run import play_story, stories_of

EXAMPLES = sorted(file.parent for file in (Path(__file__).parents[1] / "policy" / "examples").glob("*/policy.yaml"))
STORIES = [(folder, story) for folder in EXAMPLES for story in stories_of(folder)]


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_it_finds_nothing_wrong_with_an_example(folder: Path) -> None:
    assert [str(one) for one in read_policy(folder / "policy.yaml", name="policy.yaml").findings] == []
    assert stories_of(folder)


@pytest.mark.parametrize(("folder", "story"), STORIES, ids=lambda path: path.stem)
def test_it_plays_as_its_story_tells(database: Database, folder: Path, story: Path) -> None:
    assert [str(one) for one in play_story(database.engine, folder, story).differences] == []

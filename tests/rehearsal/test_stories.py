"""Every story of every organisation of the repository, and what the player says when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import Database
from weerklank.rehearsal.run import play_story, stories_of

TENANTS = sorted(folder.parent for folder in Path("tenants").glob("*/policy.yaml"))
STORIES = [(folder, story) for folder in TENANTS for story in stories_of(folder)]


@pytest.mark.parametrize(("folder", "story"), STORIES, ids=lambda path: path.stem)
def test_it_goes_as_the_story_tells(database: Database, folder: Path, story: Path) -> None:
    result = play_story(database.engine, folder, story)
    assert [str(one) for one in result.differences] == []


@pytest.mark.parametrize("folder", TENANTS, ids=lambda path: path.name)
def test_it_has_at_least_four_stories_for_each_organisation(folder: Path) -> None:
    assert len(stories_of(folder)) >= 4


def test_it_leaves_nothing_behind(database: Database) -> None:
    folder, story = STORIES[0]
    play_story(database.engine, folder, story)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tenant WHERE slug LIKE 'rehearsal-%'")) == 0

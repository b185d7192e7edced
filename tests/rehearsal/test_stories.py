"""Every story of every organisation of the repository, and what the player says when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Database
from weerklank.policy.reader import check_live, read_policy
from weerklank.rehearsal.reader import read_story
from weerklank.rehearsal.run import play_story, stories_of

TENANTS = sorted(folder.parent for folder in Path("tenants").glob("*/policy.yaml"))
TEMPLATES = sorted(folder.parent for folder in Path("tenants/_templates").glob("*/policy.yaml"))
EXAMPLES = sorted(folder.parent for folder in Path("tenants/_examples").glob("*/policy.yaml"))
STORIES = [(folder, story) for folder in (*TENANTS, *TEMPLATES, *EXAMPLES) for story in stories_of(folder)]


@pytest.mark.parametrize(("folder", "story"), STORIES, ids=lambda path: path.stem)
def test_it_goes_as_the_story_tells(database: Database, folder: Path, story: Path) -> None:
    result = play_story(database.engine, folder, story)
    assert [str(one) for one in result.differences] == []


@pytest.mark.parametrize("folder", TENANTS, ids=lambda path: path.name)
def test_it_has_at_least_five_short_stories_for_each_organisation(folder: Path) -> None:
    assert len(stories_of(folder)) >= 5
    assert all(len(story.read_text("utf-8").splitlines()) < 60 for story in stories_of(folder))


@pytest.mark.parametrize("folder", TEMPLATES, ids=lambda path: path.name)
def test_it_has_at_least_four_short_stories_for_each_policy_to_start_from(folder: Path) -> None:
    assert len(stories_of(folder)) >= 4
    assert all(len(story.read_text("utf-8").splitlines()) < 60 for story in stories_of(folder))


@pytest.mark.parametrize("folder", TENANTS, ids=lambda path: path.name)
def test_it_follows_a_complaint_from_receipt_to_closing(folder: Path) -> None:
    """Decided or proposed, and closed by a step of its own: not at the front and not by withdrawal."""
    told = [read_story(path, path.name).story for path in stories_of(folder)]
    done = [{one.do.partition(".")[0] for one in story.happenings if one.do} for story in told if story]
    closing = ({"close", "decide"}, {"close", "propose"}, {"close_formal", "dispatch"})
    assert any(steps >= wanted for steps in done for wanted in closing)


@pytest.mark.clause("KZ-W1", "MEP-P1a", "GW-P1a")
@pytest.mark.parametrize(
    ("tenant", "address"),
    [("team-keizer", "channels.post.address"), ("mep", "channels.letter.address"), ("mep", "channels.email.address"),
     ("gelukwerkt", "channels.letter.address"), ("gelukwerkt", "channels.email.address")],
)  # fmt: skip
def test_it_keeps_a_channel_without_its_address_from_going_live(tenant: str, address: str) -> None:
    reading = read_policy(Path(f"tenants/{tenant}/policy.yaml"), name="policy.yaml")
    assert address in {question.path for question in check_live(reading)}


@pytest.mark.clause("SVD-art5.b")
def test_it_keeps_a_list_that_was_lost_from_going_live() -> None:
    reading = read_policy(Path("tenants/staatvandienst/policy.yaml"), name="policy.yaml")
    assert "messages.acknowledgement.contains" in {question.path for question in check_live(reading)}

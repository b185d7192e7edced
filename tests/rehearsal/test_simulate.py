"""`weerklank policy simulate`: what a new version would change, over stories and over recorded cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.rehearsal.conftest import PEOPLE, RECEIVED, SMALL
from tests.rehearsal.test_command import command  # noqa: F401 - the fixture with the command's surroundings
from weerklank.cases.act import as_event, open_case
from weerklank.cli.main import main
from weerklank.policy.model import Policy
from weerklank.policy.reader import load_version, read_policy
from weerklank.rehearsal import asked
from weerklank.rehearsal.player import happen, set_stage
from weerklank.rehearsal.reader import read_story
from weerklank.rehearsal.simulation.changes import changes, standing
from weerklank.rehearsal.simulation.replaying import play as replay_case
from weerklank.rehearsal.simulation.run import of_case, over_cases
from weerklank.rehearsal.stage import organisation, scratch, scratch_engine

TENANTS = Path(__file__).parents[2] / "tenants"
STORY = (
    PEOPLE
    + RECEIVED
    + """    expect: {phase: triage}
  - {at: 2026-03-09 10:00, do: acknowledge, by: eva}
  - {at: 2026-03-09 11:00, do: assign, by: eva}
"""
)
TEXT = SMALL.read_text("utf-8")


@pytest.fixture
def new(folder: Path, tmp_path: Path) -> Callable[[str, str], Path]:
    """A new version beside the folder's own, with one text replaced by another."""
    (folder / "stories" / "a.yaml").write_text(STORY, "utf-8")

    def replaced(before: str, after: str) -> Path:
        assert before in TEXT
        path = tmp_path / "new.yaml"
        path.write_text(TEXT.replace(before, after), "utf-8")
        return path

    return replaced


def simulate(new: Path, folder: Path, *more: str) -> int:
    return main(["policy", "simulate", str(new), "--against", str(folder), *more])


@pytest.mark.usefixtures("command")
def test_it_answers_0_when_nothing_changes(
    new: Callable[[str, str], Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(new("source: art-8", "source: art-9"), folder) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 played, 0 would change"


@pytest.mark.usefixtures("command")
def test_it_lists_days_handlers_messages_steps_and_refusals_that_change(
    new: Callable[[str, str], Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(new("within: 6 weeks", "within: 5 weeks"), folder) == 1
    out = capsys.readouterr().out
    assert "the last day of decide is 2026-04-10, not 2026-04-17" in out
    assert simulate(new("to: manager", "to: board"), folder) == 1
    assert "handled by fred, not by dina" in capsys.readouterr().out
    assert simulate(new("    does: assign\n    by: quality_officer", "    does: assign\n    by: board"), folder) == 1
    out = capsys.readouterr().out
    assert "assign would be refused by steps.assign" in out
    assert "step assign: open (was: not open)" in out and "step decision: not open (was: open)" in out


@pytest.mark.usefixtures("command")
def test_it_speaks_dutch_and_json(
    new: Callable[[str, str], Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = new("within: 6 weeks", "within: 5 weeks")
    assert simulate(path, folder, "--language", "nl") == 1
    assert "de laatste dag van decide is 2026-04-10, niet 2026-04-17" in capsys.readouterr().out
    assert simulate(path, folder, "--json") == 1
    (story,) = json.loads(capsys.readouterr().out)
    assert story["changes"][0] == {
        "kind": "due", "name": "decide", "old": "2026-04-17", "new": "2026-04-10",
        "message": "the last day of decide is 2026-04-10, not 2026-04-17",
    }  # fmt: skip


@pytest.mark.usefixtures("command")
def test_it_answers_2_for_what_cannot_be_read(
    new: Callable[[str, str], Path], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(new("weerklank: 1", "weerklank: 7"), folder) == 2
    assert "cannot be used" in capsys.readouterr().err
    assert simulate(new("source: art-8", "source: art-9"), folder, "--cases", "nobody") == 2
    (folder / "stories" / "a.yaml").write_text(STORY.replace("by: eva", "by: nobody"), "utf-8")
    assert simulate(new("source: art-8", "source: art-9"), folder) == 2


def policy(before: str = "", after: str = "") -> Policy:
    assert before in TEXT
    return load_version(TEXT.replace(before, after) if before else TEXT)


def test_it_plays_recorded_cases_under_both_versions_without_a_key(database: Database, folder: Path) -> None:
    path = folder / "stories" / "a.yaml"
    path.write_text(STORY, "utf-8")
    story, engine = read_story(path, "a").story, scratch_engine()
    assert story is not None
    with (
        scratch(database.engine) as session,
        organisation(session, engine, TEXT, read_policy(SMALL, name="p")) as tenant,
    ):
        stage = set_stage(session, engine, tenant, policy(), story)
        now = [happen(stage, each) for each in story.happenings][-1]
        same, shorter = policy(), policy("within: 6 weeks", "within: 5 weeks")
        engine.keyring.destroy_cases(tenant.id, list(stage.cases.values()))
        assert [one.changes for one in over_cases(session, tenant.id, policy(), same, now)] == [()]
        (found,) = over_cases(session, tenant.id, policy(), shorter, now)
        assert [(one.kind, one.name, one.old, one.new) for one in found.changes] == [
            ("due", "decide", "2026-04-17", "2026-04-10")
        ]
        opened = open_case(session, tenant.id, stage.case(), now)
        moved = policy("to: manager", "to: board")
        assert [one.kind for one in of_case(opened, policy(), moved, now)] == ["handler"]


def test_it_tells_how_far_it_is_after_each_part_of_the_cases(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "stories" / "a.yaml"
    path.write_text(STORY, "utf-8")
    story, engine = read_story(path, "a").story, scratch_engine()
    assert story is not None
    shorter = TEXT.replace("within: 6 weeks", "within: 5 weeks")
    with (
        scratch(database.engine) as session,
        organisation(session, engine, TEXT, read_policy(SMALL, name="p")) as tenant,
    ):
        stage = set_stage(session, engine, tenant, policy(), story)
        now = [happen(stage, each) for each in (story.happenings[0], *story.happenings)][-1]
        row = asked.ask(session, tenant.id, asked.CASES, shorter, folder, None, now)
        monkeypatch.setattr(asked, "CASES_AT_ONCE", 1)
        parts = []
        while row.done < row.total:
            found, row.done = asked.play_part(session, database.engine, row, folder, now.date(), now)
            row.found = [*row.found, *found]
            parts.append((row.done, len(row.found)))
    assert parts == [(1, 1), (2, 2)]


@pytest.mark.parametrize("path", sorted(TENANTS.glob("*/stories/0[1-3]*.yaml")), ids=lambda path: str(path)[-40:])
def test_a_recorded_case_played_again_under_its_own_policy_comes_to_the_same(database: Database, path: Path) -> None:
    read = read_story(path, str(path))
    assert read.story is not None
    if read.story.set:
        return
    raw = (path.parents[1] / "policy.yaml").read_text("utf-8")
    reading, engine = read_policy(raw, name="p"), scratch_engine()
    assert reading.policy is not None
    with scratch(database.engine) as session, organisation(session, engine, raw, reading) as tenant:
        stage = set_stage(session, engine, tenant, reading.policy, read.story)
        now = [happen(stage, each) for each in read.story.happenings][-1]
        for case_id in stage.cases.values():
            opened = open_case(session, tenant.id, case_id, now)
            recorded = [as_event(each) for each in opened.stored]
            played = replay_case(opened.world, recorded, now, case_id)
            was = standing(opened.world, opened.case, recorded, str)
            again = standing(opened.world, played.case, played.events, str)
            assert [str(one.sentence()) for one in changes(was, again)] == [], played.refused

"""`weerklank policy test` on a folder that no database knows: its exit codes, its words, and nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database
from tests.rehearsal.conftest import PEOPLE, RECEIVED
from weerklank.cli.main import main
from weerklank.kernel.settings import Settings

Command = Callable[..., int]
GOOD = PEOPLE + RECEIVED + "    expect: {phase: triage}\n"
DIFFERENT = PEOPLE + RECEIVED + "    expect:\n      open: assign\n      phase: closed\n"


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, database: Database, settings: Settings) -> Command:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("VAR", str(settings.var))
    monkeypatch.setenv("DATABASE_URL", settings.database_owner_url)
    monkeypatch.setenv("DATABASE_APP_URL", settings.database_url)
    monkeypatch.setenv("DATABASE_CLOCK_URL", settings.database_clock_url)
    monkeypatch.setenv("KEYSTORE_URL", settings.keystore_url)
    return lambda *given: main(["policy", "test", *map(str, given)])


def test_it_answers_0_when_all_goes_as_told(
    command: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "stories" / "good.yml").write_text(GOOD, "utf-8")
    (folder / "stories" / "notes.txt").write_text("not a story", "utf-8")
    assert command(folder) == 0
    assert capsys.readouterr().out == "1 stories, 1 as told, 0 not\n"


def test_it_answers_1_with_file_and_line_of_a_difference(
    command: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "stories" / "a.yaml").write_text(GOOD, "utf-8")
    (folder / "stories" / "b.yaml").write_text(DIFFERENT, "utf-8")
    assert command(folder) == 1
    out = capsys.readouterr().out
    assert out == f"{folder}/stories/b.yaml:12: the phase is triage\n2 stories, 1 as told, 1 not\n"


@pytest.mark.parametrize("wrong", [PEOPLE + RECEIVED, GOOD.replace("phase", "phse"), "story: ["])
def test_it_answers_2_for_what_cannot_be_read(command: Command, folder: Path, wrong: str) -> None:
    (folder / "stories" / "a.yaml").write_text(DIFFERENT, "utf-8")
    (folder / "stories" / "b.yaml").write_text(wrong, "utf-8")
    assert command(folder) == 2


def test_it_writes_json(command: Command, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "stories" / "b.yaml"
    path.write_text(DIFFERENT, "utf-8")
    assert command("--json", folder.parent) == 1
    difference = {"file": str(path), "line": 12, "message": "the phase is triage", "unreadable": False}
    told = {"file": str(path), "story": "A test", "differences": [difference], "touched": []}
    assert json.loads(capsys.readouterr().out) == [told]


def test_it_says_when_there_is_no_policy_or_no_story(
    command: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(folder) == 2
    assert f"there are no stories in {folder}" in capsys.readouterr().err
    (folder / "policy.yaml").unlink()
    assert command(folder) == 2
    assert "there is no policy.yaml in" in capsys.readouterr().err


def test_it_leaves_nothing_behind_in_the_database_or_the_key_store(
    command: Command, folder: Path, database: Database, settings: Settings
) -> None:
    addresses = (database.superuser_url, settings.keystore_url)
    (folder / "stories" / "a.yaml").write_text(GOOD, "utf-8")
    before = [rows_of(address) for address in addresses]
    assert command(folder) == 0
    assert [rows_of(address) for address in addresses] == before


def rows_of(address: str) -> dict[str, int]:
    """How many rows each table of a database has."""
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind = 'r' AND nspname = 'public'").fetchall()  # fmt: skip
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0] for (name,) in tables}

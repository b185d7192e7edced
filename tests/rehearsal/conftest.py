"""Anna complains about Bram; Dina is his manager, Eva the quality officer, Fred the board. By the small procedure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Database
from weerklank.rehearsal.run import Result, play_story

SMALL = Path(__file__).parents[1] / "policy" / "examples" / "small.yaml"
PEOPLE = """story: A test
people:
  bram: {manager: dina, team: North}
  dina: {manager: fred}
  eva: {name: Eva de Wit, posts: quality_officer}
  fred: {posts: board}
"""
RECEIVED = """happenings:
  - at: 2026-03-06 16:00
    receive: {channel: letter, by: eva, facts: {about: bram}}
"""
Tell = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an organisation that no database knows."""
    made = tmp_path / "somewhere"
    (made / "stories").mkdir(parents=True)
    (made / "policy.yaml").write_text(SMALL.read_text("utf-8"), "utf-8")
    return made


@pytest.fixture
def play(database: Database, folder: Path) -> Callable[[str | bytes], Result]:
    """Plays a story written out in full."""

    def play_text(text: str | bytes) -> Result:
        path = folder / "stories" / "story.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return play_story(database.engine, folder, path)

    return play_text


@pytest.fixture
def tell(play: Callable[[str | bytes], Result]) -> Tell:
    """`tell(what happens after receipt, settings)`: every difference as `line: message`, `!` before the unreadable."""

    def tell_rest(rest: str = "", settings: str = "") -> list[str]:
        result = play(PEOPLE + settings + RECEIVED + rest)
        return [f"{'!' if one.unreadable else ''}{one.line}: {one.message}" for one in result.differences]

    return tell_rest

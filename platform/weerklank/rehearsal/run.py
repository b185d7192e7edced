"""Testing a policy by its stories: every story on a stage of its own, every difference with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Database

from weerklank.kernel.errors import Refused as NotAllowed
from weerklank.rehearsal.expect import differences, refusal_differs
from weerklank.rehearsal.model import Story
from weerklank.rehearsal.player import Stage, Untold, happen, set_stage
from weerklank.rehearsal.reader import Read, read_story
from weerklank.rehearsal.stage import organisation, scratch, scratch_engine, text_with
from weerklank.tenancy.policies import PolicyRefused


@dataclass(frozen=True)
class Difference:
    """Something that is not as the story says; `unreadable` when the story itself is wrong."""

    file: str
    line: int
    message: str
    unreadable: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Result:
    """How one story went."""

    file: str
    story: str
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, Any]:
        return {"file": self.file, "story": self.story, "differences": [asdict(one) for one in self.differences]}


def stories_of(folder: Path) -> list[Path]:
    """The stories of an organisation's folder, by name."""
    return sorted((folder / "stories").glob("*.yaml"))


def play_story(database: Database, folder: Path, path: Path) -> Result:
    """Play one story against the policy of its folder; nothing of it remains."""
    read = read_story(path, str(path))
    if read.story is None:
        wrong = (Difference(one.file, one.line, one.message, unreadable=True) for one in read.findings)
        return Result(str(path), "", tuple(wrong))
    return Result(str(path), read.story.story, tuple(_play(database, folder, read, read.story)))


def _play(database: Database, folder: Path, read: Read, story: Story) -> Iterator[Difference]:
    text, wrong = text_with(folder / "policy.yaml", story.set)
    yield from (Difference(read.file, 1, f"set: {one.message}", unreadable=True) for one in wrong)
    engine = scratch_engine()
    with scratch(database) as session:
        try:
            with organisation(session, engine, text) as tenant:
                stage = set_stage(session, engine, tenant, story)
                yield from _play_on(stage, read, story)
        except PolicyRefused as refused:
            yield from (Difference(read.file, 1, f"policy: {one}", unreadable=True) for one in refused.findings)
        except (Untold, NotAllowed) as error:
            yield Difference(read.file, 1, str(error), unreadable=True)


def _play_on(stage: Stage, read: Read, story: Story) -> Iterator[Difference]:
    for number, happening in enumerate(story.happenings):
        line = read.line_of(number)
        try:
            now = happen(stage, happening)
            for message in refusal_differs(happening.refused, stage.refused):
                yield Difference(read.file, line, message)
            if happening.expect:
                for message in differences(stage, happening.expect, happening.case, now):
                    yield Difference(read.file, read.line_of(number, "expect"), message)
        except Untold as error:
            yield Difference(read.file, line, str(error), unreadable=True)
            return

"""Testing a policy by its stories: every story on a stage of its own, every difference with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.deadlines import CountingError
from weerklank.kernel.errors import Refused as NotAllowed
from weerklank.policy.findings import Finding, Severity
from weerklank.policy.follow import EndlessProcedure
from weerklank.policy.model import Policy
from weerklank.rehearsal.expect import differences, refusal_differs
from weerklank.rehearsal.model import Story
from weerklank.rehearsal.names import misnamed
from weerklank.rehearsal.player import Stage, Untold, happen, set_stage
from weerklank.rehearsal.reader import Read, read_story
from weerklank.rehearsal.stage import organisation, policy_with, scratch, scratch_engine
from weerklank.tenancy.model import Tenant


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
    files = (path for path in (folder / "stories").glob("*") if path.suffix in (".yaml", ".yml"))
    return sorted(path for path in files if path.is_file())


def play_story(database: Database, folder: Path, path: Path) -> Result:
    """Play one story against the policy of its folder; nothing of it remains."""
    read = read_story(path, str(path))
    if read.story is None:
        return Result(str(path), "", tuple(as_difference(one) for one in read.findings))
    return Result(str(path), read.story.story, tuple(_play(database, folder / "policy.yaml", read, read.story)))


def as_difference(found: Finding) -> Difference:
    where = f"set: {found.override}: " if found.override else ""
    return Difference(found.file, found.line, f"{where}{found.message}", unreadable=True)


def _play(database: Database, policy: Path, read: Read, story: Story) -> Iterator[Difference]:
    text, reading = policy_with(policy, story.set)
    if reading.policy is None:
        yield from (as_difference(one) for one in reading.findings if one.severity is Severity.ERROR)
        return
    engine = scratch_engine()
    with scratch(database) as session:
        try:
            with organisation(session, engine, text, reading) as tenant:
                yield from _play_in(session, engine, tenant, reading.policy, read, story)
        except (Untold, NotAllowed) as error:
            yield Difference(read.file, 1, str(error), unreadable=True)


def _play_in(
    session: Session, engine: Engine, tenant: Tenant, policy: Policy, read: Read, story: Story
) -> Iterator[Difference]:
    wrong = [Difference(read.file, read.place(one.path), one.message, True) for one in misnamed(policy, story)]
    if wrong:
        yield from wrong
    else:
        yield from _play_on(set_stage(session, engine, tenant, policy, story), read, story)


def _play_on(stage: Stage, read: Read, story: Story) -> Iterator[Difference]:
    for number, happening in enumerate(story.happenings):
        line = read.line_of(number)
        try:
            now = happen(stage, happening)
            for message in refusal_differs(happening.refused, stage.refused):
                yield Difference(read.file, line, message)
            if happening.expect:
                for key, message in differences(stage, happening.expect, happening.case, now):
                    yield Difference(read.file, read.line_of(number, "expect", key), message)
        except CountingError as error:
            yield Difference(read.file, line, str(error))
            return
        except EndlessProcedure:
            yield Difference(read.file, line, "the procedure never comes to rest: one thing sets off the next")
            return
        except Untold as error:
            yield Difference(read.file, line, str(error), unreadable=True)
            return

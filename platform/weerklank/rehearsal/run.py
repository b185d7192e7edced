"""Testing a policy by its stories: every story on a stage of its own, every difference with file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, as_event, open_case
from weerklank.deadlines import CountingError
from weerklank.kernel.errors import Refused as NotAllowed
from weerklank.policy.findings import Finding, Severity
from weerklank.policy.model import Policy
from weerklank.rehearsal.expect import differences, refusal_differs
from weerklank.rehearsal.learning import elements
from weerklank.rehearsal.model import Story
from weerklank.rehearsal.names import misnamed
from weerklank.rehearsal.passing import Untold
from weerklank.rehearsal.player import Stage, happen, set_stage
from weerklank.rehearsal.reader import Read, read_story
from weerklank.rehearsal.stage import organisation, policy_with, scratch, scratch_engine
from weerklank.rehearsal.trace import citing, looked_at, refused_by, touched, worked
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
    """How one story went, and which clauses it touched: those cited by what worked while it was played."""

    file: str
    story: str
    differences: tuple[Difference, ...]
    touched: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        differences = [asdict(one) for one in self.differences]
        return {"file": self.file, "story": self.story, "differences": differences, "touched": self.touched}


def stories_of(folder: Path) -> list[Path]:
    """The stories of an organisation's folder, by name."""
    files = (path for path in (folder / "stories").glob("*") if path.suffix in (".yaml", ".yml"))
    return sorted(path for path in files if path.is_file())


def play_story(database: Database, folder: Path, path: Path) -> Result:
    """Play one story against the policy of its folder; nothing of it remains."""
    read = read_story(path, str(path))
    if read.story is None:
        return Result(str(path), "", tuple(as_difference(one) for one in read.findings))
    text, reading = policy_with(folder / "policy.yaml", read.story.set)
    if reading.policy is None:
        wrong = (as_difference(one) for one in reading.findings if one.severity is Severity.ERROR)
        return Result(str(path), read.story.story, tuple(wrong))
    engine = scratch_engine()
    with scratch(database) as session:
        try:
            with organisation(session, engine, text, reading) as tenant:
                return _play(session, engine, tenant, reading.policy, read, read.story)
        except (Untold, NotAllowed) as error:
            return Result(str(path), read.story.story, (Difference(read.file, 1, str(error), unreadable=True),))


def as_difference(found: Finding) -> Difference:
    where = f"set: {found.override}: " if found.override else ""
    return Difference(found.file, found.line, f"{where}{found.message}", unreadable=True)


def _play(
    session: Session, engine: Engine, tenant: Tenant, policy: Policy, read: Read, story: Story
) -> Result:
    wrong = tuple(Difference(read.file, read.place(one.path), one.message, True) for one in misnamed(policy, story))
    if wrong:
        return Result(read.file, story.story, wrong)
    stage = set_stage(session, engine, tenant, policy, story)
    found = tuple(_play_on(stage, read, story))
    if found:
        return Result(read.file, story.story, found)
    shown = touched(policy, _trace(stage, story))
    return Result(read.file, story.story, tuple(_untouched(policy, read, story, shown)), shown)


def _untouched(policy: Policy, read: Read, story: Story, shown: Collection[str]) -> Iterator[Difference]:
    """The clauses the story says it is about and never touched; other names (of scenarios) are left alone."""
    known = {clause for _, cited in citing(policy) for clause in cited} | set(policy.clauses)
    for clause in story.source:
        if clause in known and clause not in shown:
            message = f"the story says it is about {clause}, but nothing that cites it worked in it"
            yield Difference(read.file, read.place(("source",)), message)


def _trace(stage: Stage, story: Story) -> Iterator[str]:
    """The elements that worked in the cases of this story, and those that said no."""
    terms = {term for one in story.happenings if one.expect for term in one.expect.due}
    for case_id in stage.cases.values():
        opened = open_case(stage.session, stage.tenant.id, case_id, stage.now or datetime.now(UTC))
        yield from worked(opened.world, case_id, [as_event(each) for each in opened.stored])
        yield from looked_at(opened.world, opened.case, terms)
    yield from elements(stage)
    for refusal in stage.refusals:
        yield from refused_by(stage.policy, refusal)


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
        except Untold as error:
            yield Difference(read.file, line, str(error), unreadable=True)
            return

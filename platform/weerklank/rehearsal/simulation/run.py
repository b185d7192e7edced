"""Simulating a new version against an old one: over an organisation's cases, or over stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine as Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Opened, as_event, open_case
from weerklank.cases.model import CaseFile
from weerklank.deadlines import CountingError
from weerklank.kernel.errors import Refused as NotAllowed
from weerklank.policy.case import Case
from weerklank.policy.events import Event
from weerklank.policy.model import Policy
from weerklank.policy.words import in_words, said
from weerklank.policy.world import World
from weerklank.rehearsal.model import Story
from weerklank.rehearsal.names import misnamed
from weerklank.rehearsal.passing import Untold
from weerklank.rehearsal.player import Stage, happen, set_stage
from weerklank.rehearsal.reader import read_story
from weerklank.rehearsal.simulation.changes import Change, Standing, changes, standing
from weerklank.rehearsal.simulation.replaying import play
from weerklank.rehearsal.stage import organisation, policy_with, scratch, scratch_engine

PAGE = 100


@dataclass(frozen=True)
class Compared:
    """One case or story, with all that would change in it; `unreadable`: why it could not be played."""

    name: str
    changes: tuple[Change, ...] = ()
    unreadable: str = ""

    def as_data(self, translate: Callable[[str], str]) -> dict[str, Any]:
        every = [change.as_data(translate) for change in self.changes]
        return {"name": self.name, "changes": every, "unreadable": in_words(self.unreadable, translate)}


def over_cases(
    session: Session, tenant_id: UUID, old: Policy, new: Policy, now: datetime, skip: int = 0
) -> Iterator[Compared]:
    """Every case of an organisation behind the first `skip`, past and open, played under both versions.

    Reads open parts only: no key, no name. Cases stand in the order in which they began, so that new ones come last.
    """
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id).order_by(CaseFile.id).limit(PAGE)
    while page := session.scalars(query.offset(skip)).all():
        for case_id in page:
            opened = open_case(session, tenant_id, case_id, now)
            yield Compared(opened.file.reference or str(case_id), tuple(of_case(opened, old, new, now)))
        skip += len(page)
        session.expire_all()


def of_case(opened: Opened, old: Policy, new: Policy, now: datetime) -> Iterator[Change]:
    """What would be otherwise in one recorded case. People are told apart, and named by their number in it."""
    recorded = [as_event(each) for each in opened.stored]
    numbers: dict[UUID, str] = {}

    def named(person: UUID) -> str:
        return numbers.setdefault(person, f"#{len(numbers) + 1}")

    both = []
    for policy in (old, new):
        world = World.of(policy, opened.world.people)
        if recorded[0].open["channel"] not in policy.channels:
            both.append(
                Standing("", (), frozenset(), {}, {}, {}, (f"channels.{recorded[0].open['channel']}: channels",))
            )
            continue
        played = play(world, recorded, now, opened.case.id)
        both.append(standing(world, played.case, played.events, named, played.refused))
    yield from changes(*both)


def of_move(opened: Opened, new: Policy, named: Callable[[UUID], str]) -> tuple[Change, ...]:
    """What would be otherwise for a case as it stands now, if it went on by another version."""
    recorded = [as_event(each) for each in opened.stored]
    worlds = (opened.world, World.of(new, opened.world.people))
    before, after = (standing(world, opened.case, recorded, named) for world in worlds)
    return tuple(changes(before, after))


def over_stories(database: Database, old: Path, new: Path, stories: Sequence[Path]) -> Iterator[Compared]:
    """Every story played under both policies, looked at after each happening; nothing of it remains."""
    for path in stories:
        read = read_story(path, str(path))
        if read.story is None:
            yield Compared(str(path), (), str(read.findings[0]))
            continue
        before, after = (played_story(database, policy, read.story) for policy in (old, new))
        problem = next((one for one in (before, after) if isinstance(one, str)), None)
        if problem is not None or isinstance(before, str) or isinstance(after, str):
            yield Compared(str(path), (), problem or "")
            continue
        found = dict.fromkeys(change for pair in zip(before, after, strict=False) for change in changes(*pair))
        yield Compared(str(path), tuple(found))


def played_story(database: Database, policy: Path, story: Story) -> list[Standing] | str:
    """How all cases of a story stand after each happening, or why it cannot be played under this policy."""
    text, reading = policy_with(policy, story.set)
    if reading.policy is None:
        return str(reading.findings[0])
    wrong = next(iter(misnamed(reading.policy, story)), None)
    if wrong is not None:
        return str(wrong.message)
    engine = scratch_engine()
    with scratch(database) as session:
        try:
            with organisation(session, engine, text, reading) as tenant:
                return list(told(set_stage(session, engine, tenant, reading.policy, story), story))
        except (Untold, NotAllowed, CountingError) as error:
            return said("cannot be played under {file}: {why}", file=policy, why=error)


def told(stage: Stage, story: Story) -> Iterator[Standing]:
    refused = list[str]()
    for happening in story.happenings:
        now = happen(stage, happening)
        if stage.refused is not None:
            refused.append(f"{happening.do or happening.sign or happening.at}: {stage.refused.rule}")
        for case_id in stage.cases.values():
            opened = open_case(stage.session, stage.tenant.id, case_id, now)
            events: list[Event] = [as_event(each) for each in opened.stored]
            case: Case = opened.case
            yield standing(opened.world, case, events, stage.called, refused)

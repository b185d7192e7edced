"""Rehearsals that were asked for: a row that says how far one is, carried on by jobs, to be found again any time.

Three sorts: `walk` (the linter's proof), `stories` (played against the text), `cases` (all cases played under the text
and under the version in force). What is found holds no name and no word of anybody: references, days, codes.
"""

from __future__ import annotations

import shutil
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy import Engine as Database
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.cases.model import CaseFile
from weerklank.kernel import outbox
from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.policy.findings import Finding
from weerklank.policy.reader import load_version, read_policy
from weerklank.policy.words import Said
from weerklank.rehearsal.proof import prove
from weerklank.rehearsal.run import play_story, stories_of
from weerklank.rehearsal.simulation.run import over_cases
from weerklank.tenancy.policies import in_force, policy_of

REHEARSE = "rehearse"  # the kind of job; args: {"rehearsal": id, "part": number}
WALK, STORIES, CASES = "walk", "stories", "cases"
KINDS = (WALK, STORIES, CASES)
NAME = "policy.yaml"
STORIES_AT_ONCE, CASES_AT_ONCE = 4, 100  # how far it is, is told after each part
MOST_FOUND = 500
KEPT = timedelta(days=30)


class Rehearsal(TenantOwned, Base):
    """One rehearsal. `text` is the policy that is tried, `found` what came of it so far, in parts of its kind."""

    __tablename__ = "rehearsal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(deferred=True)
    state: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]


def ask(
    session: Session, tenant_id: UUID, kind: str, text: str, folder: Path, person_id: UUID | None, now: datetime
) -> Rehearsal:
    """Write a rehearsal down with its first job, in the transaction of whoever asks. The text has no mistakes."""
    totals = {WALK: 1, STORIES: len(stories_of(folder)), CASES: count_cases(session, tenant_id)}
    row = Rehearsal(
        tenant_id=tenant_id, id=new_id(), kind=kind, text=text, state="running", done=0, total=totals[kind], found=[],
        asked_by=person_id, asked_at=now, ready_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    next_part(session, row, 0)
    return row


def count_cases(session: Session, tenant_id: UUID) -> int:
    query = select(func.count()).select_from(CaseFile).where(CaseFile.tenant_id == tenant_id)
    return session.scalar(query) or 0


def next_part(session: Session, row: Rehearsal, part: int) -> None:
    args = {"rehearsal": str(row.id), "part": part}
    outbox.enqueue(session, REHEARSE, dedupe_key=f"rehearse:{row.id}:{part}", args=args)


def rehearsal(session: Session, tenant_id: UUID, rehearsal_id: UUID) -> Rehearsal:
    """A rehearsal of this organisation; NotFound for any other."""
    query = select(Rehearsal).where(Rehearsal.tenant_id == tenant_id, Rehearsal.id == rehearsal_id)
    row = session.scalar(query)
    if row is None:
        raise NotFound("rehearsal")
    return row


def latest(session: Session, tenant_id: UUID, now: datetime) -> list[Rehearsal]:
    """Those of the last weeks, newest first."""
    mine = (Rehearsal.tenant_id == tenant_id, Rehearsal.asked_at > now - KEPT)
    return list(session.scalars(select(Rehearsal).where(*mine).order_by(Rehearsal.asked_at.desc()).limit(20)))


def play_part(
    session: Session, database: Database, row: Rehearsal, folder: Path, today: date, now: datetime
) -> tuple[list[dict[str, Any]], int]:
    """What the next part of a rehearsal finds, and how much is done after it. Changes nothing; takes seconds."""
    match row.kind:
        case "walk":
            return walked(row.text), 1
        case "stories":
            return played(database, row.text, folder, row.done)
        case _:
            return compared(session, row, today, now)


def walked(text: str) -> list[dict[str, Any]]:
    """The linter's proof of a text: its findings, and what was walked."""
    reading = read_policy(text, name=NAME)
    if reading.policy is None:
        return [as_found(one) for one in reading.findings]
    proof = prove(reading.policy)
    found = [as_found(reading.finding(NAME, problem)) for problem in proof.problems]
    return [*found, *({"walked": kept(one)} for one in proof.summary())]


def as_found(one: Finding) -> dict[str, Any]:
    return {"line": one.line, "severity": one.severity.value, "message": kept(one.message)}


def kept(message: str) -> dict[str, Any]:
    """A sentence as it can be kept and said later in any language."""
    if not isinstance(message, Said):
        return {"text": message}
    values = {name: kept(one) if isinstance(one, Said) else one for name, one in message.values.items()}
    plain = {name: one if isinstance(one, (dict, int, str)) else str(one) for name, one in values.items()}
    return {"template": message.template, "values": plain}


def played(database: Database, text: str, folder: Path, done: int) -> tuple[list[dict[str, Any]], int]:
    """The next stories, against this text."""
    every = stories_of(folder)
    some = every[done : done + STORIES_AT_ONCE]
    with TemporaryDirectory() as name:
        place = Path(name)
        (place / NAME).write_text(text, encoding="utf-8")
        shutil.copytree(folder / "stories", place / "stories")
        results = [play_story(database, place, place / "stories" / path.name) for path in some]
    found = [
        {
            "story": result.story or Path(result.file).name,
            "differences": [{"line": one.line, "message": kept(one.message)} for one in result.differences],
        }
        for result in results
    ]
    return found, min(done + len(some), len(every)) if some else len(every)


def compared(session: Session, row: Rehearsal, today: date, now: datetime) -> tuple[list[dict[str, Any]], int]:
    """The next cases, under the version in force and under this text; those in which something changes are kept."""
    old, new = policy_of(in_force(session, row.tenant_id, today)), load_version(row.text)
    every = list(islice(over_cases(session, row.tenant_id, old, new, now, row.done), CASES_AT_ONCE))
    changed = [one for one in every if one.changes][: max(MOST_FOUND - len(row.found), 0)]
    found = [{"case": one.name, "changes": [kept(change.sentence()) for change in one.changes]} for one in changed]
    return found, row.done + len(every) if every else row.total

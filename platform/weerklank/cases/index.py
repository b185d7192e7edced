"""The rows that follow from a case: made from its consequences, and made again from nothing else at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from weerklank.cases.model import (
    NO_DAY,
    CaseClass,
    CaseDay,
    CaseFile,
    CaseParty,
    CaseTask,
    CaseWall,
    Deadline,
    Measure,
    table_of,
)
from weerklank.kernel.errors import Conflict
from weerklank.kernel.rows import write_rows
from weerklank.policy.ahead import appointments
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock
from weerklank.policy.consequences import Index, consequences
from weerklank.policy.keeping import retention
from weerklank.policy.world import World

Rows = list[dict[str, Any]]

# Whatever the clock had noted about the earlier state of a deadline goes with it.
MOVES = (
    "state", "starts_at", "nominal", "due_on", "due_at", "due_before", "provisional", "late", "strength", "owners",
    "next_at", "next_step", "lease_until", "attempts", "set_aside_at",
)  # fmt: skip
DEADLINES = postgresql.insert(table_of(Deadline))
WRITE_DEADLINES = DEADLINES.on_conflict_do_update(
    index_elements=["tenant_id", "case_id", "term"], set_={name: DEADLINES.excluded[name] for name in MOVES}
)


def write_new(session: Session, tenant_id: UUID, world: World, case: Case, index: Index, file: dict[str, Any]) -> None:
    """The rows of a case that has just begun; `file` holds what of `case_file` does not follow from its events."""
    written = {"tenant_id": tenant_id, "id": case.id, **_file(world, case, index), **file}
    deadlines = {table_of(Deadline): deadline_rows(tenant_id, world, case, index)}
    followed = {table_of(table): rows_of(tenant_id, case, index) for table, rows_of in REPLACED.items()}
    followed |= {table_of(CaseDay): day_rows(tenant_id, world, case)}
    write_rows(session, {table_of(CaseFile): [written], **deadlines, **followed})


def rewrite(session: Session, tenant_id: UUID, world: World, before: Case, case: Case, index: Index) -> None:
    """The rows of a case that went on, as far as they change. Raises Conflict when somebody else wrote meanwhile.

    When nothing happened every row is made anew: then it is who works here that changed (see `refresh`).
    """
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.id == case.id, CaseFile.seq == before.seq)
    changed = update(CaseFile).where(*mine).values(**_file(world, case, index)).returning(CaseFile.id)
    if session.scalar(changed) is None:
        raise Conflict("case")
    was = consequences(world, before, ()) if case.seq > before.seq else None
    for table, rows_of in REPLACED.items():
        rows = rows_of(tenant_id, case, index)
        if was is None or rows != rows_of(tenant_id, before, was):
            _replace(session, table, tenant_id, case.id, rows)
    days = day_rows(tenant_id, world, case)
    if was is None or days != day_rows(tenant_id, world, before):
        _replace(session, CaseDay, tenant_id, case.id, days)
    _write_deadlines(session, tenant_id, case.id, world, was.clocks if was else None, index.clocks)


def _replace(session: Session, table: Any, tenant_id: UUID, case_id: UUID, rows: Rows) -> None:
    session.execute(delete(table).where(table.tenant_id == tenant_id, table.case_id == case_id))
    write_rows(session, {table_of(table): rows})


def _write_deadlines(
    session: Session, tenant_id: UUID, case_id: UUID, world: World, was: Sequence[Clock] | None, now: Sequence[Clock]
) -> None:
    kept = {clock.term for clock in now}
    if was is None or {clock.term for clock in was} - kept:
        gone = delete(Deadline).where(Deadline.tenant_id == tenant_id, Deadline.case_id == case_id)
        session.execute(gone.where(Deadline.term.not_in(kept)))
    moved = now if was is None else [clock for clock in now if clock not in was]
    if moved:
        rows = [{"tenant_id": tenant_id, "case_id": case_id, **deadline_row(world, clock)} for clock in moved]
        session.execute(WRITE_DEADLINES, rows)


def _file(world: World, case: Case, index: Index) -> dict[str, Any]:
    assert case.received_at is not None
    return {
        "seq": case.seq,
        "phase": index.phase.value,
        "channel": case.channel,
        "language": case.wrote_in,
        "received_on": world.day_of(case.received_at),
        "closed_at": case.first("closed"),
        "keep_until": kept.until if (kept := retention(world, case)) else None,
        "destroyed_at": case.first("destroyed"),
        "next_due_on": index.next_due or NO_DAY,
        "waiting": any(not task.people and not task.by_complainant for task in index.tasks),
        "handlers": list(case.handlers),
    }


def task_rows(tenant_id: UUID, case: Case, index: Index) -> Rows:
    """A row for each person an open step or an unfinished measure is for.

    Whoever is walled off gets none for a measure: those who handle report it for him.
    """
    steps = [
        {"what": task.step, "person_id": person, "measure": False, "due_on": task.due_on or NO_DAY}
        for task in index.tasks
        for person in task.people
    ]
    measures = [
        {"what": str(measure.id), "person_id": measure.owner, "measure": True, "due_on": measure.day}
        for measure in case.measures.values()
        if not measure.carried_out and measure.owner not in index.walled
    ]
    return [{"tenant_id": tenant_id, "case_id": case.id, **row} for row in (*steps, *measures)]


def party_rows(tenant_id: UUID, case: Case, index: Index) -> Rows:
    """A row for each person who sees the case because of his part in it."""
    busy = {row["person_id"] for row in task_rows(tenant_id, case, index)}
    state = {"tenant_id": tenant_id, "case_id": case.id, "next_due_on": index.next_due or NO_DAY}
    state |= {"open": not case.is_closed}
    return [
        {**state, "person_id": each, "waits": each not in busy, "handles": each in case.handlers}
        for each in _sorted(index.parties)
    ]


def class_rows(tenant_id: UUID, case: Case, index: Index) -> Rows:
    """A row for each class the case has."""
    return [{"tenant_id": tenant_id, "case_id": case.id, "label": label} for label in index.classes]


def wall_rows(tenant_id: UUID, case: Case, index: Index) -> Rows:
    """A row for each person who is kept out."""
    return [{"tenant_id": tenant_id, "case_id": case.id, "person_id": person} for person in _sorted(index.walled)]


def day_rows(tenant_id: UUID, world: World, case: Case) -> Rows:
    """A row for each day we told the complainant of, such as a hearing, that everybody who sees the case may see."""
    told = () if case.is_closed else appointments(world, case, date.min)
    seen = [each for each in told if not world.policy.facts[each.fact].visible]
    return [{"tenant_id": tenant_id, "case_id": case.id, "fact": each.fact, "day": each.day} for each in seen]


def measure_rows(tenant_id: UUID, case: Case, index: Index) -> Rows:
    """A row for each measure."""
    return [
        {
            "tenant_id": tenant_id,
            "case_id": case.id,
            "id": measure.id,
            "owner_id": measure.owner,
            "day": measure.day,
            "carried_out": measure.carried_out,
            "verified": measure.verified,
        }
        for measure in case.measures.values()
    ]


def deadline_rows(tenant_id: UUID, world: World, case: Case, index: Index) -> Rows:
    """A row for each term that has started, as it stands."""
    return [{"tenant_id": tenant_id, "case_id": case.id, **deadline_row(world, clock)} for clock in index.clocks]


def deadline_row(world: World, clock: Clock) -> dict[str, Any]:
    """The columns of one term: what `deadlines verify` compares, and the clock's own begun anew."""
    return {
        "term": clock.term,
        "state": clock.state.value,
        "starts_at": clock.starts,
        "nominal": clock.due.nominal,
        "due_on": clock.due.due,
        "due_at": clock.due.due_at,
        "due_before": clock.due.due_before,
        "provisional": clock.due.provisional is not None,
        "late": clock.late,
        "strength": world.policy.terms[clock.term].strength.value,
        "owners": list(clock.owners),
        "next_at": clock.next_at,
        "next_step": clock.next_step,
        "lease_until": None,
        "attempts": 0,
        "set_aside_at": None,
    }


def _sorted(people: Iterable[UUID]) -> Sequence[UUID]:
    """In one order for everybody, so that two writers never wait for each other crosswise."""
    return sorted(people)


REPLACED: Mapping[Any, Callable[[UUID, Case, Index], Rows]] = {
    CaseTask: task_rows,
    CaseParty: party_rows,
    CaseWall: wall_rows,
    CaseClass: class_rows,
    Measure: measure_rows,
}

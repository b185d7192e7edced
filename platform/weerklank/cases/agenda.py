"""Cases by day and by phase: what somebody has to do, what falls on which day, and the board. Within the walls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.model import NO_DAY, CaseDay, CaseFile, CaseParty, CaseTask, CaseWall, table_of
from weerklank.cases.walls import Reader
from weerklank.cases.worklist import (
    COUNT_TO,
    FILE,
    PARTY,
    PERSON,
    TASK,
    TENANT,
    WALL,
    View,
    complainants,
    open_or_closed,
)
from weerklank.policy.model import Phase, Policy

DAY = table_of(CaseDay).c
MOST = 300  # lines of a month
MOST_TASKS = 100
CARDS = 8


@dataclass(frozen=True)
class Line:
    """Something on a day: of which case, and what: a step's or measure's or fact's name; empty: the case's own day."""

    case_id: UUID
    reference: str
    day: date | None
    what: str = ""
    measure: bool = False


def my_tasks(session: Session, tenant_id: UUID, person_id: UUID, last: date | None = None) -> list[Line]:
    """What somebody has to do in cases, nearest first, up to and including a day if one is given; a hundred at most."""
    query = select(TASK.case_id, FILE.reference, TASK.due_on, TASK.what, TASK.measure)
    query = query.join_from(table_of(CaseTask), table_of(CaseFile), _of(TASK.case_id))
    query = query.where(TASK.tenant_id == TENANT, TASK.person_id == PERSON)
    query = query.where(TASK.due_on <= last) if last else query
    query = query.order_by(TASK.due_on, TASK.case_id, TASK.what).limit(MOST_TASKS)
    return [_line(row) for row in session.execute(query, {"tenant": tenant_id, "person": person_id})]


def complainants_of(
    session: Session, engine: Engine, tenant_id: UUID, reader: Reader, cases: Collection[UUID]
) -> dict[UUID, str]:
    """Who complains in these cases, as far as this reader sees them and the names are still there."""
    query = select(FILE.id, FILE.complainant).where(FILE.tenant_id == TENANT, FILE.id.in_(cases))
    found = session.execute(query.where(_may_see(reader.sees_all)), {"tenant": tenant_id, "person": reader.person_id})
    return complainants(engine, tenant_id, {row.id: row.complainant for row in found})


def due_between(session: Session, tenant_id: UUID, reader: Reader, first: date, last: date) -> list[Line]:
    """The nearest days of open cases this reader may see, both days included; 300 at most."""
    day = FILE.next_due_on if reader.sees_all else PARTY.next_due_on
    query = open_or_closed(View.ALL, reader.sees_all, FILE.id, FILE.reference, day, literal(""), literal(False))
    query = query if reader.sees_all else query.join_from(table_of(CaseParty), table_of(CaseFile), _of(PARTY.case_id))
    query = query.where(day >= first, day <= last).order_by(day).limit(MOST)
    return [_line(row) for row in session.execute(query, {"tenant": tenant_id, "person": reader.person_id})]


def appointments_between(session: Session, tenant_id: UUID, reader: Reader, first: date, last: date) -> list[Line]:
    """Days such as a hearing in cases this reader may see, both days included; 300 at most."""
    query = select(DAY.case_id, FILE.reference, DAY.day, DAY.fact, literal(False))
    query = query.join_from(table_of(CaseDay), table_of(CaseFile), _of(DAY.case_id))
    query = query.where(DAY.tenant_id == TENANT, DAY.day >= first, DAY.day <= last, _may_see(reader.sees_all))
    values = {"tenant": tenant_id, "person": reader.person_id}
    return [_line(row) for row in session.execute(query.order_by(DAY.day, DAY.case_id).limit(MOST), values)]


def _of(case_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return (FILE.tenant_id == TENANT) & (FILE.id == case_id)


def _may_see(sees_all: bool) -> ColumnElement[bool]:
    model, table = (CaseWall, WALL) if sees_all else (CaseParty, PARTY)
    his = select(literal(1)).select_from(table_of(model))
    his = his.where(table.tenant_id == TENANT, table.case_id == FILE.id, table.person_id == PERSON)
    return ~his.exists() if sees_all else his.exists()


def _line(row: Any) -> Line:
    case_id, reference, day, what, measure = row
    return Line(case_id, reference or "", None if day == NO_DAY else day, what, measure)


@dataclass(frozen=True)
class Card:
    """An open case on the board; `complainant` is None where the name is gone, `due_on` its nearest legal day."""

    case_id: UUID
    reference: str
    complainant: str | None
    due_on: date | None
    handlers: tuple[UUID, ...]
    waiting: bool


@dataclass(frozen=True)
class Column:
    """A phase, how many open cases this reader sees in it (counted to a thousand and one), the first eight of them."""

    phase: Phase
    count: int
    cards: tuple[Card, ...]


def board(session: Session, engine: Engine, tenant_id: UUID, reader: Reader, policy: Policy) -> list[Column]:
    """The phases of the policy in which cases are open, each with its cases, nearest day first.

    Two queries, and one of the key store for the names.
    """
    phases = open_phases(policy)
    values = {"tenant": tenant_id, "person": reader.person_id}
    counted = session.execute(_counts(phases, reader.sees_all), values).one()
    cards = session.execute(_cards(phases, reader.sees_all), values).all()
    called = complainants(engine, tenant_id, {row.id: row.complainant for row in cards})
    found = {phase: tuple(_card(row, called.get(row.id)) for row in cards if row.phase == phase) for phase in phases}
    return [Column(phase, count, found[phase]) for phase, count in zip(phases, counted, strict=True)]


def open_phases(policy: Policy) -> list[Phase]:
    """The phases in which a case of this policy can be open, in order."""
    has = {Phase.RECEIVED} | {step.phase for step in policy.steps.values() if step.phase}
    return [phase for phase in Phase if phase in has - {Phase.CLOSED, Phase.ARCHIVED}]


def _in_phase(phase: Phase, sees_all: bool, *columns: ColumnElement[Any]) -> Select[Any]:
    query = open_or_closed(View.ALL, sees_all, *columns).where(FILE.phase == literal(phase.value))
    return query if sees_all else query.join_from(table_of(CaseParty), table_of(CaseFile), _of(PARTY.case_id))


def _counts(phases: Sequence[Phase], sees_all: bool) -> Select[Any]:
    one = literal_column("1", Integer)
    bounded = (_in_phase(phase, sees_all, one).limit(COUNT_TO + 1).subquery() for phase in phases)
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in bounded))


def _cards(phases: Sequence[Phase], sees_all: bool) -> Select[Any]:
    shown = (FILE.phase, FILE.id, FILE.reference, FILE.complainant, FILE.next_due_on, FILE.handlers, FILE.waiting)
    day, case_id = (FILE.next_due_on, FILE.id) if sees_all else (PARTY.next_due_on, PARTY.case_id)
    each = (_in_phase(phase, sees_all, *shown).order_by(day, case_id).limit(CARDS).subquery() for phase in phases)
    every = union_all(*(one.select() for one in each)).subquery()
    return select(every).order_by(every.c.next_due_on, every.c.id)


def _card(row: Any, complainant: str | None) -> Card:
    due_on = None if row.next_due_on == NO_DAY else row.next_due_on
    return Card(row.id, row.reference or "", complainant, due_on, tuple(row.handlers), row.waiting)

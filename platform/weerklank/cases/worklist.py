"""The worklist: what somebody has to do or may see, by nearest day, a page at a time, at the same cost for any number.

A page goes on after the last row of the one before (never "skip n rows"), and counts stop at a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, Uuid, bindparam, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from weerklank.cases.act import Engine
from weerklank.cases.model import NO_DAY, CaseFile, CaseParty, CaseTask, CaseWall
from weerklank.cases.walls import Reader, may_see, not_walled

PAGE = 25
COUNT_TO = 100
TENANT, PERSON, CASE = (bindparam(name, type_=Uuid) for name in ("tenant", "person", "case"))
TODAY, DAY = (bindparam(name, type_=Date) for name in ("today", "day"))
WHAT = bindparam("what", type_=Text)


class View(StrEnum):
    """mine: what this person has to do. all: open cases he may see. overdue: those past their day. closed: the rest."""

    MINE = "mine"
    ALL = "all"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True)
class Row:
    """One line. `step` is the policy's step or a measure's id (`measure`); None in lists of cases.

    `complainant` is None where the name is gone, or not for this reader (`glimpse`: his own step in a case that he
    may otherwise not see). `due_on` is the legal day of the task, or the nearest of the case; None: no day.
    """

    case_id: UUID
    reference: str
    complainant: str | None
    phase: str
    channel: str
    received_on: date
    handlers: tuple[UUID, ...]
    due_on: date | None
    overdue: bool
    waiting: bool
    step: str | None = None
    measure: bool = False
    glimpse: bool = False


@dataclass(frozen=True)
class Page:
    """25 rows, and where the next page begins (None: this is the last)."""

    rows: tuple[Row, ...]
    after: str | None


@dataclass(frozen=True)
class Counts:
    """How many there are, counted to a hundred: 100 means a hundred or more."""

    mine: int
    all: int
    overdue: int


@dataclass(frozen=True)
class Place:
    """The last row of a page: where the next one goes on."""

    day: date
    case_id: UUID
    what: str = ""

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.case_id}~{self.what}"

    @classmethod
    def read(cls, text: str | None) -> Place | None:
        """The place a page's address names; None for anything that is not one, so that the first page is shown."""
        try:
            day, case_id, what = (text or "").replace("\0", "").split("~", 2)
            return cls(date.fromisoformat(day), UUID(case_id), what)
        except ValueError:
            return None


def worklist(
    session: Session, engine: Engine, tenant_id: UUID, reader: Reader, view: View, today: date, after: str | None = None
) -> Page:
    """One page for this reader: one query, and one of the key store for the names."""
    place = Place.read(after)
    values = {"tenant": tenant_id, "person": reader.person_id, "today": today}
    values |= {"day": place.day, "case": place.case_id, "what": place.what} if place else {}
    found = session.execute(page_query(view, reader.sees_all, place is not None), values).all()
    shown, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    names = _complainants(engine, tenant_id, [each.CaseFile for each in shown if not each.walled])
    rows = tuple(_row(each.CaseFile, each.day, each.what, each.measure, each.walled, names, today) for each in shown)
    return Page(rows, str(Place(last.day, last.CaseFile.id, last.what)) if last else None)


@lru_cache
def page_query(view: View, sees_all: bool, goes_on: bool) -> Select[CaseFile, date, str, bool, bool]:
    """The query of a page; built once for each sort of page, since building costs more than asking."""
    query = _mine(goes_on) if view is View.MINE else _cases(view, sees_all, goes_on)
    return query.limit(PAGE + 1)


def _mine(goes_on: bool) -> Select[CaseFile, date, str, bool, bool]:
    walled = exists().where(
        CaseWall.tenant_id == TENANT, CaseWall.case_id == CaseTask.case_id, CaseWall.person_id == PERSON
    )
    what = (CaseTask.what.label("what"), CaseTask.measure.label("measure"), walled.label("walled"))
    query = (
        select(CaseFile, CaseTask.due_on.label("day"), *what)
        .join(CaseFile, (CaseFile.tenant_id == CaseTask.tenant_id) & (CaseFile.id == CaseTask.case_id))
        .where(CaseTask.tenant_id == TENANT, CaseTask.person_id == PERSON)
        .order_by(CaseTask.due_on, CaseTask.case_id, CaseTask.what)
    )
    here = tuple_(CaseTask.due_on, CaseTask.case_id, CaseTask.what)
    return query.where(here > tuple_(DAY, CASE, WHAT)) if goes_on else query


def _cases(view: View, sees_all: bool, goes_on: bool) -> Select[CaseFile, date, str, bool, bool]:
    """Cases in the order of one index: of all cases, or of those this reader has a part in."""
    plain = (literal("").label("what"), literal(False).label("measure"), literal(False).label("walled"))
    query = select(CaseFile, CaseFile.next_due_on.label("day"), *plain).where(CaseFile.tenant_id == TENANT)
    day, case_id = CaseFile.next_due_on, CaseFile.id
    is_open: ColumnElement[bool] | InstrumentedAttribute[bool] = CaseFile.closed_at.is_(None)
    if sees_all:
        query = query.where(not_walled(TENANT, PERSON))
    else:
        day, case_id, is_open = CaseParty.next_due_on, CaseParty.case_id, CaseParty.open
        query = query.join(CaseParty, (CaseParty.tenant_id == CaseFile.tenant_id) & (CaseParty.case_id == CaseFile.id))
        query = query.where(CaseParty.tenant_id == TENANT, CaseParty.person_id == PERSON)
    if view is View.CLOSED:
        query = query.where(~is_open).order_by(case_id.desc())
        return query.where(case_id < CASE) if goes_on else query
    query = query.where(is_open).order_by(day, case_id)
    query = query.where(day < TODAY) if view is View.OVERDUE else query
    return query.where(tuple_(day, case_id) > tuple_(DAY, CASE)) if goes_on else query


def _complainants(engine: Engine, tenant_id: UUID, files: list[CaseFile]) -> dict[UUID, str]:
    sealed = {file.id: file.complainant for file in files if file.complainant is not None}
    sealers = engine.keyring.for_cases(tenant_id, sealed)
    return {
        case_id: str(sealers[case_id].unseal(value, table="case_file", column="complainant", row=case_id))
        for case_id, value in sealed.items()
    }


def _row(
    file: CaseFile, day: date, what: str, measure: bool, walled: bool, names: dict[UUID, str], today: date
) -> Row:
    return Row(
        case_id=file.id,
        reference=file.reference or "",
        complainant=names.get(file.id),
        phase=file.phase,
        channel=file.channel,
        received_on=file.received_on,
        handlers=() if walled else tuple(file.handlers),
        due_on=None if day == NO_DAY else day,
        overdue=day < today and (file.closed_at is None or bool(what)),
        waiting=file.waiting,
        step=what or None,
        measure=measure,
        glimpse=walled,
    )


def counts(session: Session, tenant_id: UUID, reader: Reader, today: date) -> Counts:
    """How many lines each view has, in one query that never looks at more than a hundred of each."""
    values = {"tenant": tenant_id, "person": reader.person_id, "today": today}
    return Counts(*session.execute(count_query(reader.sees_all), values).one())


@lru_cache
def count_query(sees_all: bool) -> Select[int, int, int]:
    """The query of the counts."""
    queries = (_mine(False), _cases(View.ALL, sees_all, False), _cases(View.OVERDUE, sees_all, False))
    bounded = [query.with_only_columns(literal(1)).order_by(None).limit(COUNT_TO).subquery() for query in queries]
    mine, every, overdue = (select(func.count()).select_from(each).scalar_subquery() for each in bounded)
    return select(mine, every, overdue)


def by_reference(session: Session, tenant_id: UUID, reader: Reader, typed: str) -> UUID | None:
    """The case with this reference, if this reader may see it in full or has something of his own to do in it."""
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.reference == typed.strip().upper())
    task = exists().where(
        CaseTask.tenant_id == tenant_id, CaseTask.case_id == CaseFile.id, CaseTask.person_id == reader.person_id
    )
    return session.scalar(query.where(or_(may_see(tenant_id, reader), task)))

"""The worklist: what somebody has to do or may see, by nearest day, a page at a time, at the same cost for any number.

A page goes on after the last row of the one before (never "skip n rows"), and counts stop at a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Uuid,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.model import (
    NO_DAY,
    CaseFile,
    CaseParty,
    CaseSeen,
    CaseTask,
    CaseWall,
    Message,
    MessageKind,
    MessageState,
    table_of,
)
from weerklank.cases.narrowing import CLOSE, Narrowed, conditions
from weerklank.cases.seen import MARKED, WHOLE
from weerklank.cases.walls import Reader, may_see, not_walled
from weerklank.kernel.events import Event
from weerklank.policy.events import ActorKind

PAGE = 25
COUNT_TO = 1_000
TENANT, PERSON, CASE = (bindparam(name, type_=Uuid) for name in ("tenant", "person", "case"))
TODAY, DAY = (bindparam(name, type_=Date) for name in ("today", "day"))
# The tables themselves: a list makes no objects, and every condition names the tenant.
FILE, TASK, PARTY, WALL = (table_of(model).c for model in (CaseFile, CaseTask, CaseParty, CaseWall))
OTHER = table_of(CaseTask).alias("other").c
SAME = (OTHER.tenant_id == TENANT, OTHER.case_id == TASK.case_id, OTHER.person_id == PERSON)
SHOWN = (
    FILE.id, FILE.reference, FILE.complainant, FILE.phase, FILE.channel, FILE.received_on, FILE.handlers,
    FILE.closed_at, FILE.waiting, FILE.language, FILE.next_due_on,
)  # fmt: skip
EVENT = table_of(Event).c
# When somebody last did something in the case; what the platform did by itself is no progress.
MOVED_AT = (
    select(EVENT.at)
    .where(EVENT.tenant_id == TENANT, EVENT.case_id == FILE.id, EVENT.actor_kind != ActorKind.PLATFORM.value)
    .order_by(EVENT.seq.desc())
    .limit(1)
    .scalar_subquery()
    .label("moved_at")
)
SEEN = table_of(CaseSeen).c
READ_AT = (
    select(func.max(SEEN.last_at))
    .where(SEEN.tenant_id == TENANT, SEEN.case_id == FILE.id, SEEN.person_id == PERSON, SEEN.what.in_([WHOLE, MARKED]))
    .scalar_subquery()
    .label("read_at")
)
MOVED = (MOVED_AT, READ_AT)
PLAIN = (literal(None).label("tasks"), literal(False).label("walled"))
EVERYTHING = Narrowed()


class View(StrEnum):
    """mine: what this person has to do. overdue, today, week: open cases he may see, past their day, due on this one,
    due in the seven after it. waiting: those he has a part in and nothing to do now. all: all open ones. closed."""

    MINE = "mine"
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    WAITING = "waiting"
    ALL = "all"
    CLOSED = "closed"


class Sort(StrEnum):
    """By nearest day, or by when cases came to be here."""

    DUE = "due"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Task:
    """Something to do: the policy's step, or a measure's id (`measure`), and by which legal day (None: no day)."""

    what: str
    measure: bool
    due_on: date | None


@dataclass(frozen=True)
class Row:
    """One line: a case, and in `mine` what this reader has to do in it, nearest first.

    `complainant` is None where the name is gone, or not for this reader (`glimpse`: his own step in a case that he
    may otherwise not see). `due_on` is the nearest legal day of his tasks, elsewhere of the case; None: no day.
    `case_due_on` is the case's own, whoever it is for; None too for who does not see the case.
    `moved_at` is the instant at which somebody last did something in the case; `unread`: since this reader last
    opened it, or marked it as read. `language` is the one the complainant wrote in.
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
    moved_at: datetime
    language: str = ""
    unread: bool = False
    tasks: tuple[Task, ...] = ()
    glimpse: bool = False
    case_due_on: date | None = None


@dataclass(frozen=True)
class Page:
    """At most 25 rows, and where the next page begins (None: this is the last)."""

    rows: tuple[Row, ...]
    after: str | None


@dataclass(frozen=True)
class Counts:
    """How many there are in each view but the closed, letters to post, and cases that concern this reader himself and
    are walled off from him; counted to a thousand and one.
    """

    mine: int
    overdue: int
    today: int
    week: int
    waiting: int
    all: int
    letters: int
    walled: int


@dataclass(frozen=True)
class Place:
    """The last row of a page: where the next one goes on."""

    day: date
    case_id: UUID

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.case_id}"

    @classmethod
    def read(cls, text: str | None) -> Place | None:
        """The place a page's address names; None for anything that is not one, so that the first page is shown."""
        try:
            day, case_id = (text or "").split("~", 1)
            return cls(date.fromisoformat(day), UUID(case_id))
        except ValueError:
            return None


def worklist(
    session: Session,
    engine: Engine,
    tenant_id: UUID,
    reader: Reader,
    view: View,
    today: date,
    after: str | None = None,
    narrowed: Narrowed = EVERYTHING,
    sort: Sort = Sort.DUE,
) -> Page:
    """One page for this reader: one query, and one of the key store for the names.

    What is closed stands by when it came to be here, the newest first unless the oldest is asked for.
    """
    place = Place.read(after)
    values = {"tenant": tenant_id, "person": reader.person_id, "today": today, **narrowed.values}
    values |= {"day": place.day, "case": place.case_id} if place else {}
    sort = Sort.NEWEST if view is View.CLOSED and sort is Sort.DUE else sort
    query = page_query(view, reader.sees_all, place is not None, sort, narrowed.asked)
    found = session.execute(query, values).all()
    shown, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    names = complainants(engine, tenant_id, {each.id: each.complainant for each in shown if not each.walled})
    rows = tuple(_row(each, names.get(each.id), today) for each in shown)
    return Page(rows, str(Place(last.day, last.id)) if last else None)


@lru_cache
def page_query(view: View, sees_all: bool, goes_on: bool, sort: Sort, asked: frozenset[str]) -> Select[Any]:
    """The query of a page; built once for each sort of page, since building costs more than asking."""
    if view is View.MINE:
        return _ordered(_mine_page(sees_all, asked), TASK.due_on, TASK.case_id, sort, goes_on)
    if not sees_all or view is View.WAITING:
        query = open_or_closed(view, False, *SHOWN, *MOVED, PARTY.next_due_on.label("day"), *PLAIN)
        query = query.join_from(table_of(CaseParty), table_of(CaseFile), _is_file(PARTY.case_id))
        return _ordered(query.where(*conditions(asked)), PARTY.next_due_on, PARTY.case_id, sort, goes_on)
    # Chosen by an index that holds all that is asked, and only then looked up.
    chosen = open_or_closed(view, True, FILE.next_due_on.label("day"), FILE.id).where(*conditions(asked))
    chosen_ones = _ordered(chosen, FILE.next_due_on, FILE.id, sort, goes_on).subquery("chosen")
    columns: tuple[ColumnElement[Any], ...] = (*SHOWN, *MOVED, chosen_ones.c.day, *PLAIN)
    query = select(*columns)
    query = query.join_from(chosen_ones, table_of(CaseFile), _is_file(chosen_ones.c.id))
    return query.order_by(*_order(chosen_ones.c.day, chosen_ones.c.id, sort))


def _ordered(
    query: Select[Any], day: ColumnElement[date], case_id: ColumnElement[UUID], sort: Sort, goes_on: bool
) -> Select[Any]:
    """In this order, from behind the last row of the page before, and no more than a page and one."""
    further = {
        Sort.DUE: tuple_(day, case_id) > tuple_(DAY, CASE),
        Sort.NEWEST: case_id < CASE,
        Sort.OLDEST: case_id > CASE,
    }
    query = query.where(further[sort]) if goes_on else query
    return query.order_by(*_order(day, case_id, sort)).limit(_at_most(PAGE + 1))


def _order(day: ColumnElement[date], case_id: ColumnElement[UUID], sort: Sort) -> tuple[ColumnElement[Any], ...]:
    return {Sort.DUE: (day, case_id), Sort.NEWEST: (case_id.desc(),), Sort.OLDEST: (case_id,)}[sort]


def _mine_page(sees_all: bool, asked: frozenset[str]) -> Select[Any]:
    """The cases this person has something to do in, with all of it.

    `walled`: he does not see the file, because he is involved or because all he has in it is a measure.
    """
    each = func.json_build_array(OTHER.what, OTHER.measure, OTHER.due_on)
    tasks = select(func.json_agg(aggregate_order_by(each, OTHER.due_on, OTHER.what))).where(*SAME).scalar_subquery()
    # Joined, not asked by `exists`, which the database would answer by reading all that is this person's.
    model, table = (CaseWall, WALL) if sees_all else (CaseParty, PARTY)
    his = (table.tenant_id == TENANT) & (table.case_id == TASK.case_id) & (table.person_id == PERSON)
    walled = table.case_id.is_not(None) if sees_all else table.case_id.is_(None)
    query = _mine(*SHOWN, *MOVED, TASK.due_on.label("day"), tasks.label("tasks"), walled.label("walled"))
    query = query.join_from(table_of(CaseTask), table_of(CaseFile), _is_file(TASK.case_id))
    query = query.outerjoin(table_of(model), his).where(*conditions(asked))
    return query.where(~walled) if asked & CLOSE else query


def _mine(*columns: ColumnElement[Any]) -> Select[Any]:
    """The nearest of this person's tasks in each case, by one index."""
    nearer = exists().where(*SAME, tuple_(OTHER.due_on, OTHER.what) < tuple_(TASK.due_on, TASK.what))
    return select(*columns).where(TASK.tenant_id == TENANT, TASK.person_id == PERSON, ~nearer)


def open_or_closed(view: View, sees_all: bool, *columns: ColumnElement[Any]) -> Select[Any]:
    """All cases this reader may see, or those he has a part in, by one index."""
    if sees_all:
        is_open: ColumnElement[bool] = FILE.closed_at.is_(None)
        query = select(*columns).where(FILE.tenant_id == TENANT, not_walled(TENANT, PERSON))
    else:
        is_open = PARTY.open
        query = select(*columns).where(PARTY.tenant_id == TENANT, PARTY.person_id == PERSON)
    query = query.where(~is_open if view is View.CLOSED else is_open)
    day = FILE.next_due_on if sees_all else PARTY.next_due_on
    match view:
        case View.OVERDUE:
            return query.where(day < TODAY)
        case View.TODAY:
            return query.where(day == TODAY)
        case View.WEEK:
            return query.where(day > TODAY, day <= TODAY + literal_column("7", Integer))
        case View.WAITING:
            return query.where(PARTY.waits)
    return query


def _is_file(case_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return (FILE.tenant_id == TENANT) & (FILE.id == case_id)


def _at_most(count: int) -> ColumnElement[int]:
    """A limit that the database sees when it plans, so that it need not plan anew each time."""
    return literal_column(str(count), Integer)


def complainants(engine: Engine, tenant_id: UUID, found: Mapping[UUID, bytes | None]) -> dict[UUID, str]:
    """The names in the lists' own column, by case; of a case whose name is gone there is none."""
    sealed = {case_id: value for case_id, value in found.items() if value is not None}
    sealers = engine.keyring.for_cases(tenant_id, sealed)
    return {
        case_id: str(sealers[case_id].unseal(value, table="case_file", column="complainant", row=case_id))
        for case_id, value in sealed.items()
    }


def _row(each: Any, complainant: str | None, today: date) -> Row:
    return Row(
        case_id=each.id,
        reference=each.reference or "",
        complainant=complainant,
        phase=each.phase,
        channel=each.channel,
        received_on=each.received_on,
        handlers=() if each.walled else tuple(each.handlers),
        due_on=_day(each.day),
        overdue=each.day < today and (each.closed_at is None or bool(each.tasks)),
        waiting=each.waiting,
        moved_at=each.moved_at,
        language="" if each.walled else each.language,
        unread=not each.walled and (each.read_at is None or each.read_at < each.moved_at),
        tasks=tuple(Task(what, measure, _day(date.fromisoformat(day))) for what, measure, day in each.tasks or ()),
        glimpse=each.walled,
        case_due_on=None if each.walled else _day(each.next_due_on),
    )


def _day(stored: date) -> date | None:
    return None if stored == NO_DAY else stored


def counts(session: Session, tenant_id: UUID, reader: Reader, today: date) -> Counts:
    """How many lines each view has, in one query that never looks at more than a thousand and one of each."""
    values = {"tenant": tenant_id, "person": reader.person_id, "today": today}
    return Counts(*session.execute(count_query(reader.sees_all), values).one())


@lru_cache
def count_query(sees_all: bool) -> Select[Any]:
    """The query of the counts."""
    one = literal_column("1", Integer)
    views = (View.OVERDUE, View.TODAY, View.WEEK, View.WAITING, View.ALL)
    cases = [open_or_closed(view, sees_all and view is not View.WAITING, one) for view in views]
    walled = select(one).where(WALL.tenant_id == TENANT, WALL.person_id == PERSON)
    queries = (_mine(one), *cases, _letters(sees_all, one), walled)
    bounded = [query.limit(_at_most(COUNT_TO + 1)).subquery() for query in queries]
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in bounded))


def _letters(sees_all: bool, *columns: ColumnElement[Any]) -> Select[Any]:
    """The letters that nobody has posted yet, of cases this reader sees in full."""
    letter = table_of(Message).c
    query = select(*columns).where(letter.tenant_id == TENANT, letter.kind == MessageKind.POLICY.value)
    query = query.where(letter.state == MessageState.PRINTED.value, letter.sent_at.is_(None))
    walled = exists().where(WALL.tenant_id == TENANT, WALL.case_id == letter.case_id, WALL.person_id == PERSON)
    mine = exists().where(PARTY.tenant_id == TENANT, PARTY.case_id == letter.case_id, PARTY.person_id == PERSON)
    return query.where(~walled if sees_all else mine)


def reference_of(session: Session, tenant_id: UUID, reader: Reader, case_id: UUID) -> str:
    """The reference of a case that this reader may see in full, else nothing."""
    query = select(CaseFile.reference).where(CaseFile.tenant_id == tenant_id, CaseFile.id == case_id)
    return session.scalar(query.where(may_see(tenant_id, reader))) or ""


def by_reference(session: Session, tenant_id: UUID, reader: Reader, typed: str) -> UUID | None:
    """The case with this reference, if this reader may see it in full or has something of his own to do in it."""
    query = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.reference == typed.strip().upper())
    task = exists().where(
        CaseTask.tenant_id == tenant_id, CaseTask.case_id == CaseFile.id, CaseTask.person_id == reader.person_id
    )
    return session.scalar(query.where(or_(may_see(tenant_id, reader), task)))

"""Finding cases by words, within the walls: newest first, a page at a time, at a cost that common words do not raise.

The rarest thing that is asked leads (or the reader's own cases, when they are fewer); every other condition is looked
up for one case after the other. What is found is opened and read as its reader may, so that no hit tells of words
that are kept from him.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, column, exists, func, literal, select, table, union
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, as_event
from weerklank.cases.model import CaseFile, CaseParty, CaseWall, table_of
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.narrowing import conditions as narrowing
from weerklank.cases.search.index import keyed
from weerklank.cases.search.texts import all_texts, readable_texts
from weerklank.cases.search.words import Piece, Question, best_excerpts, tokens_of
from weerklank.cases.walls import Reader
from weerklank.identity.people import chart
from weerklank.kernel.events import Event as EventRow
from weerklank.kernel.events import StoredEvent, stored
from weerklank.kernel.sealed import Erased, Sealer
from weerklank.policy.apart import reader_in
from weerklank.policy.case import Case, replay
from weerklank.policy.events import Event
from weerklank.policy.model import Policy
from weerklank.policy.world import World, calendar_of
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion

PAGE = 10
CANDIDATES = 15
MOST_ROUNDS = 5  # of candidates that turn out to hold the words only where they are kept from the reader
COUNT_TO = 2_000
FILE, PARTY, WALL = (table_of(model).c for model in (CaseFile, CaseParty, CaseWall))
TOKEN = table("keyed_token", column("tenant_id"), column("token"), column("case_id"))


@dataclass(frozen=True)
class Hit:
    """A case that was found, and some of the places where the words stand."""

    case_id: UUID
    reference: str
    complainant: str
    phase: str
    received_on: date
    excerpts: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class Found:
    """At most ten cases, newest first, and where to go on (None: this is all)."""

    hits: tuple[Hit, ...]
    after: UUID | None


def find(
    session: Session,
    engine: Engine,
    tenant_id: UUID,
    reader: Reader,
    question: Question,
    narrowed: Narrowed,
    now: datetime,
    after: UUID | None = None,
) -> Found:
    """The cases this reader may see in full in which everything stands that is asked, for what he may read there."""
    things = _keyed_things(engine, tenant_id, question)
    leads = _leading(session, tenant_id, reader, things) if things else None
    hits: list[Hit] = []
    values = {"tenant": tenant_id, **narrowed.values}
    for _round in range(MOST_ROUNDS if leads is not None else 0):
        rows = session.execute(_candidates(tenant_id, reader, things, leads or 0, narrowed, after), values).all()
        for hit in _opened(session, engine, tenant_id, reader, question, rows, now):
            hits.append(hit)
            if len(hits) > PAGE:
                return Found(tuple(hits[:PAGE]), hits[PAGE - 1].case_id)
        if len(rows) < CANDIDATES:
            return Found(tuple(hits), None)
        after = rows[-1].id
    return Found(tuple(hits), after if leads is not None else None)


def _keyed_things(engine: Engine, tenant_id: UUID, question: Question) -> list[list[bytes]]:
    """For each thing that is asked the tokens that will do."""
    tokens = keyed(engine.keyring, tenant_id, frozenset().union(*question.things))
    return [sorted(tokens[word] for word in thing) for thing in question.things]


def _leading(session: Session, tenant_id: UUID, reader: Reader, things: Sequence[Sequence[bytes]]) -> int | None:
    """Which thing is in the fewest cases, counted to two thousand; -1: the reader's own cases are fewer still.

    None when one is in no case at all.
    """
    counted = [select(literal(1)).where(TOKEN.c.tenant_id == tenant_id, TOKEN.c.token.in_(each)) for each in things]
    if not reader.sees_all:
        mine = (PARTY.tenant_id == tenant_id, PARTY.person_id == reader.person_id)
        counted.append(select(literal(1)).where(*mine))
    each = (select(func.count()).select_from(one.limit(COUNT_TO).subquery()).scalar_subquery() for one in counted)
    counts = list(session.execute(select(*each)).one())
    if 0 in counts:
        return None
    least = counts.index(min(counts))
    return least if least < len(things) else -1


def _candidates(
    tenant_id: UUID,
    reader: Reader,
    things: Sequence[Sequence[bytes]],
    leads: int,
    narrowed: Narrowed,
    after: UUID | None,
) -> Select[Any]:
    """The next cases that have all the tokens and that this reader may see, newest first."""
    others = [_has(tenant_id, tokens) for number, tokens in enumerate(things) if number != leads]
    conditions = (*others, *narrowing(narrowed.asked))
    if leads < 0:
        mine = (PARTY.tenant_id == tenant_id, PARTY.person_id == reader.person_id)
        sources = [select(PARTY.case_id).where(*mine)]
    else:
        tokens = things[leads]
        conditions = (*conditions, _sees(tenant_id, reader))
        sources = [
            select(TOKEN.c.case_id).where(TOKEN.c.tenant_id == tenant_id, TOKEN.c.token == one) for one in tokens
        ]
    return _newest(tenant_id, sources, conditions, after)


def _newest(
    tenant_id: UUID, sources: Sequence[Select[UUID]], conditions: Sequence[ColumnElement[bool]], after: UUID | None
) -> Select[Any]:
    """Each source is walked from its newest case on, and only as far as is needed."""
    shown = (FILE.id, FILE.reference, FILE.complainant, FILE.phase, FILE.received_on)
    walked = []
    for source in sources:
        case_id = source.selected_columns.case_id
        query = source.with_only_columns(*shown, FILE.policy_version_id).where(
            FILE.tenant_id == tenant_id, FILE.id == case_id, *conditions
        )
        query = query.where(case_id < after) if after else query
        walked.append(query.order_by(case_id.desc()).limit(CANDIDATES).subquery().select())
    both = union(*walked).subquery()
    return select(both).order_by(both.c.id.desc()).limit(CANDIDATES)


def _has(tenant_id: UUID, tokens: Sequence[bytes]) -> ColumnElement[bool]:
    same = TOKEN.alias()
    return exists().where(same.c.tenant_id == tenant_id, same.c.case_id == FILE.id, same.c.token.in_(tokens))


def _sees(tenant_id: UUID, reader: Reader) -> ColumnElement[bool]:
    """That this reader may see the case in full, as every list has it."""
    if reader.sees_all:
        walled = exists().where(
            WALL.tenant_id == tenant_id, WALL.case_id == FILE.id, WALL.person_id == reader.person_id
        )
        return ~walled
    return exists().where(PARTY.tenant_id == tenant_id, PARTY.case_id == FILE.id, PARTY.person_id == reader.person_id)


def _opened(
    session: Session,
    engine: Engine,
    tenant_id: UUID,
    reader: Reader,
    question: Question,
    rows: Sequence[Any],
    now: datetime,
) -> Iterator[Hit]:
    """Those of these cases in which the words stand where this reader may read, with what stands around them."""
    sealers = engine.keyring.for_cases(tenant_id, [row.id for row in rows])
    events = _events(session, tenant_id, [row.id for row in rows])
    found = _Versions(session, tenant_id, now)
    for row in rows:
        known = _unsealed(sealers[row.id], events[row.id])
        texts = [row.reference or "", *found.texts(row, known, reader)]
        if question.is_answered_by(tokens_of(texts)):
            yield _hit(row, sealers[row.id], best_excerpts(texts, question))


def _events(session: Session, tenant_id: UUID, cases: Sequence[UUID]) -> dict[UUID, list[StoredEvent]]:
    rows = EventRow.__table__
    query = select(rows).where(rows.c.tenant_id == tenant_id, rows.c.case_id.in_(cases))
    all_of_them = [stored(row) for row in session.execute(query.order_by(rows.c.case_id, rows.c.seq)).mappings()]
    return {case_id: list(each) for case_id, each in groupby(all_of_them, key=attrgetter("case_id"))}


def _unsealed(sealer: Sealer, events: Sequence[StoredEvent]) -> list[Event]:
    words = ((each, each.unseal(sealer)) for each in events)
    return [replace(as_event(each), sealed=None if isinstance(said, Erased) else said) for each, said in words]


class _Versions:
    """What the rules of each case keep from a reader; a policy and the people are read once for a page."""

    def __init__(self, session: Session, tenant_id: UUID, now: datetime) -> None:
        self.session, self.tenant_id, self.now = session, tenant_id, now
        self.worlds: dict[UUID, World | None] = {}

    def texts(self, row: Any, events: Sequence[Event], reader: Reader) -> Iterator[str]:
        world = self.world(row.policy_version_id)
        if world is None:
            return all_texts(events)
        case: Case = replay(row.id, tuple(events))
        return readable_texts(world, case, events, reader_in(world, case, reader.person_id))

    def world(self, version_id: UUID) -> World | None:
        """The world of this version; None where it keeps nothing from anybody who sees the case."""
        if version_id not in self.worlds:
            policy = policies.policy_of(self.session.get_one(PolicyVersion, (self.tenant_id, version_id)))
            self.worlds[version_id] = self._world(policy) if keeps_apart(policy) else None
        return self.worlds[version_id]

    def _world(self, policy: Policy) -> World:
        day = calendar_of(policy.calendar).day_of(self.now)
        return World.of(policy, chart(self.session, self.tenant_id, day).people)


def keeps_apart(policy: Policy) -> bool:
    """Whether any step, message or fact of this policy is for some only."""
    limits = [step.visible for step in policy.steps.values()]
    limits += [message.visible for message in policy.messages.values()]
    return any((*limits, *(fact.visible for fact in policy.facts.values())))


def _hit(row: Any, sealer: Sealer, excerpts: tuple[tuple[Piece, ...], ...]) -> Hit:
    name = (
        sealer.unseal(row.complainant, table="case_file", column="complainant", row=row.id) if row.complainant else ""
    )
    return Hit(
        case_id=row.id,
        reference=row.reference or "",
        complainant=str(name),
        phase=row.phase,
        received_on=row.received_on,
        excerpts=excerpts,
    )

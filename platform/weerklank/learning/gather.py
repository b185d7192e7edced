"""Reading cases for reports and the register: many at once, from the open parts of their events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby, islice
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import func, or_, select

from weerklank.cases.act import as_event
from weerklank.cases.model import CaseFile, CaseWall
from weerklank.kernel.events import Event, StoredEvent, stored
from weerklank.kernel.sealed import Erased
from weerklank.learning.counts import Counted, Figures, Sheet, figures, without_small
from weerklank.learning.model import Improvement, LogEntry
from weerklank.learning.periods import Period
from weerklank.learning.place import Place
from weerklank.policy.case import Case, replay
from weerklank.policy.events import Kind
from weerklank.policy.people import People
from weerklank.policy.world import World
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion

BATCH = 250
Tell = Callable[[int, int], object]  # hears how many are done, of how many
T = TypeVar("T")
STRUCK = "struck"  # the kind of entry that takes a text out of the register


def unheard(done: int, total: int) -> None:
    """Nobody waits."""


class Named(NamedTuple):
    """What is asked of a case before it is read."""

    id: UUID
    version_id: UUID
    reference: str | None


def count(place: Place, contains: Sequence[str], period: Period, tell: Tell = unheard) -> Figures:
    """What a report over this period counts. `tell` hears now and then how many cases of how many were counted."""
    return figures(place.world.policy, sheets(place, period, tell), contains)


def sheets(place: Place, period: Period, tell: Tell) -> Iterator[Sheet]:
    """What was registered beside the cases, then the cases that were there in the period, some at a time."""
    ends = datetime.combine(period.last + timedelta(1), time(), place.world.zone)
    yield beside(place, period, ends)
    every, done = cases_in(place, period), 0
    tell(done, len(every))
    for some in batched(counted(place, every, ends), BATCH):
        yield Sheet(period, some)
        done += len(some)
        tell(done, len(every))


def beside(place: Place, period: Period, ends: datetime) -> Sheet:
    """The measures decided on in reports, and what was registered without a procedure."""
    open_then = or_(Improvement.verified_at.is_(None), Improvement.verified_at >= ends)
    improvements = select(func.count()).where(Improvement.tenant_id == place.tenant_id, open_then)
    registered = (
        select(LogEntry.kind, func.count())
        .where(
            LogEntry.tenant_id == place.tenant_id,
            LogEntry.element.in_([f"duties.{name}" for name in registers(place)]),
            LogEntry.day.between(period.first, period.last),
        )
        .group_by(LogEntry.kind)
    )
    number = place.session.scalar(improvements) or 0
    return Sheet(period, (), number, {row[0]: row[1] for row in place.session.execute(registered)})


def registers(place: Place) -> list[str]:
    """The duties under which things are registered without a procedure."""
    return [name for name, duty in place.world.policy.duties.items() if duty.does == "register"]


def cases_in(place: Place, period: Period) -> list[Named]:
    """The cases received before the period ended and not closed before it began, by day of receipt."""
    begins = datetime.combine(period.first, time(), place.world.zone)
    files = select(CaseFile.id, CaseFile.policy_version_id, CaseFile.reference).where(
        CaseFile.tenant_id == place.tenant_id,
        CaseFile.received_on <= period.last,
        or_(CaseFile.closed_at.is_(None), CaseFile.closed_at >= begins),
    )
    rows = place.session.execute(files.order_by(CaseFile.received_on, CaseFile.id))
    return [Named(*row) for row in rows]


def counted(place: Place, cases: Sequence[Named], ends: datetime) -> Iterator[Counted]:
    """These cases, as they stood at `ends` and as they are now; each by the policy it was received under."""
    worlds = worlds_of(place, {one.version_id for one in cases})
    for some in batched(cases, BATCH):
        told = histories(place, [one.id for one in some])
        for one in some:
            events = [as_event(each) for each in told[one.id]]
            then = [event for event in events if event.at < ends] or events[:1]
            whole = replay(one.id, events)
            was = whole if len(then) == len(events) else replay(one.id, then)
            yield Counted(worlds[one.version_id], was, whole, one.reference or "")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """These, so many at a time."""
    rest = iter(items)
    while some := tuple(islice(rest, size)):
        yield some


def worlds_of(place: Place, versions: Collection[UUID]) -> dict[UUID, World]:
    found = select(PolicyVersion).where(PolicyVersion.tenant_id == place.tenant_id, PolicyVersion.id.in_(versions))
    return {each.id: World.of(policies.policy_of(each), People({})) for each in place.session.scalars(found)}


def histories(place: Place, case_ids: Collection[UUID]) -> dict[UUID, list[StoredEvent]]:
    """All events of these cases, in order."""
    table = Event.__table__
    wanted = select(table).where(table.c.tenant_id == place.tenant_id, table.c.case_id.in_(case_ids))
    rows = place.session.execute(wanted.order_by(table.c.case_id, table.c.seq)).mappings()
    found = groupby((stored(row) for row in rows), key=lambda event: event.case_id)
    return {case_id: list(events) for case_id, events in found}


def walled_from(place: Place, person: UUID, case_ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of these cases this person is kept out of."""
    walls = select(CaseWall.case_id).where(
        CaseWall.tenant_id == place.tenant_id, CaseWall.person_id == person, CaseWall.case_id.in_(case_ids)
    )
    return frozenset(place.session.scalars(walls))


def walls_of(place: Place, person: UUID) -> frozenset[UUID]:
    """All cases that this person is kept out of."""
    walls = select(CaseWall.case_id).where(CaseWall.tenant_id == place.tenant_id, CaseWall.person_id == person)
    return frozenset(place.session.scalars(walls))


def shown_to(place: Place, person: UUID, counted: Figures) -> tuple[Figures, bool]:
    """The figures as this person may see them, and whether something was left out because of a wall."""
    walled = not walls_of(place, person).isdisjoint(map(UUID, counted["cases"]))
    return (without_small(counted) if walled else counted), walled


def words_of(place: Place, case_ids: Collection[UUID], facts: Collection[str]) -> dict[UUID, dict[str, str]]:
    """The words of these facts in these cases, as last written; gone for a case whose key is gone, or once struck."""
    table = Event.__table__
    wanted = select(table).where(
        table.c.tenant_id == place.tenant_id,
        table.c.case_id.in_(case_ids),
        table.c.kind == Kind.FACTS_RECORDED.value,
        table.c.sealed.is_not(None),
    )
    rows = place.session.execute(wanted.order_by(table.c.case_id, table.c.seq)).mappings()
    told = [stored(row) for row in rows]
    sealers = place.engine.keyring.for_cases(place.tenant_id, {event.case_id for event in told})
    found: dict[UUID, dict[str, str]] = {}
    for event in told:
        said = event.unseal(sealers[event.case_id])
        if not isinstance(said, Erased):
            texts = {name: text for name, text in said.get("texts", {}).items() if name in facts}
            found.setdefault(event.case_id, {}).update(texts)
    for case_id, fact in struck(place, case_ids):
        found.get(case_id, {}).pop(fact, None)
    return found


def struck(place: Place, case_ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """The texts of these cases that were struck from the register: (case, fact)."""
    entries = select(LogEntry.case_id, LogEntry.element).where(
        LogEntry.tenant_id == place.tenant_id, LogEntry.kind == STRUCK, LogEntry.case_id.in_(case_ids)
    )
    found = place.session.execute(entries).all()
    return [(case_id, element.removeprefix("facts.")) for case_id, element in found if case_id]


def values_of(case: Case, words: Mapping[str, str], fact: str) -> list[str]:
    """The values of a fact, coded or in words."""
    value = case.facts.get(fact)
    if value is None:
        return [words[fact]] if fact in words else []
    return [str(each) for each in (value if isinstance(value, tuple) else (value,))]

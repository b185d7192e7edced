"""Reading cases for reports and the register: many at once, from the open parts of their events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
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
STRUCK = "struck"  # the kind of entry that takes a text out of the register


def count(place: Place, contains: Sequence[str], period: Period) -> Figures:
    """What a report over this period counts."""
    return figures(sheet(place, period), contains)


def sheet(place: Place, period: Period) -> Sheet:
    """The cases that were there in the period, and what was registered beside them."""
    ends = datetime.combine(period.last + timedelta(1), time(), place.world.zone)
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
    return Sheet(
        place.world.policy,
        period,
        tuple(counted_in(place, period, ends)),
        place.session.scalar(improvements) or 0,
        {row[0]: row[1] for row in place.session.execute(registered)},
    )


def registers(place: Place) -> list[str]:
    """The duties under which things are registered without a procedure."""
    return [name for name, duty in place.world.policy.duties.items() if duty.does == "register"]


def counted_in(place: Place, period: Period, ends: datetime) -> Iterator[Counted]:
    """The cases received before the period ended and not closed before it began, by day of receipt."""
    begins = datetime.combine(period.first, time(), place.world.zone)
    files = select(CaseFile).where(
        CaseFile.tenant_id == place.tenant_id,
        CaseFile.received_on <= period.last,
        or_(CaseFile.closed_at.is_(None), CaseFile.closed_at >= begins),
    )
    yield from counted(place, place.session.scalars(files.order_by(CaseFile.received_on, CaseFile.id)).all(), ends)


def counted(place: Place, files: Sequence[CaseFile], ends: datetime) -> Iterator[Counted]:
    """These cases, as they stood at `ends` and as they are now; each by the policy it was received under."""
    worlds = worlds_of(place, {file.policy_version_id for file in files})
    for start in range(0, len(files), BATCH):
        some = files[start : start + BATCH]
        told = histories(place, [file.id for file in some])
        for file in some:
            events = [as_event(each) for each in told[file.id]]
            then = [event for event in events if event.at < ends] or events[:1]
            whole = replay(file.id, events)
            world = worlds[file.policy_version_id]
            yield Counted(world, replay(file.id, then), whole, file.reference or "")


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
    walled = bool(walled_from(place, person, [UUID(one) for one in counted["cases"]]))
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

"""Cases that belong together: both sides in one transaction, for who may see both. Nothing commits here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Opened, Refused, act_on, begin, open_case, read_words, sight_of
from weerklank.cases.actions.combine import Link, Merge, SplitFrom, SplitOff, TakeIn, Unlink, may_combine
from weerklank.cases.actions.receive import Receive
from weerklank.cases.model import CaseFile
from weerklank.cases.people import complainants, received, representative
from weerklank.cases.walls import Reader, Sight, may_see
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.policy.case import Value
from weerklank.policy.events import Actor, Event


@dataclass(frozen=True)
class Part:
    """What of a case becomes a case of its own: its words, the facts that go along, and what is written about it."""

    story: str
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


def link(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, name: str, actor: Actor, now: datetime, *,
    other: UUID | None = None, number: str = "",
) -> None:
    """Lay a link of the policy to another case or to the number of a file elsewhere. NotFound, Refused, Conflict."""
    link_id = new_id()
    opened = seen(session, tenant_id, case_id, actor, now)
    there = seen(session, tenant_id, other, actor, now) if other else None
    act_on(session, engine, tenant_id, opened, Link(name, link_id, other, number.strip()), actor, now)
    if there:
        back = Link(name, link_id, case_id, other_side=True)
        act_on(session, engine, tenant_id, there, back, actor, now)


def unlink(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, link_id: UUID, reason: str, actor: Actor,
    now: datetime,
) -> None:
    """Take a link away on both sides."""
    opened = seen(session, tenant_id, case_id, actor, now)
    known = opened.case.links.get(link_id)
    there = seen(session, tenant_id, known.case, actor, now) if known and known.case else None
    act_on(session, engine, tenant_id, opened, Unlink(link_id, reason), actor, now)
    if there:
        act_on(session, engine, tenant_id, there, Unlink(link_id, reason, other_side=True), actor, now)


def merge(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, into: UUID, actor: Actor, now: datetime,
    text: str = "",
) -> None:
    """This case closes and goes on in `into`; its complainants join there and are told."""
    opened, there = seen(session, tenant_id, case_id, actor, now), seen(session, tenant_id, into, actor, now)
    events, case, link_id = read_words(engine, tenant_id, opened), opened.case, new_id()
    act_on(session, engine, tenant_id, opened, Merge(into, link_id, text), actor, now)
    people, ways = complainants(events), (case.way, *case.others)
    story = str(received(events).get("story", ""))
    taken = TakeIn(case_id, link_id, people, ways, story, case.involved)
    act_on(session, engine, tenant_id, there, taken, actor, now)


def split(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, part: Part, actor: Actor, now: datetime
) -> UUID:
    """Make a part of this case a case of its own, received on the same day; answers its id."""
    opened = seen(session, tenant_id, case_id, actor, now)
    refusal = may_combine(opened.world, opened.case, actor, "split")
    if refusal:
        raise Refused(refusal)
    events, link_id = read_words(engine, tenant_id, opened), new_id()
    begun = begin(session, engine, tenant_id, opened.version, opened.world, _receive(opened, events, part), actor, now)
    act_on(session, engine, tenant_id, opened, SplitOff(begun.case.id, link_id), actor, now)
    new = open_case(session, tenant_id, begun.case.id, now)
    beginning = SplitFrom(case_id, link_id, part.text, opened.case.involved)
    act_on(session, engine, tenant_id, new, beginning, actor, now)
    return begun.case.id


def _receive(opened: Opened, events: Sequence[Event], part: Part) -> Receive:
    case, everybody = opened.case, complainants(events)
    assert case.received_at is not None
    return Receive(
        channel=case.channel,
        received_at=case.received_at,
        contact=everybody[0],
        story=part.story,
        received_by=case.received_by,
        language=case.language,
        wrote_in=case.wrote_in,
        way=case.way,
        facts=part.facts,
        texts=part.texts,
        representative=representative(events) or None,
        helps=case.represented is None,
        anonymous=case.anonymous,
        others=everybody[1:],
    )


def seen(session: Session, tenant_id: UUID, case_id: UUID, actor: Actor, now: datetime) -> Opened:
    """A case that the actor sees in full; NotFound for anybody else."""
    opened = open_case(session, tenant_id, case_id, now)
    if actor.id is None or sight_of(opened, actor.id) is not Sight.FULL:
        raise NotFound("case")
    return opened


@dataclass(frozen=True)
class Linked:
    """The case on the other side of a link, as far as a reader may know of it (`reference` is empty if not)."""

    reference: str
    closed: bool


def other_sides(session: Session, tenant_id: UUID, ids: set[UUID], reader: Reader) -> Mapping[UUID, Linked]:
    """What a reader may know of these cases: whether they are closed, and of those he sees their reference."""
    if not ids:
        return {}
    visible = may_see(tenant_id, reader).label("visible")
    query = select(CaseFile.id, CaseFile.reference, CaseFile.closed_at, visible)
    found = session.execute(query.where(CaseFile.tenant_id == tenant_id, CaseFile.id.in_(ids)))
    return {row.id: Linked(row.reference or "" if row.visible else "", row.closed_at is not None) for row in found}

"""Who may know of which case: as a condition in SQL for lists, and as a judgement of one case for its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Uuid, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from weerklank.cases.model import CaseFile, CaseParty, CaseWall, table_of
from weerklank.identity.model import PostHolder
from weerklank.policy.case import Case
from weerklank.policy.consequences import consequences
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.offers import offers
from weerklank.policy.people import People
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion


@dataclass(frozen=True)
class Reader:
    """Somebody of the organisation who looks: whether his post lets him see every case he is not involved in."""

    person_id: UUID
    sees_all: bool


class Sight(StrEnum):
    """What somebody sees of a case: all of it, a glimpse the policy gives him on purpose, only the measures he is to
    carry out, or not that it exists."""

    FULL = "full"
    GLIMPSE = "glimpse"
    MEASURES = "measures"
    NONE = "none"


def reader(session: Session, tenant_id: UUID, person_id: UUID, today: date) -> Reader:
    """Who looks, by the policy in force and the posts held on this legal day. Being admin gives nothing here."""
    found = reader_and_policy(session, tenant_id, person_id, today)
    return found[0] if found else Reader(person_id, False)


def reader_and_policy(session: Session, tenant_id: UUID, person_id: UUID, today: date) -> tuple[Reader, Policy] | None:
    """As `reader`, with the policy it goes by, in one query; None while there is no policy."""
    found = session.execute(reader_query(), {"tenant": tenant_id, "person": person_id, "today": today}).one_or_none()
    if found is None:
        return None
    policy = policies.policy_of(found[0])
    return Reader(person_id, not posts_that_see_all(policy).isdisjoint(found[1] or ())), policy


@lru_cache
def reader_query() -> Select[PolicyVersion, list[str]]:
    """The policy in force with the posts somebody holds; built once, since building costs more than asking."""
    tenant, person = bindparam("tenant", type_=Uuid), bindparam("person", type_=Uuid)
    today = bindparam("today", type_=Date)
    held = select(func.array_agg(PostHolder.post)).where(
        PostHolder.tenant_id == tenant,
        PostHolder.person_id == person,
        PostHolder.from_day <= today,
        or_(PostHolder.to_day.is_(None), PostHolder.to_day >= today),
    )
    return policies.in_force_query(tenant, today).add_columns(held.scalar_subquery())


def posts_that_see_all(policy: Policy) -> frozenset[str]:
    """The posts whose holders may see every case."""
    return frozenset(name for name, role in policy.roles.items() if role.sees_all and role.kind is RoleKind.POST)


def not_walled(tenant_id: UUID | ColumnElement[UUID], person_id: UUID | ColumnElement[UUID]) -> ColumnElement[bool]:
    """The condition on `case_file` that this person is not kept out of it."""
    wall, file = table_of(CaseWall).c, table_of(CaseFile).c
    return ~exists().where(wall.tenant_id == tenant_id, wall.case_id == file.id, wall.person_id == person_id)


def may_see(tenant_id: UUID, reader: Reader) -> ColumnElement[bool]:
    """The condition on `case_file` that this reader may see it in full."""
    if reader.sees_all:
        return not_walled(tenant_id, reader.person_id)
    part = select(CaseParty.case_id).where(
        CaseParty.tenant_id == tenant_id, CaseParty.case_id == CaseFile.id, CaseParty.person_id == reader.person_id
    )
    return exists(part)


def sight(world: World, case: Case, in_force: Policy, person_id: UUID) -> Sight:
    """What this person sees of one case. Its own policy gives parts, the policy in force says who sees all."""
    has_part = person_id in consequences(world, case, ()).parties or sees_all(in_force, world.people, person_id)
    if has_part and not is_walled(case, person_id):
        return Sight.FULL
    if shown_on_purpose(world, case, person_id):
        return Sight.GLIMPSE
    owns = any(measure.owner == person_id for measure in case.measures.values())
    return Sight.MEASURES if owns and not is_walled(case, person_id) else Sight.NONE


def shown_on_purpose(world: World, case: Case, person_id: UUID) -> bool:
    """Whether the policy gives somebody who is involved a step of his own, or the complaint was shared with him."""
    return person_id in case.shown or bool(offers(world, case, Actor(ActorKind.PERSON, person_id)))


def sees_all(policy: Policy, people: People, person_id: UUID) -> bool:
    """Whether a post this person holds lets him see every case."""
    return any(person_id in people.posts.get(post, ()) for post in posts_that_see_all(policy))


def visible(session: Session, tenant_id: UUID, reader: Reader, case_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these cases this reader may see in full: for search, notifications, exports and reports."""
    wanted = select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.id.in_(set(case_ids)))
    return frozenset(session.scalars(wanted.where(may_see(tenant_id, reader))))

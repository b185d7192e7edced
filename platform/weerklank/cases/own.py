"""The side of whoever is involved himself: his part in the procedure, to whom he can turn, and which cases it is in.

Nothing here says more of a case than that it is there, whether it is over, and what the procedure gives him on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from weerklank.cases.labels import label_of, role_label
from weerklank.cases.model import NO_DAY
from weerklank.policy.case import Case
from weerklank.policy.clocks import clocks
from weerklank.policy.consequences import tasks
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.roles import ON_PURPOSE, found, free_to_act
from weerklank.policy.world import World
from weerklank.tenancy.model import PolicyVersion
from weerklank.tenancy.policies import policy_of


@dataclass(frozen=True)
class OwnStep:
    """A step that the procedure gives him: `done`, `now` (and by which legal day), or `next`: it may still come."""

    label: str
    help: str
    state: str
    due_on: date | None


@dataclass(frozen=True)
class OwnPart:
    """His part: whether the case is over, his steps in the procedure's order, and whom he can turn to: role, name."""

    closed: bool = False
    steps: tuple[OwnStep, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class OwnCase:
    """A case that concerns him and of which the procedure lets him see something; `asked`: he has a step to do."""

    case_id: UUID
    reference: str
    closed: bool
    asked: bool
    due_on: date | None


def own_part(world: World, case: Case, person_id: UUID, names: Mapping[UUID, str], language: str) -> OwnPart:
    """The part of somebody who is involved. `names` are those of `to_turn_to`."""
    contacts = tuple((role_label(world, role, language), names.get(who, "")) for role, who in to_turn_to(world, case))
    return OwnPart(case.is_closed, tuple(_own_steps(world, case, person_id, language)), contacts)


def to_turn_to(world: World, case: Case) -> tuple[tuple[str, UUID], ...]:
    """Who keeps an eye on every case by a post, and is not involved in this one: the post's role and the person."""
    posts = (name for name, role in world.policy.roles.items() if role.sees_all and role.kind is RoleKind.POST)
    return tuple((name, person) for name in posts for person in free_to_act(world, case, name))


def _own_steps(world: World, case: Case, person_id: UUID, language: str) -> Iterator[OwnStep]:
    days = {task.step: task.due_on for task in tasks(world, case, clocks(world, case)) if person_id in task.people}
    over = {each.step for each in case.done if each.by == person_id}
    for name, step in world.policy.steps.items():
        if world.policy.roles[step.by].kind not in ON_PURPOSE or person_id not in found(world, case, step.by):
            continue
        state = "now" if name in days else "done" if name in over else "next"
        if state == "next" and case.is_closed:
            continue
        words = step.help.in_(language) if step.help else ""
        yield OwnStep(label_of(world.policy.steps, name, language), words, state, days.get(name))


def own_cases(session: Session, tenant_id: UUID, person_id: UUID) -> tuple[OwnCase, ...]:
    """The cases that concern this person and that show him something, newest first; of his newest fifty."""
    rows = session.execute(OWN, {"tenant": tenant_id, "person": person_id}).all()
    policies = _policies(session, tenant_id, {row.policy_version_id for row in rows})
    return tuple(
        OwnCase(row.id, row.reference or "", row.closed, row.due_on is not None, _day(row.due_on))
        for row in rows
        if row.due_on or row.shared or _is_own(policies[row.policy_version_id], row.roles or ())
    )


# By the index of walls, which holds few rows of anybody. `due_on` is there for whoever has a step to do.
OWN = text(
    """
    SELECT file.id, file.reference, file.closed_at IS NOT NULL AS closed, file.policy_version_id,
        (
            SELECT array_agg(DISTINCT role) FROM message
            WHERE tenant_id = :tenant AND case_id = file.id AND person_id = :person
                AND kind = 'policy' AND body IS NOT NULL
        ) AS roles,
        (
            SELECT min(due_on) FROM case_task
            WHERE tenant_id = :tenant AND case_id = file.id AND person_id = :person AND NOT measure
        ) AS due_on,
        EXISTS (
            SELECT FROM event
            WHERE tenant_id = :tenant AND case_id = file.id AND kind = 'shared'
                AND jsonb_exists(open -> 'persons', CAST(:person AS text))
        ) AS shared
    FROM case_wall AS wall JOIN case_file AS file ON file.tenant_id = wall.tenant_id AND file.id = wall.case_id
    WHERE wall.tenant_id = :tenant AND wall.person_id = :person
    ORDER BY file.id DESC LIMIT 50
    """
)


def _day(due_on: date | None) -> date | None:
    return None if due_on == NO_DAY else due_on


def _is_own(policy: Policy, roles: tuple[str, ...]) -> bool:
    """Whether something was written to him in his own part, and not as whatever else he was before."""
    return any(name in policy.roles and policy.roles[name].kind in ON_PURPOSE for name in roles)


def _policies(session: Session, tenant_id: UUID, ids: set[UUID]) -> dict[UUID, Policy]:
    """The rules these cases go by."""
    if not ids:
        return {}
    query = select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id, PolicyVersion.id.in_(ids))
    return {version.id: policy_of(version) for version in session.scalars(query)}

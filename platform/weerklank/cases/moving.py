"""Moving a case to another version of its procedure: recorded, and every row that follows from a case made anew."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.cases.act import Acted, Engine, act, act_on, open_case
from weerklank.cases.actions.move import Move
from weerklank.cases.model import CaseFile
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.policy.events import PLATFORM, Actor
from weerklank.tenancy.model import PolicyVersion
from weerklank.tenancy.policies import policy_of


def version_numbered(session: Session, tenant_id: UUID, number: int) -> PolicyVersion:
    """A version of an organisation's policy by its number; NotFound when there is none."""
    query = select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id, PolicyVersion.number == number)
    version = session.scalar(query)
    if version is None:
        raise NotFound("policy_version")
    return version


def move(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, number: int, reason: str, actor: Actor,
    now: datetime, seen: int | None = None,
) -> Acted:  # fmt: skip
    """Let a case go on by another version from now on; its terms are counted anew by it. Then commit.

    Raises Refused (a rule says no), NotFound, and Conflict when the case is not what was `seen` any more.
    """
    version = version_numbered(session, tenant_id, number)
    opened = open_case(session, tenant_id, case_id, now)
    if seen is not None and opened.case.seq != seen:
        raise Conflict("case")
    moved = Move(policy_of(version), opened.version.number, number, reason)
    acted = act_on(session, engine, tenant_id, opened, moved, actor, now)
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.id == case_id)
    session.execute(update(CaseFile).where(*mine).values(policy_version_id=version.id))
    session.expire_all()
    act(session, engine, tenant_id, case_id, (), PLATFORM, now)
    return acted

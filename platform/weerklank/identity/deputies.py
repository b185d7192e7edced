"""Who handles somebody's cases while he is away, as far as the procedure lets him (`policy.roles.deputies`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from weerklank.identity.model import Absence
from weerklank.identity.people import find_person
from weerklank.kernel.errors import NotFound, Refused


def name_deputy(session: Session, absence: Absence, deputy: UUID) -> None:
    """Let this person act during an absence. Refused: the absent himself, who does not work here, or is away then."""
    if deputy == absence.person_id:
        raise Refused("own_deputy")
    person = find_person(session, deputy)
    if person.external or (person.active_to is not None and person.active_to <= absence.from_day):
        raise Refused("deputy_not_employed")
    away = select(Absence.id).where(Absence.person_id == deputy, reaches(absence.from_day))
    if session.scalar(away.where(Absence.from_day <= absence.to_day) if absence.to_day else away):
        raise Refused("deputy_away")
    absence.deputy_id = deputy
    session.flush()


def end_deputy(session: Session, absence_id: UUID) -> None:
    """Nobody acts for this absent person any more; his absence goes on."""
    absence = session.scalar(select(Absence).where(Absence.id == absence_id))
    if absence is None:
        raise NotFound("absence")
    absence.deputy_id = None
    session.flush()


def absences_of(session: Session, tenant_id: UUID, person_id: UUID, today: date) -> Sequence[Absence]:
    """When this person is away, and when others are for whom he acts: the periods that are not over yet."""
    concerns = or_(Absence.person_id == person_id, Absence.deputy_id == person_id)
    query = select(Absence).where(Absence.tenant_id == tenant_id, concerns, reaches(today))
    return session.scalars(query.order_by(Absence.from_day, Absence.id)).all()


def reaches(day: date) -> ColumnElement[bool]:
    return or_(Absence.to_day.is_(None), Absence.to_day >= day)

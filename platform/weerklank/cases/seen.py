"""Who of the staff saw what of a case: told to who handles it once somebody turns out to be involved.

Nobody is watched by it: what somebody saw shows in a case only when he may not see that case any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from weerklank.cases.model import CaseSeen, table_of

WHOLE = "case"
MARKED = "marked"  # marked as read in a list: seen there only
TABLE = table_of(CaseSeen)
INSERT = postgresql.insert(TABLE)
NOTE = INSERT.on_conflict_do_update(
    index_elements=["tenant_id", "case_id", "person_id", "what"],
    set_={"times": TABLE.c.times + 1, "last_at": INSERT.excluded.last_at},
)


@dataclass(frozen=True)
class Seen:
    """What somebody saw: WHOLE (the case's page), or the id of a file or message; how often, first and last instant."""

    what: str
    times: int
    first_at: datetime
    last_at: datetime


def note_seen(
    session: Session,
    tenant_id: UUID,
    case_id: UUID,
    person_id: UUID,
    what: str,
    now: datetime,
    involved: Iterable[UUID] = (),
) -> Mapping[UUID, Sequence[Seen]]:
    """Somebody opens the case, or a file or message of it. Answers what those who are involved saw. One statement.

    The caller commits. Each one's list is in the order in which he first saw things.
    """
    row = {"tenant_id": tenant_id, "case_id": case_id, "person_id": person_id, "what": what}
    noted = NOTE.values(**row, times=1, first_at=now, last_at=now).cte("noted")
    columns = (CaseSeen.person_id, CaseSeen.what, CaseSeen.times, CaseSeen.first_at, CaseSeen.last_at)
    theirs = CaseSeen.person_id.in_(list(involved)), CaseSeen.what != MARKED
    mine = select(*columns).where(CaseSeen.tenant_id == tenant_id, CaseSeen.case_id == case_id)
    query = mine.where(*theirs).order_by(CaseSeen.first_at, CaseSeen.what).add_cte(noted)
    found: dict[UUID, list[Seen]] = {}
    for person, what_he_saw, times, first_at, last_at in session.execute(query):
        found.setdefault(person, []).append(Seen(what_he_saw, times, first_at, last_at))
    return found


def mark_read(session: Session, tenant_id: UUID, cases: Collection[UUID], person_id: UUID, now: datetime) -> None:
    """That what happened in these cases is no news for somebody; he may see them, which the caller has asked."""
    for case_id in sorted(cases):
        note_seen(session, tenant_id, case_id, person_id, MARKED, now)

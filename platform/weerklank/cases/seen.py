"""Who of the staff saw what of a case: told to who handles it once somebody turns out to be involved.

Nobody is watched by it: what somebody saw shows in a case only when he may not see that case any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from weerklank.cases.model import CaseSeen, table_of

WHOLE = "case"
INSERT = postgresql.insert(table_of(CaseSeen))
NOTE = INSERT.on_conflict_do_update(
    index_elements=["tenant_id", "case_id", "person_id", "what"],
    set_={"times": table_of(CaseSeen).c.times + 1, "last_at": INSERT.excluded.last_at},
)


@dataclass(frozen=True)
class Seen:
    """What somebody saw: WHOLE (the case's page), or the id of a file or message; how often, first and last instant."""

    what: str
    times: int
    first_at: datetime
    last_at: datetime


def note_seen(session: Session, tenant_id: UUID, case_id: UUID, person_id: UUID, what: str, now: datetime) -> None:
    """Somebody opens the case, or a file or message of it. The caller commits."""
    row = {"tenant_id": tenant_id, "case_id": case_id, "person_id": person_id, "what": what}
    session.execute(NOTE, [{**row, "times": 1, "first_at": now, "last_at": now}])


def seen_by(
    session: Session, tenant_id: UUID, case_id: UUID, people: Iterable[UUID]
) -> Mapping[UUID, Sequence[Seen]]:
    """What each of these people saw of the case, in the order in which they first did. No query for nobody."""
    wanted = list(people)
    found: dict[UUID, list[Seen]] = {person: [] for person in wanted}
    if not wanted:
        return found
    query = select(CaseSeen.person_id, CaseSeen.what, CaseSeen.times, CaseSeen.first_at, CaseSeen.last_at)
    mine = (CaseSeen.tenant_id == tenant_id, CaseSeen.case_id == case_id, CaseSeen.person_id.in_(wanted))
    for person, *seen in session.execute(query.where(*mine).order_by(CaseSeen.first_at, CaseSeen.what)):
        found[person].append(Seen(*seen))
    return found

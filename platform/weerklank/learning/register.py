"""The register: what matters for quality of every complaint that a reader may see, apart from the file.

It holds codes, and words only of the facts that the policy puts into it; never who complained or about whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from weerklank.cases.model import CaseFile
from weerklank.cases.walls import Reader, may_see
from weerklank.learning.counts import code
from weerklank.learning.gather import Named, counted, struck, words_of
from weerklank.learning.place import Place
from weerklank.policy.apart import readable, reader_in
from weerklank.policy.model import FactType, Policy
from weerklank.policy.reporting import CODED, IN_WORDS

PAGE = 50
NUMBERS = (FactType.NUMBER, FactType.DAY, FactType.AMOUNT)


@dataclass(frozen=True)
class Line:
    """A complaint in the register. `facts`: per fact its codes, or its words where the policy puts them here."""

    case_id: UUID
    reference: str
    received: date
    channel: str
    phase: str
    closed: date | None
    days: int | None
    outcome: str
    facts: dict[str, tuple[str, ...]]
    struck: frozenset[str]


def facts_of(policy: Policy) -> tuple[str, ...]:
    """The facts the register holds: those the policy names, else the coded ones; persons never."""
    if policy.keeping.quality:
        return tuple(name for name in policy.keeping.quality if policy.facts[name].type is not FactType.PERSON)
    return tuple(name for name, fact in policy.facts.items() if fact.type in (*CODED, *NUMBERS))


def page(place: Place, reader: Reader, after: str = "", most: int | None = PAGE) -> tuple[list[Line], str | None]:
    """The lines after this reference's case, newest first, and where the next page begins; all with `most` None."""
    query = select(CaseFile).where(CaseFile.tenant_id == place.tenant_id, may_see(place.tenant_id, reader))
    query = query.order_by(CaseFile.id.desc())
    try:
        query = query.where(CaseFile.id < UUID(after)) if after else query
    except ValueError:
        after = ""
    files = list(place.session.scalars(query.limit(most + 1) if most else query))
    shown = files[:most] if most else files
    more = str(shown[-1].id) if most and len(files) > most else None
    return lines(place, shown, reader), more


def lines(place: Place, files: Sequence[CaseFile], reader: Reader) -> list[Line]:
    """A line for each case, without the facts that are not for this reader."""
    policy, ids = place.world.policy, [file.id for file in files]
    names = facts_of(policy)
    worded = [name for name in names if policy.facts[name].type in IN_WORDS]
    words = words_of(place, ids, worded) if worded and ids else {}
    gone = struck(place, ids) if ids else []
    named = [Named(file.id, file.policy_version_id, file.reference) for file in files]
    return [
        Line(
            file.id,
            one.reference,
            one.received,
            one.case.channel,
            one.case.phase.value,
            one.closed,
            one.days,
            one.outcome,
            dict.fromkeys(names, ())
            | {
                name: values(one.case.facts.get(name), words.get(file.id, {}).get(name))
                for name in readable(place.world, one.case, names, reader_in(place.world, one.case, reader.person_id))
            },
            frozenset(fact for case_id, fact in gone if case_id == file.id),
        )
        for file, one in zip(files, counted(place, named, place.now), strict=True)
    ]


def values(value: object, words: str | None) -> tuple[str, ...]:
    if value is None:
        return (words,) if words else ()
    return tuple(code(each) for each in value) if isinstance(value, tuple) else (code(value),)

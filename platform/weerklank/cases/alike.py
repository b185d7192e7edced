"""Cases that a complaint which is being registered may be, or belong to: within the walls of whoever registers it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.narrowing import Narrowed
from weerklank.cases.search.find import Hit, find
from weerklank.cases.search.words import fold, question_of
from weerklank.cases.walls import Reader

MOST = 5


class Same(StrEnum):
    """What two complaints have in common."""

    REFERENCE = "reference"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True)
class Alike:
    """A case that this reader may see, and why it may be the same: its reference is named, same address, or name."""

    case_id: UUID
    reference: str
    complainant: str
    received_on: date
    phase: str
    same: Same


def alike(
    session: Session,
    engine: Engine,
    tenant_id: UUID,
    reader: Reader,
    prefix: str,
    contact: Mapping[str, str],
    story: str,
    now: datetime,
    but: UUID | None = None,
) -> tuple[Alike, ...]:
    """At most five, without the case `but`. The index is a minute behind: what came in just now is not found."""
    found: dict[UUID, Alike] = {}
    for same, words in asked(prefix, contact, story):
        for hit in find(session, engine, tenant_id, reader, question_of(words), Narrowed(), now).hits:
            if hit.case_id != but and (same is not Same.NAME or is_named(hit, words)):
                one = Alike(hit.case_id, hit.reference, hit.complainant, hit.received_on, hit.phase, same)
                found.setdefault(hit.case_id, one)
    return tuple(found.values())[:MOST]


def asked(prefix: str, contact: Mapping[str, str], story: str) -> Iterator[tuple[Same, str]]:
    """What to look for, the surest first."""
    named = re.search(rf"\b{re.escape(prefix)}-\d{{4}}-\d{{4,}}\b", story, re.IGNORECASE)
    if named:
        yield Same.REFERENCE, named.group()
    if contact.get("email"):
        yield Same.EMAIL, contact["email"]
    if contact.get("name"):
        yield Same.NAME, contact["name"]


def is_named(hit: Hit, name: str) -> bool:
    """Whether the complainant of a case that holds these words is called so; others are only named in it."""
    return set(fold(name).split()) == set(fold(hit.complainant).split())

"""Narrowing down, for the worklist and for search alike: conditions on `case_file`, each by what everybody may know.

What is asked goes in as parameters, so that a list's query is built once for each sort of question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Text, Uuid, any_, bindparam, exists

from weerklank.cases.model import CaseClass, CaseFile, CaseParty, table_of

TENANT = bindparam("tenant", type_=Uuid)
FILE, CLASS = (table_of(model).c for model in (CaseFile, CaseClass))
PART = table_of(CaseParty).alias("part").c
CLOSE = frozenset({"handlers", "language", "label"})  # what a list does not show of a case that is hardly seen


@dataclass(frozen=True)
class Narrowed:
    """What a case must be. Empty or None: anything.

    `label` is a class as `fact=value`; `handlers` are people of whom one handles it; days are legal days, both
    included, of receipt and of the nearest term; `open`: None for either.
    """

    phase: str = ""
    label: str = ""
    handlers: tuple[UUID, ...] = ()
    channel: str = ""
    language: str = ""
    received_from: date | None = None
    received_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    open: bool | None = None

    @property
    def asked(self) -> frozenset[str]:
        """Which of these are asked."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) not in ("", (), None))

    @property
    def values(self) -> Mapping[str, Any]:
        """The parameters of `conditions`."""
        return {f"is_{name}": getattr(self, name) for name in self.asked}


def conditions(asked: frozenset[str]) -> Iterator[ColumnElement[bool]]:
    """The conditions on `case_file` for what is asked; their parameters are `Narrowed.values` and `tenant`."""
    text = {"phase": FILE.phase, "channel": FILE.channel, "language": FILE.language}
    yield from (column == bindparam(f"is_{name}", type_=Text) for name, column in text.items() if name in asked)
    if "received_from" in asked:
        yield FILE.received_on >= _day("received_from")
    if "received_to" in asked:
        yield FILE.received_on <= _day("received_to")
    if "due_from" in asked:
        yield FILE.next_due_on >= _day("due_from")
    if "due_to" in asked:
        yield FILE.next_due_on <= _day("due_to")
    if "open" in asked:
        yield FILE.closed_at.is_(None) == bindparam("is_open")
    if "label" in asked:
        label = bindparam("is_label", type_=Text)
        yield exists().where(CLASS.tenant_id == TENANT, CLASS.label == label, CLASS.case_id == FILE.id)
    if "handlers" in asked:
        one = PART.person_id == any_(bindparam("is_handlers", type_=ARRAY(Uuid)))
        yield exists().where(PART.tenant_id == TENANT, PART.case_id == FILE.id, PART.handles, one)


def _day(name: str) -> ColumnElement[date]:
    return bindparam(f"is_{name}", type_=Date)

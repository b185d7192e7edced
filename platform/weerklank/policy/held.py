"""What a case holds beside its facts: steps that were done, measures, links, and later days that were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Done:
    """A step that was done: by whom (None: the complainant or the platform), how it ended and when (instant)."""

    step: str
    outcome: str
    at: datetime
    by: UUID | None


@dataclass(frozen=True)
class Measure:
    """A measure: its owner, the legal day it is planned for, and how far it is."""

    id: UUID
    owner: UUID
    day: date
    carried_out: bool = False
    verified: bool = False


@dataclass(frozen=True)
class Linked:
    """A link to another case (None: to a file elsewhere); `back`: it was laid from there. `merge` and `split` too."""

    name: str
    case: UUID | None
    back: bool


@dataclass(frozen=True)
class LaterDay:
    """A later last day that the complainant was asked to agree to, by event number `seq`.

    `consented`: the roles that had agreed to it in writing before he was asked.
    """

    seq: int
    until: date
    consented: tuple[str, ...]

"""Who works in the organisation on a day: a snapshot the pure rules can ask, without names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Person:
    """Somebody in the organisation chart; `external` is somebody who is not employed there.

    `relatives` are those he declared to be family or partner of, or who declared it of him.
    """

    id: UUID
    manager: UUID | None = None
    coordinator: UUID | None = None
    team: str | None = None
    external: bool = False
    relatives: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class People:
    """Everybody who is active on the day, who holds which post, and who is absent, some with a deputy of their own."""

    persons: Mapping[UUID, Person]
    posts: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
    absent: frozenset[UUID] = frozenset()
    deputies: Mapping[UUID, UUID] = field(default_factory=dict)

    def colleagues(self, person: UUID) -> tuple[UUID, ...]:
        """Direct colleagues: the same team, else the same manager."""
        me = self.persons.get(person)
        if me is None:
            return ()
        shared = "team" if me.team else "manager"
        value = getattr(me, shared)
        return tuple(p.id for p in self.persons.values() if p.id != person and value and getattr(p, shared) == value)

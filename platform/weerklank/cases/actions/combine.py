"""Link, Unlink, Merge, TakeIn and SplitFrom: what cases that belong together each record of it.

Each is one case's side; `cases/combining.py` does both sides in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from weerklank.cases.actions.parties import way_by
from weerklank.cases.actions.verb import may_act_as
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.follow import lapses
from weerklank.policy.model import Combining
from weerklank.policy.post import missing_piece, send
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World

Walls = Mapping[UUID, frozenset[str]]


def may_combine(world: World, case: Case, actor: Actor, verb: str) -> Refusal | None:
    """None when the policy knows this verb and lets the actor do it in this case."""
    combining: Combining | None = world.policy.combining
    known = combining and (verb == "links" or getattr(combining, verb) is not None)
    if combining is None or not known:
        return Refusal("not_combined", f"combining.{verb}")
    return may_act_as(world, case, actor, combining.by, "combining.by")


def walled(case: Case, actor: Actor) -> Refusal | None:
    """Why the actor may not touch the case on the other side."""
    return Refusal("walled", "platform.walls") if actor.id and is_walled(case, actor.id) else None


@dataclass(frozen=True)
class Link:
    """A link of the policy, to another case or to the number of a file elsewhere. `other_side`: laid from there."""

    name: str
    id: UUID
    case: UUID | None = None
    number: str = ""
    other_side: bool = False

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The link, with the message it sends where it is laid."""
        refusal = walled(case, actor) if self.other_side else self._refused(world, case, actor)
        if refusal:
            return refusal
        data = {"link": self.name, "id": str(self.id), "case": str(self.case) if self.case else None}
        linked = Event(
            Kind.LINKED, now, actor, {**data, "back": self.other_side}, {"number": self.number} if self.number else None
        )
        return [linked, *([] if self.other_side else self._told(world, case, actor, now))]

    def _refused(self, world: World, case: Case, actor: Actor) -> Refusal | None:
        refusal = may_combine(world, case, actor, "links")
        if refusal or world.policy.combining is None:
            return refusal
        known = world.policy.combining.links.get(self.name)
        if known is None:
            return Refusal("not_combined", "combining.links")
        rule = f"combining.links.{self.name}"
        if case.is_closed:
            return Refusal("already_closed", rule, known.source)
        if any(link.case == self.case and link.name == self.name for link in case.links.values() if self.case):
            return Refusal("linked_already", rule, known.source)
        if self.case == case.id or not (self.number.strip() if known.outside else self.case):
            return Refusal("nothing_to_link", rule, known.source)
        return None

    def _told(self, world: World, case: Case, actor: Actor, now: datetime) -> list[Event]:
        assert world.policy.combining is not None
        message = world.policy.combining.links[self.name].message
        event = send(world, case, message, actor, now, other=self.case) if message else None
        return [event] if event else []


@dataclass(frozen=True)
class Unlink:
    """A link that was a mistake, with the reason."""

    id: UUID
    reason: str = ""
    other_side: bool = False

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The end of the link; merging and splitting cannot be undone."""
        refusal = walled(case, actor) if self.other_side else may_combine(world, case, actor, "links")
        known = case.links.get(self.id)
        if refusal or known is None or known.name in ("merge", "split"):
            return refusal or Refusal("nothing_to_link", "combining.links")
        if not self.reason.strip():
            return Refusal("reason_needed", "combining.links")
        data = {"link": known.name, "id": str(self.id)}
        return [Event(Kind.UNLINKED, now, actor, data, {"reason": self.reason.strip()})]


@dataclass(frozen=True)
class Merge:
    """This case closes and goes on in another one. `text` is what its complainant reads beside the message's words."""

    into: UUID
    id: UUID
    text: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The end of the case, told to its complainant."""
        refusal = may_combine(world, case, actor, "merge")
        if refusal or world.policy.combining is None or world.policy.combining.merge is None:
            return refusal or Refusal("not_combined", "combining.merge")
        if case.is_closed or self.into == case.id:
            return Refusal("already_closed" if case.is_closed else "nothing_to_link", "combining.merge")
        merge = world.policy.combining.merge
        told = send(world, case, merge.message, actor, now, self.text, other=self.into)
        lacking = missing_piece(world, case, merge.message, self.text)
        if lacking or told is None:
            return lacking or Refusal("no_recipient", f"messages.{merge.message}.to", merge.source)
        data = {"id": str(self.id), "case": str(self.into), "link": "merge", "moments": ["closed"], "phase": "closed"}
        return [Event(Kind.MERGED, now, actor, data), *lapses(world, case, now), told]


@dataclass(frozen=True)
class TakeIn:
    """Another case goes on in this one: its complainants join, its words come along, its walls stand here too."""

    case: UUID
    id: UUID
    people: Sequence[Mapping[str, str]]
    ways: Sequence[str]
    story: str
    involved: Walls = field(default_factory=dict)

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """What joins here."""
        refusal = Refusal("already_closed", "combining.merge") if case.is_closed else walled(case, actor)
        return refusal or list(self._events(case, actor, now))

    def _events(self, case: Case, actor: Actor, now: datetime) -> Iterator[Event]:
        data = {"id": str(self.id), "case": str(self.case), "link": "merge", "back": True}
        yield Event(Kind.LINKED, now, actor, data, {"text": self.story} if self.story else None)
        for who, way in zip(self.people, self.ways, strict=True):
            yield Event(Kind.JOINED, now, actor, {"way": way or way_by(who)}, {"contact": dict(who)})
        yield from walls_along(case, self.involved, actor, now)


@dataclass(frozen=True)
class SplitOff:
    """A part of this case became the case `case`."""

    case: UUID
    id: UUID

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The note of it on the side that was split."""
        refusal = may_combine(world, case, actor, "split")
        if not refusal and case.is_closed:
            refusal = Refusal("already_closed", "combining.split")
        data = {"id": str(self.id), "case": str(self.case), "link": "split"}
        return refusal or [Event(Kind.LINKED, now, actor, data)]


@dataclass(frozen=True)
class SplitFrom:
    """This new case was a part of the case `case`; its walls stand here too, and its complainant is told."""

    case: UUID
    id: UUID
    text: str = ""
    involved: Walls = field(default_factory=dict)

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The note of it on the new side, and the message."""
        if world.policy.combining is None or world.policy.combining.split is None:
            return Refusal("not_combined", "combining.split")
        split = world.policy.combining.split
        told = send(world, case, split.message, actor, now, self.text, other=self.case)
        lacking = missing_piece(world, case, split.message, self.text)
        if lacking or told is None:
            return lacking or Refusal("no_recipient", f"messages.{split.message}.to", split.source)
        data = {"id": str(self.id), "case": str(self.case), "link": "split", "back": True}
        return [Event(Kind.LINKED, now, actor, data), *walls_along(case, self.involved, actor, now), told]


def walls_along(case: Case, involved: Walls, actor: Actor, now: datetime) -> Iterator[Event]:
    """Whoever is kept out there is kept out here."""
    for person, relations in involved.items():
        for relation in sorted(relations - case.involved.get(person, frozenset())):
            yield Event(Kind.PERSON_INVOLVED, now, actor, {"person": str(person), "relation": relation})

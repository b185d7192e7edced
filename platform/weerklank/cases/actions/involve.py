"""Involve: somebody turns out to be part of what the complaint is about, and is walled off from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weerklank.cases.actions.verb import has_part
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class Involve:
    """Marking a person as `respondent` or `involved`, with the reason. He may do so himself (stepping back)."""

    person: UUID
    relation: str = "involved"
    reason: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The wall; who handles is judged again by what follows."""
        refusal = None if actor.id == self.person else has_part(world, case, actor, "platform.involve")
        return refusal or self._checked(world, case) or [self._event(actor, now)]

    def _checked(self, world: World, case: Case) -> Refusal | None:
        if self.person not in world.people.persons or self.relation not in ("respondent", "involved"):
            return Refusal("unknown_person", "platform.involve")
        if not self.reason.strip():
            return Refusal("reason_needed", "platform.involve")
        return None

    def _event(self, actor: Actor, now: datetime) -> Event:
        data = {"person": str(self.person), "relation": self.relation}
        return Event(Kind.PERSON_INVOLVED, now, actor, data, {"reason": self.reason.strip()})


@dataclass(frozen=True)
class Release:
    """Taking the wall away again because it was a mistake, with the reason."""

    person: UUID
    reason: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Never by the person himself."""
        refusal = Refusal("walled", "platform.involve") if actor.id == self.person else None
        refusal = refusal or has_part(world, case, actor, "platform.involve")
        if refusal or self.person not in case.involved:
            return refusal or Refusal("unknown_person", "platform.involve")
        if not self.reason.strip():
            return Refusal("reason_needed", "platform.involve")
        data = {"person": str(self.person)}
        return [Event(Kind.INVOLVEMENT_ENDED, now, actor, data, {"reason": self.reason.strip()})]

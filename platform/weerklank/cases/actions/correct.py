"""Taking back what reached nobody, and putting right with a reason what did: both are events, nothing is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.cases.actions.verb import has_part
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class TakeBack:
    """Taking back a note of one's own: it is no longer read in the case, and stays in the sealed trail."""

    entry: int

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Only by whoever wrote it, and once."""
        if self.entry not in case.notes or case.notes[self.entry] != actor.id:
            return Refusal("not_yours", "platform.take_back")
        refusal = has_part(world, case, actor, "platform.take_back")
        return refusal or [Event(Kind.TAKEN_BACK, now, actor, {"entry": self.entry})]


@dataclass(frozen=True)
class Correct:
    """Saying of something that happened what was wrong with it and what is right: it stands beside it from then on."""

    entry: int
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Anybody with a part in the case; days, steps and messages stay as they are."""
        if not self.reason.strip():
            return Refusal("reason_needed", "platform.correct")
        if not 0 < self.entry <= case.seq:
            return Refusal("not_open", "platform.correct")
        refusal = has_part(world, case, actor, "platform.correct")
        return refusal or [Event(Kind.CORRECTED, now, actor, {"entry": self.entry}, {"reason": self.reason.strip()})]

"""Share: the complainant is given files of the case on his page, and one of them is withheld again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weerklank.cases.actions.verb import has_part
from weerklank.policy.apart import complainant_in, may_know, reader_in
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

RULE = "platform.share"


@dataclass(frozen=True)
class ShareFiles:
    """Giving the complainant these files of ours, by id with the name he reads."""

    files: Mapping[UUID, str]

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """From now on he can save them; whether a scanner held one back is the door's to ask."""
        refusals = (may_share(world, case, file, actor) for file in self.files)
        refusal = next((each for each in refusals if each), None)
        if refusal or not self.files:
            return refusal or Refusal("not_to_share", RULE)
        data = {"files": [str(file) for file in self.files]}
        return [Event(Kind.FILE_SHARED, now, actor, data, {"name": ", ".join(self.files.values())})]


@dataclass(frozen=True)
class WithholdFile:
    """Taking a file off the complainant's page again, with the reason for who reads the case."""

    file: UUID
    name: str
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """He may have saved it; from now on he cannot any more."""
        refusal = has_part(world, case, actor, RULE)
        if refusal or self.file not in case.given:
            return refusal or Refusal("not_shared", RULE)
        if not self.reason.strip():
            return Refusal("reason_needed", RULE)
        words = {"name": self.name, "reason": self.reason.strip()}
        return [Event(Kind.FILE_WITHHELD, now, actor, {"files": [str(self.file)]}, words)]


def may_share(world: World, case: Case, file: UUID, actor: Actor) -> Refusal | None:
    """None when this person may give this file: he has a part, reads it himself, and nothing keeps it from him."""
    refusal, added = has_part(world, case, actor, RULE), case.files.get(file)
    if refusal or actor.id is None or added is None:
        return refusal or Refusal("not_to_share", RULE)
    his_own = added.actor.kind is ActorKind.COMPLAINANT
    if his_own or file in case.given or not may_know(world, case, added, reader_in(world, case, actor.id)):
        return Refusal("not_to_share", RULE)
    known_to_him = may_know(world, case, added, complainant_in(world))
    return None if known_to_him else Refusal("file_kept_apart", RULE)

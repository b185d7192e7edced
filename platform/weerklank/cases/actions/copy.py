"""MakeDossier: the file of a case is made up for somebody, and the trail says by whom, for whom and what of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weerklank.cases.actions.verb import has_part, may_act_as
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.keeping import keepers
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class MakeDossier:
    """`to` is a role or body of the policy, or words; the words and the reason are sealed."""

    dossier: UUID
    to: str
    parts: tuple[str, ...]
    reason: str = ""
    called: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Whoever has a part in the case or keeps the archive; the complainant for himself."""
        refusal = None
        if actor.kind is not ActorKind.COMPLAINANT:
            archive = keepers(world, world.policy.keeping.archived_by)
            refusal = has_part(world, case, actor, "platform.dossier")
            refusal = refusal and may_act_as(world, case, actor, archive, "platform.dossier") and refusal
            if refusal is None and not self.reason.strip():
                return Refusal("reason_needed", "platform.dossier")
        known = self.to if self.to in world.policy.bodies or self.to in world.policy.roles else ""
        data = {"dossier": str(self.dossier), "reader": known, "parts": list(self.parts)}
        words = {"reason": f"{self.called or self.to}: {self.reason.strip()}"} if self.reason.strip() else None
        return refusal or [Event(Kind.DOSSIER_MADE, now, actor, data, words)]

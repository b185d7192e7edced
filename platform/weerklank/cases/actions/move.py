"""Move: an open case goes on under a newer version of the procedure, because somebody wants that and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.cases.actions.verb import has_part
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.model import Policy
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text, listed
from weerklank.policy.world import World


@dataclass(frozen=True)
class Move:
    """Going on by `policy`, which is version number `to`; `was` is the number it goes by now."""

    policy: Policy
    was: int
    to: int
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The move; refused where the newer version does not have what the case stands in."""
        refusal = has_part(world, case, actor, "platform.move")
        if refusal or case.is_closed:
            return refusal or Refusal("already_closed", "platform.move")
        if self.to <= self.was:
            return Refusal("no_newer_version", "platform.move")
        gone = [name for name in case.open if name not in self.policy.steps]
        if gone:
            labels = (world.policy.steps[name].label or Text.of(name) for name in gone)
            return Refusal("step_gone", f"steps.{gone[0]}", (), {"steps": listed(labels)})
        if case.channel not in self.policy.channels or (
            case.handler_role and case.handler_role not in self.policy.roles
        ):
            return Refusal("part_gone", "platform.move")
        if not self.reason.strip():
            return Refusal("reason_needed", "platform.move")
        data = {"was": self.was, "version": self.to}
        return [Event(Kind.MOVED, now, actor, data, {"reason": self.reason.strip()})]

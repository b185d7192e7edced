"""Ask: the complainant is asked for what is missing; clocks stop only where the policy says so."""

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
class Ask:
    """Asking the complainant for something, in words he will read."""

    text: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The request; the complainant answers on his page or by any channel."""
        if case.is_closed:
            return Refusal("already_closed", "platform.ask")
        if not self.text.strip():
            return Refusal("missing_text", "platform.ask")
        refusal = has_part(world, case, actor, "platform.ask")
        return refusal or [Event(Kind.COMPLETION_ASKED, now, actor, {}, {"text": self.text.strip()})]


@dataclass(frozen=True)
class TakeAnswer:
    """Staff notes that what was asked has come in by letter, telephone or mail."""

    text: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The end of the request."""
        refusal = has_part(world, case, actor, "platform.ask")
        if refusal or len(case.asked_on) == len(case.completed_on):
            return refusal or Refusal("not_open", "platform.ask")
        return [Event(Kind.COMPLETED, now, actor, {}, {"text": self.text} if self.text else None)]

"""Rate: after closing the complainant says whether he is satisfied with how his complaint was handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.model import Does, Phase
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

RATINGS = ("yes", "partly", "no")


@dataclass(frozen=True)
class Rate:
    """His answer, one of RATINGS, and what he wants to say with it (empty: nothing)."""

    rating: str
    text: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The answer, once."""
        if actor.kind is not ActorKind.COMPLAINANT or not may_rate(world, case) or self.rating not in RATINGS:
            return Refusal("not_open", "platform.rate")
        words = {"text": self.text.strip()} if self.text.strip() else None
        return [Event(Kind.RATED, now, actor, {"rating": self.rating}, words)]


def may_rate(world: World, case: Case) -> bool:
    """Whether he is asked: the case was closed by us, and neither this nor the procedure itself asked him before."""
    ours = case.is_closed and not case.is_withdrawn and not case.is_merged
    return ours and not case.is_archived and case.rating is None and not _was_asked(world, case)


def _was_asked(world: World, case: Case) -> bool:
    """Whether a step of the procedure asked him what he thinks of the outcome."""
    steps = (world.policy.steps.get(done.step) for done in case.done)
    return any(step is not None and step.does is Does.ANSWER and step.phase is Phase.DECIDED for step in steps)

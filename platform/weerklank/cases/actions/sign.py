"""Sign: one of the roles whose signature a step needs puts it; the last one completes the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.verb import may_act_as
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.model import Does, Step
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World


@dataclass(frozen=True)
class Sign:
    """Signing an open step; the role is found from who signs."""

    step: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The signature, and with the last one all that the step's first outcome brings about."""
        step = world.policy.steps.get(self.step)
        if step is None or self.step not in case.open or step.does is not Does.SIGN:
            return Refusal("not_open", f"steps.{self.step}")
        needed = signers(step)
        waiting = [role for role in needed if role not in case.signatures.get(self.step, frozenset())]
        refusal = may_act_as(world, case, actor, waiting or needed, f"steps.{self.step}.signed_by")
        ending = Complete(self.step, next(iter(step.outcomes), "done"))
        refusal = refusal or ending.not_ready(world, case, step, now)
        if refusal:
            return refusal
        mine = [role for role in waiting if actor.id in free_to_act(world, case, role)]
        signed = [Event(Kind.SIGNED, now, actor, {"step": self.step, "role": role}) for role in mine]
        return ending.events(world, case, step, actor, now, signed) if len(mine) == len(waiting) else signed


def signers(step: Step) -> tuple[str, ...]:
    """The roles whose signature the step needs."""
    return step.signed_by or (step.by,)

"""Deciding an action: the verb's own rule first, then all that follows by itself. Pure."""

from __future__ import annotations

from datetime import datetime

from weerklank.cases.actions.verb import Action
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event
from weerklank.policy.follow import follow
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


def decide(
    world: World, case: Case, action: Action, actor: Actor, now: datetime
) -> Refusal | tuple[Case, tuple[Event, ...]]:
    """The case after the action with every event, in order, or the refusal. `now` is an aware instant."""
    outcome = action.decide(world, case, actor, now)
    if isinstance(outcome, Refusal):
        return outcome
    return follow(world, case, outcome)

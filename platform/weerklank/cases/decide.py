"""Deciding an action: the verb's own rule first, then all that follows by itself. Pure."""

from __future__ import annotations

from datetime import datetime

from weerklank.cases.actions.clockwork import Tick
from weerklank.cases.actions.copy import MakeDossier
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.keep import DESTROYED_BY, Archive, Destroy
from weerklank.cases.actions.verb import Action
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event
from weerklank.policy.follow import EndlessProcedure, follow
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

# What may still happen to a case that is only read.
IN_THE_ARCHIVE = (Archive, Destroy, Involve, MakeDossier, Release, Tick)


def decide(
    world: World, case: Case, action: Action, actor: Actor, now: datetime
) -> Refusal | tuple[Case, tuple[Event, ...]]:
    """The case after the action with every event, in order, or the refusal. `now` is an aware instant."""
    if case.is_destroyed:
        return Refusal("destroyed", DESTROYED_BY, world.policy.keeping.source)
    if case.is_archived and not isinstance(action, IN_THE_ARCHIVE):
        return Refusal("archived", "keeping.place", world.policy.keeping.source)
    outcome = action.decide(world, case, actor, now)
    if isinstance(outcome, Refusal):
        return outcome
    try:
        return follow(world, case, outcome)
    except EndlessProcedure:
        return Refusal("endless", "steps")

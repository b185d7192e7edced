"""How far the measures of a case are."""

from __future__ import annotations

from datetime import date

from weerklank.policy.case import Case
from weerklank.policy.clocks import clock_of, last_day
from weerklank.policy.world import World


def state_of_measures(world: World, case: Case) -> frozenset[str]:
    """What can be said of them: none, planned, open, verified, overrun. `verified` also holds when there are none."""
    measures = case.measures.values()
    if not measures:
        return frozenset({"none", "verified"})
    said = {"planned", "verified" if all(measure.verified for measure in measures) else "open"}
    limit = _last_day(world, case)
    if limit is not None and any(measure.day > limit for measure in measures):
        said.add("overrun")
    return frozenset(said)


def _last_day(world: World, case: Case) -> date | None:
    clock = clock_of(world, case, world.policy.measures.overrun_of or "")
    return last_day(world, clock.due) if clock else None

"""Where somebody can go who does not agree: the outside bodies of the policy, as things stand in a case. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from weerklank import deadlines
from weerklank.policy.case import Case
from weerklank.policy.clocks import counting_of, last_day
from weerklank.policy.conditions import holds
from weerklank.policy.model import Body
from weerklank.policy.world import World


@dataclass(frozen=True)
class Redress:
    """An outside body for this complainant: `open` once its term runs, `until` its last legal day if there is one.

    A body without a term, or whose term has no beginning in the policy, is open as soon as the case has an outcome.
    """

    name: str
    body: Body
    open: bool
    until: date | None

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today


def redress(world: World, case: Case) -> Iterator[Redress]:
    """The bodies that are offered to the complainant in this case, in the policy's order."""
    for name, body in world.policy.bodies.items():
        if body.kind == "dispute" and holds(world, case, body.when):
            begins = case.moments.get(body.from_) if body.from_ else None
            is_open = bool(begins) if body.from_ else has_outcome(case)
            until = _last_day(world, body, begins[-1]) if begins else None
            yield Redress(name, body, is_open, until)


def has_outcome(case: Case) -> bool:
    """Whether we have said what came of the complaint."""
    return "decided" in case.moments or (case.is_closed and not case.is_withdrawn)


def _last_day(world: World, body: Body, begins: datetime) -> date | None:
    if body.within is None:
        return None
    within = deadlines.Term(body.within, counting_of(body.within, body.counting))
    return last_day(world, deadlines.compute(within, begins, world.calendar))

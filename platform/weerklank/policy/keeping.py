"""How long a case is kept after its end, and what of it is not over yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from weerklank.deadlines import Duration, shift
from weerklank.policy.case import Case
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.conditions import holds
from weerklank.policy.model import RoleKind
from weerklank.policy.world import World


@dataclass(frozen=True)
class Retention:
    """Until and with which legal day a case is kept, by which rule of the policy and from which clauses.

    `duration` counts from the legal day `since` on which `moment` happened; None: a person gave the day.
    """

    until: date
    rule: str
    source: tuple[str, ...] = ()
    duration: Duration | None = None
    moment: str = ""
    since: date | None = None


def retention(world: World, case: Case) -> Retention | None:
    """How long: by the first rule that fits, else by the duration for all, else until the day a person gave.

    None while the case is open, and while nothing says how long.
    """
    if not case.is_closed:
        return None
    keeping = world.policy.keeping
    for index, rule in enumerate(keeping.rules):
        if holds(world, case, rule.when) and rule.from_ in case.moments:
            return _counted(world, case, rule.for_, rule.from_, f"keeping.rules.{index}", rule.source or keeping.source)
    if keeping.retention:
        return _counted(world, case, keeping.retention, "closed", "keeping.retention", keeping.source)
    given = case.kept_until
    return Retention(given, "keeping.archived_by", keeping.source) if given else None


def _counted(
    world: World, case: Case, duration: Duration, moment: str, rule: str, source: tuple[str, ...]
) -> Retention:
    since = world.day_of(case.moments[moment][-1])
    return Retention(shift(since, duration), rule, source, duration, moment, since)


def surviving(world: World, case: Case) -> tuple[str, ...]:
    """What goes on after closing: the policy's names of open steps and of terms that still run or stand still."""
    running = (clock.term for clock in clocks(world, case) if clock.state in (ClockState.RUNNING, ClockState.SUSPENDED))
    return (*case.open, *running)


def keepers(world: World, role: str | None) -> tuple[str, ...]:
    """The roles that keep the archive: the one the policy names, else every post that sees all cases."""
    if role:
        return (role,)
    roles = world.policy.roles.items()
    return tuple(name for name, one in roles if one.kind is RoleKind.POST and one.sees_all)

"""What somebody can do in a case now, and what stands in the way of the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from weerklank.policy.assignment import in_need
from weerklank.policy.case import Case
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.conditions import holds
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.model import Does, Outcome, Step
from weerklank.policy.parties import LODGERS
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World

JUDGEMENT = "judgement"  # a fact of this name is asked wherever the policy decides


@dataclass(frozen=True)
class Way:
    """One outcome on offer: its name (`done` when the step has one), what it asks on top of the step."""

    outcome: str
    asks: tuple[str, ...]
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """An open step this actor may do: what it asks, what may be added, its ways to end, and guards still in the way."""

    step: str
    does: Does
    asks: tuple[str, ...]
    offers: tuple[str, ...]
    message: str | None
    ways: tuple[Way, ...]
    unmet: tuple[int, ...]


def offers(world: World, case: Case, actor: Actor) -> tuple[Offer, ...]:
    """The open steps this actor may do now, in the order they opened."""
    steps = ((name, world.policy.steps[name]) for name in case.open)
    return tuple(_offer(world, case, name, step) for name, step in steps if _may_do(world, case, name, step, actor))


def _may_do(world: World, case: Case, name: str, step: Step, actor: Actor) -> bool:
    signed = case.signatures.get(name, frozenset())
    roles = [role for role in (step.by, *step.also_by, *step.signed_by) if role not in signed]
    roles += in_need(world, case, step)
    if actor.kind is ActorKind.COMPLAINANT:
        return any(world.policy.roles[role].kind in LODGERS for role in roles)
    return actor.id is not None and any(actor.id in free_to_act(world, case, role) for role in roles)


def _offer(world: World, case: Case, name: str, step: Step) -> Offer:
    outcomes = step.outcomes.items() or (("done", Outcome()),)
    judgement = (JUDGEMENT,) if step.does is Does.DECIDE and JUDGEMENT in world.policy.facts else ()
    asked = dict.fromkeys((*step.asks, *judgement, *told(world, (step.message,) if step.message else ())))
    asked_now = [ask for ask in asked if holds(world, case, world.policy.facts[ask].when)]
    return Offer(
        step=name,
        does=step.does,
        asks=tuple(asked_now),
        offers=step.offers,
        message=step.message,
        ways=tuple(
            Way(outcome, tuple(dict.fromkeys((*way.asks, *told(world, way.sends)))), way.sends)
            for outcome, way in outcomes
        ),
        unmet=tuple(n for n, guard in enumerate(step.guards) if not holds(world, case, guard.when)),
    )


def told(world: World, messages: Iterable[str]) -> tuple[str, ...]:
    """The facts these messages must contain: whoever sends them is asked for those too."""
    pieces = (piece for name in messages for piece in world.policy.messages[name].contains)
    return tuple(piece.removeprefix("fact.") for piece in pieces if piece.startswith("fact."))


def extendable(world: World, case: Case, person: UUID) -> tuple[str, ...]:
    """Running terms this person may extend."""
    running = (clock.term for clock in clocks(world, case) if clock.state is ClockState.RUNNING)
    rules = ((name, world.policy.terms[name].extend) for name in running)
    return tuple(name for name, rule in rules if rule and person in free_to_act(world, case, rule.by))

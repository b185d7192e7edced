"""Remind and Miss: what the clock does when a term nears its day or passes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from weerklank.cases.actions.complete import Complete
from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import Clock, clock_of, reminded
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.follow import opened
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import free_to_act
from weerklank.policy.world import World


@dataclass(frozen=True)
class Tick:
    """Whatever this term's clock says is next and has come: a reminder to its owner, or that the day has passed."""

    term: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Nothing (an empty list) when it is not yet time or somebody was first."""
        clock = clock_of(world, case, self.term)
        if clock is None or clock.next_at is None or clock.next_at > now:
            return []
        if clock.next_step == "missed":
            return list(_missed(world, case, clock, actor, now))
        moment = reminded(self.term, int((clock.next_step or "").removeprefix("remind.")), clock.due)
        data = {"term": self.term, "to": [str(person) for person in clock.owners], "moments": [moment]}
        return [Event(Kind.REMINDED, now, actor, data)]


def _missed(world: World, case: Case, clock: Clock, actor: Actor, now: datetime) -> Iterable[Event]:
    rule = world.policy.terms[clock.term].missed
    told = [
        *clock.owners,
        *(person for role in (rule.tell if rule else ()) for person in free_to_act(world, case, role)),
    ]
    data = {"term": clock.term, "to": [str(person) for person in dict.fromkeys(told)]}
    after = apply(case, Event(Kind.TERM_MISSED, now, actor, data))
    taken = _taken(world, after, rule.takes, clock.term, actor, now) if rule and rule.takes else []
    refused = {"not_taken": taken.rule} if isinstance(taken, Refusal) else {}
    yield Event(Kind.TERM_MISSED, now, actor, {**data, **refused})
    yield from () if isinstance(taken, Refusal) else taken
    for name in rule.opens if rule else ():
        if name not in case.open:
            yield opened(world, name, now)


def _taken(
    world: World, case: Case, ending: str, term: str, actor: Actor, now: datetime
) -> Refusal | Sequence[Event]:
    """Silence as an outcome: the step is done by the platform, if it is open; the refusal when it cannot be."""
    name, _, outcome = ending.partition(".")
    if name not in case.open:
        return []
    step, ready = world.policy.steps[name], Complete(name, outcome, because=term)
    return ready.not_ready(world, case, step, now) or ready.events(world, case, step, actor, now, [])

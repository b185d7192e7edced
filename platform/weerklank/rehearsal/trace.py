"""What of a policy really worked while a story was played: elements by their path, and the clauses these cite.

Read back from the recorded events by the pure rules, after the story: production records nothing for it. An element
that was merely there does not count. A step must have been done, a guard must have refused, a term must have come to
something or been looked at, an assignment rule must have found somebody, a ground must have been what decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from weerklank.policy.assignment import assignment_of
from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import ClockState, clocks
from weerklank.policy.conditions import holds
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.keeping import retention
from weerklank.policy.model import Condition, Policy, RoleKind
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import found, free_to_act
from weerklank.policy.world import World

CAME_TO_SOMETHING = (ClockState.MET, ClockState.SUSPENDED)


def touched(policy: Policy, paths: Iterable[str]) -> tuple[str, ...]:
    """The clauses that these elements cite, sorted; `platform` is none."""
    cited = dict(citing(policy))
    return tuple(sorted({clause for path in paths for clause in cited.get(path, ())} - {"platform"}))


def citing(value: Any, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every element of a policy with its path and the clauses it cites."""
    if is_dataclass(value):
        source = getattr(value, "source", ())
        if source:
            yield path, source
        for each in fields(value):
            yield from citing(getattr(value, each.name), _under(path, each.name))
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from citing(each, _under(path, str(name)))
    elif isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from citing(each, _under(path, str(number)))


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def refused_by(policy: Policy, refusal: Refusal) -> Iterator[str]:
    """The element that said no: the nearest one around the rule that cites something."""
    cited, path = dict(citing(policy)), _rule(policy, refusal.rule)
    if refusal.code == "not_your_step":
        step = policy.steps.get(path.removeprefix("steps.").split(".")[0])
        yield from (f"roles.{role}" for role in ((step.by, *step.signed_by) if step else ()))
    while path and path not in cited:
        path = path.rpartition(".")[0]
    yield path


def _rule(policy: Policy, path: str) -> str:
    """A rule of assignment goes by its id in a refusal, and by its number in the policy."""
    head, found, name = path.partition("assignment.rules.")
    role = policy.roles.get(head.removeprefix("roles.").removesuffix("."))
    rules = (role.assignment if role else policy.assignment) if found else None
    numbers = {rule.id: number for number, rule in enumerate(rules.rules if rules else ())}
    return f"{head}assignment.rules.{numbers[name]}" if name in numbers else path


def looked_at(world: World, case: Case, terms: Iterable[str]) -> Iterator[str]:
    """Terms whose day a story asked for and that had started."""
    started = {clock.term for clock in clocks(world, case)}
    yield from (f"terms.{term}" for term in terms if term in started)


def worked(world: World, case_id: UUID, events: Iterable[Event]) -> Iterator[str]:
    """The elements that a case's events show at work."""
    case = Case(id=case_id)
    for event in events:
        before, case = case, apply(case, event)
        shows = SHOWS.get(event.kind)
        yield from shows(world, before, case, event) if shows else ()
    yield from (f"terms.{clock.term}" for clock in clocks(world, case) if clock.state in CAME_TO_SOMETHING)


def _received(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    channel = world.policy.channels[case.channel]
    yield f"channels.{case.channel}"
    yield from _roles(world, case, case.received_by, (channel.to or "", *_of_kind(world, RoleKind.RECEIVER)))
    if event.actor.kind is ActorKind.COMPLAINANT:
        yield "contact"


def _facts(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    data = event.open
    names = (*data.get("facts", ()), *data.get("filled", ()), *data.get("named", ()))
    yield from (f"facts.{name}" for name in names)
    yield from (f"roles.{name}" for name, role in world.policy.roles.items() if role.fact in names)


def _done(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    name, outcome = event.open["step"], event.open["outcome"]
    step = world.policy.steps[name]
    ending = step.outcomes.get(outcome)
    yield f"steps.{name}"
    yield f"steps.{name}.outcomes.{outcome}"
    yield from _roles(world, before, event.actor.id, (step.by, *step.also_by))
    yield from _complainant(world, event.actor, (step.by, *step.also_by))
    for ground in {*_grounds(step.when), *_grounds(ending.when if ending else None)}:
        if holds(world, before, world.policy.grounds[ground].when):
            yield f"grounds.{ground}"


def _grounds(condition: Condition | None) -> Iterator[str]:
    if condition is not None:
        yield from condition.ground or ()
        for inner in (*(condition.all or ()), *(condition.any or ())):
            yield from _grounds(inner)


def _signed(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield f"steps.{event.open['step']}"
    yield f"roles.{event.open['role']}"


def _assigned(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    data, assignment = event.open, world.policy.assignment
    yield "assignment"
    yield _rule(world.policy, f"assignment.rules.{data.get('rule')}")
    yield from (f"roles.{role}" for role in (data.get("role"), *_of_kind(world, RoleKind.HANDLER)) if role)
    yield from _roles(world, before, event.actor.id, (assignment.chosen_by or "",))


def _appointed(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    data, path = event.open, f"roles.{event.open['role']}.assignment"
    yield f"roles.{data['role']}"
    yield path
    yield _rule(world.policy, f"{path}.rules.{data.get('rule')}")
    yield from (f"roles.{role}" for role in (data.get("found"),) if role)
    yield from _roles(world, before, event.actor.id, (assignment_of(world, data["role"]).chosen_by or "",))


def _nobody(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield f"roles.{event.open['role']}.assignment" if "role" in event.open else "assignment"
    yield _rule(world.policy, event.open["rule"])


def _sent(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    name = event.open["message"]
    message = world.policy.messages[name]
    yield f"messages.{name}"
    yield from (f"roles.{one['role']}" for one in event.open["to"])
    for kind, _, body in (piece.partition(".") for piece in message.contains):
        if kind == "redress" and holds(world, before, world.policy.bodies[body].when):
            yield f"bodies.{body}"


def _shared(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield f"roles.{event.open['role']}"


def _involved(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    person = UUID(event.open["person"])
    for number, entry in enumerate(world.policy.involvement if event.actor.kind is ActorKind.PLATFORM else ()):
        if event.open["relation"] == entry.is_ and person in found(world, case, entry.person):
            yield f"involvement.{number}"
            yield f"roles.{entry.person}"


def _clock_rang(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    name = event.open["term"]
    term, missed = world.policy.terms[name], event.kind is Kind.TERM_MISSED
    yield f"terms.{name}"
    yield f"roles.{term.owner}"
    if missed and term.missed:
        yield f"terms.{name}.missed"
        yield from (f"roles.{role}" for role in term.missed.tell)


def _longer(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield f"terms.{event.open['term']}"
    yield f"terms.{event.open['term']}.extend"


def _measure(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield "measures"
    if event.kind is Kind.MEASURE_VERIFIED and world.policy.measures.verified_by:
        yield f"roles.{world.policy.measures.verified_by}"


def _withdrawn(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    yield "withdraw"


def _of_kind(world: World, kind: RoleKind) -> tuple[str, ...]:
    return tuple(name for name, role in world.policy.roles.items() if role.kind is kind)


def _roles(world: World, case: Case, person: UUID | None, names: Iterable[str]) -> Iterator[str]:
    """Those of these roles in which this person acted."""
    yield from (f"roles.{name}" for name in names if name and person and person in free_to_act(world, case, name))


def _complainant(world: World, actor: Actor, names: Iterable[str]) -> Iterator[str]:
    kinds = _of_kind(world, RoleKind.COMPLAINANT) if actor.kind is ActorKind.COMPLAINANT else ()
    yield from (f"roles.{name}" for name in names if name in kinds)


def _kept(world: World, before: Case, case: Case, event: Event) -> Iterator[str]:
    kept, keeping = retention(world, case), world.policy.keeping
    yield "keeping"
    yield from (kept.rule,) if kept else ()
    yield from _roles(world, before, event.actor.id, (keeping.archived_by or "", keeping.destroyed_by or ""))


SHOWS: Mapping[Kind, Callable[[World, Case, Case, Event], Iterator[str]]] = {
    Kind.RECEIVED: _received,
    Kind.FACTS_RECORDED: _facts,
    Kind.STEP_DONE: _done,
    Kind.SIGNED: _signed,
    Kind.ASSIGNED: _assigned,
    Kind.HANDED_OVER: _assigned,
    Kind.UNASSIGNABLE: _nobody,
    Kind.APPOINTED: _appointed,
    Kind.UNAPPOINTABLE: _nobody,
    Kind.SENT: _sent,
    Kind.SHARED: _shared,
    Kind.PERSON_INVOLVED: _involved,
    Kind.REMINDED: _clock_rang,
    Kind.TERM_MISSED: _clock_rang,
    Kind.EXTENDED: _longer,
    Kind.AGREED: _longer,
    Kind.MEASURE_PLANNED: _measure,
    Kind.MEASURE_CARRIED_OUT: _measure,
    Kind.MEASURE_VERIFIED: _measure,
    Kind.WITHDRAWN: _withdrawn,
    Kind.ARCHIVED: _kept,
    Kind.DESTROYED: _kept,
}

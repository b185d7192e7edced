"""What a proof found in a policy: problems with their paths, and how much was walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from weerklank.policy.case import Case
from weerklank.policy.checks.flow import follow, graph_of, node
from weerklank.policy.checks.walk import concepts
from weerklank.policy.conditions import holds
from weerklank.policy.findings import Path, Problem, Severity
from weerklank.policy.model import Condition, Does, Policy, RoleKind
from weerklank.policy.moments import outcomes_of
from weerklank.policy.words import Said, said
from weerklank.policy.world import World
from weerklank.rehearsal.proof.assigning import Assigned, Assigning, try_all
from weerklank.rehearsal.proof.cast import NAMES, everybody
from weerklank.rehearsal.proof.cells import RECEIVED, channels, looked_at, told_apart
from weerklank.rehearsal.proof.influence import ANY_TIME
from weerklank.rehearsal.proof.walking import TooLarge, Walk, Walker

MOST_FACTS = 4
MOST_LOOKED_AT_AGAIN = 3_000


@dataclass(frozen=True)
class Proof:
    """`states`: of the steps, in all walks; None: too many to walk. `stuck`: how many cannot lead to closing."""

    problems: tuple[Problem, ...]
    assigned: tuple[Assigned, ...]
    states: int | None
    stuck: int

    def summary(self) -> Iterator[Said]:
        """What was walked, in one sentence for each set of assignment rules and one for the steps."""
        for one in self.assigned:
            yield said(
                "{what}: {count:,} combinations, every one has a handler or an alarm ({handled:,} and {alarms:,})",
                what=f"roles.{one.of}.assignment" if one.of else "assignment",
                count=one.combinations, handled=one.handled, alarms=one.alarms,
            )  # fmt: skip
        if self.states is None:
            yield said("steps: more states than can be walked; nothing was proven about closing")
        elif self.stuck:
            yield said("steps: {count:,} states, {stuck:,} cannot reach closing", count=self.states, stuck=self.stuck)
        else:
            yield said("steps: {count:,} states, all can reach closing", count=self.states)


def prove(policy: Policy) -> Proof:
    """Walk the whole finite space of a policy without mistakes (`read_policy`). Pure; takes seconds."""
    problems: list[Problem] = list(shadowed(policy))
    assigned = tuple(try_all(policy))
    for one in assigned:
        problems += list(of_assignment(policy, one))
    walker = Walker(policy)
    try:
        walks = list(walker.walks())
    except TooLarge:
        return Proof(tuple(problems), assigned, None, 0)
    stuck = list(standstills(walker, walks[0])) if walks else []
    problems += [problem for problem, _ in stuck]
    problems += [*endless(policy, walks), *never(policy, walker, walks)]
    states = sum(len(walk.states) for walk in walks)
    if not walked_as_it_is(policy):
        problems = [replace(each, severity=milder(each.severity)) for each in problems]
    return Proof(tuple(dict.fromkeys(problems)), assigned, states, sum(count for _, count in stuck))


def milder(severity: Severity) -> Severity:
    return Severity.WARNING if severity is Severity.ERROR else severity


def walked_as_it_is(policy: Policy) -> bool:
    """Whether the walk knows all that decides: not who is appointed, nor who complains or is involved in a step.

    Where it does not, what it did not come to may be there all the same, and it warns only.
    """
    appointed = any(role.kind is RoleKind.APPOINTED for role in policy.roles.values())
    unknown = any(
        path[0] in ("steps", "grounds") and (one.involved is not None or one.complainant is not None)
        for path, one, _ in concepts(policy)
        if isinstance(one, Condition)
    )
    return not appointed and not unknown


def of_assignment(policy: Policy, one: Assigned) -> Iterator[Problem]:
    """Rules that never decide, combinations that no rule fits, and people whose involvement leaves nobody."""
    rules = Assigning(policy, one.of).rules.rules
    path: Path = ("roles", one.of, "assignment", "rules") if one.of else ("assignment", "rules")
    for number, rule in enumerate(rules):
        if number not in one.decided and not any(earlier.when is None for earlier in rules[:number]):
            text = said("rule {rule!r} never decides: whenever it holds, one before it does too", rule=rule.id)
            yield Problem((*path, number), text, Severity.WARNING)
    if one.unmatched and any(rule.when for rule in rules):
        text = said(
            "{count:,} of {all:,} combinations fit none of the rules", count=one.unmatched, all=one.combinations
        )
        yield Problem(path, text, Severity.WARNING)
    for (number, role), _ in one.conflicts.items():
        text = said(
            "when {role!r} is involved himself, rule {rule!r} leaves nobody and the rules name nobody after: an alarm",
            role=role, rule=rules[number].id,
        )  # fmt: skip
        yield Problem((*path, number), text, Severity.QUESTION)


def standstills(walker: Walker, walk: Walk) -> Iterator[tuple[Problem, int]]:
    """Where a case gets stuck, once for every way into it, with how many states that concerns."""
    found: dict[tuple[str, str] | None, list[Case]] = {}
    for key, way in walk.standstills:
        if walker.never_closes(walk.states[key], walk.steps):
            found.setdefault(way, []).append(walk.states[key])
    for way, cases in found.items():
        yield Problem(place(walker.policy, way), stuck_said(walker, cases[0])), len(cases)


def place(policy: Policy, way: tuple[str, str] | None) -> Path:
    """Where in the policy a way of going on stands."""
    if way is None or way[0] not in policy.steps:
        return ("terms", way[0].removeprefix("missed.")) if way and way[0].startswith("missed.") else ("steps",)
    step, outcome = way
    return ("steps", step, "outcomes", outcome) if outcome in policy.steps[step].outcomes else ("steps", step)


def stuck_said(walker: Walker, case: Case) -> Said:
    open_ = ", ".join(case.open) or "-"
    looked = [name for name in case.facts if any(name in one.names("fact") for one in walker.influence.looked.values())]
    facts = ", ".join(f"{name}: {case.facts[name]}" for name in looked[:MOST_FACTS]) or "-"
    return said(
        "from here a case can come to where nothing leads to closing any more (open: {open}; facts: {facts})",
        open=open_, facts=facts,
    )  # fmt: skip


def endless(policy: Policy, walks: list[Walk]) -> Iterator[Problem]:
    for name, outcome in dict.fromkeys(way for walk in walks for way in walk.endless):
        text = said("this sets off one thing after another without end and without anybody doing something")
        yield Problem(place(policy, (name, outcome)), text)


def never(policy: Policy, walker: Walker, walks: list[Walk]) -> Iterator[Problem]:
    """Steps that never open, outcomes that are never on offer, terms that nothing meets."""
    opened = {name for walk in walks for name in walk.opened}
    beside = {name for name in policy.steps if node(name) in follow(graph_of(policy), ANY_TIME | {"closed"})}
    for name, step in policy.steps.items():
        if name in beside or step.does is Does.MEASURES:
            continue
        if name not in opened:
            text = said("this step never opens: what it waits for never comes with its `when` holding")
            yield Problem(("steps", name), text)
        else:
            yield from undone(policy, walker, walks, name)
    seen = {moment for walk in walks for moment in walk.moments}
    outside = follow(graph_of(policy), ANY_TIME | {"closed", "extended"})
    for name, term in policy.terms.items():
        if not any(moment in seen | outside for moment in term.until) and seen & set(term.from_):
            yield Problem(("terms", name, "until"), said("no case comes to where this term is met"), Severity.WARNING)


def undone(policy: Policy, walker: Walker, walks: list[Walk], name: str) -> Iterator[Problem]:
    """Ways to end a step that are on offer in no state at all; looked at again in every order before it is said."""
    wanted = {(name, outcome) for outcome in outcomes_of(policy, name)}
    missing = wanted - {way for walk in walks for way in walk.done}
    if missing:
        every = Walker(policy, in_one_order=False, most=MOST_LOOKED_AT_AGAIN).tried(walker.influence.cone([name]))
        if every is None:
            return
        missing -= every.done
    if missing == wanted:
        yield Problem(("steps", name), said("this step opens but can never be done: something it needs never holds"))
        return
    for _, outcome in sorted(missing):
        text = said("this outcome is never on offer: its `when` never holds while the step is open")
        yield Problem(("steps", name, "outcomes", outcome), text, Severity.WARNING)


def shadowed(policy: Policy) -> Iterator[Problem]:
    """Presets and walls that change nothing, because one before them always did it already."""
    for name, fact in policy.facts.items():
        conditions = [one.when for one in fact.preset]
        for number in overshadowed(policy, conditions):
            text = said("this line never decides: whenever it holds, one before it does too")
            yield Problem(("facts", name, "preset", number), text, Severity.WARNING)
    walls: dict[tuple[str, str], list[tuple[int, Condition | None]]] = {}
    for number, entry in enumerate(policy.involvement):
        walls.setdefault((entry.person, entry.is_), []).append((number, entry.when))
    for entries in walls.values():
        for index in overshadowed(policy, [when for _, when in entries]):
            text = said("this says nothing new: whenever it holds, one before it walls off the same person")
            yield Problem(("involvement", entries[index][0]), text, Severity.WARNING)


def overshadowed(policy: Policy, conditions: list[Condition | None]) -> Iterator[int]:
    """The numbers of conditions that only hold where an earlier one does; an earlier one without any always holds."""
    looked = looked_at(policy, conditions)
    if len(conditions) < 2 or any(kind not in ("fact", "channel") for kind, _ in looked.subjects):
        return
    world = World.of(policy, everybody(policy))
    facts = looked.names("fact")
    first = set[int]()
    cells = product(*(told_apart(world, name, looked) for name in facts))
    for channel, values in product(channels(world, looked), cells):
        given = {name: value for name, value in zip(facts, values, strict=True) if value is not None}
        form = policy.channels[channel].form
        case = Case(NAMES, channel=channel, form=form, received_at=RECEIVED, facts=given, filled=frozenset(given),
                    moments={"received": (RECEIVED,)})  # fmt: skip
        first.add(next((n for n, one in enumerate(conditions) if holds(world, case, one)), -1))
    yield from (number for number in range(1, len(conditions)) if number not in first)

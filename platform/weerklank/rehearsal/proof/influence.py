"""Which steps have to be walked together: what a step can bring about, and what it looks at.

Steps that have nothing to do with each other are walked apart: every combination of their states can occur, and no
one of them changes what another can do. So the walk goes over the steps that closing depends on, and over each other
group of steps with all that it depends on; together these cover the product without building it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from weerklank.policy.checks.flow import BEGINNINGS, Graph, follow, graph_of, node
from weerklank.policy.model import Condition, Does, Policy, Step
from weerklank.rehearsal.proof.cells import Looked, looked_at

ANY_TIME = BEGINNINGS - {"received", "registered"}


def must_have_happened(condition: Condition) -> Iterator[str]:
    """The moments without which this cannot hold."""
    if condition.happened:
        yield condition.happened
    for part in condition.all or ():
        yield from must_have_happened(part)


def conditions_of(policy: Policy, step: Step) -> Iterator[Condition | None]:
    """Everything that decides whether the step opens, what it asks and how it can end."""
    yield step.when
    yield from (guard.when for guard in step.guards)
    yield from (outcome.when for outcome in step.outcomes.values())
    for fact in (*step.asks, *step.offers, *(fact for one in step.outcomes.values() for fact in one.asks)):
        yield policy.facts[fact].when
    sent = [step.message, *(name for one in step.outcomes.values() for name in one.sends)]
    yield from (policy.messages[name].when for name in sent if name)


class Influence:
    """The steps of one policy and what each of them can change for the others."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.graph: Graph = graph_of(policy)
        self._conditions: dict[str, tuple[Condition, ...]] = {}
        self._apart: dict[tuple[str, frozenset[str]], bool] = {}
        self._ahead: dict[frozenset[str], frozenset[str]] = {}

    @cached_property
    def looked(self) -> Mapping[str, Looked]:
        return {name: looked_at(self.policy, self.conditions(name)) for name in self.policy.steps}

    def conditions(self, name: str) -> tuple[Condition, ...]:
        """Everything that decides about a step, and about the messages that the platform sends because of it."""
        if name not in self._conditions:
            sent = (one.when for one in self.policy.messages.values() if set(one.on) & self.brings_about[name])
            every = (*conditions_of(self.policy, self.policy.steps[name]), *sent)
            self._conditions[name] = tuple(one for one in every if one is not None)
        return self._conditions[name]

    @cached_property
    def brings_about(self) -> Mapping[str, frozenset[str]]:
        """Step -> the moments and steps it leads to without another step being done in between."""
        return {name: frozenset(self._effects(node(name))) for name in self.policy.steps}

    def _effects(self, start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            for effect in self.graph.get(waiting.pop(), ()):
                if effect not in seen:
                    seen.add(effect)
                    waiting += [] if effect.startswith("step ") else [effect]
        return seen - {start} if start not in self.graph.get(start, ()) else seen

    @cached_property
    def before(self) -> Mapping[str, frozenset[str]]:
        """Step -> the steps that can change whether and how it is done."""
        found: dict[str, set[str]] = defaultdict(set)
        for name in self.policy.steps:
            for other, effects in self.brings_about.items():
                if other != name and (node(name) in effects or effects & self._eyed(name)):
                    found[name].add(other)
        return {name: frozenset(found[name]) for name in self.policy.steps}

    def _eyed(self, name: str) -> set[str]:
        looked = self.looked[name]
        eyed = {f"fact.{fact}" for fact in looked.names("fact")} | {f"done.{step}" for step in looked.names("step")}
        eyed |= set(looked.names("happened"))
        return eyed | ({"measure_planned", "measures_verified"} if looked.names("measures") else set())

    def cone(self, names: Iterable[str]) -> frozenset[str]:
        """These steps with all they depend on."""
        seen, waiting = set(names), list(names)
        while waiting:
            fresh = self.before[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        return frozenset(seen)

    @cached_property
    def closing(self) -> frozenset[str]:
        """The steps that can close a case."""
        return frozenset(
            name
            for name, step in self.policy.steps.items()
            if step.does is Does.CLOSE or any(outcome.closes for outcome in step.outcomes.values())
        )

    def ahead(self, names: frozenset[str]) -> frozenset[str]:
        """The steps that can still be open once these are, themselves included."""
        if names not in self._ahead:
            nodes = follow(self.graph, [*(node(name) for name in names), *ANY_TIME])
            self._ahead[names] = names | {name for name in self.policy.steps if node(name) in nodes}
        return self._ahead[names]

    @cached_property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """Step -> the moments without which it cannot be done, whatever else."""
        return {
            name: frozenset(moment for guard in step.guards for moment in must_have_happened(guard.when))
            for name, step in self.policy.steps.items()
        }

    def stands_apart(self, name: str, names: frozenset[str]) -> bool:
        """Whether nothing that can be done before this open step changes it or is changed by it.

        `names` are all steps that are open. Such a step may be done at once: every order gives the same states.
        """
        if (name, names) not in self._apart:
            self._apart[name, names] = self._stands_apart(name, names)
        return self._apart[name, names]

    def _stands_apart(self, name: str, names: frozenset[str]) -> bool:
        if name in self.closing or self._eyed(name) & ANY_TIME or self.brings_about[name] & self._of_terms:
            return False
        waits = {node(other) for other in self.policy.steps if self.needs[other] & self._only_by(name)} | {node(name)}
        start = [*(node(other) for other in names if other != name), *ANY_TIME]
        seen = set(start)
        while start:
            here = start.pop()
            fresh = set() if here in waits else set(self.graph.get(here, ())) - seen
            seen |= fresh
            start += fresh
        others = {other for other in self.policy.steps if node(other) in seen - waits}
        return not any(other in self.before[name] or name in self.before[other] for other in others)

    def _only_by(self, name: str) -> frozenset[str]:
        """The moments that this step alone brings about."""
        elsewhere = (effects for other, effects in self.brings_about.items() if other != name)
        return self.brings_about[name] - frozenset(effect for effects in elsewhere for effect in effects) - ANY_TIME

    @cached_property
    def _of_terms(self) -> frozenset[str]:
        """The moments that start or end a term whose passing opens or takes a step."""
        found = set[str]()
        for name, term in self.policy.terms.items():
            if any(effect.startswith("step ") for effect in follow(self.graph, [f"missed.{name}"])):
                found |= {*term.from_, *term.until, *term.ends}
        return frozenset(found)

    def walks(self) -> Iterator[frozenset[str]]:
        """The sets of steps to walk: first the one that closing depends on, then each group of the others."""
        core = self.cone(self.closing)
        yield core
        rest = [name for name in self.policy.steps if name not in core]
        while rest:
            group, waiting = set(), [rest[0]]
            while waiting:
                name = waiting.pop()
                group.add(name)
                near = self.before[name] | {other for other in rest if name in self.before[other]}
                waiting += (near & set(rest)) - group
            yield self.cone(group)
            rest = [name for name in rest if name not in group]

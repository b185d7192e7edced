"""What a state of a case is: all that can make a difference to what comes after, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from weerklank.policy.case import Case, Value
from weerklank.policy.conditions import holds
from weerklank.policy.measures import state_of_measures
from weerklank.policy.model import Condition, Does, Policy
from weerklank.policy.roles import found
from weerklank.policy.world import World
from weerklank.rehearsal.proof.cast import everybody
from weerklank.rehearsal.proof.cells import Looked, told_apart
from weerklank.rehearsal.proof.influence import Influence
from weerklank.rehearsal.proof.residue import residue

Key = tuple[object, ...]


class States:
    """Tells the states of one policy apart."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.world = World.of(policy, everybody(policy))
        self.influence = Influence(policy)
        self._told_apart: dict[tuple[str, Looked], tuple[Value | None, ...]] = {}
        self._conditions_ahead: dict[frozenset[str], list[Condition]] = {}
        self._looked_at: dict[frozenset[str], Looked] = {}
        self._residues: dict[Key, Key] = {}
        self._terms_of: dict[frozenset[str], tuple[str, ...]] = {}
        self._measured: dict[Key, frozenset[str]] = {}
        self._distinct: dict[tuple[object, ...], list[dict[str, Value]]] = {}

    @cached_property
    def watched(self) -> frozenset[str]:
        """The facts whose being given is itself a moment that something waits for."""
        steps, terms, messages = self.policy.steps.values(), self.policy.terms.values(), self.policy.messages.values()
        waits = [moment for on in (*(step.on for step in steps), *(each.on for each in messages)) for moment in on]
        waits += [moment for term in terms for moment in (*term.from_, *term.until, *term.ends)]
        looked = [moment for name in self.policy.steps for moment in self.influence.looked[name].names("happened")]
        return frozenset(moment.removeprefix("fact.") for moment in (*waits, *looked) if moment.startswith("fact."))

    def _looked(self, steps: frozenset[str]) -> Looked:
        if steps not in self._looked_at:
            looked = Looked(())
            for name in sorted(steps):
                looked |= self.influence.looked[name]
            self._looked_at[steps] = looked
        return self._looked_at[steps]

    def _ahead(self, open_steps: frozenset[str], steps: frozenset[str]) -> tuple[frozenset[str], list[Condition]]:
        """The steps that can still come, and all that decides about them: what others looked at is forgotten."""
        ahead = self.influence.ahead(open_steps) & steps
        if ahead not in self._conditions_ahead:
            every = (one for name in sorted(ahead) for one in self.influence.conditions(name))
            self._conditions_ahead[ahead] = list({id(one): one for one in every}.values())
        return ahead, self._conditions_ahead[ahead]

    def key(self, case: Case, steps: frozenset[str]) -> Key:
        """All of a case that what comes after can depend on."""
        open_steps = frozenset(case.open.keys() & steps)
        if case.is_closed and not open_steps:
            return (open_steps, True)
        return (open_steps, case.is_closed, *self._undecided(case, open_steps, steps))

    def _undecided(self, case: Case, open_steps: frozenset[str], steps: frozenset[str]) -> Key:
        """What is left of all conditions that can still matter, worked out once for everything they can see."""
        ahead, conditions = self._ahead(open_steps, steps)
        looked = self._looked(ahead)
        seen = (ahead, *(self._seen(case, kind, name) for kind, name in looked.subjects))
        if seen not in self._residues:
            left = (residue(self.world, case, one, ahead.__contains__) for one in conditions)
            self._residues[seen] = tuple(left)
        measures = ("measures", "") in looked.subjects or self._measures(steps)
        return (
            self._residues[seen],
            self._state_of_measures(case) if measures else None,
            tuple(self._can_be_missed(case, name) for name in self._terms(steps)),
        )

    def _seen(self, case: Case, kind: str, name: str) -> object:
        match kind:
            case "fact":
                return case.facts.get(name, name in case.filled)
            case "step":
                return case.outcome_of(name)
            case "happened":
                return name in case.moments
            case "channel":
                return case.channel
            case "received_by":
                return case.received_by
            case "involved":
                return bool(case.involved.keys() & set(found(self.world, case, name)))
            case _:
                return None

    def _state_of_measures(self, case: Case) -> frozenset[str]:
        """How the measures are, worked out once for every way they can be."""
        term = self.policy.terms.get(self.policy.measures.overrun_of or "")
        begun = tuple(case.moments.get(moment) for moment in term.from_) if term else ()
        known = (tuple(case.measures.values()), begun)
        if known not in self._measured:
            self._measured[known] = state_of_measures(self.world, case)
        return self._measured[known]

    def _cells(self, name: str, looked: Looked) -> tuple[Value | None, ...]:
        if (name, looked) not in self._told_apart:
            self._told_apart[name, looked] = told_apart(self.world, name, looked)
        return self._told_apart[name, looked]

    def _waits_for_measures(self, name: str) -> bool:
        """Whether it makes a difference to this step that a measure is planned: until then planning can wait."""
        return self.policy.steps[name].does is Does.MEASURES or bool(self.influence.looked[name].names("measures"))

    def _measures(self, steps: frozenset[str]) -> bool:
        return any(self.policy.steps[name].does is Does.MEASURES for name in steps)

    def _terms(self, steps: frozenset[str]) -> tuple[str, ...]:
        """The terms whose passing these steps can notice."""
        if steps not in self._terms_of:
            self._terms_of[steps] = tuple(self._noticed(steps))
        return self._terms_of[steps]

    def _noticed(self, steps: frozenset[str]) -> Iterator[str]:
        eyed = {moment for name in steps for moment in self.policy.steps[name].on}
        eyed |= {moment for name in steps for moment in self.influence.looked[name].names("happened")}
        for name, term in self.policy.terms.items():
            missed = term.missed
            takes = getattr(missed, "takes", None) if missed else None
            opens = set(missed.opens) & steps if missed else set()
            if opens or f"missed.{name}" in eyed or (takes and takes.partition(".")[0] in steps):
                yield name

    def _can_be_missed(self, case: Case, name: str) -> bool:
        term = self.policy.terms[name]
        over = {*term.until, *term.ends, *(() if term.survives else ("closed",)), f"missed.{name}"}
        started = any(moment in case.moments for moment in term.from_)
        return started and not over & case.moments.keys() and holds(self.world, case, term.when)

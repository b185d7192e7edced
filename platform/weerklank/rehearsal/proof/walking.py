"""Every way a case can go: the steps of a policy walked state by state, with the rules that carry out real cases.

A state is all that what comes after can depend on: which of the walked steps are open, how those that are looked at
ended, the cells of the facts and moments that conditions tell apart. Whoever a step is for is there, time is as long
as it takes, and every fact that is asked is given, in each of its cells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

from weerklank.cases.actions.complete import Complete
from weerklank.policy.assignment import assignment_of, choosable
from weerklank.policy.case import Case, Value, apply, encode
from weerklank.policy.conditions import holds
from weerklank.policy.events import COMPLAINANT, PLATFORM, Actor, ActorKind, Event, Kind
from weerklank.policy.follow import EndlessProcedure, follow, opened, walled_off
from weerklank.policy.model import Asked, Condition, Does, Outcome, Policy, RoleKind, Step
from weerklank.policy.offers import told
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import found, free_to_act
from weerklank.rehearsal.proof.cast import MANAGER, RECEIVER, RESPONDENT, somebody
from weerklank.rehearsal.proof.cells import RECEIVED, WORDS, Looked, any_value, channels
from weerklank.rehearsal.proof.states import Key, States

MOST_STATES = 30_000
MOST_SEARCHED = 3_000
Way = tuple[str, str]
PLANNED = somebody("-measure")


class TooLarge(Exception):
    """More states than can be walked."""


@dataclass
class Walk:
    """What was seen on one walk."""

    steps: frozenset[str]
    states: dict[Key, Case] = field(default_factory=dict)
    arrows: dict[Key, dict[Key, Way]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    done: set[Way] = field(default_factory=set)
    moments: set[str] = field(default_factory=set)
    endless: set[Way] = field(default_factory=set)

    @property
    def standstills(self) -> Iterator[tuple[Key, Way | None]]:
        """States that cannot lead to closing, each with the way by which that began (None: from the start)."""
        alive = self._can_close()
        entered = {key: way for start, ways in self.arrows.items() if start in alive for key, way in ways.items()}
        begun = {key for ways in self.arrows.values() for key in ways}
        for key in self.states:
            if key not in alive and (key in entered or key not in begun):
                yield key, entered.get(key)

    def _can_close(self) -> set[Key]:
        back: dict[Key, list[Key]] = {}
        for start, ways in self.arrows.items():
            for end in ways:
                back.setdefault(end, []).append(start)
        alive = {key for key, case in self.states.items() if case.is_closed}
        waiting = list(alive)
        while waiting:
            fresh = [key for key in back.get(waiting.pop(), ()) if key not in alive]
            alive.update(fresh)
            waiting += fresh
        return alive


class Walker(States):
    """Walks one policy."""

    def __init__(self, policy: Policy, *, in_one_order: bool = True, most: int = MOST_STATES) -> None:
        super().__init__(policy)
        self.in_one_order = in_one_order
        self.most = most

    def walks(self) -> Iterator[Walk]:
        """One walk for each group of steps that belong together; the first has those that closing depends on."""
        for steps in self.influence.walks():
            yield self.walk(steps)

    def tried(self, steps: frozenset[str]) -> Walk | None:
        """The walk, or None where it is too large."""
        try:
            return self.walk(steps)
        except TooLarge:
            return None

    def walk(self, steps: frozenset[str]) -> Walk:
        """Every state these steps can come to, from every way a complaint can arrive."""
        walk, looked = Walk(steps), self._looked(steps)
        waiting: deque[Key] = deque()
        for case, events in self.beginnings(looked, walk):
            self._note(walk, looked, waiting, case, events, None, None)
        while waiting:
            key = waiting.popleft()
            case = walk.states[key]
            for way, after, events in self.ways(case, steps, looked, walk):
                self._note(walk, looked, waiting, after, events, key, way)
        return walk

    def never_closes(self, case: Case, steps: frozenset[str]) -> bool:
        """Whether nothing at all leads from here to closing, in whatever order; False too when that is too much."""
        every = Walker(self.policy, in_one_order=False)
        walk, looked = Walk(steps), every._looked(steps)
        waiting: deque[Key] = deque()
        every._note(walk, looked, waiting, case, (), None, None)
        while waiting:
            for way, after, events in every.ways(walk.states[waiting.popleft()], steps, looked, walk):
                if after.is_closed or len(walk.states) > MOST_SEARCHED:
                    return False
                every._note(walk, looked, waiting, after, events, None, way)
        return True

    def _note(
        self, walk: Walk, looked: Looked, waiting: deque[Key], case: Case, events: Iterable[Event],
        start: Key | None, way: Way | None,
    ) -> None:  # fmt: skip
        key = self.key(case, walk.steps)
        for event in events:
            walk.moments.update(event.moments)
            if event.kind is Kind.STEP_OPENED:
                walk.opened.add(event.open["step"])
        if way:
            walk.done.add(way)
        if start is not None and way is not None:
            walk.arrows.setdefault(start, {}).setdefault(key, way)
        if key not in walk.states:
            walk.states[key] = case
            if len(walk.states) > self.most:
                raise TooLarge
            if not case.is_closed or key[0]:
                waiting.append(key)

    def beginnings(self, looked: Looked, walk: Walk) -> Iterator[tuple[Case, tuple[Event, ...]]]:
        """Every way a complaint can arrive, as far as anything looks at it."""
        roles, walls = looked.names("received_by"), looked.names("involved")
        asked = [name for name in looked.names("fact") if self.policy.facts[name].at_intake is not Asked.NO]
        values = [self._cells(name, looked) for name in asked]
        receivers = dict.fromkeys((RECEIVER, *map(self._holder, roles)))
        sides = product(*[(False, True) for _ in walls])
        for channel, receiver, given, walled in product(
            channels(self.world, looked), receivers, product(*values), sides
        ):
            facts = {name: value for name, value in zip(asked, given, strict=True) if value is not None}
            begun = self._begun(
                walk, channel, receiver, facts, [role for role, on in zip(walls, walled, strict=True) if on]
            )
            if begun is not None:
                yield begun

    def _holder(self, role: str) -> UUID | None:
        """Who could have received a complaint in this role."""
        kind = self.policy.roles[role].kind
        if kind is RoleKind.FACT:
            return RESPONDENT
        return MANAGER if kind is RoleKind.RELATION else next(iter(self.world.people.posts.get(role, ())), RECEIVER)

    def _begun(
        self, walk: Walk, channel: str, receiver: UUID | None, facts: Mapping[str, Value], walled: Sequence[str]
    ) -> tuple[Case, tuple[Event, ...]] | None:
        try:
            return self._begin(channel, receiver, facts, walled)
        except EndlessProcedure:
            walk.endless.add(("received", ""))
            return None

    def _begin(
        self, channel: str, receiver: UUID | None, facts: Mapping[str, Value], walled: Sequence[str]
    ) -> tuple[Case, tuple[Event, ...]] | None:
        form = self.policy.channels[channel].form.value
        data = {"channel": channel, "form": form, "language": "nl", "way": "email", "at": RECEIVED.isoformat()}
        events = [Event(Kind.RECEIVED, RECEIVED, COMPLAINANT, {**data, "received_by": str(receiver)})]
        events += [self.recorded(facts)] if facts else []
        case = Case(id=somebody("-case"))
        known = case
        for event in events:
            known = apply(known, event)
        for role in walled:
            people = found(self.world, known, role)
            events += [_involved(person) for person in people[:1]]
            if not people:
                return None
        return follow(self.world, case, events)

    def recorded(self, facts: Mapping[str, Value], at: datetime | None = None) -> Event:
        """The event of filling in these facts, words as words."""
        coded = {name: encode(value) for name, value in facts.items() if value != WORDS}
        filled = [name for name, value in facts.items() if value == WORDS]
        return Event(Kind.FACTS_RECORDED, at or RECEIVED, PLATFORM, {"facts": coded, "filled": filled, "named": []})

    def ways(
        self, case: Case, steps: frozenset[str], looked: Looked, walk: Walk
    ) -> Iterator[tuple[Way, Case, tuple[Event, ...]]]:
        """Everything that can be done next."""
        here = frozenset(name for name in case.open if name in steps)
        doable = [name for name in case.open if name in steps and self.policy.steps[name].does is not Does.MEASURES]
        for name in doable if self.in_one_order else ():
            if self.influence.stands_apart(name, here) and (found := list(self._completions(case, name, looked, walk))):
                yield from found
                return
        for name in doable:
            yield from self._completions(case, name, looked, walk)
        for name in self._terms(steps):
            if self._can_be_missed(case, name):
                yield from self._followed(case, list(self._missed(case, name)), (f"missed.{name}", ""), walk)
        if any(self._waits_for_measures(name) for name in here):
            yield from self._of_measures(case, walk)
        for moment in ("asked", "completed"):
            if moment in looked.names("happened") and moment not in case.moments:
                kind = Kind.COMPLETION_ASKED if moment == "asked" else Kind.COMPLETED
                yield from self._followed(case, [Event(kind, later_than(case), COMPLAINANT)], (moment, ""), walk)

    def _completions(
        self, case: Case, name: str, looked: Looked, walk: Walk
    ) -> Iterator[tuple[Way, Case, tuple[Event, ...]]]:
        step = self.policy.steps[name]
        for outcome in tuple(step.outcomes) or ("done",):
            for facts in self._distinct_given(case, name, outcome, looked, walk.steps):
                events = self.completed(case, name, outcome, facts)
                if not isinstance(events, Refusal):
                    yield from self._followed(case, list(events), (name, outcome), walk)

    def _followed(
        self, case: Case, events: list[Event], way: Way, walk: Walk
    ) -> Iterator[tuple[Way, Case, tuple[Event, ...]]]:
        try:
            after, every = follow(self.world, case, events)
        except EndlessProcedure:
            walk.endless.add(way)
            return
        yield way, after, every

    def _given(
        self, case: Case, step: Step, outcome: Outcome | None, looked: Looked
    ) -> Iterator[tuple[str, tuple[Value | None, ...]]]:
        """The facts that go with it and what they can be: those asked in every cell, those offered also not given."""
        messages = [*((step.message,) if step.message else ()), *(outcome.sends if outcome else ())]
        judgement = ("judgement",) if step.does is Does.DECIDE and "judgement" in self.policy.facts else ()
        asked = (*step.asks, *(outcome.asks if outcome else ()), *judgement, *told(self.world, messages))
        wanted = [name for name in dict.fromkeys((*asked, *step.offers)) if holds(self.world, case, self._when(name))]
        for name in wanted:
            if case.is_known(name):
                yield name, ((case.facts.get(name, WORDS),) if name in asked else (None,))
            elif name not in looked.names("fact"):
                yield name, ((any_value(self.world, name),) if name in asked else (None,))
            else:
                known = self._cells(name, looked)
                yield name, (known[1:] if name in asked else known)

    def _when(self, fact: str) -> Condition | None:
        return self.policy.facts[fact].when

    def _distinct_given(
        self, case: Case, name: str, outcome: str, looked: Looked, steps: frozenset[str]
    ) -> list[dict[str, Value]]:
        """Of all that can be given, one for each way in which it makes a difference."""
        step, here = self.policy.steps[name], frozenset(case.open.keys() & steps)
        given = list(self._given(case, step, step.outcomes.get(outcome), looked))
        start = (name, outcome, here, tuple(given), self._undecided(case, here, steps))
        if start not in self._distinct:
            kept: list[dict[str, Value]] = [{}]
            for fact, values in given:
                kept = self._apart(
                    case,
                    here,
                    steps,
                    [{**one, fact: value} if value is not None else one for one in kept for value in values],
                )
            self._distinct[start] = kept
        return self._distinct[start]

    def _apart(
        self, case: Case, here: frozenset[str], steps: frozenset[str], given: list[dict[str, Value]]
    ) -> list[dict[str, Value]]:
        kept: dict[Key, dict[str, Value]] = {}
        for facts in given:
            coded = {name: value for name, value in facts.items() if value != WORDS}
            after = replace(case, facts={**case.facts, **coded}, filled=case.filled | facts.keys() - coded.keys())
            kept.setdefault((frozenset(facts.keys() & self.watched), self._undecided(after, here, steps)), facts)
        return list(kept.values())

    def completed(self, case: Case, name: str, outcome: str, facts: Mapping[str, Value]) -> Refusal | Sequence[Event]:
        """The events of doing a step, by the same rules as a real one; who does it is somebody who may."""
        step = self.policy.steps[name]
        now = later_than(case)
        first = [self.recorded(facts, now)] if facts else []
        after, walls = walled_off(self.world, apply(case, first[0]) if first else case, first)
        doing = Complete(name, outcome, text=WORDS, persons=self._chosen(case, step), reason=WORDS)
        refusal = doing.not_allowed(self.world, after, step)
        return refusal or doing.events(self.world, after, step, self._doer(case, step), now, [*first, *walls])

    def _chosen(self, case: Case, step: Step) -> tuple[UUID, ...]:
        """Whom a person chooses where the rules leave that open."""
        if step.does is not Does.ASSIGN:
            return ()
        choice = choosable(self.world, case, step.of)
        return choice.everybody[: choice.number] if choice.must else ()

    def _doer(self, case: Case, step: Step) -> Actor:
        if self.policy.roles[step.by].kind is RoleKind.COMPLAINANT:
            return COMPLAINANT
        if step.does is Does.ASSIGN and (chooser := assignment_of(self.world, step.of).chosen_by):
            people = free_to_act(self.world, case, chooser)
            return Actor(ActorKind.PERSON, people[0]) if people else PLATFORM
        return PLATFORM

    def _missed(self, case: Case, name: str) -> Iterator[Event]:
        rule = self.policy.terms[name].missed
        yield Event(Kind.TERM_MISSED, later_than(case), PLATFORM, {"term": name, "to": []})
        takes = getattr(rule, "takes", None) if rule else None
        if takes:
            step, _, outcome = takes.partition(".")
            taken = self.completed(case, step, outcome or "done", {}) if step in case.open else ()
            yield from () if isinstance(taken, Refusal) else taken
        for step in rule.opens if rule else ():
            if step not in case.open:
                yield opened(self.world, step, later_than(case))

    def _of_measures(self, case: Case, walk: Walk) -> Iterator[tuple[Way, Case, tuple[Event, ...]]]:
        """A measure is planned in time or too late, and carried out and verified."""
        if not case.measures:
            late = RECEIVED.date() + timedelta(days=3650)
            for day in (RECEIVED.date(), late):
                data = {"measure": str(PLANNED), "owner": str(RECEIVER), "day": day.isoformat()}
                event = Event(Kind.MEASURE_PLANNED, later_than(case), PLATFORM, data)
                yield from self._followed(case, [event], ("measure_planned", ""), walk)
        elif not all(measure.verified for measure in case.measures.values()):
            open_part = {"measure": str(PLANNED)}
            events = [
                Event(kind, later_than(case), PLATFORM, open_part)
                for kind in (Kind.MEASURE_CARRIED_OUT, Kind.MEASURE_VERIFIED)
            ]
            yield from self._followed(case, events, ("measures_verified", ""), walk)


def later_than(case: Case) -> datetime:
    """An instant after everything that has happened in this case."""
    return RECEIVED + timedelta(seconds=case.seq)


def _involved(person: UUID) -> Event:
    return Event(Kind.PERSON_INVOLVED, RECEIVED, PLATFORM, {"person": str(person), "relation": "involved", "rule": []})

"""Complete: somebody does a step of the procedure, with an outcome, what it asks, and a message if it sends one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import reduce
from uuid import UUID

from weerklank.cases.actions.verb import day_given, doers, instant_of, may_act_as
from weerklank.cases.labels import day_text
from weerklank.policy.assignment import assignment_of, choosable, find_handler, in_need, path_of
from weerklank.policy.case import Case, Value, apply
from weerklank.policy.clocks import clocks, first_day
from weerklank.policy.conditions import holds
from weerklank.policy.consequences import meets
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.facts import labels, missing, take_in
from weerklank.policy.follow import assigned, done, lapses, walled_off
from weerklank.policy.model import Does, Outcome, Step
from weerklank.policy.offers import JUDGEMENT, told
from weerklank.policy.post import missing_piece, send, unsent
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import found, free_to_act
from weerklank.policy.words import Text
from weerklank.policy.world import World


@dataclass(frozen=True)
class Complete:
    """Doing a step. `on` is the legal day it really happened when that is not today; `text` what the sender wrote.

    `persons` are those somebody chose (for `assign`), `reason` why, where a choice needs one. `because` is the
    term whose passing does this step by itself.
    """

    step: str
    outcome: str = "done"
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    on: date | None = None
    persons: tuple[UUID, ...] = ()
    reason: str = ""
    because: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The events of doing the step; facts are taken in first, so that conditions see them and walls stand."""
        step = world.policy.steps.get(self.step)
        if step is None or self.step not in case.open:
            return Refusal("not_open", f"steps.{self.step}")
        facts = self._not_asked(world, step) or take_in(world, self.facts, self.texts, actor, now)
        if isinstance(facts, Refusal):
            return facts
        facts = replace(facts, open={**facts.open, "step": self.step}) if facts else None
        first = [facts] if facts else []
        after, walls = walled_off(world, apply(case, facts) if facts else case, first)
        rule = f"steps.{self.step}"
        doing = (*doers(step), *in_need(world, case, step))
        refusal = may_act_as(world, case, actor, doing, rule) or day_given(world, case, self.on, now, rule)
        refusal = refusal or self.not_ready(world, after, step, now) or self._unsigned(step)
        return refusal or self.events(world, after, step, actor, now, [*first, *walls])

    def _not_asked(self, world: World, step: Step) -> Refusal | None:
        """A fact that this step has nothing to do with is filled in beside the steps, by who may."""
        asked = asked_in(world, step, step.outcomes.get(self.outcome))
        other = [name for name in (*self.facts, *self.texts) if name in world.policy.facts and name not in asked]
        if not other or self.outcome not in (tuple(step.outcomes) or ("done",)):
            return None
        return Refusal("not_asked", f"steps.{self.step}.asks", step.source, {"facts": labels(world, other)})

    def not_ready(self, world: World, case: Case, step: Step, now: datetime) -> Refusal | None:
        """What the procedure still wants before the step can end so, whoever does it."""
        return self.not_allowed(world, case, step) or self._too_early(world, case, step, now)

    def not_allowed(self, world: World, case: Case, step: Step) -> Refusal | None:
        """The same, time apart."""
        return (
            self._outcome_refused(world, case, step)
            or self._facts_missing(world, case, step)
            or guards_refuse(world, case, self.step, step)
        )

    def _outcome_refused(self, world: World, case: Case, step: Step) -> Refusal | None:
        rule = f"steps.{self.step}.outcomes.{self.outcome}"
        if self.outcome not in (tuple(step.outcomes) or ("done",)):
            return Refusal("unknown_outcome", rule, step.source)
        outcome = step.outcomes.get(self.outcome)
        if outcome and not holds(world, case, outcome.when):
            called = outcome.label or self.outcome
            return Refusal("outcome_not_on_offer", rule, outcome.source or step.source, {"outcome": called})
        return None

    def _facts_missing(self, world: World, case: Case, step: Step) -> Refusal | None:
        outcome = step.outcomes.get(self.outcome)
        wanted = (*step.asks, *(outcome.asks if outcome else ()))
        names = dict.fromkeys((*missing(world, case, wanted), *self._stale(case, wanted)))
        if not names:
            return None
        rule, said = f"steps.{self.step}.asks", {"facts": labels(world, names)}
        return Refusal("missing_fact", rule, step.source, said, lacks=tuple(names))

    def _stale(self, case: Case, wanted: Iterable[str]) -> tuple[str, ...]:
        """Facts from an earlier round of this step: a second proposal needs a day of its own."""
        if case.outcome_of(self.step) is None:
            return ()
        opened, never = case.open[self.step], (datetime.min.replace(tzinfo=UTC),)
        return tuple(name for name in wanted if case.moments.get(f"fact.{name}", never)[-1] <= opened)

    def _too_early(self, world: World, case: Case, step: Step, now: datetime) -> Refusal | None:
        """A term may also say before which day it cannot be met."""
        for clock in clocks(world, case):
            first = first_day(world, clock)
            if first and (self.on or world.day_of(now)) < first and meets(world, self.step, step, clock.term):
                day = Text.of({language: day_text(first, language) for language in ("nl", "en")})
                source = world.policy.terms[clock.term].source
                return Refusal("before_its_day", f"terms.{clock.term}.at_least", source, {"day": day})
        return None

    def _unsigned(self, step: Step) -> Refusal | None:
        if step.does is not Does.SIGN or self.outcome != next(iter(step.outcomes), "done"):
            return None
        return Refusal("not_open", f"steps.{self.step}.signed_by", step.source)

    def events(
        self, world: World, case: Case, step: Step, actor: Actor, now: datetime, events: list[Event]
    ) -> Refusal | Sequence[Event]:
        """The given events, then who was assigned, what is sent, and the end of the step."""
        if step.does is Does.ASSIGN:
            refusal = not_to_choose(world, case, step, actor)
            if refusal:
                return refusal
            choice = find_handler(world, case, self.persons, self.reason, step.of)
            if isinstance(choice, Refusal):
                return choice
            events = [*events, assigned(choice, now, actor=actor, reason=self.reason, of=step.of)]
            case = apply(case, events[-1])
        sent = self._messages(world, case, step, actor, now)
        if isinstance(sent, Refusal):
            return sent
        return [*events, *sent, *self._ending(world, case, step, actor, now)]

    def _messages(self, world: World, case: Case, step: Step, actor: Actor, now: datetime) -> Refusal | list[Event]:
        """What is sent. A term that starts with this step already runs for what the message tells of it."""
        outcome = step.outcomes.get(self.outcome)
        events, after = list[Event](), reduce(apply, done(world, self.step, self.outcome, now), case)
        for name in (*((step.message,) if step.message else ()), *(outcome.sends if outcome else ())):
            refusal = missing_piece(world, after, name, self.text)
            if refusal:
                return refusal
            event = send(world, case, name, actor, now, self.text, at=instant_of(world, self.on, now))
            if event is None and name == step.message:
                return Refusal("no_recipient", f"messages.{name}.to", world.policy.messages[name].source)
            event = event or unsent(name, actor, now)
            events.append(replace(event, open={**event.open, "step": self.step}))
        return events

    def _ending(self, world: World, case: Case, step: Step, actor: Actor, now: datetime) -> Iterator[Event]:
        outcome = step.outcomes.get(self.outcome)
        closes = step.does is Does.CLOSE or bool(outcome and outcome.closes)
        yield from shared(world, case, outcome, actor, now)
        moments = [name for name, raised in ((outcome.event if outcome else None, True),) if name and raised]
        moments = [f"event.{name}" for name in moments] + (["decided"] if step.does is Does.DECIDE else [])
        moments += ["closed"] if closes else []
        at = instant_of(world, self.on, now)
        yield from done(world, self.step, self.outcome, now, by=actor, at=at, moments=moments, term=self.because)
        if closes:
            yield from lapses(world, case, now, but=self.step)


def not_to_choose(world: World, case: Case, step: Step, actor: Actor) -> Refusal | None:
    """Where a rule leaves the choice open it is for one role, as long as somebody there may choose."""
    chooser = assignment_of(world, step.of).chosen_by
    if chooser is None or not choosable(world, case, step.of).must or not free_to_act(world, case, chooser):
        return None
    return may_act_as(world, case, actor, (chooser,), f"{path_of(step.of)}.chosen_by")


def asked_in(world: World, step: Step, outcome: Outcome | None) -> frozenset[str]:
    """The facts that may be filled in with this step and this way of ending it."""
    messages = (*((step.message,) if step.message else ()), *(outcome.sends if outcome else ()))
    judgement = (JUDGEMENT,) if step.does is Does.DECIDE else ()
    return frozenset((*step.asks, *step.offers, *(outcome.asks if outcome else ()), *judgement, *told(world, messages)))


def guards_refuse(world: World, case: Case, name: str, step: Step) -> Refusal | None:
    """The first guard that does not hold, in the policy's own words."""
    for number, guard in enumerate(step.guards):
        if not holds(world, case, guard.when):
            return Refusal("guard", f"steps.{name}.guards.{number}", guard.source or step.source, said=guard.label)
    return None


def shared(world: World, case: Case, outcome: Outcome | None, actor: Actor, now: datetime) -> Iterator[Event]:
    """The event that somebody involved is shown the complaint on purpose."""
    people = found(world, case, outcome.shares) if outcome and outcome.shares else ()
    if people and outcome:
        data = {"role": outcome.shares, "persons": [str(person) for person in people]}
        yield Event(Kind.SHARED, now, actor, data)

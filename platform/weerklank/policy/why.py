"""Why something is as it is in a case: the rule and its source, what made it hold, and the rules that were passed over.

One pure explanation for the handler, every step, every message, every term and everything that cannot be done yet. It
is made from the open parts of events, so it needs no key and names nobody: roles and labels of the policy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from weerklank.deadlines import explain
from weerklank.policy.apart import NOTHING_HIDDEN, Hidden
from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import clocks
from weerklank.policy.conditions import holds
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import Condition, Outcome, Rule
from weerklank.policy.moments import Moment
from weerklank.policy.phrases import Words, capital
from weerklank.policy.post import sent_by_itself
from weerklank.policy.world import World


@dataclass(frozen=True)
class Passed:
    """A rule that was passed over, and what of it did not hold."""

    rule: str
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Why:
    """`kind`: handler, step, message, term or refusal; `name`: which; `rule`: its path in the policy.

    `because`: whole sentences; `passed`: the rules before it.
    """

    kind: str
    name: str
    label: str
    rule: str
    source: tuple[str, ...]
    because: tuple[str, ...]
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True)
class Discreet(Words):
    """Words that keep to themselves what this reader may not see."""

    hidden: Hidden = NOTHING_HIDDEN

    def condition(self, condition: Condition) -> str:
        return self.unsaid("hidden") if self.keeps(condition) else super().condition(condition)

    def negated(self, condition: Condition) -> str:
        return self.unsaid("hidden") if self.keeps(condition) else super().negated(condition)

    def keeps(self, condition: Condition) -> bool:
        """Whether it looks at something that is kept from this reader."""
        ended = condition.step in self.hidden.steps and condition.outcome is not None
        return condition.fact in self.hidden.facts or ended or self.is_secret(condition.happened)

    def is_secret(self, moment: str | None) -> bool:
        """Whether this moment tells how a step ended, what was sent or filled in, where that is kept apart."""
        known = Moment.parse(moment) if moment else Moment("")
        return (
            (known.kind == "done" and bool(known.outcome) and known.name in self.hidden.steps)
            or (known.kind == "sent" and known.name in self.hidden.messages)
            or (known.kind == "fact" and known.name in self.hidden.facts)
        )

    def moment(self, text: str) -> str:
        if not self.is_secret(text):
            return super().moment(text)
        known = Moment.parse(text)
        return super().moment(f"done.{known.name}") if known.kind == "done" else self.unsaid("hidden_moment")

    def unsaid(self, phrase: str) -> str:
        return PHRASES[language_of(self)][phrase]


def explain_case(
    world: World, events: Sequence[Event], language: str, hidden: Hidden = NOTHING_HIDDEN
) -> tuple[Why, ...]:
    """Everything there is to explain in a case, in `nl` or `en`: the handler, steps, messages, terms, what waits.

    `hidden`: what is kept from this reader, of which nothing is said.
    """
    words = Discreet(world.policy, language, hidden)
    case, found = Case(id=UUID(int=0)), list[Why]()
    for number, event in enumerate(events):
        after = apply(case, event)
        match event.kind:
            case Kind.ASSIGNED | Kind.HANDED_OVER:
                found.append(of_handler(world, words, case, event))
            case Kind.STEP_OPENED:
                found.append(of_step(world, words, after, event, events[:number]))
            case Kind.SENT if event.open["message"] in world.policy.messages.keys() - hidden.messages:
                found.append(of_message(world, words, after, event, events, number))
        case = after
    return (*latest(found), *of_terms(world, words, case), *of_what_waits(world, words, case))


def latest(found: Sequence[Why]) -> tuple[Why, ...]:
    """The last explanation of each thing: a step that opened again is there for its last reason."""
    return tuple({(one.kind, one.name): one for one in found}.values())


def of_handler(world: World, words: Words, case: Case, event: Event) -> Why:
    """The rule that found who handles, and those that did not hold."""
    rules, said = world.policy.assignment.rules, PHRASES[language_of(words)]
    rule = next((one for one in rules if one.id == event.open.get("rule")), None)
    skipped = [one for one in rules if one.id in event.open.get("passed", ())]
    held = tuple(capital(each) + "." for each in reasons(world, words, case, rule.when if rule else None))
    role = rule.to if rule else None
    who = said["found_by_rule"].format(words.role(role)) if role else said["chosen"]
    passed = tuple(Passed(rule_label(words, one), tuple(reasons(world, words, case, one.when))) for one in skipped)
    label = rule_label(words, rule) if rule else ""
    source = (rule.source if rule else ()) or world.policy.assignment.source
    path = f"assignment.rules.{rule.id}" if rule else "assignment.rules"
    return Why("handler", "", label, path, source, (who, *held), passed)


def rule_label(words: Words, rule: Rule) -> str:
    if rule.label:
        return words.text(rule.label)
    return capital(words.condition(rule.when)) if rule.when else PHRASES[language_of(words)]["else"]


def of_step(world: World, words: Words, case: Case, event: Event, before: Sequence[Event]) -> Why:
    """What opened a step: something that happened, an outcome that leads to it, or a term that passed."""
    name, said = event.open["step"], PHRASES[language_of(words)]
    step = world.policy.steps.get(name)
    if step is None:
        return Why("step", name, name, f"steps.{name}", (), (said["older"],))
    because = list[str]()
    for cause in reversed(before):
        if because or cause.at < event.at:
            break
        because += opener(world, words, name, cause)
    held = [capital(each) + "." for each in reasons(world, words, case, step.when)] if step.when else []
    because = because or [said["by_person"]]
    return Why("step", name, words.step(name), f"steps.{name}", step.source, (*because, *held))


def opener(world: World, words: Words, name: str, cause: Event) -> Iterator[str]:
    """Why this event opened the step, if it did."""
    step, said = world.policy.steps[name], PHRASES[language_of(words)]
    if cause.kind is Kind.STEP_DONE and cause.open["step"] in world.policy.steps:
        done, outcome = cause.open["step"], cause.open["outcome"]
        earlier = world.policy.steps[done]
        leads = earlier.outcomes[outcome].then if outcome in earlier.outcomes else earlier.then
        if name in leads:
            ending = f"done.{done}.{outcome}" if outcome in earlier.outcomes else f"done.{done}"
            yield said["follows"].format(words.moment(ending))
            return
    if cause.kind is Kind.TERM_MISSED:
        term = world.policy.terms.get(cause.open["term"])
        if term and term.missed and name in term.missed.opens:
            yield said["follows"].format(words.moment(f"missed.{cause.open['term']}"))
            return
    moments = (*cause.moments, *(("registered",) if cause.kind is Kind.RECEIVED else ()))
    for moment in step.on:
        if moment in moments:
            yield said["opens_at"].format(words.moment(moment))
            return


def of_message(world: World, words: Words, case: Case, event: Event, events: Sequence[Event], number: int) -> Why:
    """What sent a message: a step, an extension, or the platform because something happened."""
    name, said = event.open["message"], PHRASES[language_of(words)]
    message = world.policy.messages[name]
    sender = next((one for one in events[number:] if one.kind is Kind.STEP_DONE and one.at == event.at), None)
    held = [capital(each) + "." for each in reasons(world, words, case, message.when)] if message.when else []
    if sender and name in sent_with(world, sender):
        because = [said["sent_with"].format(words.moment(f"done.{sender.open['step']}"))]
    elif message.on and name in sent_by_itself(world, case, message.on):
        happened = next((one for one in message.on if one in case.moments), message.on[0])
        because = [said["sent_at"].format(words.moment(happened)), *held]
    else:
        because = [said["sent_by_person"]]
    return Why("message", name, words.message(name), f"messages.{name}", message.source, tuple(because))


def sent_with(world: World, done: Event) -> tuple[str, ...]:
    """The messages that go with how a step was done."""
    step = world.policy.steps.get(done.open["step"])
    if step is None:
        return ()
    outcome = step.outcomes.get(done.open["outcome"], Outcome())
    return (*((step.message,) if step.message else ()), *outcome.sends)


def of_terms(world: World, words: Words, case: Case) -> Iterator[Why]:
    """What each term started from and how its last day was counted."""
    said = PHRASES[language_of(words)]
    for clock in clocks(world, case):
        term = world.policy.terms[clock.term]
        start = next((one for one in term.from_ if one in case.moments), term.from_[0])
        begun = said["starts"].format(words.moment(start))
        held = [capital(each) + "." for each in reasons(world, words, case, term.when)] if term.when else []
        counted = [explain(each, language_of(words), world.zone) for each in clock.due.why]
        label = words.label(term, clock.term)
        yield Why("term", clock.term, label, f"terms.{clock.term}", term.source, (begun, *held, *counted))


def of_what_waits(world: World, words: Words, case: Case) -> Iterator[Why]:
    """What an open step still wants, and the outcomes that are not on offer: what a refusal would say, beforehand."""
    said = PHRASES[language_of(words)]
    for name in case.open:
        step = world.policy.steps.get(name)
        for number, guard in enumerate(step.guards if step else ()):
            if step and not holds(world, case, guard.when):
                because = [
                    words.text(guard.label),
                    *(capital(each) + "." for each in reasons(world, words, case, guard.when)),
                ]
                path, source = f"steps.{name}.guards.{number}", guard.source or step.source
                yield Why("refusal", name, words.step(name), path, source, tuple(filter(None, because)))
        for called, outcome in (step.outcomes if step else {}).items():
            if step and not holds(world, case, outcome.when):
                because = [said["no_outcome"].format(words.outcome(name, called))]
                because += [capital(each) + "." for each in reasons(world, words, case, outcome.when)]
                path, source = f"steps.{name}.outcomes.{called}", outcome.source or step.source
                yield Why("refusal", name, words.step(name), path, source, tuple(because))


def reasons(world: World, words: Words, case: Case, condition: Condition | None) -> Iterator[str]:
    """The parts that make a condition hold, or that keep it from holding, each as half a sentence."""
    if condition is None:
        return
    yield from decisive(world, words, case, condition, holds(world, case, condition))


def decisive(world: World, words: Words, case: Case, one: Condition, wanted: bool) -> Iterator[str]:
    if one.not_ is not None:
        yield from decisive(world, words, case, one.not_, not wanted)
        return
    inner = one.all or one.any or tuple(world.policy.grounds[name].when for name in one.ground or ())
    if not inner:
        yield words.condition(one) if wanted else words.negated(one)
        return
    that_way = [each for each in inner if holds(world, case, each) is wanted]
    every = wanted if one.all is not None else not wanted
    for each in that_way if every else that_way[:1]:
        yield from decisive(world, words, case, each, wanted)


def language_of(words: Words) -> str:
    return "nl" if words.language == "nl" else "en"


PHRASES: Mapping[str, Mapping[str, str]] = {
    "nl": {
        "found_by_rule": "De regeling geeft deze zaak aan: {0}.",
        "chosen": "De regeling laat de keuze aan een persoon.",
        "else": "In andere gevallen",
        "older": "Deze stap komt uit een eerdere versie van de regeling.",
        "by_person": "Een medewerker of het platform heeft deze stap geopend.",
        "follows": "Dit volgt op {0}.",
        "opens_at": "Dit begint vanzelf bij {0}.",
        "sent_with": "Dit gaat weg met {0}.",
        "sent_at": "Dit gaat vanzelf weg bij {0}.",
        "sent_by_person": "Een medewerker heeft dit gestuurd.",
        "starts": "De termijn begint bij {0}.",
        "hidden": "iets wat u niet mag zien, telt mee",
        "hidden_moment": "iets wat u niet mag zien",
        "no_outcome": "De uitkomst ‘{0}’ kan nu niet.",
    },
    "en": {
        "found_by_rule": "The procedure gives this case to: {0}.",
        "chosen": "The procedure leaves the choice to a person.",
        "else": "In other cases",
        "older": "This step is of an earlier version of the procedure.",
        "by_person": "A member of staff or the platform opened this step.",
        "follows": "This follows from {0}.",
        "opens_at": "This begins by itself at {0}.",
        "sent_with": "This goes out with {0}.",
        "sent_at": "This goes out by itself at {0}.",
        "sent_by_person": "A member of staff sent this.",
        "starts": "The term starts at {0}.",
        "hidden": "something you may not see counts too",
        "hidden_moment": "something you may not see",
        "no_outcome": "The outcome ‘{0}’ is not possible now.",
    },
}

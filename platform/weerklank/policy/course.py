"""What happens to an ordinary complaint, stage by stage: the drawing on an organisation's first page, as data.

A complaint in writing is imagined that came in by the first way that is open and of which nothing else is known. The
steps that would open are followed along the first of their outcomes that leads on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

from weerklank.policy.case import Case
from weerklank.policy.conditions import holds
from weerklank.policy.model import (
    Channel,
    ChannelKind,
    ChannelState,
    Does,
    Form,
    Phase,
    Policy,
    RoleKind,
    Step,
    Strength,
    Term,
)
from weerklank.policy.parties import LODGERS
from weerklank.policy.people import People, Person
from weerklank.policy.phrases import capital
from weerklank.policy.roles import found
from weerklank.policy.show import Telling, limit, limit_of, meets
from weerklank.policy.world import World

TOLD = (Does.PROPOSE, Does.DECIDE, Does.ANSWER, Does.CLOSE)  # what a complainant has to know of, whatever its phase
HERE = (ChannelKind.PORTAL, ChannelKind.WEB_FORM)
TOGETHER = (Phase.TRIAGE, Phase.TREATMENT)  # steps of one of these that follow one another are one stage


@dataclass(frozen=True)
class Longer:
    """How a term may be extended: `most` in all (a duration in words, or empty), and whether only if he consents."""

    most: str
    consent: bool


@dataclass(frozen=True)
class Stage:
    """Something that happens after somebody complained.

    `phase` is set where it is the whole of triage or treatment. `lines`: what we do, in sentences. `by`: half a
    sentence on the last day; empty without one; `told`: the last day is one that we tell him. `who` does it, empty
    when it is `yours`: the complainant's own turn. `stops`: the term stands still while we wait for what we
    asked him.
    `maybe`: his turn comes only when what went before did not already end it.
    """

    phase: Phase | None
    lines: tuple[str, ...]
    by: str
    told: bool
    who: str
    yours: bool
    longer: Longer | None
    stops: bool
    maybe: bool


def stages(policy: Policy, language: str) -> list[Stage]:
    """The stages of an ordinary complaint in `language`, after that it was made."""
    telling, world, case = Telling(policy, language), imagined_world(policy), imagined(policy)
    made: list[Stage] = []
    for name in course(world, case):
        one = stage(telling, world, case, name)
        if made and one.phase and made[-1].phase is one.phase and not (one.by or made[-1].by):
            made[-1] = joined(made[-1], one)
        else:
            made.append(one)
    return made


def imagined_world(policy: Policy) -> World:
    """The world of a policy in which somebody holds every post."""
    posts = {name: (uuid5(NAMESPACE_OID, name),) for name, role in policy.roles.items() if role.kind is RoleKind.POST}
    persons = {person: Person(person) for holders in posts.values() for person in holders}
    return World.of(policy, People(persons, posts))


def imagined(policy: Policy) -> Case:
    """A complaint in writing by the first way that is open, the platform's own page first."""
    written = [item for item in policy.channels.items() if is_open(item[1])]
    first = next(iter(sorted(written, key=lambda item: item[1].kind not in HERE)), None)
    if first is None:
        return Case(UUID(int=0))
    receiver = found(imagined_world(policy), Case(UUID(int=0)), first[1].to) if first[1].to else ()
    return Case(UUID(int=0), channel=first[0], received_by=next(iter(receiver), None))


def is_open(channel: Channel) -> bool:
    return channel.state is ChannelState.OPEN and channel.form is Form.WRITTEN


def course(world: World, case: Case) -> list[str]:
    """The steps of this complaint that the complainant has to know of, in their order."""
    steps = world.policy.steps
    names = [name for name, step in steps.items() if "received" in step.on and holds(world, case, step.when)]
    for name in names:  # grows while it is walked
        names += [each for each in leads_to(steps[name]) if each not in names]
    return [name for name in names if is_told(world, case, name)]


def leads_to(step: Step) -> tuple[str, ...]:
    """What follows when a step ends in the first of its ways that goes on."""
    ways = (outcome.then for outcome in step.outcomes.values() if outcome.then)
    return (*next(ways, ()), *step.then)


def is_told(world: World, case: Case, name: str) -> bool:
    step, steps = world.policy.steps[name], world.policy.steps
    asks_him = any(steps[each].does is Does.ANSWER for each in leads_to(step))
    return step.phase is not None or step.does in TOLD or asks_him or any(promised(world, case, name))


def promised(world: World, case: Case, name: str) -> Iterator[Term]:
    """The terms met by this step on which a complainant can count: from receipt, or until a day that he is told."""
    step = world.policy.steps[name]
    for term in world.policy.terms.values():
        told = term.day is not None and step.does in TOLD
        counts = (told or term.from_ == ("received",)) and term.strength is not Strength.HOUSE
        if counts and holds(world, case, term.when) and meets(name, step, term):
            yield term


def stage(telling: Telling, world: World, case: Case, name: str) -> Stage:
    """A step as the complainant reads it."""
    step, term = telling.policy.steps[name], next(promised(world, case, name), None)
    said = telling.text(step.help) or telling.step(name)
    yours = telling.policy.roles[step.by].kind in LODGERS
    told = term is not None and limit_of(term) == "day"
    return Stage(
        phase=step.phase if step.phase in TOGETHER else None,
        lines=(capital(said),),
        by=capital(limit(telling, term)) if term and not told else "",
        told=told,
        who="" if yours else telling.role(step.by),
        yours=yours,
        longer=longer(telling, term),
        stops=bool(term and term.suspend),
        maybe=yours and is_second_best(world, name),
    )


def is_second_best(world: World, name: str) -> bool:
    """Whether a step comes only after another one ended in a way that is not its first."""
    before = [step for step in world.policy.steps.values() if name in leads_to(step)]
    return any(name not in (*next(iter(step.outcomes.values())).then, *step.then) for step in before if step.outcomes)


def longer(telling: Telling, term: Term | None) -> Longer | None:
    if term is None or term.extend is None:
        return None
    most = telling.duration(term.extend.in_all) if term.extend.in_all else ""
    return Longer(most, term.extend.consent)


def joined(first: Stage, second: Stage) -> Stage:
    """Two steps of one phase as one stage; who does it is said when it is the same."""
    who = first.who if first.who == second.who else ""
    return Stage(first.phase, (*first.lines, *second.lines), "", False, who, first.yours, None, False, first.maybe)

"""How a case stands for who complained, in words: its state, what is done now and comes, days to come, who else reads.

The rules are those of `policy.ahead` and `policy.redress`; here they get the reader's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from weerklank.cases.labels import fact_text, label_of, question_of, role_label, texts_of
from weerklank.cases.people import complainants, received, representative
from weerklank.cases.reasons import reason_text
from weerklank.policy.ahead import Ahead, Change, appointments
from weerklank.policy.apart import complainant_in, readable
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import ChannelKind, ChannelState, FactType, Phase, RoleKind
from weerklank.policy.redress import has_outcome, redress
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World


class Standing(StrEnum):
    """The state of a complaint in one word, for who made it."""

    WAITS_FOR_YOU = "waits_for_you"
    RECEIVED = "received"
    TRIAGE = "triage"
    TREATMENT = "treatment"
    DECIDED = "decided"
    MEASURES = "measures"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


@dataclass(frozen=True)
class StageView:
    """Something that is done now (`begun`) or comes. `said`: a sentence for the complainant. `who`: empty when unknown.

    `by_day` is a legal day; without one no term runs, or it stands still (`change`, and in our words `because`).
    `late`: that day has passed.
    """

    said: str
    begun: bool
    yours: bool
    who: str
    by_day: date | None
    change: Change
    because: str
    late: bool
    why: tuple[str, ...]


@dataclass(frozen=True)
class AppointmentView:
    """A day to come that we told him, with what else we told of it (a place, an hour)."""

    label: str
    day: date
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RedressView:
    """An outside body for who does not agree. `within`: a duration as written; `until`: its last legal day."""

    name: str
    label: str
    help: str
    address: str
    within: str
    until: date | None
    open: bool
    over: bool
    fee: int | None
    evidence: str


@dataclass(frozen=True)
class Parties:
    """Whose complaint it is, who acts for him (or only helps him), and how many complain along."""

    complainant: str
    representative: str
    acts: bool
    others: int


def standing(case: Case, *, waits: bool) -> Standing:
    """`waits`: there is something that only the complainant can do."""
    if case.is_withdrawn:
        return Standing.WITHDRAWN
    if case.is_closed:
        return Standing.MERGED if case.is_merged else Standing.CLOSED
    if waits:
        return Standing.WAITS_FOR_YOU
    return Standing.CLOSED if case.phase is Phase.ARCHIVED else Standing(case.phase.value)


def stage_views(
    world: World,
    case: Case,
    events: Sequence[Event],
    coming: Sequence[Ahead],
    names: Mapping[UUID, str],
    language: str,
    today: date,
) -> tuple[StageView, ...]:
    """What is done now and what comes (`ahead`), in order."""
    return tuple(_stage(world, case, events, one, names, language, today) for one in coming)


def _stage(
    world: World, case: Case, events: Sequence[Event], one: Ahead, names: Mapping[UUID, str], language: str, today: date
) -> StageView:
    step = world.policy.steps.get(one.step)
    label = label_of(world.policy.steps, one.step, language) if step else ""
    said = step.help.in_(language) if step and step.help else label
    return StageView(
        said=said or label_of(world.policy.terms, one.clock.term if one.clock else "", language),
        begun=one.begun,
        yours=one.yours,
        who="" if one.yours else who_does(world, case, one.role, names, language),
        by_day=one.by,
        change=one.change,
        because=_because(events, one) if one.change in (Change.EXTENDED, Change.AGREED) else "",
        late=one.by is not None and one.by < today,
        why=reasons(world, one.clock, language) if one.clock else (),
    )


def _because(events: Sequence[Event], one: Ahead) -> str:
    """What we wrote to him when we made the day later."""
    term, kinds = one.clock.term if one.clock else "", (Kind.EXTENDED, Kind.AGREED)
    moved = (each for each in reversed(events) if each.kind in kinds and each.open["term"] == term)
    return next((str((each.sealed or {}).get("reason", "")) for each in moved), "")


def next_of(stages: Sequence[StageView]) -> StageView | None:
    """What to tell him first: what we do by the nearest day, else what stands still, is done now, or comes."""
    ours = [one for one in stages if not one.yours]
    dated = sorted((one for one in ours if one.by_day), key=lambda one: one.by_day or date.max)
    still = [one for one in ours if one.change in (Change.WAITS_FOR_YOU, Change.STANDS_STILL)]
    begun = [one for one in ours if one.begun]
    return next(iter((*dated, *still, *begun, *ours)), None)


def reasons(world: World, clock: Clock, language: str) -> tuple[str, ...]:
    """Why the last day of a term is that day, step by step."""
    return tuple(reason_text(world, each, language) for each in clock.due.why if each.code != "provisional")


def who_does(world: World, case: Case, role: str, names: Mapping[UUID, str], language: str) -> str:
    """Who sees to something: the handler by name, others by what their role is called."""
    known = world.policy.roles.get(role)
    handler = who_handles(world, case, names, language) if known and known.kind is RoleKind.HANDLER else ""
    return handler or role_label(world, role, language)


def who_handles(world: World, case: Case, names: Mapping[UUID, str], language: str) -> str:
    """By name where it is one person, else the role. Never somebody who is walled off."""
    people = [names[person] for person in case.handlers if person in names and not is_walled(case, person)]
    if len(people) == 1:
        return people[0]
    return role_label(world, case.handler_role, language) if case.handlers else ""


def to_call(world: World, case: Case) -> UUID | None:
    """The one person who handles it and is there today; None where there is nobody to call by name."""
    there = [person for person in case.handlers if person in world.people.persons and not is_walled(case, person)]
    return there[0] if len(there) == 1 and there[0] not in world.people.absent and not case.is_closed else None


def telephone(world: World) -> str:
    """The number on which the organisation takes questions about complaints; empty without one."""
    lines = (one for one in world.policy.channels.values() if one.kind is ChannelKind.PHONE)
    return next((line.address for line in lines if line.address and line.state is ChannelState.OPEN), "")


def appointment_views(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], language: str, today: date
) -> Iterator[AppointmentView]:
    """The days to come that we told him."""
    texts, reader = texts_of(events), complainant_in(world)
    for one in appointments(world, case, today):
        others = (name for name in readable(world, case, one.others, reader) if case.is_known(name))
        told = (
            (question_of(world, name, language), fact_text(world, case, texts, names, name, language))
            for name in others
            if world.policy.facts[name].type in (FactType.TEXT, FactType.CHOICE, FactType.DAY)
        )
        if readable(world, case, (one.fact,), reader):
            yield AppointmentView(question_of(world, one.fact, language), one.day, tuple(told))


def redress_views(world: World, case: Case, language: str, today: date) -> Iterator[RedressView]:
    """Where he can go who does not agree."""
    for each in redress(world, case):
        body = each.body
        yield RedressView(
            name=body.name,
            label=label_of(world.policy.bodies, each.name, language),
            help=body.help.in_(language) if body.help else "",
            address=body.address or "",
            within=str(body.within) if body.within else "",
            until=each.until,
            open=each.open,
            over=each.is_over(today),
            fee=body.fee,
            evidence=body.evidence.in_(language) if body.evidence else "",
        )


def parties(case: Case, events: Sequence[Event]) -> Parties:
    """The names of who complains and of who acts for him, as last written; empty once erased."""
    helper = representative(events).get("name", "")
    every = complainants(events)
    return Parties(every[0].get("name", ""), helper, case.represented is not None, len(every) - 1)


def story(events: Sequence[Event]) -> str:
    """What he wrote when he complained."""
    return str(received(events).get("story", ""))


def may_disagree(world: World, case: Case) -> bool:
    """Whether it is time to tell where else he can go: there is an outcome, and a body to go to."""
    return has_outcome(case) and not case.is_merged and any(redress(world, case))

"""What belongs together with a case and what restricts contact in it, as its pages show that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Opened
from weerklank.cases.combining import other_sides
from weerklank.cases.labels import label_of
from weerklank.cases.timeline import link_label
from weerklank.cases.walls import Reader, sees_all
from weerklank.policy.case import Case
from weerklank.policy.events import Event, Kind
from weerklank.policy.restrictions import holding
from weerklank.policy.world import World
from weerklank.tenancy import policies


@dataclass(frozen=True)
class LinkView:
    """What belongs together with this case: another case (`case_id` only for who sees that too) or a file elsewhere.

    `rests`: what is linked rests while this case runs; with `back` this case rests while that one does.
    """

    id: UUID
    name: str
    label: str
    called: str
    case_id: UUID | None
    rests: bool
    back: bool


@dataclass(frozen=True)
class RestrictionView:
    """A restriction on contact that holds, up to and including its last legal day, and which channels it closes."""

    name: str
    label: str
    until: date
    closes: tuple[str, ...]


def link_views(
    session: Session, tenant_id: UUID, opened: Opened, events: Sequence[Event], person_id: UUID, language: str
) -> Iterable[LinkView]:
    """What is linked; of a case that this reader may not see, only that there is one."""
    world, case = opened.world, opened.case
    known = world.policy.combining.links if world.policy.combining else {}
    reader = Reader(person_id, sees_all(policies.policy_of(opened.in_force), world.people, person_id))
    cases = other_sides(session, tenant_id, {link.case for link in case.links.values() if link.case}, reader)
    laid = [event for event in events if event.kind is Kind.LINKED]
    numbers = {event.open["id"]: (event.sealed or {}).get("number", "") for event in laid}
    for link_id, link in case.links.items():
        there = cases.get(link.case) if link.case else None
        runs = not there.closed if link.back and there else not case.is_closed
        yield LinkView(
            id=link_id,
            name=link.name,
            label=link_label(world, link.name, language),
            called=(there.reference if there else str(numbers.get(str(link_id), ""))),
            case_id=link.case if there and there.reference else None,
            rests=runs and link.name in known and known[link.name].rests,
            back=link.back,
        )


def linkable(world: World, language: str) -> tuple[tuple[str, str, bool], ...]:
    """The links of the policy: name, what it is called, and whether it is to a file elsewhere."""
    known = world.policy.combining.links if world.policy.combining else {}
    return tuple((name, label_of(known, name, language), link.outside) for name, link in known.items())


def restriction_views(world: World, case: Case, language: str, today: date) -> tuple[RestrictionView, ...]:
    """The restrictions that hold today."""
    known, channels = world.policy.restrictions, world.policy.channels
    return tuple(
        RestrictionView(
            name,
            label_of(known, name, language),
            case.restrictions[name],
            tuple(label_of(channels, each, language) for each in known[name].closes),
        )
        for name in holding(case, today)
        if name in known
    )

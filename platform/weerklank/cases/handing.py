"""A hand-over as its page shows it: who may take the case, who may not and why; and what the receiver is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, Opened
from weerklank.cases.labels import role_label
from weerklank.policy.assignment import Choice, why_not
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.handing import everybody_judged, found_by, may_hand_over
from weerklank.policy.refusals import BARRED, Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class TakerView:
    """Somebody who may take the case over; `warning`: he is involved, and only a reason lets him."""

    person_id: UUID
    name: str
    warning: bool


@dataclass(frozen=True)
class HandingView:
    """Who may take the case, by name, and who may not, each with why: those with a reason of their own only.

    `role` is whom the procedure gives this case to (empty: a person chooses); `refusal` why this reader may not hand
    it over.
    """

    takers: tuple[TakerView, ...]
    barred: tuple[tuple[str, str], ...]
    role: str
    refusal: Refusal | None


@dataclass(frozen=True)
class HandedView:
    """The last hand-over, while nobody was assigned since: on which legal day, by whom, with which note.

    `fresh`: this reader is the one it was handed to, and has done nothing in the case since.
    """

    day: date
    by: str
    note: str
    fresh: bool


def handing_view(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, person_id: UUID, language: str
) -> HandingView:
    """Everybody who works here, judged by the rules for who handles this case."""
    world, case = opened.world, opened.case
    refusal = may_hand_over(world, case, Actor(ActorKind.PERSON, person_id))
    found = {} if refusal else everybody_judged(world, case)
    names = opened.chart.names(engine.keyring, tenant_id, found)
    by_name = sorted(found.items(), key=lambda pair: names.get(pair[0], "").casefold())
    takers = (
        TakerView(person, names.get(person, ""), bool(one.overruled))
        for person, one in by_name
        if isinstance(one, Choice)
    )
    barred = (
        (names.get(person, ""), said)
        for person, one in by_name
        if isinstance(one, Refusal) and (said := barred_by(world, case, person, one, language))
    )
    return HandingView(tuple(takers), tuple(barred), role_label(world, found_by(world, case), language), refusal)


def barred_by(world: World, case: Case, person: UUID, refusal: Refusal, language: str) -> str:
    """What keeps this person from handling it, in words; empty where it is only that the procedure names others."""
    why = why_not(world, case, person)
    if why:
        return BARRED[why].in_(language)
    return refusal.text(language) if refusal.code in ("is_away", "handles_already") else ""


def handed_view(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], person_id: UUID
) -> HandedView | None:
    """What was handed over last; None when the case was assigned otherwise since."""
    given = [number for number, one in enumerate(events) if one.kind in (Kind.ASSIGNED, Kind.HANDED_OVER)]
    if not given or events[given[-1]].kind is not Kind.HANDED_OVER:
        return None
    event, later = events[given[-1]], events[given[-1] + 1 :]
    fresh = person_id in case.handlers and all(one.actor.id != person_id for one in later)
    note = str((event.sealed or {}).get("text", ""))
    by = names.get(event.actor.id, "") if event.actor.id else ""
    return HandedView(world.day_of(event.at), by, note, fresh and event.actor.id != person_id)

"""How long a case is kept, as its page shows it: until when, why, and what this reader may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weerklank.cases.actions.keep import Archive, Destroy
from weerklank.cases.labels import day_text
from weerklank.cases.timeline import duration_text
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind
from weerklank.policy.keeping import retention
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

WHY = {
    "nl": {"counted": "{0}, geteld vanaf {1}", "given": "deze dag is gekozen toen de zaak het archief in ging"},
    "en": {"counted": "{0}, counted from {1}", "given": "this day was chosen when the case was put in the archive"},
}


@dataclass(frozen=True)
class KeepingView:
    """`until` is the last legal day on which it is kept (None: nothing says so), `why` says in words how it was found.

    `asks_day`: whoever archives it has to say until when. `can_archive`, `can_destroy`: this reader, now.
    """

    until: date | None
    why: str
    source: tuple[str, ...]
    archived: bool
    destroyed: bool
    asks_day: bool
    can_archive: bool
    can_destroy: bool


def keeping_view(world: World, case: Case, person_id: UUID, language: str, now: datetime) -> KeepingView | None:
    """None while the case is open."""
    if not case.is_closed:
        return None
    kept, me = retention(world, case), Actor(ActorKind.PERSON, person_id)
    words, why = WHY["nl" if language == "nl" else "en"], ""
    if kept and kept.duration and kept.since:
        why = words["counted"].format(duration_text(str(kept.duration), language), day_text(kept.since, language))
    elif kept:
        why = words["given"]
    archive = Archive(None if kept else date.max).decide(world, case, me, now)
    destroy = Destroy("?").decide(world, case, me, now)
    return KeepingView(
        until=kept.until if kept else None,
        why=why,
        source=kept.source if kept else world.policy.keeping.source,
        archived=case.is_archived,
        destroyed=case.is_destroyed,
        asks_day=kept is None,
        can_archive=not isinstance(archive, Refusal),
        can_destroy=not (case.is_destroyed or isinstance(destroy, Refusal)),
    )

"""Archive and Destroy: what becomes of a case after its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weerklank.cases.actions.verb import may_act_as
from weerklank.cases.labels import day_text
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.keeping import keepers, retention, surviving
from weerklank.policy.model import Phase
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text, listed
from weerklank.policy.world import World

ARCHIVED_BY, DESTROYED_BY = "keeping.archived_by", "keeping.destroyed_by"


@dataclass(frozen=True)
class Archive:
    """Putting a closed case away: from then on it is only read. `until`: the last legal day on which it is kept,
    asked only where the procedure does not say how long."""

    until: date | None = None

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Only what is closed and over, by whom the policy names."""
        keeping = world.policy.keeping
        refusal = _is_over(world, case, ARCHIVED_BY) or may_act_as(
            world, case, actor, keepers(world, keeping.archived_by), ARCHIVED_BY
        )
        if refusal or case.is_archived:
            return refusal or Refusal("already_archived", ARCHIVED_BY, keeping.source)
        known = retention(world, case)
        if known is None and self.until is None:
            return Refusal("how_long_kept", "keeping.retention", keeping.source)
        if known is None and self.until and self.until < world.day_of(now):
            return Refusal("day_past", "keeping.retention", keeping.source)
        given = {"until": self.until.isoformat()} if self.until and known is None else {}
        return [Event(Kind.ARCHIVED, now, actor, {"phase": Phase.ARCHIVED.value, **given})]


@dataclass(frozen=True)
class Destroy:
    """Destroying an archived case: its words, names and files go for good, what is counted in reports stays.

    The reason is kept outside the case (`cases.keeping`), since everything sealed in the case goes.
    """

    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Never before its day, nor while something of it goes on."""
        keeping = world.policy.keeping
        roles = keepers(world, keeping.destroyed_by or keeping.archived_by)
        refusal = may_act_as(world, case, actor, roles, DESTROYED_BY) or _is_over(world, case, DESTROYED_BY)
        kept = retention(world, case)
        if refusal or not case.is_archived or kept is None:
            return refusal or Refusal("not_archived", DESTROYED_BY, keeping.source)
        if world.day_of(now) <= kept.until:
            return Refusal("still_kept", kept.rule, kept.source, {"day": _day(kept.until)})
        if not self.reason.strip():
            return Refusal("reason_needed", DESTROYED_BY, keeping.source)
        return [Event(Kind.DESTROYED, now, actor, {"until": kept.until.isoformat(), "rule": kept.rule})]


def _day(day: date) -> Text:
    return Text.of({language: day_text(day, language) for language in ("nl", "en")})


def _is_over(world: World, case: Case, rule: str) -> Refusal | None:
    if not case.is_closed:
        return Refusal("not_closed", rule)
    going_on = surviving(world, case)
    called = listed(_called(world, name) for name in going_on)
    return Refusal("still_going_on", rule, world.policy.keeping.source, {"what": called}) if going_on else None


def _called(world: World, name: str) -> Text:
    element = world.policy.steps.get(name) or world.policy.terms[name]
    return element.label or Text.of(name.replace("_", " "))

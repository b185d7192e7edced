"""Withdraw: the complainant ends it; what has to go on in spite of that stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weerklank.cases.actions.verb import day_given, has_part, instant_of
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.follow import lapses, opened
from weerklank.policy.post import send, unsent
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class Withdraw:
    """The request to stop, by the complainant himself; staff note when it was made and what shows it (`reason`)."""

    reason: str = ""
    on: date | None = None

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The end of the case, or the steps the policy still wants after a withdrawal."""
        if case.is_closed or case.is_withdrawn:
            return Refusal("nothing_to_withdraw", "withdraw")
        by_staff = actor.kind is ActorKind.PERSON
        refusal = has_part(world, case, actor, "withdraw") if by_staff else None
        refusal = refusal or day_given(world, case, self.on, now, "withdraw")
        if by_staff and refusal is None and not self.reason.strip():
            rule = world.policy.withdraw
            refusal = Refusal("reason_needed", "withdraw", rule.source if rule else ())
        return refusal or list(self._events(world, case, actor, now))

    def _events(self, world: World, case: Case, actor: Actor, now: datetime) -> Iterator[Event]:
        after = world.policy.withdraw
        closes = after is None or after.closes or not after.then
        at = instant_of(world, self.on, now)
        data = {
            "moments": ["closed"] if closes else [],
            **({"phase": "closed"} if closes else {}),
            **({"at": at.isoformat()} if at else {}),
        }
        yield Event(Kind.WITHDRAWN, now, actor, data, {"reason": self.reason} if self.reason else None)
        yield from lapses(world, case, now)
        for name in after.sends if after else ():
            yield send(world, case, name, actor, now, self.reason) or unsent(name, actor, now)
        for name in after.then if after else ():
            yield opened(world, name, now)

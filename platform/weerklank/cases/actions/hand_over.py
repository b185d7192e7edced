"""Hand over: another person goes on with a case, within the rules for who may handle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from weerklank.policy.assignment import Choice, source_of
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.handing import RULE, judged, may_hand_over
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class HandOver:
    """Giving the case to somebody, with a note for him; `reason` where his involvement has to be overruled."""

    to: UUID
    note: str
    reason: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The event that somebody else handles from now on; days and steps stay as they are."""
        refusal = may_hand_over(world, case, actor)
        if refusal is None and self.to not in world.people.persons:
            refusal = Refusal("unknown_person", RULE)
        if refusal is None and not self.note.strip():
            refusal = Refusal("note_needed", RULE, source_of(world, None))
        choice = refusal or judged(world, case, self.to, self.reason.strip())
        return choice if isinstance(choice, Refusal) else [self._event(case, choice, actor, now)]

    def _event(self, case: Case, choice: Choice, actor: Actor, now: datetime) -> Event:
        data = {
            "handlers": [str(person) for person in choice.handlers],
            "role": choice.role,
            "rule": choice.rule,
            "passed": list(choice.passed),
            "overruled": [str(person) for person in choice.overruled],
            "was": [str(person) for person in case.handlers],
        }
        return Event(Kind.HANDED_OVER, now, actor, data, {"text": self.note.strip(), "reason": self.reason.strip()})

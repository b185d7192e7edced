"""Restrict and Lift: contact with the complainant is limited for a while because of unreasonable conduct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weerklank.cases.actions.verb import may_act_as
from weerklank.cases.labels import day_text
from weerklank.deadlines import shift
from weerklank.policy.case import Case, apply
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.post import missing_piece, send
from weerklank.policy.refusals import Refusal
from weerklank.policy.restrictions import holding
from weerklank.policy.words import Text
from weerklank.policy.world import World

UNTIL: Mapping[str, str] = {"nl": "Dit geldt tot en met {}.", "en": "This holds up to and including {}."}


@dataclass(frozen=True)
class Restrict:
    """Putting a restriction of the policy on, up to and including a legal day, with the reason he will read."""

    name: str
    until: date
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The restriction and the message that tells it, or neither."""
        rule, known = f"restrictions.{self.name}", world.policy.restrictions.get(self.name)
        if known is None:
            return Refusal("unknown_restriction", "restrictions")
        refusal = may_act_as(world, case, actor, known.by, f"{rule}.by") or self._wrong(world, case, rule, now)
        if refusal:
            return refusal
        data = {"restriction": self.name, "until": self.until.isoformat()}
        put = Event(Kind.RESTRICTED, now, actor, data, {"reason": self.reason.strip()})
        language = "nl" if case.language == "nl" else "en"
        words = f"{self.reason.strip()}\n\n{UNTIL[language].format(day_text(self.until, language))}"
        after = apply(case, put)
        told = send(world, after, known.message, actor, now, words)
        lacking = missing_piece(world, after, known.message, words)
        nobody = None if told else Refusal("no_recipient", f"messages.{known.message}.to", known.source)
        return lacking or nobody or [put, *([told] if told else [])]

    def _wrong(self, world: World, case: Case, rule: str, now: datetime) -> Refusal | None:
        known, today = world.policy.restrictions[self.name], world.day_of(now)
        if not self.reason.strip():
            return Refusal("reason_needed", rule, known.source)
        if self.until <= today:
            return Refusal("day_past", rule, known.source)
        last = shift(today, known.most)
        if self.until > last:
            day = Text.of({language: day_text(last, language) for language in ("nl", "en")})
            return Refusal("restriction_too_long", f"{rule}.most", known.source, {"day": day})
        return None


@dataclass(frozen=True)
class Lift:
    """Taking a restriction away before its day, with the reason."""

    name: str
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The end of it."""
        rule, known = f"restrictions.{self.name}", world.policy.restrictions.get(self.name)
        if known is None or self.name not in holding(case, world.day_of(now)):
            return Refusal("unknown_restriction", "restrictions")
        refusal = may_act_as(world, case, actor, known.by, f"{rule}.by")
        if not refusal and not self.reason.strip():
            refusal = Refusal("reason_needed", rule, known.source)
        words = {"reason": self.reason.strip()}
        return refusal or [Event(Kind.RESTRICTION_LIFTED, now, actor, {"restriction": self.name}, words)]

"""Extend: a running term gets a later last day, by the procedure's own extension or by the complainant's consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weerklank.cases.actions.verb import may_act_as
from weerklank.cases.timeline import duration_text
from weerklank.deadlines import Duration, Unit
from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import ClockState, clock_of
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.model import Extension
from weerklank.policy.post import missing_piece, send
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text
from weerklank.policy.world import World

DAYS = {Unit.DAYS: 1, Unit.WORKING_DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 31, Unit.YEARS: 366, Unit.HOURS: 0}


@dataclass(frozen=True)
class Extend:
    """Extending `term` by a duration, with the reason the complainant reads."""

    term: str
    by: Duration
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The longer term and the message that tells it: the day moves only because that message is sent."""
        rule = extension_of(world, self.term)
        refusal = _may_be_extended(world, case, self.term, rule, actor, now) or self._too_long(case, rule)
        if refusal or rule is None:
            return refusal or Refusal("no_extension", f"terms.{self.term}.extend")
        if not self.reason.strip():
            return Refusal("reason_needed", f"terms.{self.term}.extend", rule.source)
        longer = Event(
            Kind.EXTENDED, now, actor, {"term": self.term, "by": str(self.by)}, {"reason": self.reason.strip()}
        )
        return _with_message(world, case, longer, rule, self.reason, actor, now)

    def _too_long(self, case: Case, rule: Extension | None) -> Refusal | None:
        if rule is None or rule.in_all is None:
            return None
        before = case.extensions.get(self.term, ())
        if self.by.amount > 0 and sum(_days(each) for each in (*before, self.by)) <= _days(rule.in_all):
            return None
        most = Text.of({language: duration_text(str(rule.in_all), language) for language in ("nl", "en")})
        return Refusal("extension_too_long", f"terms.{self.term}.extend.in_all", rule.source, {"most": most})


@dataclass(frozen=True)
class Agree:
    """A last day agreed with the complainant in writing."""

    term: str
    until: date
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The agreed day, taken as it was agreed (reading R3), and the message that confirms it."""
        rule = extension_of(world, self.term)
        refusal = _may_be_extended(world, case, self.term, rule, actor, now, agreed=True)
        if refusal or rule is None:
            return refusal or Refusal("no_extension", f"terms.{self.term}.extend")
        if self.until <= world.day_of(now) or not self.reason.strip():
            return Refusal("reason_needed", f"terms.{self.term}.extend", rule.source)
        data = {"term": self.term, "until": self.until.isoformat()}
        later = Event(Kind.AGREED, now, actor, data, {"reason": self.reason.strip()})
        return _with_message(world, case, later, rule, self.reason, actor, now)


def extension_of(world: World, term: str) -> Extension | None:
    """How the policy lets this term be extended, if at all."""
    known = world.policy.terms.get(term)
    return known.extend if known else None


def _may_be_extended(
    world: World, case: Case, term: str, rule: Extension | None, actor: Actor, now: datetime, agreed: bool = False
) -> Refusal | None:
    path = f"terms.{term}.extend"
    if rule is None:
        return Refusal("no_extension", path)
    clock = clock_of(world, case, term)
    if clock is None or clock.state is not ClockState.RUNNING:
        return Refusal("term_not_running", path, rule.source)
    if rule.consent and not agreed:
        return Refusal("consent_needed", path, rule.source)
    if rule.before_expiry and clock.due.due_before is not None and now >= clock.due.due_before:
        return Refusal("term_over", path, rule.source)
    return may_act_as(world, case, actor, (rule.by,), path)


def _with_message(
    world: World, case: Case, event: Event, rule: Extension, reason: str, actor: Actor, now: datetime
) -> Refusal | Sequence[Event]:
    if rule.message is None:
        return [event]
    after = apply(case, event)
    sent = missing_piece(world, after, rule.message, reason) or send(world, after, rule.message, actor, now, reason)
    if sent is None:
        return Refusal("no_recipient", f"messages.{rule.message}.to", rule.source)
    return sent if isinstance(sent, Refusal) else [event, sent]


def _days(duration: Duration) -> int:
    return duration.amount * DAYS[duration.unit]

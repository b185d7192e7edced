"""Extend: a running term gets a later last day, by the procedure's own extension or by somebody's consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from weerklank.cases.actions.verb import day_given, may_act_as
from weerklank.cases.timeline import duration_text
from weerklank.deadlines import CountingError, Duration
from weerklank.policy.case import Case, apply
from weerklank.policy.clocks import ClockState, clock_of
from weerklank.policy.events import PLATFORM, Actor, ActorKind, Event, Kind
from weerklank.policy.facts import LATEST
from weerklank.policy.model import Extension, RoleKind
from weerklank.policy.post import missing_piece, send
from weerklank.policy.refusals import Refusal
from weerklank.policy.words import Text, listed
from weerklank.policy.world import World


@dataclass(frozen=True)
class Extend:
    """Extending `term` by a duration, with the reason the complainant reads."""

    term: str
    by: Duration
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The longer term and the message that tells it: the day moves only because that message is sent."""
        rule = extension_of(world, self.term)
        refusal = not_extendable(world, case, self.term, rule, now)
        if refusal or rule is None:
            return refusal or Refusal("no_extension", f"terms.{self.term}.extend")
        refusal = _may_extend(world, case, self.term, rule, actor) or self._too_long(world, case, rule)
        if refusal:
            return refusal
        if not self.reason.strip():
            return Refusal("reason_needed", f"terms.{self.term}.extend", rule.source)
        longer = Event(
            Kind.EXTENDED, now, actor, {"term": self.term, "by": str(self.by)}, {"reason": self.reason.strip()}
        )
        return _with_message(world, case, longer, rule, self.reason, actor, now)

    def _too_long(self, world: World, case: Case, rule: Extension) -> Refusal | None:
        """Both ends are counted as the term itself is, since weeks and working days cannot be compared else."""
        most, path, source = rule.in_all, f"terms.{self.term}.extend.in_all", rule.source
        try:
            ends = _ends(world, case, self.term, (*case.extensions.get(self.term, ()), self.by))
            last = _ends(world, case, self.term, (most,)) if most else ends
        except CountingError:
            return Refusal("not_countable", path, source)
        if self.by.amount and (most is None or ends <= last):
            return None
        if rule.further and self.by.amount:
            return Refusal("consent_needed", path, source)
        return Refusal("extension_too_long", path, source, {"most": _in_words(most or self.by)})


def _ends(world: World, case: Case, term: str, extensions: tuple[Duration, ...]) -> date | datetime:
    """Where the running term would end, before weekends and holidays move that."""
    longer = replace(case, extensions={**case.extensions, term: extensions}, agreed={})
    clock = clock_of(world, longer, term)
    assert clock is not None and clock.due.bound is not None
    return clock.due.nominal or clock.due.bound


def _in_words(duration: Duration) -> Text:
    return Text.of({language: duration_text(str(duration), language) for language in ("nl", "en")})


@dataclass(frozen=True)
class Agree:
    """A last day agreed in writing. `consented` are the roles that agreed, `on` the legal day they did, `words` how.

    `consented` None: the complainant, or whoever the policy asks, as whoever records this says with it.
    """

    term: str
    until: date
    reason: str
    consented: tuple[str, ...] | None = None
    on: date | None = None
    words: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """What `given` answers, recorded by somebody who may extend the term."""
        given, rule = self.given(world, case, actor, now), extension_of(world, self.term)
        return (rule and _may_extend(world, case, self.term, rule, actor)) or given

    def given(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The agreed day, taken as it was agreed (reading R3), with the consent, and the message that confirms it."""
        rule = extension_of(world, self.term)
        refusal = not_extendable(world, case, self.term, rule, now, agreed=True)
        if refusal or rule is None:
            return refusal or Refusal("no_extension", f"terms.{self.term}.extend")
        refusal = self._wrong(world, case, rule, now)
        later = self._event(world, rule, actor, now)
        return refusal or _with_message(world, case, later, rule, self.reason, actor, now)

    def _wrong(self, world: World, case: Case, rule: Extension, now: datetime) -> Refusal | None:
        path, asked = f"terms.{self.term}.extend", consenting(world, rule)
        if self.until <= world.day_of(now):
            return Refusal("day_past", path, rule.source)
        if self.until > LATEST:
            return Refusal("not_countable", path, rule.source)
        if not self.reason.strip():
            return Refusal("reason_needed", path, rule.source)
        lacking = [] if self.consented is None else [role for role in asked if role not in self.consented]
        if lacking:
            roles = listed(world.policy.roles[role].label or Text.of(role) for role in lacking)
            return Refusal("consent_missing", f"{path}.consent_of", rule.source, {"roles": roles})
        return day_given(world, case, self.on, now, path)

    def _event(self, world: World, rule: Extension, actor: Actor, now: datetime) -> Event:
        """One line of the ledger: until when, who agreed on which day, and in what words."""
        given = self.consented if self.consented is not None else consenting(world, rule)
        day = self.on or world.day_of(now)
        data = {"term": self.term, "until": self.until.isoformat(), "consented": list(given), "on": day.isoformat()}
        return Event(Kind.AGREED, now, actor, data, {"reason": self.reason.strip(), "consent": self.words.strip()})


def consenting(world: World, rule: Extension) -> tuple[str, ...]:
    """The roles whose consent a later day needs: those the policy names, else the complainant."""
    complainants = (name for name, role in world.policy.roles.items() if role.kind is RoleKind.COMPLAINANT)
    return rule.consent_of or tuple(complainants)[:1]


def extension_of(world: World, term: str) -> Extension | None:
    """How the policy lets this term be extended, if at all; without a source of its own it has the term's."""
    known = world.policy.terms.get(term)
    rule = known.extend if known else None
    return replace(rule, source=rule.source or known.source) if known and rule else None


def not_extendable(
    world: World, case: Case, term: str, rule: Extension | None, now: datetime, *, agreed: bool = False
) -> Refusal | None:
    """Why this term cannot get a later day by this rule now; with `agreed` because that was consented to."""
    path = f"terms.{term}.extend"
    if rule is None:
        return Refusal("no_extension", path)
    clock = clock_of(world, case, term)
    if clock is None or clock.state is not ClockState.RUNNING:
        return Refusal("term_not_running", path, rule.source)
    if not agreed and (rule.consent or term in case.agreed):
        return Refusal("consent_needed", path, rule.source)
    if rule.before_expiry and clock.due.bound is not None and now >= clock.due.bound:
        return Refusal("term_over", path, rule.source)
    return None


def _may_extend(world: World, case: Case, term: str, rule: Extension, actor: Actor) -> Refusal | None:
    return may_act_as(world, case, actor, (rule.by,), f"terms.{term}.extend")


def _with_message(
    world: World, case: Case, event: Event, rule: Extension, reason: str, actor: Actor, now: datetime
) -> Refusal | Sequence[Event]:
    if rule.message is None:
        return [event]
    after, sender = apply(case, event), PLATFORM if actor.kind is ActorKind.COMPLAINANT else actor
    sent = missing_piece(world, after, rule.message, reason) or send(world, after, rule.message, sender, now, reason)
    if sent is None:
        return Refusal("no_recipient", f"messages.{rule.message}.to", rule.source)
    return sent if isinstance(sent, Refusal) else [event, sent]

"""Consent: the complainant is asked on his page whether a term may get a later last day, and answers there.

His yes is the agreement that staff record too (`extend.Agree`): the same rule, the same event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weerklank.cases.actions.extend import Agree, consenting, extension_of, not_extendable
from weerklank.cases.actions.verb import may_act_as
from weerklank.policy.case import Case
from weerklank.policy.clocks import clock_of, last_day
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind, Event, Kind
from weerklank.policy.held import LaterDay
from weerklank.policy.model import Extension
from weerklank.policy.parties import LODGERS
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class AskConsent:
    """Asking for the last day `until`, with the reason he reads. `consented`: other roles that agreed already."""

    term: str
    until: date
    reason: str
    consented: tuple[str, ...] = ()

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The request: only where the procedure asks for his consent, and a yes of his would be enough."""
        path, rule = f"terms.{self.term}.extend", extension_of(world, self.term)
        if case.is_closed:
            return Refusal("already_closed", path)
        if rule is None or not his_consent(world, case, self.term, rule):
            return Refusal("no_extension", path, rule.source if rule else ())
        agreed = self._agreed(world, rule).given(world, case, COMPLAINANT, now)
        refusal = may_act_as(world, case, actor, (rule.by,), path)
        if refusal or isinstance(agreed, Refusal):
            return refusal or agreed
        clock = clock_of(world, case, self.term)
        last = last_day(world, clock.due) if clock else None
        if last and self.until <= last:
            return Refusal("day_not_later", path, rule.source)
        data = {"term": self.term, "until": self.until.isoformat(), "consented": list(self.consented)}
        return [Event(Kind.LATER_ASKED, now, actor, data, {"reason": self.reason.strip()})]

    def _agreed(self, world: World, rule: Extension) -> Agree:
        return Agree(self.term, self.until, self.reason, (*self.consented, *of_complainant(world, rule)))


@dataclass(frozen=True)
class AnswerConsent:
    """His answer to request number `asked` about this term, with what he wants to say.

    `reason` is what he was told, which stands in the request: rules read no words.
    """

    term: str
    asked: int
    agrees: bool
    reason: str
    words: str = ""

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The agreed day, or that he does not agree, so that the day stays. Once."""
        path, rule = f"terms.{self.term}.extend", extension_of(world, self.term)
        request = waits_for_consent(world, case, self.term, now)
        if rule is None or request is None or request.seq != self.asked or actor.kind is not ActorKind.COMPLAINANT:
            return Refusal("answered_before", path)
        if not self.agrees:
            words = {"text": self.words.strip()} if self.words.strip() else None
            return [Event(Kind.LATER_REFUSED, now, actor, {"term": self.term}, words)]
        consented = (*request.consented, *of_complainant(world, rule))
        return Agree(self.term, request.until, self.reason, consented, words=self.words).given(world, case, actor, now)


def waits_for_consent(world: World, case: Case, term: str, now: datetime) -> LaterDay | None:
    """The later day for this term that he can still agree to: none once term or case is over, or that day is past."""
    asked, rule = case.later.get(term), extension_of(world, term)
    if asked is None or case.is_closed or asked.until <= world.day_of(now):
        return None
    return None if not_extendable(world, case, term, rule, now, agreed=True) else asked


def his_consent(world: World, case: Case, term: str, rule: Extension) -> bool:
    """Whether this term gets a later day by the complainant's consent, alone or with that of others."""
    by_consent = rule.consent or rule.further or term in case.agreed
    return by_consent and bool(of_complainant(world, rule))


def of_complainant(world: World, rule: Extension) -> tuple[str, ...]:
    """Those of the roles that must consent which are the complainant's, or of who acts for him."""
    return tuple(role for role in consenting(world, rule) if world.policy.roles[role].kind in LODGERS)

"""Measures: planned with an owner and a day, carried out with proof, verified by whom the policy names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weerklank.cases.actions.verb import has_part, may_act_as
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class PlanMeasure:
    """Planning: what (words), who, and by which legal day."""

    measure: UUID
    owner: UUID
    day: date
    what: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The planned measure. Somebody involved may own one: whether he is the one to do it is for who plans it."""
        refusal = has_part(world, case, actor, "measures")
        if refusal or case.is_closed:
            return refusal or Refusal("already_closed", "measures")
        if self.owner not in world.people.persons:
            return Refusal("unknown_person", "measures.asks", world.policy.measures.source)
        if not self.what.strip():
            return Refusal("missing_text", "measures.asks", world.policy.measures.source)
        data = {"measure": str(self.measure), "owner": str(self.owner), "day": self.day.isoformat()}
        return [Event(Kind.MEASURE_PLANNED, now, actor, data, {"what": self.what.strip()})]


@dataclass(frozen=True)
class MoveMeasure:
    """Another day for a measure, with the reason."""

    measure: UUID
    day: date
    reason: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The moved day; the earlier one stays in the trail."""
        refusal = has_part(world, case, actor, "measures") or _to_be_done(case, self.measure)
        if refusal or not self.reason.strip():
            return refusal or Refusal("reason_needed", "measures")
        data = {"measure": str(self.measure), "day": self.day.isoformat()}
        return [Event(Kind.MEASURE_MOVED, now, actor, data, {"reason": self.reason.strip()})]


@dataclass(frozen=True)
class CarryOutMeasure:
    """The owner, or somebody with a part in the case, reports that it was done and what shows it."""

    measure: UUID
    proof: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The report, with its proof where the policy wants one."""
        known = case.measures.get(self.measure)
        mine = known is not None and known.owner == actor.id
        refusal = None if mine else has_part(world, case, actor, "measures")
        refusal = refusal or _to_be_done(case, self.measure)
        if refusal:
            return refusal
        if world.policy.measures.proof and not self.proof.strip():
            return Refusal("proof_needed", "measures.proof", world.policy.measures.source)
        return [
            Event(Kind.MEASURE_CARRIED_OUT, now, actor, {"measure": str(self.measure)}, {"proof": self.proof.strip()})
        ]


@dataclass(frozen=True)
class VerifyMeasure:
    """Checking that a measure was really carried out."""

    measure: UUID

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """Only by the role the policy names, only after it was reported."""
        rules = world.policy.measures
        refusal = _known(case, self.measure)
        if refusal is None and rules.verified_by:
            refusal = may_act_as(world, case, actor, (rules.verified_by,), "measures.verified_by")
        elif refusal is None:
            refusal = has_part(world, case, actor, "measures")
        if refusal or not case.measures[self.measure].carried_out:
            return refusal or Refusal("measure_not_done", "measures.verified_by", rules.source)
        return [Event(Kind.MEASURE_VERIFIED, now, actor, {"measure": str(self.measure)})]


def _known(case: Case, measure: UUID) -> Refusal | None:
    return None if measure in case.measures else Refusal("unknown_measure", "measures")


def _to_be_done(case: Case, measure: UUID) -> Refusal | None:
    """What was reported stands: its proof and its day are what the check is about."""
    refusal = _known(case, measure)
    return refusal or (Refusal("measure_done", "measures") if case.measures[measure].carried_out else None)

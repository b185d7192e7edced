"""Recommendations: numbered, to a role, and followed until they are carried out or rejected with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, text

from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.learning.model import Advice, Kind, Recommendation
from weerklank.learning.place import Place, needed, refuse
from weerklank.policy.model import Duty, RoleKind

OUTSIDE_A_CASE = (RoleKind.POST, RoleKind.STAFF)
STEPS = {
    Advice.CONSULTED: Kind.RECOMMENDATION_CONSULTED,
    Advice.ACCEPTED: Kind.RECOMMENDATION_ACCEPTED,
    Advice.CARRIED_OUT: Kind.RECOMMENDATION_CARRIED_OUT,
    Advice.REJECTED: Kind.RECOMMENDATION_REJECTED,
}


def addressees(place: Place, duty: Duty) -> Sequence[str]:
    """The roles a recommendation can be addressed to: those the policy names, else all that exist outside a case."""
    roles = place.world.policy.roles.items()
    return duty.to or [name for name, role in roles if role.kind in OUTSIDE_A_CASE]


def make(
    place: Place, by: UUID, duty_name: str, to: str, words: str, *, case_id: UUID | None = None,
    report_id: UUID | None = None, own_id: UUID | None = None,
) -> Recommendation:
    """Recommend something: it gets the next number. Whoever it is addressed to is told."""
    duty, rule = duty_of(place, duty_name), f"duties.{duty_name}"
    place.only(by, [duty.by, *duty.also_by], f"{rule}.by", duty.source)
    if to not in addressees(place, duty):
        refuse("unknown_addressee", f"{rule}.to", duty.source)
    recommendation = Recommendation(
        tenant_id=place.tenant_id, id=own_id or new_id(), number=next_number(place), duty=duty_name, addressee=to,
        state=Advice.MADE.value, report_id=report_id, case_id=case_id, made_by=by, made_on=place.today, seq=0,
    )  # fmt: skip
    place.write(recommendation, text=needed(words, rule, duty.source))
    place.session.add(recommendation)
    place.record(recommendation, Kind.RECOMMENDED, by, [rule], number=recommendation.number, to=to)
    place.tell(recommendation, "recommended", rule, set(place.holders(to)) - {by})
    return recommendation


def duty_of(place: Place, name: str) -> Duty:
    duty = place.world.policy.duties.get(name)
    if duty is None or duty.does != "recommend":
        raise NotFound("duty")
    return duty


def next_number(place: Place) -> int:
    """The next number of this organisation; two who recommend at once get theirs one after the other."""
    place.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"recommendation {place.tenant_id}"}
    )
    last = select(func.max(Recommendation.number)).where(Recommendation.tenant_id == place.tenant_id)
    return (place.session.scalar(last) or 0) + 1


def recommendation_of(place: Place, recommendation_id: UUID) -> tuple[Recommendation, Duty]:
    """The recommendation, and the duty it came from."""
    found = place.session.scalar(
        select(Recommendation)
        .where(Recommendation.tenant_id == place.tenant_id, Recommendation.id == recommendation_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("recommendation")
    return found, duty_of(place, found.duty)


def consult(place: Place, by: UUID, recommendation_id: UUID, words: str) -> None:
    """Record with whom it was talked over, and what came of it; may be done more than once."""
    recommendation, duty = recommendation_of(place, recommendation_id)
    rule = f"duties.{recommendation.duty}"
    place.only(by, [duty.by, *duty.also_by], f"{rule}.by", duty.source)
    if recommendation.state not in (Advice.MADE, Advice.CONSULTED):
        refuse("advice_over", rule, duty.source)
    talks = place.read(recommendation).get("consulted", [])
    place.write(recommendation, consulted=[*talks, needed(words, rule, duty.source)])
    to_state(place, recommendation, by, Advice.CONSULTED)


def accept(place: Place, by: UUID, recommendation_id: UUID) -> None:
    """Whoever it is addressed to takes it over."""
    recommendation, _ = answerable(place, by, recommendation_id)
    to_state(place, recommendation, by, Advice.ACCEPTED)


def reject(place: Place, by: UUID, recommendation_id: UUID, reason: str) -> None:
    """Whoever it is addressed to does not take it over, with a reason."""
    recommendation, duty = answerable(place, by, recommendation_id)
    if not reason.strip():
        refuse("reason_needed", f"duties.{recommendation.duty}", duty.source)
    place.write(recommendation, reason=reason.strip())
    to_state(place, recommendation, by, Advice.REJECTED)


def answerable(place: Place, by: UUID, recommendation_id: UUID) -> tuple[Recommendation, Duty]:
    """A recommendation that its addressee may answer now: talked over first where the policy asks it."""
    recommendation, duty = recommendation_of(place, recommendation_id)
    rule = f"duties.{recommendation.duty}"
    place.only(by, [recommendation.addressee], f"{rule}.to", duty.source)
    if recommendation.state not in (Advice.MADE, Advice.CONSULTED):
        refuse("advice_over", rule, duty.source)
    if duty.consult and recommendation.state != Advice.CONSULTED:
        refuse("not_consulted", f"{rule}.consult", duty.source)
    return recommendation, duty


def carry_out(place: Place, by: UUID, recommendation_id: UUID) -> None:
    """It was done, says whoever took it over or made it."""
    recommendation, duty = recommendation_of(place, recommendation_id)
    rule = f"duties.{recommendation.duty}"
    place.only(by, [recommendation.addressee, duty.by], f"{rule}.to", duty.source)
    if recommendation.state != Advice.ACCEPTED:
        refuse("advice_over", rule, duty.source)
    to_state(place, recommendation, by, Advice.CARRIED_OUT)


def to_state(place: Place, recommendation: Recommendation, by: UUID, state: Advice) -> None:
    recommendation.state = state.value
    place.record(recommendation, STEPS[state], by, [f"duties.{recommendation.duty}"])

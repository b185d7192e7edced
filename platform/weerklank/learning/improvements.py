"""Measures that come out of reports: planned with an owner and a day, carried out with proof, verified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from weerklank.cases.model import CaseFile
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.learning.gather import walled_from
from weerklank.learning.model import Improvement, Kind, Report
from weerklank.learning.place import Place, needed, refuse

RULE = "measures"


@dataclass(frozen=True)
class Plan:
    """A measure as it is decided on: what, whose, by which day, of which sort, and from which complaints."""

    text: str
    owner: UUID | None
    day: date | None
    kind: str = ""
    participants: str = ""
    references: tuple[str, ...] = ()
    id: UUID | None = None


def plan(place: Place, by: UUID, report: Report, given: Plan) -> Improvement:
    """Decide on a measure: it needs words, an owner who works here, and a day."""
    rules = place.world.policy.measures
    text = needed(given.text, RULE, rules.source)
    if given.owner is None or given.owner not in place.world.people.persons or given.day is None:
        refuse("owner_and_day_needed", f"{RULE}.asks", rules.source)
    if given.day < place.today:
        refuse("day_past", RULE, rules.source)
    if given.kind and given.kind not in rules.kinds:
        refuse("unknown_kind", f"{RULE}.kinds", rules.source)
    improvement = Improvement(
        tenant_id=place.tenant_id, id=given.id or new_id(), report_id=report.id, kind=given.kind, owner_id=given.owner,
        day=given.day, cases=cases_of(place, by, given.references), seq=0,
    )  # fmt: skip
    place.write(improvement, text=text, participants=given.participants.strip())
    place.session.add(improvement)
    elements = [RULE, f"reports.{report.name}", *([f"{RULE}.kinds.{given.kind}"] if given.kind else [])]
    decided = {"owner": given.owner, "day": given.day, "report": report.id}
    place.record(improvement, Kind.IMPROVEMENT_PLANNED, by, elements, **decided)
    if given.owner != by:
        place.tell(improvement, "measure", RULE, [given.owner])
    return improvement


def cases_of(place: Place, by: UUID, references: tuple[str, ...]) -> list[UUID]:
    """The complaints with these references; refused when there is none, or it is not for who names it."""
    wanted = {reference.strip().upper() for reference in references if reference.strip()}
    found = select(CaseFile.id, CaseFile.reference).where(
        CaseFile.tenant_id == place.tenant_id, CaseFile.reference.in_(wanted)
    )
    rows = place.session.execute(found).all() if wanted else []
    if len(rows) < len(wanted) or walled_from(place, by, [row.id for row in rows]):
        refuse("unknown_reference", RULE, place.world.policy.measures.source)
    return sorted(row.id for row in rows)


def improvement_of(place: Place, improvement_id: UUID) -> Improvement:
    """The measure. NotFound when there is none here."""
    found = place.session.scalar(
        select(Improvement)
        .where(Improvement.tenant_id == place.tenant_id, Improvement.id == improvement_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("improvement")
    return found


def carry_out(place: Place, by: UUID, improvement_id: UUID, proof: str) -> None:
    """Its owner reports that it was done and what shows it."""
    improvement, rules = improvement_of(place, improvement_id), place.world.policy.measures
    if by != improvement.owner_id:
        refuse("not_yours", RULE, rules.source)
    if improvement.carried_out_at:
        refuse("measure_done", RULE, rules.source)
    if rules.proof and not proof.strip():
        refuse("proof_needed", f"{RULE}.proof", rules.source)
    improvement.carried_out_at = place.now
    place.write(improvement, proof=proof.strip())
    place.record(improvement, Kind.IMPROVEMENT_CARRIED_OUT, by, [RULE])
    if rules.verified_by is None:
        improvement.verified_at = place.now
        place.session.flush()


def verify(place: Place, by: UUID, improvement_id: UUID) -> None:
    """Whoever the policy names checks that it was done."""
    improvement, rules = improvement_of(place, improvement_id), place.world.policy.measures
    place.only(by, [rules.verified_by], f"{RULE}.verified_by", rules.source)
    if improvement.verified_at:
        refuse("measure_done", RULE, rules.source)
    if improvement.carried_out_at is None:
        refuse("measure_not_done", RULE, rules.source)
    improvement.verified_at = place.now
    place.record(improvement, Kind.IMPROVEMENT_VERIFIED, by, [RULE])

"""A report, a measure or a recommendation as somebody may read it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from weerklank.cases.act import as_event
from weerklank.cases.model import CaseFile
from weerklank.cases.walls import reader, visible
from weerklank.kernel import events
from weerklank.kernel.errors import NotFound
from weerklank.learning.counts import Figures, Row
from weerklank.learning.gather import histories, shown_to, values_of, walls_of, words_of
from weerklank.learning.model import Improvement, Recommendation, Report
from weerklank.learning.place import Place
from weerklank.learning.reports import Section, report_of, sections_of
from weerklank.learning.tasks import Task, tasks_of
from weerklank.policy import model as policy
from weerklank.policy.case import replay
from weerklank.policy.reporting import PER, in_words

LATEST = 500  # cases of which words are told: nobody reads more, and each has to be opened


class Sight(StrEnum):
    """whole: the report. pack: its measures with the analysis, as it was presented. none: not that it exists."""

    WHOLE = "whole"
    PACK = "pack"
    NONE = "none"


@dataclass(frozen=True)
class Deed:
    """Something that happened to it: its kind, when (an instant), and who did it (None: the platform)."""

    kind: str
    at: Any
    by: UUID | None


@dataclass(frozen=True)
class ImprovementView:
    """A measure of a report; `references` are the complaints it comes from that this reader may know of."""

    id: UUID
    text: str
    kind: str
    participants: str
    owner: UUID
    day: date
    proof: str
    state: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class AdviceView:
    """A recommendation; its reference is that of the case it comes from, if this reader may know of it."""

    id: UUID
    number: int
    duty: str
    addressee: str
    state: str
    text: str
    consulted: tuple[str, ...]
    reason: str
    made_by: UUID
    made_on: date


@dataclass(frozen=True)
class ReportView:
    """A report for one reader. `walled`: numbers that could point at a case he is kept out of are left out.

    `texts` are tables of facts in words: (name, rows of words and how often), of the LATEST cases only.
    """

    report: Report
    rules: policy.Report
    sight: Sight
    sections: tuple[tuple[Section, str], ...]
    figures: Figures
    walled: bool
    texts: tuple[tuple[str, tuple[Row, ...]], ...]
    recommendations: tuple[AdviceView, ...]
    improvements: tuple[ImprovementView, ...]
    remarks: str
    deeds: tuple[Deed, ...]
    tasks: tuple[Task, ...]

    @property
    def has_more_words(self) -> bool:
        """Whether there are cases of which no words are told."""
        return bool(self.texts) and len(self.figures["cases"]) > LATEST

    def words(self) -> list[str]:
        """Everything in it that somebody wrote."""
        return [
            *(text for _, text in self.sections),
            *(str(word) for _, rows in self.texts for row in rows for word in row[:-1]),
            *(one.text for one in self.recommendations),
            *(one.text for one in self.improvements),
            self.remarks,
        ]


def sight_of(place: Place, report: Report, rules: policy.Report, person: UUID) -> Sight:
    """Its writer always; those it is for once it is released; those it is presented to see what was presented."""
    if person in place.holders(rules.by):
        return Sight.WHOLE
    if report.released_at and person in place.among([*rules.to, rules.decides, *rules.evaluated_by]):
        return Sight.WHOLE
    return Sight.PACK if report.presented_on and person in place.among(rules.presented_to) else Sight.NONE


def reports_for(place: Place, person: UUID) -> list[tuple[Report, Sight]]:
    """The reports this person may read, newest first."""
    query = select(Report).where(Report.tenant_id == place.tenant_id).order_by(Report.first_day.desc(), Report.name)
    known = place.world.policy.reports
    found = [(one, sight_of(place, one, known[one.name], person)) for one in place.session.scalars(query)
             if one.name in known]  # fmt: skip
    return [(one, sight) for one, sight in found if sight is not Sight.NONE]


def report_view(place: Place, report_id: UUID, person: UUID) -> ReportView:
    """The report for this reader. NotFound when he may not know of it."""
    report, rules = report_of(place, report_id, to_change=False)
    sight = sight_of(place, report, rules, person)
    if sight is Sight.NONE:
        raise NotFound("report")
    said, whole = place.read(report), sight is Sight.WHOLE
    figures, walled = shown_to(place, person, report.figures)
    return ReportView(
        report,
        rules,
        sight,
        tuple((one, said.get("sections", {}).get(one.name, "")) for one in sections_of(report.name, rules)),
        figures if whole else {"cases": [], "totals": {}, "tables": [], "lists": []},
        walled,
        tuple(texts(place, report, rules, person)) if whole else (),
        tuple(advice(place, report)) if whole and "recommendations" in rules.contains else (),
        tuple(improvements_of(place, person, [report.id])),
        said.get("remarks", "") if whole else "",
        deeds(place, report.id) if whole else (),
        tuple(task for task in tasks_of(place, person) if task.id == report.id),
    )


def texts(place: Place, report: Report, rules: policy.Report, person: UUID) -> list[tuple[str, tuple[Row, ...]]]:
    """Facts in words of the latest cases, each with how often; none of a case that this reader is kept out of."""
    names = [name for name in rules.contains if in_words(place.world.policy, name)]
    walls = walls_of(place, person)
    seen = [UUID(one) for one in report.figures["cases"][-LATEST:] if UUID(one) not in walls]
    if not names or not seen:
        return [(name, ()) for name in names]
    facts = {part for name in names for part in name.split(PER)}
    words, told = words_of(place, seen, facts), histories(place, seen)
    cases = {case_id: replay(case_id, [as_event(each) for each in told[case_id]]) for case_id in seen}
    found = []
    for name in names:
        rows = Counter(
            pair
            for case_id, case in cases.items()
            for pair in product(*(values_of(case, words.get(case_id, {}), part) for part in name.split(PER)))
        )
        found.append((name, tuple([*pair, number] for pair, number in sorted(rows.items()))))
    return found


def advice(place: Place, report: Report) -> list[AdviceView]:
    """The recommendations made in a report's period or up to its release, and those made from it."""
    last = place.world.day_of(report.released_at) if report.released_at else place.today
    within = Recommendation.made_on.between(report.first_day, max(last, report.last_day))
    query = select(Recommendation).where(
        Recommendation.tenant_id == place.tenant_id, or_(within, Recommendation.report_id == report.id)
    )
    return [advice_view(place, one) for one in place.session.scalars(query.order_by(Recommendation.number))]


def advice_view(place: Place, one: Recommendation) -> AdviceView:
    said = place.read(one)
    return AdviceView(
        one.id, one.number, one.duty, one.addressee, one.state, said.get("text", ""),
        tuple(said.get("consulted", ())), said.get("reason", ""), one.made_by, one.made_on,
    )  # fmt: skip


def advice_for(place: Place, person: UUID) -> list[AdviceView]:
    """The recommendations this person makes, or that are addressed to a role he holds."""
    query = select(Recommendation).where(Recommendation.tenant_id == place.tenant_id)
    found = []
    for one in place.session.scalars(query.order_by(Recommendation.number.desc())):
        duty = place.world.policy.duties.get(one.duty)
        makers = [duty.by, *duty.also_by] if duty else []
        if person == one.made_by or person in place.among([one.addressee, *makers]):
            found.append(advice_view(place, one))
    return found


def improvements_of(place: Place, person: UUID, report_ids: list[UUID]) -> list[ImprovementView]:
    """The measures of these reports, by day."""
    query = select(Improvement).where(Improvement.tenant_id == place.tenant_id, Improvement.report_id.in_(report_ids))
    return [improvement_view(place, one, person) for one in place.session.scalars(query.order_by(Improvement.day))]


def improvement_view(place: Place, one: Improvement, person: UUID) -> ImprovementView:
    said, seen = place.read(one), list[str]()
    if one.cases:
        looks = reader(place.session, place.tenant_id, person, place.today)
        mine = visible(place.session, place.tenant_id, looks, one.cases)
        wanted = select(CaseFile.reference).where(CaseFile.tenant_id == place.tenant_id, CaseFile.id.in_(mine))
        seen = [reference for reference in place.session.scalars(wanted.order_by(CaseFile.id)) if reference]
    state = "verified" if one.verified_at else "carried_out" if one.carried_out_at else "planned"
    return ImprovementView(
        one.id, said.get("text", ""), one.kind, said.get("participants", ""), one.owner_id, one.day,
        said.get("proof", ""), state, tuple(seen),
    )  # fmt: skip


def improvements_for(place: Place, person: UUID) -> list[ImprovementView]:
    """The measures this person carries out or checks."""
    checks = person in place.holders(place.world.policy.measures.verified_by)
    query = select(Improvement).where(Improvement.tenant_id == place.tenant_id)
    query = query if checks else query.where(Improvement.owner_id == person)
    return [improvement_view(place, one, person) for one in place.session.scalars(query.order_by(Improvement.day))]


def deeds(place: Place, item_id: UUID) -> tuple[Deed, ...]:
    """What happened to it, from the trail."""
    found = events.load(place.session, place.tenant_id, item_id)
    return tuple(Deed(each.kind, each.at, each.actor_id) for each in found)

"""The report cycle: asked, written, released, decided on, presented, evaluated together, and recorded.

Each function is one thing somebody does (`by`: a person's id). Raises NotFound for a report that is not there, and
Refused with the rule of the policy that says no. Whoever calls commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from weerklank.deadlines import Counting, Duration, Term, Unit, compute
from weerklank.kernel.errors import NotFound
from weerklank.kernel.ids import new_id
from weerklank.learning.counting import NOTHING, ask_to_count
from weerklank.learning.improvements import Plan, plan
from weerklank.learning.model import CountState, Kind, Report
from weerklank.learning.periods import Period
from weerklank.learning.place import Place, needed, past_day, refuse
from weerklank.policy import model as policy
from weerklank.policy.words import Text

ANALYSIS = "analysis"
ANALYSIS_LABEL = Text.of({"nl": "Analyse", "en": "Analysis"})


@dataclass(frozen=True)
class Section:
    """A part that a person writes: what it is called, whether it must be there, and the rule that says so."""

    name: str
    label: Text | str
    required: bool
    rule: str
    source: tuple[str, ...]
    help: Text | None = None


def sections_of(name: str, rules: policy.Report) -> tuple[Section, ...]:
    """The texts of a report. `contains: analysis` asks for one although the policy describes no such section."""
    found = [
        Section(
            key,
            one.label or key.replace("_", " "),
            one.required or key in rules.contains,
            f"reports.{name}.sections.{key}",
            one.source or rules.source,
            one.help,
        )
        for key, one in rules.sections.items()
    ]
    if ANALYSIS in rules.contains and ANALYSIS not in rules.sections:
        found.append(Section(ANALYSIS, ANALYSIS_LABEL, True, f"reports.{name}.contains", rules.source))
    return tuple(found)


def report_of(place: Place, report_id: UUID, *, to_change: bool = True) -> tuple[Report, policy.Report]:
    """The report and what the policy says of it; locked for whoever is going to change it."""
    query = select(Report).where(Report.tenant_id == place.tenant_id, Report.id == report_id)
    report = place.session.scalar(query.with_for_update() if to_change else query)
    if report is None or report.name not in place.world.policy.reports:
        raise NotFound("report")
    return report, place.world.policy.reports[report.name]


def ask(place: Place, name: str, period: Period, due: Duration | None, by: UUID | None = None) -> Report:
    """Open a report: its writer is told, and a worker counts the numbers for him to write from."""
    rules = place.world.policy.reports[name]
    report = Report(
        tenant_id=place.tenant_id, id=new_id(), name=name, first_day=period.first, last_day=period.last,
        due_on=due_day(place, period, due), opened_at=place.now, figures=NOTHING, counted_at=place.now,
        told=[], deciders=[], participants=[], seq=0,
    )  # fmt: skip
    place.session.add(report)
    place.record(report, Kind.REPORT_OPENED, by, [f"reports.{name}"], report=name, first=period.first, last=period.last)
    place.tell(report, "opened", f"reports.{name}", place.holders(rules.by))
    ask_to_count(place, report)
    return report


def due_day(place: Place, period: Period, within: Duration | None) -> date | None:
    """The last legal day to release it, counted from the period's last day."""
    if within is None:
        return None
    counting = Counting.WORKING_DAYS if within.unit is Unit.WORKING_DAYS else Counting.CALENDAR
    return compute(Term(within, counting), period.last, place.world.calendar).due


def open_by_hand(place: Place, by: UUID, name: str, period: Period) -> Report:
    """Begin a report of which the policy does not say how often it is written."""
    rules = place.world.policy.reports.get(name)
    if rules is None:
        raise NotFound("report")
    rule = f"reports.{name}.by"
    place.only(by, [rules.by], rule, rules.source)
    if rules.every is not None:
        refuse("report_asked", f"reports.{name}.every", rules.source)
    past_day(place, period.last, rule, rules.source)
    known = select(Report.id).where(
        Report.tenant_id == place.tenant_id, Report.name == name, Report.first_day == period.first
    )
    if period.last < period.first or place.session.scalar(known):
        refuse("report_there", rule, rules.source)
    return ask(place, name, period, rules.within, by)


def write(place: Place, by: UUID, report_id: UUID, section: str, text: str) -> None:
    """Write one of its texts, until it is released."""
    report, rules = draft(place, by, report_id)
    known = {one.name: one for one in sections_of(report.name, rules)}
    if section not in known:
        raise NotFound("section")
    said = place.read(report)
    place.write(report, sections={**said.get("sections", {}), section: text.strip()})
    place.record(report, Kind.REPORT_WRITTEN, by, [known[section].rule], section=section)


def draft(place: Place, by: UUID, report_id: UUID) -> tuple[Report, policy.Report]:
    """A report that its writer may still change."""
    report, rules = report_of(place, report_id)
    place.only(by, [rules.by], f"reports.{report.name}.by", rules.source)
    if report.released_at:
        refuse("report_released", f"reports.{report.name}", rules.source)
    return report, rules


def count_again(place: Place, by: UUID, report_id: UUID) -> None:
    """Have a worker count anew, with what has been learnt since; nothing while it does already."""
    report, rules = draft(place, by, report_id)
    if report.counting != CountState.RUNNING:
        ask_to_count(place, report)
        place.record(report, Kind.REPORT_COUNTED, by, [f"reports.{report.name}.contains"])


def release(place: Place, by: UUID, report_id: UUID) -> None:
    """Let it go to those it is for, with the numbers as its writer saw them; from now on it stays as it is.

    Refused while a text that must be there is empty, and without numbers of the whole period.
    """
    report, rules = draft(place, by, report_id)
    written = place.read(report).get("sections", {})
    sections = sections_of(report.name, rules)
    for section in sections:
        if section.required and not written.get(section.name):
            refuse("section_needed", section.rule, section.source, section=section.label)
    if report.counting != CountState.READY:
        refuse("report_not_counted", f"reports.{report.name}.contains", rules.source)
    if place.world.day_of(report.counted_at) <= report.last_day < place.today:
        refuse("report_counted_early", f"reports.{report.name}.contains", rules.source)
    report.released_at = place.now
    elements = [f"reports.{report.name}", *(one.rule for one in sections), *counted_elements(rules)]
    place.record(report, Kind.REPORT_RELEASED, by, elements)
    place.tell(report, "released", f"reports.{report.name}", place.among(rules.to) - {by})
    if rules.decides:
        place.tell(report, "decide", f"reports.{report.name}", place.holders(rules.decides))
    finish(place, report, rules)


def counted_elements(rules: policy.Report) -> Iterator[str]:
    """The facts a report counts."""
    return (f"facts.{part}" for name in rules.contains for part in name.split(" per "))


def decide(place: Place, by: UUID, report_id: UUID, plans: Sequence[Plan] = ()) -> None:
    """Decide on the measures, or agree with those that are there. Where all must, it is decided once all have."""
    report, rules = released(place, report_id)
    rule = f"reports.{report.name}.decides"
    if rules.decides is None:
        refuse("report_step_unknown", rule, rules.source)
    place.only(by, [rules.decides], rule, rules.source)
    if report.decided_at or by in report.deciders:
        refuse("report_step_done", rule, rules.source)
    for one in plans:
        plan(place, by, report, one)
    report.deciders = [*report.deciders, by]
    if rules.decided_by == "one" or set(place.holders(rules.decides)) <= set(report.deciders):
        report.decided_at = place.now
    elements = [f"reports.{report.name}", f"roles.{rules.decides}"]
    place.record(report, Kind.REPORT_DECIDED, by, elements, complete=report.decided_at is not None)
    finish(place, report, rules)


def released(place: Place, report_id: UUID) -> tuple[Report, policy.Report]:
    """A report that has been released."""
    report, rules = report_of(place, report_id)
    if report.released_at is None:
        refuse("report_not_released", f"reports.{report.name}", rules.source)
    return report, rules


def present(place: Place, by: UUID, report_id: UUID, day: date) -> None:
    """Show measures and analysis, together, to everybody it is presented to: a page for each, and a mail."""
    report, rules = released(place, report_id)
    rule = f"reports.{report.name}.presented_to"
    if not rules.presented_to:
        refuse("report_step_unknown", rule, rules.source)
    place.only(by, [rules.by, rules.decides], rule, rules.source)
    past_day(place, day, rule, rules.source)
    if rules.decides and report.decided_at is None:
        refuse("report_not_decided", rule, rules.source)
    if report.presented_on:
        refuse("report_step_done", rule, rules.source)
    report.presented_on = day
    elements = [f"reports.{report.name}", *(f"roles.{role}" for role in rules.presented_to)]
    place.record(report, Kind.REPORT_PRESENTED, by, elements, day=day)
    place.tell(report, "presented", f"reports.{report.name}", place.among(rules.presented_to) - {by})
    finish(place, report, rules)


def evaluate(
    place: Place, by: UUID, report_id: UUID, day: date, participants: Collection[UUID], remarks: str,
    plans: Sequence[Plan] = (),
) -> None:
    """Record the talk in which it was evaluated together: it counts when every role that should was there."""
    report, rules = released(place, report_id)
    rule = f"reports.{report.name}.evaluated_by"
    if not rules.evaluated_by:
        refuse("report_step_unknown", rule, rules.source)
    place.only(by, rules.evaluated_by, rule, rules.source)
    past_day(place, day, rule, rules.source)
    if report.evaluated_on:
        refuse("report_step_done", rule, rules.source)
    there = {by, *participants}
    for role in rules.evaluated_by:
        if there.isdisjoint(place.holders(role)):
            refuse("not_together", rule, rules.source, role=place.label(role))
    place.write(report, remarks=needed(remarks, rule, rules.source))
    for one in plans:
        plan(place, by, report, one)
    report.evaluated_on, report.participants = day, sorted(there)
    elements = [f"reports.{report.name}", *(f"roles.{role}" for role in rules.evaluated_by)]
    place.record(report, Kind.REPORT_EVALUATED, by, elements, day=day, participants=report.participants)
    finish(place, report, rules)


def finish(place: Place, report: Report, rules: policy.Report) -> None:
    """Record it in the archive once all the policy asks of it has happened."""
    asked = (
        (rules.decides, report.decided_at),
        (rules.presented_to, report.presented_on),
        (rules.evaluated_by, report.evaluated_on),
    )
    if all(done for needs, done in asked if needs):
        report.recorded_at = place.now
        place.record(report, Kind.REPORT_RECORDED, None, [f"reports.{report.name}"])

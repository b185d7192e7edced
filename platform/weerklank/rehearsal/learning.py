"""What happens outside single cases in a story: the report cycle, recommendations, duties, publication."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy import select

from weerklank.kernel.errors import NotFound
from weerklank.kernel.events import Event
from weerklank.learning import clock, improvements, log, recommendations, reports
from weerklank.learning.counting import count_up
from weerklank.learning.improvements import Plan
from weerklank.learning.model import CountState, Improvement, Kind, LogEntry, Recommendation, Report
from weerklank.learning.periods import Period
from weerklank.learning.place import Place, place_of
from weerklank.rehearsal.model import Happening

if TYPE_CHECKING:
    from weerklank.rehearsal.player import Stage

MORNING = time(8)
Do = Callable[["Stage", Place, UUID, Happening], object]


def place(stage: Stage, now: datetime) -> Place:
    return place_of(stage.session, stage.engine, stage.tenant.id, now)


def mornings(stage: Stage, until: datetime) -> Iterator[datetime]:
    """The mornings up to this instant on which something is due outside the cases, each when it has come."""
    while stage.now is not None:
        day = clock.next_day(place(stage, stage.now), stage.now.astimezone(stage.zone).date())
        morning = datetime.combine(day, MORNING, stage.zone) if day else None
        if morning is None or morning > until:
            return
        yield max(morning, stage.now)


def let_morning_come(stage: Stage, now: datetime) -> None:
    """What the platform does by itself on this morning."""
    clock.every_day(stage.session, stage.engine, stage.tenant.id, now)
    count_what_is_asked(stage, now)


def count_what_is_asked(stage: Stage, now: datetime) -> None:
    """What a worker does."""
    asked = (Report.tenant_id == stage.tenant.id, Report.counting == CountState.RUNNING.value)
    for report_id in stage.session.scalars(select(Report.id).where(*asked)).all():
        count_up(place(stage, now), report_id)


def learn(stage: Stage, verb: str, given: Happening, now: datetime) -> None:
    """Let one such thing happen."""
    LEARNING[verb](stage, place(stage, now), stage.person(given.by), given)
    count_what_is_asked(stage, now)


def is_of_report(stage: Stage, name: str | None) -> bool:
    """Whether this is a measure of a report or a recommendation, and none of a case."""
    here = (stage.tenant.id, measure_id(name))
    return any(stage.session.get(model, here) for model in (Improvement, Recommendation))


def measure_id(name: str | None) -> UUID:
    """The id of a measure or recommendation by its name in the story; every case has measures of its own."""
    return uuid5(UUID(int=0), name or "")


def report_of(stage: Stage, name: str) -> Report:
    """The last report of this name that was opened."""
    query = select(Report).where(Report.tenant_id == stage.tenant.id, Report.name == name)
    found = stage.session.scalar(query.order_by(Report.first_day.desc()).limit(1))
    if found is None:
        raise NotFound("report")
    return found


def plans(stage: Stage, given: Happening) -> list[Plan]:
    """The measures that are decided on, each with its name in the story."""
    return [
        Plan(
            one.text or name,
            stage.person(one.owner) if one.owner else None,
            one.day,
            one.kind or "",
            ", ".join(one.participants),
            tuple(reference(stage, case) for case in one.cases),
            measure_id(name),
        )
        for name, one in given.measures.items()
    ]


def reference(stage: Stage, case: str) -> str:
    return stage.opened(case, stage.now or datetime.now(UTC)).file.reference or ""


def day_of(place: Place, given: Happening) -> date:
    return given.on or place.today


def _begin(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    period = Period(given.on or here.today, given.until or here.today)
    reports.open_by_hand(here, by, given.begin or "", period)


def _write(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    name, _, section = (given.write or "").partition(".")
    reports.write(here, by, report_of(stage, name).id, section, given.text)


def _decide(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    reports.decide(here, by, report_of(stage, given.decide_on or "").id, plans(stage, given))


def _evaluate(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    report = report_of(stage, given.evaluate or "")
    people = [stage.person(name) for name in given.with_]
    reports.evaluate(here, by, report.id, day_of(here, given), people, given.text, plans(stage, given))


def _recommend(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    duty, _, name = (given.recommend or "").partition(".")
    case = stage.case(given.case) if given.case else None
    recommendations.make(here, by, duty, given.to or "", given.text, case_id=case, own_id=measure_id(name))


def _enter(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    duty, _, kind = (given.enter or "").partition(".")
    log.register(here, by, duty, kind, day_of(here, given), given.text)


def _strike(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    head, _, name = (given.strike or "").partition(".")
    if head == "facts":
        log.strike_fact(here, by, reference(stage, given.case or next(iter(stage.cases))), name, given.reason)
        return
    query = select(LogEntry.id).where(LogEntry.element == f"duties.{head}", LogEntry.kind == name)
    found = stage.session.scalar(query.order_by(LogEntry.created_at.desc()).limit(1))
    if found is None:
        raise NotFound("entry")
    log.strike(here, by, found, given.reason)


def _log(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    there = ", ".join(stage.called(stage.person(name)) for name in given.with_)
    log.do_duty(here, by, given.log or "", day_of(here, given), given.text, there)


def _tell(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    """Whoever was announced in the same words, else somebody new."""
    waiting = select(LogEntry).where(LogEntry.element == f"publication.{given.tell}", LogEntry.kind == log.EXPECTED)
    known = [one.id for one in stage.session.scalars(waiting) if here.read(one).get("text") == given.text.strip()]
    log.tell(here, by, given.tell or "", day_of(here, given), given.text, known[0] if known else None)


def _carry_out(stage: Stage, here: Place, by: UUID, given: Happening) -> None:
    item = measure_id(given.carry_out)
    if stage.session.get(Improvement, (stage.tenant.id, item)):
        improvements.carry_out(here, by, item, given.text)
    else:
        recommendations.carry_out(here, by, item)


LEARNING: Mapping[str, Do] = {
    "begin": _begin,
    "write": _write,
    "release_report": lambda stage, here, by, given: reports.release(
        here, by, report_of(stage, given.release_report or "").id
    ),
    "decide_on": _decide,
    "present": lambda stage, here, by, given: reports.present(
        here, by, report_of(stage, given.present or "").id, day_of(here, given)
    ),
    "evaluate": _evaluate,
    "recommend": _recommend,
    "consult": lambda stage, here, by, given: recommendations.consult(here, by, measure_id(given.consult), given.text),
    "accept": lambda stage, here, by, given: recommendations.accept(here, by, measure_id(given.accept)),
    "reject": lambda stage, here, by, given: recommendations.reject(here, by, measure_id(given.reject), given.reason),
    "carry_out": _carry_out,
    "verify": lambda stage, here, by, given: improvements.verify(here, by, measure_id(given.verify)),
    "log": _log,
    "enter": _enter,
    "strike": _strike,
    "check": lambda stage, here, by, given: log.check(here, by, given.check or ""),
    "announce": lambda stage, here, by, given: log.expect(here, by, given.announce or "", given.text),
    "tell": _tell,
}
IN_CASES_TOO = ("carry_out", "verify")
VERBS = tuple(verb for verb in LEARNING if verb not in IN_CASES_TOO)


def verb_of(stage: Stage, given: Happening) -> str | None:
    """The verb of learning that happens here, if it is one."""
    for verb in LEARNING:
        name = getattr(given, verb)
        if name is not None and (verb not in IN_CASES_TOO or is_of_report(stage, name)):
            return verb
    return None


def elements(stage: Stage) -> Iterator[str]:
    """The elements of the policy that worked outside single cases, from the trail."""
    kinds = [kind.value for kind in Kind]
    query = select(Event.open).where(Event.tenant_id == stage.tenant.id, Event.kind.in_(kinds))
    for open_part in stage.session.scalars(query):
        yield from open_part.get("elements", ())


def told(stage: Stage, person: UUID) -> set[str]:
    """What somebody was told outside cases: element and word."""
    query = select(Event.open).where(Event.tenant_id == stage.tenant.id, Event.kind == Kind.TOLD.value)
    return {
        f"{each['elements'][0]}.{each['word']}"
        for each in stage.session.scalars(query)
        if str(person) in each["persons"]
    }

"""The complainant's view of his complaint: what happened, what comes next and by when, and what we ask him."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.belonging import RestrictionView, restriction_views
from weerklank.cases.labels import AskedFact, asked_fact, label_of, role_label
from weerklank.cases.messages import Written, written_to_complainant
from weerklank.cases.timeline import Entry, for_complainant, people_named, still_asked
from weerklank.deadlines import explain
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, ClockState, clocks, last_day
from weerklank.policy.events import COMPLAINANT
from weerklank.policy.model import Phase, Strength
from weerklank.policy.offers import Offer, offers
from weerklank.policy.restrictions import closes_page
from weerklank.policy.roles import is_walled
from weerklank.policy.world import World

DOING: Mapping[Phase, Mapping[str, str]] = {
    Phase.RECEIVED: {"nl": "Wij gaan met uw klacht aan de slag.", "en": "We are getting to work on your complaint."},
    Phase.TRIAGE: {
        "nl": "Wij bekijken uw klacht en bepalen wie haar behandelt.",
        "en": "We are looking at your complaint and finding out who will handle it.",
    },
    Phase.TREATMENT: {"nl": "Wij behandelen uw klacht.", "en": "We are handling your complaint."},
    Phase.DECIDED: {"nl": "Er is een uitkomst.", "en": "There is an outcome."},
    Phase.MEASURES: {
        "nl": "Er is een uitkomst. Wij voeren uit wat is afgesproken.",
        "en": "There is an outcome. We are carrying out what was agreed.",
    },
    Phase.CLOSED: {"nl": "Uw klacht is afgehandeld.", "en": "Your complaint has been dealt with."},
    Phase.ARCHIVED: {"nl": "Uw klacht is afgehandeld.", "en": "Your complaint has been dealt with."},
}
WAITING = {"nl": "Wij wachten op uw antwoord.", "en": "We are waiting for your answer."}


@dataclass(frozen=True)
class NextStep:
    """What comes next: by which legal day (None while the term stands still), who sees to it, and why that day."""

    label: str
    by_day: date | None
    who: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class ToldMessage:
    """A message to the complainant, as it was sent."""

    day: date
    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One answer to a question: a button of his, and what this answer asks on top of the question."""

    outcome: str
    label: str
    asks: tuple[AskedFact, ...]


@dataclass(frozen=True)
class Question:
    """Something only the complainant can answer: a step of his, what it asks, and its answers."""

    step: str
    label: str
    help: str
    asks: tuple[AskedFact, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class StatusView:
    """All of it. `asked` is what we asked him to add and he has not yet; `handler` says who handles, or is empty.

    `seq`: how many events there are. `scans`: of files on the timeline, as `act.KeepsFiles.scans`.
    """

    reference: str
    seq: int
    phase: Phase
    received_on: date
    timeline: tuple[Entry, ...]
    scans: Mapping[UUID, str]
    doing_now: str
    next_steps: tuple[NextStep, ...]
    handler: str
    messages: tuple[ToldMessage, ...]
    questions: tuple[Question, ...]
    asked: str | None
    restrictions: tuple[RestrictionView, ...]
    can_withdraw: bool
    can_add: bool
    closed: bool


def status_view(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, language: str, now: datetime
) -> StatusView:
    """The view in `nl` or `en`. The door has seen the secret code. NotFound: no such case here."""
    opened = open_case(session, tenant_id, case_id, now)
    events = read_words(engine, tenant_id, opened)
    world, case = opened.world, opened.case
    names = opened.chart.names(engine.keyring, tenant_id, people_named(case, events))
    letters = written_to_complainant(session, engine.keyring, tenant_id, case_id, world)
    questions = tuple(_question(world, offer, language) for offer in offers(world, case, COMPLAINANT))
    asked = still_asked(case, events)
    timeline = for_complainant(world, case, events, names, language)
    return StatusView(
        reference=opened.file.reference or "",
        seq=case.seq,
        phase=case.phase,
        received_on=opened.file.received_on,
        timeline=timeline,
        scans=engine.files.scans(session, tenant_id, case_id) if any(each.file for each in timeline) else {},
        doing_now=_word(WAITING if questions or asked else DOING[case.phase], language),
        next_steps=tuple(next_steps(world, case, language)),
        handler=handler(world, case, names, language),
        messages=tuple(_told(world, at, letter) for at, letter in letters),
        questions=questions,
        asked=asked,
        can_withdraw=not (case.is_closed or case.is_withdrawn),
        restrictions=restriction_views(world, case, language, world.day_of(now)),
        can_add=not case.is_closed and closes_page(world, case, world.day_of(now)) is None,
        closed=case.is_closed,
    )


def _word(words: Mapping[str, str], language: str) -> str:
    return words["nl" if language == "nl" else "en"]


def next_steps(world: World, case: Case, language: str) -> list[NextStep]:
    """The running terms of the procedure, nearest day first. What the organisation set itself beside it is its own."""
    running = [clock for clock in clocks(world, case) if _concerns_him(world, clock)]
    running.sort(key=lambda clock: last_day(world, clock.due) or date.max)
    return [_next_step(world, clock, language) for clock in running]


def _concerns_him(world: World, clock: Clock) -> bool:
    return (
        clock.state in (ClockState.RUNNING, ClockState.SUSPENDED)
        and world.policy.terms[clock.term].strength is not Strength.HOUSE
    )


def _next_step(world: World, clock: Clock, language: str) -> NextStep:
    term = world.policy.terms[clock.term]
    why = tuple(explain(each, language, world.zone) for each in clock.due.why if each.code != "provisional")
    label, who = label_of(world.policy.terms, clock.term, language), role_label(world, term.owner, language)
    return NextStep(label, last_day(world, clock.due), who, why)


def handler(world: World, case: Case, names: Mapping[UUID, str], language: str) -> str:
    """Who handles: by name where it is one person, else the role. Never somebody who is walled off."""
    known = [names[person] for person in case.handlers if person in names and not is_walled(case, person)]
    if len(known) == 1:
        return known[0]
    return role_label(world, case.handler_role, language) if case.handlers else ""


def _question(world: World, offer: Offer, language: str) -> Question:
    step = world.policy.steps[offer.step]
    return Question(
        step=offer.step,
        label=label_of(world.policy.steps, offer.step, language),
        help=step.help.in_(language) if step.help else "",
        asks=_asked_facts(world, (*offer.asks, *offer.offers), language),
        choices=tuple(
            Choice(
                way.outcome, label_of(step.outcomes, way.outcome, language), _asked_facts(world, way.asks, language)
            )
            for way in offer.ways
        ),
    )


def _asked_facts(world: World, names: tuple[str, ...], language: str) -> tuple[AskedFact, ...]:
    return tuple(asked_fact(world, name, language, by_complainant=True) for name in dict.fromkeys(names))


def _told(world: World, at: datetime, letter: Written) -> ToldMessage:
    return ToldMessage(world.day_of(at), letter.subject, letter.paragraphs)

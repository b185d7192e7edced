"""The complainant's view of his complaint: what happened, what comes next and by when, and what we ask him."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.actions.rate import may_rate
from weerklank.cases.belonging import RestrictionView, restriction_views
from weerklank.cases.given import OwnFile, given_files, own_files
from weerklank.cases.labels import AskedFact, asked_fact, label_of, role_label
from weerklank.cases.ledger import LaterView, later_view
from weerklank.cases.messages import Letter, letters_to_complainant
from weerklank.cases.outlook import (
    AppointmentView,
    Parties,
    RedressView,
    StageView,
    Standing,
    appointment_views,
    may_disagree,
    next_of,
    parties,
    reasons,
    redress_views,
    stage_views,
    standing,
    story,
    telephone,
    to_call,
    who_handles,
)
from weerklank.cases.timeline import Entry, for_complainant, people_named, still_asked
from weerklank.identity.phones import work_phone
from weerklank.policy.ahead import Ahead, ahead, his_clocks
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, clocks, last_day
from weerklank.policy.events import COMPLAINANT, Event
from weerklank.policy.model import Phase, Step
from weerklank.policy.offers import Offer, Way, offers
from weerklank.policy.restrictions import closes_page
from weerklank.policy.tongues import spoken
from weerklank.policy.words import written_in
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
    """A message to the complainant, as it was sent; `new` until he opened it."""

    id: UUID
    new: bool
    day: date
    subject: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One answer to a question: a button of his, what this answer asks on top of the question, and what follows.

    `then`: sentences on what is done next; `closes`: the case closes by it.
    """

    outcome: str
    label: str
    asks: tuple[AskedFact, ...]
    then: tuple[str, ...]
    closes: bool


@dataclass(frozen=True)
class Question:
    """Something only the complainant can answer: a step of his, what it asks, its answers, and by which legal day."""

    step: str
    label: str
    help: str
    by_day: date | None
    asks: tuple[AskedFact, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class StatusView:
    """All of it. `asked` is what we asked him to add and he has not yet; `handler` says who handles, or is empty.
    `later`: the later days that he can still agree to. `files` are those he sent, `given` those of ours.

    `seq`: how many events there are. `scans`: of files on the timeline, as `act.KeepsFiles.scans`. `stages`: what is
    done now and what comes, `next` what of it to tell first. `disagree`: it is time to tell of `redress`.
    `asks_rating`: he is asked whether he is satisfied. `receipt`: what he did or sent last, all at one instant.
    `telephone` is the organisation's number, `direct` that of the one who handles it; empty without one.
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
    later: tuple[LaterView, ...]
    restrictions: tuple[RestrictionView, ...]
    can_withdraw: bool
    can_add: bool
    closed: bool
    standing: Standing
    stages: tuple[StageView, ...]
    next: StageView | None
    files: tuple[OwnFile, ...]
    given: tuple[OwnFile, ...]
    receipt: tuple[Entry, ...]
    appointments: tuple[AppointmentView, ...]
    redress: tuple[RedressView, ...]
    disagree: bool
    parties: Parties
    story: str
    telephone: str
    direct: str
    asks_rating: bool
    rating: str | None


def status_view(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, language: str, now: datetime
) -> StatusView:
    """The view in `nl` or `en`. The door has seen the secret code. NotFound: no such case here."""
    opened = open_case(session, tenant_id, case_id, now)
    events = read_words(engine, tenant_id, opened)
    world, case, today = opened.world, opened.case, opened.world.day_of(now)
    handler = to_call(world, case)
    names = opened.chart.names(engine.keyring, tenant_id, people_named(case, events))
    letters = letters_to_complainant(session, engine.keyring, tenant_id, case_id, world)
    coming = ahead(world, case)
    questions = tuple(_question(world, offer, coming, language) for offer in offers(world, case, COMPLAINANT))
    asked = still_asked(case, events)
    timeline = for_complainant(world, case, events, names, language)
    scans = engine.files.scans(session, tenant_id, case_id) if case.files else {}
    stages = stage_views(world, case, events, coming, names, language, today)
    return StatusView(
        reference=opened.file.reference or "",
        seq=case.seq,
        phase=case.phase,
        received_on=opened.file.received_on,
        timeline=timeline,
        scans=scans,
        doing_now=_word(WAITING if questions or asked else DOING[case.phase], language),
        next_steps=tuple(next_steps(world, case, language)),
        handler=who_handles(world, case, names, language),
        messages=tuple(_told(world, letter, language) for letter in letters),
        questions=questions,
        asked=asked,
        later=tuple(later_views(world, case, events, language, now)),
        can_withdraw=not (case.is_closed or case.is_withdrawn),
        restrictions=restriction_views(world, case, language, today),
        can_add=not case.is_closed and closes_page(world, case, today) is None,
        closed=case.is_closed,
        standing=standing(case, waits=bool(questions or asked)),
        stages=stages,
        next=next_of(stages),
        files=tuple(own_files(world, events, scans)),
        given=given_files(world, case, events, scans),
        receipt=receipt(events, timeline),
        appointments=tuple(appointment_views(world, case, events, names, language, today)),
        redress=tuple(redress_views(world, case, language, today)),
        disagree=may_disagree(world, case),
        parties=parties(case, events),
        story=story(events),
        telephone=telephone(world),
        direct=work_phone(session, engine.keyring, tenant_id, handler) if handler else "",
        asks_rating=may_rate(world, case),
        rating=case.rating,
    )


def later_views(
    world: World, case: Case, events: Sequence[Event], language: str, now: datetime
) -> Iterator[LaterView]:
    """The later days that he was asked to agree to and can still answer."""
    for clock in clocks(world, case) if case.later else ():
        if view := later_view(world, case, events, clock, language, now):
            yield view


def receipt(events: Sequence[Event], timeline: Sequence[Entry]) -> tuple[Entry, ...]:
    """What he did last: everything of his that was written down at the same instant."""
    own = {seq: event.at for seq, event in enumerate(events, 1) if event.actor == COMPLAINANT}
    last = max(own.values(), default=None)
    return tuple(entry for entry in timeline if own.get(entry.seq) == last and last is not None)


def _word(words: Mapping[str, str], language: str) -> str:
    return spoken(words, language)


def next_steps(world: World, case: Case, language: str) -> list[NextStep]:
    """The running terms of the procedure, nearest day first. What the organisation set itself beside it is its own."""
    running = sorted(his_clocks(world, case), key=lambda clock: last_day(world, clock.due) or date.max)
    return [_next_step(world, clock, language) for clock in running]


def _next_step(world: World, clock: Clock, language: str) -> NextStep:
    term = world.policy.terms[clock.term]
    label, who = label_of(world.policy.terms, clock.term, language), role_label(world, term.owner, language)
    return NextStep(label, last_day(world, clock.due), who, reasons(world, clock, language))


def _question(world: World, offer: Offer, coming: Sequence[Ahead], language: str) -> Question:
    step = world.policy.steps[offer.step]
    return Question(
        step=offer.step,
        label=label_of(world.policy.steps, offer.step, language),
        help=step.help.in_(language) if step.help else "",
        by_day=next((one.by for one in coming if one.step == offer.step), None),
        asks=_asked_facts(world, (*offer.asks, *offer.offers), language),
        choices=tuple(_choice(world, step, way, language) for way in offer.ways),
    )


def _choice(world: World, step: Step, way: Way, language: str) -> Choice:
    ending = step.outcomes.get(way.outcome)
    following = (world.policy.steps[name] for name in (ending.then if ending else step.then))
    return Choice(
        outcome=way.outcome,
        label=label_of(step.outcomes, way.outcome, language),
        asks=_asked_facts(world, way.asks, language),
        then=tuple(dict.fromkeys(one.help.in_(language) for one in following if one.help and not one.visible)),
        closes=bool(ending and ending.closes),
    )


def _asked_facts(world: World, names: tuple[str, ...], language: str) -> tuple[AskedFact, ...]:
    return tuple(asked_fact(world, name, language, by_complainant=True) for name in dict.fromkeys(names))


def _told(world: World, letter: Letter, language: str) -> ToldMessage:
    said = letter.written
    subject, *paragraphs = (written_in(words, said.language, language) for words in (said.subject, *said.paragraphs))
    return ToldMessage(letter.id, letter.new, world.day_of(letter.at), subject, tuple(paragraphs))

"""Playing a story through the same `act` as everybody else, with the clock moved and what falls due done on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases import doors
from weerklank.cases.act import Engine, Opened, Refused, open_case, world_of
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Agree, Extend
from weerklank.cases.actions.involve import Involve, Release
from weerklank.cases.actions.keep import Archive, Destroy
from weerklank.cases.actions.measures import CarryOutMeasure, MoveMeasure, PlanMeasure, VerifyMeasure
from weerklank.cases.actions.parties import Join, Represent
from weerklank.cases.actions.record import AddInformation, Note, Record
from weerklank.cases.actions.restrict import Lift, Restrict
from weerklank.cases.actions.sign import Sign
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.model import Measure
from weerklank.deadlines import Duration
from weerklank.identity import people
from weerklank.identity.model import PostHolder
from weerklank.kernel.errors import NotFound
from weerklank.kernel.errors import Refused as NotAllowed
from weerklank.policy.amounts import cents
from weerklank.policy.case import Case, Value
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.policy.model import ChannelKind, FactType, Policy
from weerklank.policy.refusals import Refusal
from weerklank.policy.roles import present
from weerklank.policy.words import Text
from weerklank.rehearsal.joining import belongs, join_cases
from weerklank.rehearsal.learning import learn, measure_id, verb_of
from weerklank.rehearsal.model import COMPLAINANT_NAME, Happening, Party, Player, Receive, Story
from weerklank.rehearsal.passing import Untold, deliver_all, let_time_pass, look_anew
from weerklank.rehearsal.stage import LONG_AGO
from weerklank.tenancy.model import Tenant

FILE = b"%PDF-1.7 as told"  # what is in a file of a story: nobody opens it
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass
class Stage:
    """Where a story is played: the organisation, its people by their names in the story, and the cases so far."""

    session: Session
    engine: Engine
    tenant: Tenant
    policy: Policy
    people: dict[str, UUID] = field(default_factory=dict)
    cases: dict[str, UUID] = field(default_factory=dict)
    last: UUID | None = None
    now: datetime | None = None
    day: date | None = None
    ticks: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    refused: Refusal | None = None
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy.calendar.timezone)

    def person(self, name: str | None) -> UUID:
        if name is None or name not in self.people:
            raise Untold(f"there is nobody called {name!r} in this story")
        return self.people[name]

    def actor(self, name: str | None) -> Actor:
        return COMPLAINANT if name == COMPLAINANT_NAME else Actor(ActorKind.PERSON, self.person(name))

    def case(self, name: str | None = None) -> UUID:
        found = self.cases.get(name) if name else self.last
        if found is None:
            raise Untold(f"there is no case {name or ''} yet")
        return found

    def opened(self, name: str | None, now: datetime) -> Opened:
        return open_case(self.session, self.tenant.id, self.case(name), now)

    def called(self, person: UUID) -> str:
        return next(name for name, known in self.people.items() if known == person)


def set_stage(session: Session, engine: Engine, tenant: Tenant, policy: Policy, story: Story) -> Stage:
    """Bring on the people of the story, with their posts and chart."""
    stage = Stage(session, engine, tenant, policy)
    rows = {name: _bring_on(stage, name, player) for name, player in story.people.items()}
    for name, player in story.people.items():
        manager = stage.person(player.manager) if player.manager else None
        coordinator = stage.person(player.coordinator) if player.coordinator else None
        people.set_chart(
            session, rows[name], manager=manager, coordinator=coordinator, team=player.team, external=player.external
        )
        for post in player.posts:
            people.appoint(session, policy, rows[name], post, LONG_AGO)
        for relative in player.relatives:
            people.declare_relative(session, rows[name], stage.person(relative))
    return stage


def _bring_on(stage: Stage, name: str, player: Player) -> Any:
    called = player.name or name.replace("_", " ").title()
    row = people.add_person(
        stage.session,
        stage.engine.keyring,
        stage.tenant.id,
        name=called,
        email=f"{name.replace('_', '.')}@organisatie.example",
        today=LONG_AGO,
        external=player.external,
        team=player.team,
    )
    stage.people[name] = row.id
    return row


def instant_of(text: str, zone: ZoneInfo) -> datetime:
    """`2026-03-06 16:00`, or a day, which stands for its noon. Raises Untold for anything else."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Untold(f"{text!r} is no day and no moment; write 2026-03-06 or 2026-03-06 16:00") from None
    if not FIRST_YEAR < given.year < LAST_YEAR:
        raise Untold(f"{text!r} is too long ago or too far away for a story")
    moment = datetime.combine(given.date(), time(12)) if len(text.strip()) == 10 else given
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def happen(stage: Stage, happening: Happening) -> datetime:
    """Let time pass until this happening, and let it happen; answers when that was (a complaint: when entered).

    What was refused is remembered on the stage.
    """
    arrived = instant_of(happening.at, stage.zone)
    entered = happening.receive.registered if happening.receive else None
    now = instant_of(entered, stage.zone) if entered else arrived
    if now < arrived:
        raise Untold(f"this was entered on {entered}, before it happened")
    if stage.now and now < stage.now:
        raise Untold(f"{happening.at} is before what was told last; tell what happens in order of time")
    let_time_pass(stage, now)
    stage.refused = None
    point = stage.session.begin_nested()
    try:
        _carry_out(stage, happening, arrived, now)
        point.commit()
    except (Refused, NotAllowed, NotFound) as refused:
        point.rollback()
        stage.refused = _refusal(refused)
        stage.refusals.append(stage.refused)
    deliver_all(stage, now)
    return now


def _refusal(refused: Exception) -> Refusal:
    if isinstance(refused, Refused):
        return refused.refusal
    if isinstance(refused, NotAllowed):
        said = f"{refused.code} ({', '.join(f'{name}: {value}' for name, value in refused.values.items())})"
        source = tuple(refused.values["clause"].split(", ")) if "clause" in refused.values else ()
        return Refusal(refused.code, f"platform.{refused.code}", source, said=Text.of(said))
    said = "Deze zaak bestaat niet voor deze persoon."
    return Refusal("not_found", "platform.not_found", said=Text.of(said))


def _carry_out(stage: Stage, happening: Happening, arrived: datetime, now: datetime) -> None:
    if happening.receive:
        _receive(stage, happening, happening.receive, arrived, now)
    elif happening.absent or happening.appoint or happening.leave_post or happening.chart:
        _change_people(stage, happening, now)
        look_anew(stage, now)
    elif belongs(happening):
        join_cases(stage, happening, *facts_of(stage, happening.facts), now)
    elif verb := verb_of(stage, happening):
        learn(stage, verb, happening, now)
    else:
        action, files = _action(stage, happening, now), _files(stage, happening)
        if action or files:
            actor = stage.actor(happening.by or _doer_by_default(happening))
            case_id, actions = stage.case(happening.case), [action] if action else []
            doors.perform(stage.session, stage.engine, stage.tenant.id, case_id, actions, actor, now, files=files)


def _files(stage: Stage, happening: Happening) -> list[doors.UploadedFile]:
    """The files that come along: those of facts that ask for one, and others."""
    asked = [(name, given) for name, given in facts_of(stage, happening.facts)[1].items() if _is_file(stage, name)]
    named = [(file, fact) for fact, given in asked for file in given.splitlines()]
    named += [(file, "") for file in happening.add_file or ()]
    return [doors.UploadedFile(file, FILE, fact) for file, fact in named]


def _is_file(stage: Stage, fact: str) -> bool:
    return fact in stage.policy.facts and stage.policy.facts[fact].type is FactType.FILE


def _doer_by_default(happening: Happening) -> str | None:
    return COMPLAINANT_NAME if happening.add or happening.withdraw else None


def _receive(stage: Stage, happening: Happening, given: Receive, arrived: datetime, now: datetime) -> None:
    if happening.case in stage.cases:
        raise Untold(f"there is a case {happening.case} already")
    facts, texts = facts_of(stage, given.facts)
    contact = {"name": given.complainant, "email": given.email, "phone": given.phone, "address": given.address}
    intake = doors.Intake(
        channel=given.channel,
        received_at=arrived,
        language=given.language,
        way=given.way,
        contact={name: value for name, value in contact.items() if value and value != "none"},
        story=given.text,
        facts=facts,
        texts=texts,
        representative=party_of(given.representative),
        helps=bool(given.representative and given.representative.helps),
        anonymous=given.anonymous,
        others=[party for one in given.co_complainants if (party := party_of(one))],
        received_by=stage.person(given.by) if given.by else None,
    )
    who = given.by or happening.by or _receiver_at(stage, given.channel, now)
    actor = stage.actor(who or COMPLAINANT_NAME)
    received = doors.receive_complaint(stage.session, stage.engine, stage.tenant, intake, actor, now)
    stage.last = stage.cases[happening.case or f"case {len(stage.cases) + 1}"] = received.case_id


def _receiver_at(stage: Stage, channel: str, now: datetime) -> str | None:
    """Who enters what comes in by post, mail or telephone when the story does not say: whom the channel names."""
    known = stage.policy.channels.get(channel)
    if known is None or known.to is None or known.kind in (ChannelKind.PORTAL, ChannelKind.WEB_FORM):
        return None
    world = world_of(stage.session, stage.tenant.id, stage.policy, now)
    return next((stage.called(person) for person in present(world, Case(id=stage.tenant.id), known.to)), None)


def party_of(given: Party | None) -> dict[str, str] | None:
    """Somebody's particulars as the engine takes them."""
    if given is None:
        return None
    named = {"name": given.name, "email": given.email, "phone": given.phone, "address": given.address}
    return {name: value for name, value in named.items() if value}


def facts_of(stage: Stage, given: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, str]]:
    """Facts as the story writes them: people by their key, words as words, the rest as it is."""
    facts: dict[str, Value] = {}
    texts: dict[str, str] = {}
    for name, value in given.items():
        every = value if isinstance(value, list) else [value]
        if not all(isinstance(one, (str, int, date)) for one in every):
            raise Untold(f"fact {name} must be a word, a number, a day, true or false, or a list of words")
        kind = stage.policy.facts[name].type if name in stage.policy.facts else None
        if kind is FactType.PERSON and isinstance(value, str) and value in stage.people:
            facts[name] = stage.people[value]
        elif kind is FactType.AMOUNT:
            facts[name] = _in_cents(name, value)
        elif kind in (FactType.PERSON, FactType.TEXT, FactType.STORY, FactType.FILE):
            texts[name] = "\n".join(str(one) for one in every)
        else:
            facts[name] = tuple(every) if isinstance(value, list) or kind is FactType.CHOICES else value
    return facts, texts


def _in_cents(name: str, value: Any) -> int:
    amount = cents(value)
    if amount is None:
        raise Untold(f"fact {name} is an amount in euro, such as 250 or '12.50'")
    return amount


def _change_people(stage: Stage, happening: Happening, now: datetime) -> None:
    name = happening.absent or happening.appoint or happening.leave_post or happening.chart
    person, today = people.find_person(stage.session, stage.person(name)), now.astimezone(stage.zone).date()
    if happening.absent:
        people.record_absence(stage.session, person, today, happening.until)
    elif happening.appoint:
        people.appoint(stage.session, stage.policy, person, happening.post or "", today)
    elif happening.chart:
        people.set_manager(stage.session, person, stage.person(happening.manager) if happening.manager else None)
    else:
        held = select(PostHolder.id).where(PostHolder.person_id == person.id, PostHolder.post == happening.post)
        for post_holder_id in stage.session.scalars(held).all():
            people.end_post(stage.session, post_holder_id, today - timedelta(days=1))


def _action(stage: Stage, happening: Happening, now: datetime) -> Action | None:
    verb = next((verb for verb in ACTIONS if getattr(happening, verb) is not None), None)
    return ACTIONS[verb](stage, happening) if verb else None


def _complete(stage: Stage, given: Happening) -> Action:
    step, _, outcome = (given.do or "").partition(".")
    facts, texts = facts_of(stage, given.facts)
    persons = tuple(stage.person(name) for name in given.person)
    return Complete(step, outcome or "done", facts, texts, given.text, given.on, persons, given.reason)


def _record(stage: Stage, given: Happening) -> Action:
    return Record(*facts_of(stage, given.facts))


def _plan(stage: Stage, given: Happening) -> Action:
    measure = measure_id(given.plan)
    if stage.session.get(Measure, (stage.tenant.id, stage.case(given.case), measure)):
        raise Untold(f"there is a measure {given.plan} already")
    return PlanMeasure(
        measure, stage.person(given.owner), _day(given.until), given.text or given.plan or ""
    )


def _day(day: date | None) -> date:
    if day is None:
        raise Untold("give the day with `until`")
    return day


def _duration(text: str | None) -> Duration:
    try:
        return Duration.parse(text or "")
    except ValueError as error:
        raise Untold(str(error)) from None


def _represent(given: Happening) -> Action:
    return Represent(party_of(given.represent) or {}, bool(given.represent and given.represent.helps))


ACTIONS: Mapping[str, Callable[[Stage, Happening], Action]] = {
    "do": _complete,
    "sign": lambda stage, given: Sign(given.sign or ""),
    "record": _record,
    "involve": lambda stage, given: Involve(stage.person(given.involve), given.relation, given.reason),
    "release": lambda stage, given: Release(stage.person(given.release), given.reason),
    "extend": lambda stage, given: Extend(given.extend or "", _duration(given.days), given.reason),
    "agree": lambda stage, given: Agree(
        given.agree or "", _day(given.until), given.reason, given.consent, given.on, given.text
    ),
    "ask": lambda stage, given: Ask(given.text),
    "answered": lambda stage, given: TakeAnswer(given.text),
    "add": lambda stage, given: AddInformation(given.text),
    "represent": lambda stage, given: _represent(given),
    "unrepresent": lambda stage, given: Represent({}),
    "join": lambda stage, given: Join(party_of(given.join) or {}),
    "restrict": lambda stage, given: Restrict(given.restrict or "", _day(given.until), given.reason),
    "lift": lambda stage, given: Lift(given.lift or "", given.reason),
    "note": lambda stage, given: Note(given.text, given.within),
    "plan": _plan,
    "move": lambda stage, given: MoveMeasure(measure_id(given.move), _day(given.until), given.reason),
    "carry_out": lambda stage, given: CarryOutMeasure(measure_id(given.carry_out), given.text),
    "verify": lambda stage, given: VerifyMeasure(measure_id(given.verify)),
    "withdraw": lambda stage, given: Withdraw(given.reason, given.on),
    "archive": lambda stage, given: Archive(given.until),
    "destroy": lambda stage, given: Destroy(given.reason),
}


def names_of(stage: Stage, found: Iterable[UUID]) -> tuple[str, ...]:
    """People by their names in the story."""
    return tuple(stage.called(person) for person in found)

"""Playing the demo in a real organisation: people first, then one complaint after another, each committed whole.

A complaint is known again by the id of its form, so that a second run adds only what is not there. It is played on
its own, from its receipt to today, with what falls due done on its own day: nobody else ever sees it half-way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Engine as Database
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from weerklank.cases import doors
from weerklank.cases.act import Engine
from weerklank.cases.act import Refused as RefusedByRule
from weerklank.cases.clocks import remind_or_miss
from weerklank.cases.model import CaseFile, Deadline, Message, MessageState
from weerklank.cases.refresh import refresh
from weerklank.correspondence.delivery import mark_sent, write_out
from weerklank.identity.links import make_link
from weerklank.identity.model import Person, Purpose
from weerklank.identity.people import add_person, appoint, make_admin, person_by_email, record_absence, set_chart
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.outbox import Outbox
from weerklank.policy.world import calendar_of
from weerklank.rehearsal.demo.script import Dated, Script, Values, unfold
from weerklank.rehearsal.model import COMPLAINANT_NAME, Receive
from weerklank.rehearsal.player import ACTIONS, Stage, facts_of
from weerklank.tenancy import policies
from weerklank.tenancy.model import Tenant

FORMS = UUID("5c0c7c0e-6f3b-5d0e-9b58-0a6f6c1f9d11")
EMPLOYED_FOR = timedelta(days=1_000)
SENDER = "demo@localhost"


@dataclass(frozen=True)
class Organisation:
    """Where the demo is played: the organisation's id and short name, and the address its letters point to."""

    database: Database
    engine: Engine
    tenant_id: UUID
    slug: str
    base_url: str


@dataclass(frozen=True)
class Stopped:
    """A complaint whose course the organisation's own policy does not allow: which step of it, and the rule."""

    text: str
    at: datetime
    rule: str
    words: str


def missing(here: Organisation, script: Script) -> list[Values]:
    """The complaints of the script that are not in this organisation yet, longest ago first."""
    forms = {form_of(here, each): each for each in sorted(script.complaints, key=lambda each: -int(each["days_ago"]))}
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        there = set(session.scalars(select(CaseFile.dedupe).where(CaseFile.dedupe.in_(forms))))
    return [complaint for form, complaint in forms.items() if form not in there]


def form_of(here: Organisation, complaint: Values) -> UUID:
    return uuid5(FORMS, f"{here.slug} {complaint['text']}")


def bring_on(here: Organisation, script: Script, now: datetime) -> dict[str, UUID]:
    """Everybody who works there, by short name; who is there already is left alone. Commits.

    Refused as `add_person` and `appoint` say, such as for a post that somebody of the organisation's own holds.
    """
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        stage = _stage(here, session, {}, now)
        today = now.astimezone(stage.zone).date()
        known = {name: _find(here, session, name) for name in script.people}
        rows = {name: row or _join(here, session, script, name, today) for name, row in known.items()}
        for name, row in rows.items():
            if known[name] is None:
                _place(stage, script, rows, name, row, now)
        session.commit()
        return {name: row.id for name, row in rows.items()}


def _stage(here: Organisation, session: Session, people: dict[str, UUID], now: datetime) -> Stage:
    tenant = session.get_one(Tenant, here.tenant_id)
    policy = policies.policy_of(policies.in_force(session, here.tenant_id, now.date()))
    return Stage(session, here.engine, tenant, policy, people)


def email_of(here: Organisation, name: str) -> str:
    """The invented address by which somebody of the demo logs in."""
    return f"{name.replace('_', '.')}@{here.slug}.example"


def _find(here: Organisation, session: Session, name: str) -> Person | None:
    return person_by_email(session, here.engine.keyring, here.tenant_id, email_of(here, name))


def _join(here: Organisation, session: Session, script: Script, name: str, today: date) -> Person:
    player = script.people[name]
    return add_person(
        session, here.engine.keyring, here.tenant_id, name=player.name or name.title(), email=email_of(here, name),
        today=today - EMPLOYED_FOR, external=player.external,
    )  # fmt: skip


def _place(stage: Stage, script: Script, rows: dict[str, Person], name: str, row: Person, now: datetime) -> None:
    """Chart, posts, settings and absences of somebody who has just joined."""
    player, today = script.people[name], now.astimezone(stage.zone).date()
    manager = rows[player.manager].id if player.manager else None
    coordinator = rows[player.coordinator].id if player.coordinator else None
    set_chart(stage.session, row, manager=manager, coordinator=coordinator, team=player.team, external=player.external)
    for post in player.posts:
        appoint(stage.session, stage.policy, row, post, today - EMPLOYED_FOR)
    if player.admin:
        make_admin(stage.session, row, now, by=None)
    for away in player.away:
        first = today - timedelta(days=away.ago)
        record_absence(stage.session, row, first, first + timedelta(days=away.days))


def play(
    here: Organisation, script: Script, complaint: Values, people: dict[str, UUID], now: datetime
) -> Stopped | None:
    """Let one complaint run from its receipt until `now`, and commit it; says where the policy stopped it, if so."""
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        stage = _stage(here, session, people, now)
        stopped = None
        for dated in unfold(script, complaint, calendar_of(stage.policy.calendar), now):
            try:
                _happen(here, stage, complaint, dated)
            except (Refused, NotFound) as refused:
                stopped = Stopped(str(complaint["text"]), dated.now, *_why(refused))
                break
        if stage.last:
            _until_today(here, stage, stage.last, now)
        session.commit()
        return stopped


def _why(refused: Exception) -> tuple[str, str]:
    if isinstance(refused, RefusedByRule):
        return refused.refusal.rule, refused.refusal.text("nl")
    return "platform", str(refused)


def _happen(here: Organisation, stage: Stage, complaint: Values, dated: Dated) -> None:
    happening, now = dated.happening, dated.now
    if happening.receive:
        stage.last = _receive(here, stage, complaint, happening.receive, now)
    else:
        let_time_pass(here, stage, stage.case(), now)
        verb = next(verb for verb in ACTIONS if getattr(happening, verb) is not None)
        action, actor = ACTIONS[verb](stage, happening), stage.actor(happening.by or COMPLAINANT_NAME)
        with stage.session.begin_nested():
            doors.perform(stage.session, stage.engine, stage.tenant.id, stage.case(), action, actor, now)
    deliver(here, stage, stage.case(), now)


def _receive(here: Organisation, stage: Stage, complaint: Values, given: Receive, now: datetime) -> UUID:
    facts, texts = facts_of(stage, given.facts)
    contact = {"name": given.complainant, "email": given.email, "phone": given.phone, "address": given.address}
    intake = doors.Intake(
        channel=given.channel,
        language=given.language,
        way=given.way,
        contact={name: value for name, value in contact.items() if value and value != "none"},
        story=given.text,
        facts=facts,
        texts=texts,
        dedupe=form_of(here, complaint),
        received_by=stage.person(given.by) if given.by else None,
    )
    actor = stage.actor(given.by or COMPLAINANT_NAME)
    return doors.receive_complaint(stage.session, stage.engine, stage.tenant, intake, actor, now).case_id


def let_time_pass(here: Organisation, stage: Stage, case_id: UUID, until: datetime) -> None:
    """Remind and escalate whatever of this case falls due before this instant, each on its own day."""
    due = select(Deadline.term, Deadline.next_at).where(
        Deadline.tenant_id == stage.tenant.id, Deadline.case_id == case_id, Deadline.next_at <= until
    )
    while found := stage.session.execute(due.order_by(Deadline.next_at).limit(1)).one_or_none():
        assert found.next_at is not None
        remind_or_miss(stage.session, stage.engine, stage.tenant.id, case_id, found.term, found.next_at)
        deliver(here, stage, case_id, found.next_at)


def deliver(here: Organisation, stage: Stage, case_id: UUID, now: datetime) -> None:
    """Write out what this case sends, and mark it as sent: nothing ever leaves the house."""
    tenant_id = stage.tenant.id
    waiting = select(Message.id).where(
        Message.tenant_id == tenant_id, Message.case_id == case_id, Message.state == MessageState.QUEUED.value
    )
    for message_id in stage.session.scalars(waiting.order_by(Message.id)).all():
        write_out(stage.session, stage.engine, tenant_id, message_id, here.base_url, SENDER, now)
        mark_sent(stage.session, tenant_id, message_id, now)
    stage.session.flush()


def _posted(stage: Stage, case_id: UUID, now: datetime) -> None:
    """Letters of more than two days ago were posted; newer ones wait for the printer."""
    letters = update(Message).where(Message.tenant_id == stage.tenant.id, Message.case_id == case_id)
    old = letters.where(Message.state == MessageState.PRINTED.value, Message.created_at < now - timedelta(days=2))
    stage.session.execute(old.values(sent_at=Message.created_at))


def _until_today(here: Organisation, stage: Stage, case_id: UUID, now: datetime) -> None:
    """Let what is still open wait until now, say whose it is by who is here today, and leave the workers no job."""
    let_time_pass(here, stage, case_id, now)
    _posted(stage, case_id, now)
    refresh(stage.session, stage.engine, stage.tenant.id, case_id, now)
    stage.session.execute(delete(Outbox).where(Outbox.tenant_id == stage.tenant.id, Outbox.case_id == case_id))


def phases(here: Organisation, today: date) -> tuple[dict[str, int], int]:
    """How many cases are in each phase, and how many open ones are past a day."""
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        found = session.execute(select(CaseFile.phase, func.count().label("number")).group_by(CaseFile.phase)).all()
        late = select(func.count()).where(CaseFile.closed_at.is_(None), CaseFile.next_due_on < today)
        return {row.phase: row.number for row in found}, int(session.scalar(late) or 0)


def links(here: Organisation, script: Script, now: datetime) -> Sequence[tuple[str, str, str]]:
    """For each main person of the demo the name, the address to log in with, and a fresh one-time token. Commits."""
    found = []
    with open_session(here.database) as session, tenant_scope(session, here.tenant_id):
        for name, player in script.people.items():
            person = _find(here, session, name) if player.main else None
            if person is not None:
                _, token = make_link(session, here.engine.keyring, person, Purpose.INVITE, now)
                found.append((player.name or name, email_of(here, name), token))
        session.commit()
    return found

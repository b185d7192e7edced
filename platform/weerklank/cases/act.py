"""`act`: the one way in which anything happens to a case. One tenant, one transaction; the door commits.

Read the case's events, replay them, ask the pure rules, and write down what they say: the events, the rows that
follow, and the jobs that carry messages. Nothing here decides; nothing below here commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from sqlalchemy import Date, Select, Uuid, bindparam, select
from sqlalchemy.orm import Session, aliased
from structlog.contextvars import bind_contextvars

from weerklank.cases import index, messages, publishing, references
from weerklank.cases.actions.receive import Receive
from weerklank.cases.actions.verb import Action
from weerklank.cases.decide import decide
from weerklank.cases.model import CaseFile
from weerklank.cases.walls import Sight, sight
from weerklank.identity.people import Chart, chart, directory
from weerklank.kernel import errors, events
from weerklank.kernel.crash import crash_point
from weerklank.kernel.errors import NotFound
from weerklank.kernel.events import EventDraft, StoredEvent
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased
from weerklank.policy.case import Case, replay
from weerklank.policy.consequences import Index, consequences
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.model import Policy
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World, calendar_of
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion


class KeepsFiles(Protocol):
    """Takes files in and puts them away sealed (`documents.files.Files`)."""

    def name_of(self, name: str, data: bytes) -> str:
        """The name a file will go by; raises Refused for what is not taken in."""
        ...

    def keep(
        self, session: Session, keyring: Keyring, tenant_id: UUID, case_id: UUID, file_id: UUID, name: str, data: bytes,
        now: datetime,
    ) -> None:
        """Put a file of the case away, with its row."""
        ...

    def scans(self, session: Session, tenant_id: UUID, case_id: UUID) -> Mapping[UUID, str]:
        """Of each file of the case: `clean`, `infected`, `waiting` (nobody may open it yet), or `unseen`."""
        ...


@dataclass(frozen=True)
class Engine:
    """What acting needs beside a session; made once for a process."""

    keyring: Keyring
    audit_key: bytes
    files: KeepsFiles
    old_audit_keys: tuple[bytes, ...] = ()  # by which what is older than the key was recorded


@dataclass(frozen=True)
class Acted:
    """The case after an action, and the events it brought about (none when there was nothing to do)."""

    case: Case
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Begun:
    """A case that has just begun. `code` is the complainant's secret; only its keyed hash is kept."""

    case: Case
    events: tuple[Event, ...]
    reference: str
    code: str


@dataclass(frozen=True)
class Opened:
    """A case as it stands: its row, its rules, its events as stored, and who works here.

    `version` is the one it was received under, `in_force` the one of today (by the UTC day of `now`).
    """

    file: CaseFile
    version: PolicyVersion
    in_force: PolicyVersion
    world: World
    case: Case
    stored: list[StoredEvent]
    chart: Chart


class Refused(errors.Refused):
    """A rule of the procedure says no: `refusal` has the rule, its source, and the words for people."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code, refusal.words("nl"))
        self.refusal = refusal


def act(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, action: Action | Sequence[Action], actor: Actor,
    now: datetime,
) -> Acted:
    """Do an action, or several in a row as one, in a case. `now` is an aware instant.

    Raises NotFound (no such case here), Refused (a rule says no) and Conflict (somebody else was first).
    """
    return act_on(session, engine, tenant_id, open_case(session, tenant_id, case_id, now), action, actor, now)


def open_case(session: Session, tenant_id: UUID, case_id: UUID, now: datetime) -> Opened:
    """Read a case and the world it goes by: its own policy version, the people of today. Needs no key.

    NotFound when this organisation has no such case.
    """
    values = {"tenant": tenant_id, "case": case_id, "today": now.astimezone(UTC).date()}
    found = session.execute(file_query(), values).one_or_none()
    if found is None:
        raise NotFound("case")
    file, version, in_force = found
    policy = policies.policy_of(version)
    people = chart(session, tenant_id, calendar_of(policy.calendar).day_of(now))
    stored = events.load(session, tenant_id, case_id)
    case = replay(case_id, [as_event(each) for each in stored])
    return Opened(file, version, in_force or version, World.of(policy, people.people), case, stored, people)


def sight_of(opened: Opened, person_id: UUID) -> Sight:
    """What somebody of the organisation sees of this case."""
    return sight(opened.world, opened.case, policies.policy_of(opened.in_force), person_id)


@lru_cache
def file_query() -> Select[CaseFile, PolicyVersion, PolicyVersion]:
    """The case with the version it was received under, and the one in force today if any has begun. Built once."""
    tenant, case_id = bindparam("tenant", type_=Uuid), bindparam("case", type_=Uuid)
    today = bindparam("today", type_=Date)
    current = aliased(PolicyVersion)
    begun = select(PolicyVersion.id).where(PolicyVersion.tenant_id == tenant, PolicyVersion.in_force_from <= today)
    newest = begun.order_by(PolicyVersion.number.desc()).limit(1).scalar_subquery()
    pinned = (PolicyVersion.tenant_id == CaseFile.tenant_id) & (PolicyVersion.id == CaseFile.policy_version_id)
    query = select(CaseFile, PolicyVersion, current).join(PolicyVersion, pinned)
    query = query.outerjoin(current, (current.tenant_id == CaseFile.tenant_id) & (current.id == newest))
    return query.where(CaseFile.tenant_id == tenant, CaseFile.id == case_id)


def world_of(session: Session, tenant_id: UUID, policy: Policy, now: datetime) -> World:
    """The world of a policy with the people of the legal day of `now`."""
    return World.of(policy, directory(session, tenant_id, calendar_of(policy.calendar).day_of(now)))


def act_on(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, action: Action | Sequence[Action], actor: Actor,
    now: datetime,
) -> Acted:
    """As `act`, for a case that was read within this transaction."""
    bind_contextvars(case=str(opened.file.id))  # whatever is logged from here on is about this case
    world = opened.world
    acted, follows = foresee(engine, tenant_id, opened, action, actor, now)
    append(session, engine, tenant_id, opened, acted.events, now)
    index.rewrite(session, tenant_id, world, opened.case, acted.case, follows)
    messages.send_all(session, tenant_id, world, acted.case, acted.events, follows.notices, now)
    return acted


def foresee(
    engine: Engine, tenant_id: UUID, opened: Opened, action: Action | Sequence[Action], actor: Actor, now: datetime
) -> tuple[Acted, Index]:
    """What an action brings about, with nothing written yet. What is shown before saving and what is saved are this."""
    case, new = decide_all(opened.world, opened.case, action, actor, now)
    check_published(engine, tenant_id, opened, case, new)
    return Acted(case, new), consequences(opened.world, case, new)


def check_published(engine: Engine, tenant_id: UUID, opened: Opened, case: Case, new: Sequence[Event]) -> None:
    """Refused when what these events publish names who complains: the only rule that has to read words."""
    if any(publishing.is_public(opened.world, to["role"]) for event in new for to in event.open.get("to", ()) if
           event.kind is Kind.SENT):
        people = frozenset(value for value in case.facts.values() if isinstance(value, UUID))
        names = opened.chart.names(engine.keyring, tenant_id, people)
        events = (*read_words(engine, tenant_id, opened), *new)
        refusal = publishing.wrongly_published(opened.world, case, events, new, names)
        if refusal:
            raise Refused(refusal)


def decide_all(
    world: World, case: Case, action: Action | Sequence[Action], actor: Actor, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    """The case after these actions, each judged by what the ones before it made of the case; Refused by the first."""
    every = list[Event]()
    for each in action if isinstance(action, Sequence) else (action,):
        decided = decide(world, case, each, actor, now)
        if isinstance(decided, Refusal):
            raise Refused(decided)
        case, new = decided
        every += new
    return case, tuple(every)


def append(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, new: Sequence[Event], now: datetime
) -> None:
    """Write the events behind those that were read."""
    events.append(
        session,
        engine.keyring,
        engine.audit_key,
        tenant_id=tenant_id,
        case_id=opened.case.id,
        expected_seq=opened.case.seq,
        drafts=[as_draft(event) for event in new],
        now=now,
        head=opened.stored[-1].mac,
    )


def begin(
    session: Session, engine: Engine, tenant_id: UUID, version: PolicyVersion, world: World, receive: Receive,
    actor: Actor, now: datetime, dedupe: UUID | None = None,
) -> Begun:
    """Begin a case under this policy version: its key first, for good; then its rows; its reference last of all."""
    case_id = new_id()
    bind_contextvars(case=str(case_id))
    case, new = decide_all(world, Case(id=case_id), receive, actor, now)
    sealer = engine.keyring.new_case(tenant_id, case_id)
    crash_point("web.key_written")
    code_id = dedupe or new_id()
    code = references.code_of_form(engine.keyring, tenant_id, code_id)
    name = receive.contact.get("name", "")
    file = {
        "code_hash": references.code_hash(engine.keyring, tenant_id, code),
        "code_id": code_id,
        "dedupe": dedupe,
        "policy_version_id": version.id,
        "created_at": now,
        "complainant": sealer.seal(name, table="case_file", column="complainant", row=case_id) if name else None,
    }
    follows = consequences(world, case, new)
    index.write_new(session, tenant_id, world, case, follows, file)
    events.append(
        session,
        engine.keyring,
        engine.audit_key,
        tenant_id=tenant_id,
        case_id=case_id,
        expected_seq=0,
        drafts=[as_draft(event) for event in new],
        now=now,
    )
    messages.send_all(session, tenant_id, world, case, new, follows.notices, now)
    prefix, year = world.policy.procedure.prefix, world.day_of(now).year
    reference = references.give_reference(session, tenant_id, case_id, prefix, year)
    return Begun(case, new, reference, code)


def as_draft(event: Event) -> EventDraft:
    """An event of the rules as the kernel records it."""
    sealed = dict(event.sealed) if event.sealed else None
    return EventDraft(event.kind.value, event.actor.kind.value, event.actor.id, dict(event.open), sealed)


def as_event(stored: StoredEvent) -> Event:
    """A recorded event as the rules know it, without its sealed words."""
    actor = Actor(ActorKind(stored.actor_kind), stored.actor_id)
    return Event(Kind(stored.kind), stored.at, actor, stored.open)


def read_words(engine: Engine, tenant_id: UUID, opened: Opened) -> tuple[Event, ...]:
    """The events with their sealed words; without them where the case's key is gone."""
    sealer = engine.keyring.for_case(tenant_id, opened.case.id)
    words = [each.unseal(sealer) for each in opened.stored]
    return tuple(
        replace(as_event(each), sealed=None if isinstance(said, Erased) else said)
        for each, said in zip(opened.stored, words, strict=True)
    )

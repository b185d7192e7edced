"""What the doors call: each function is one action of a complainant or of somebody of the organisation.

All of them work inside the scope of one tenant, which the session carries; none commits: the door does.
They raise `act.Refused` (a rule says no, with its source), `Conflict` (somebody else was first) and `NotFound`
(no such case here, or not for this person to know of).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from weerklank.cases import references
from weerklank.cases.act import (
    Acted,
    Engine,
    Opened,
    Refused,
    act_on,
    begin,
    foresee,
    open_case,
    read_words,
    sight_of,
    world_of,
)
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.consent import AnswerConsent
from weerklank.cases.actions.rate import Rate
from weerklank.cases.actions.receive import Receive
from weerklank.cases.actions.record import AddFile, AddInformation
from weerklank.cases.actions.verb import Action
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.model import CaseFile
from weerklank.cases.walls import Sight
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.kernel.ids import new_id
from weerklank.policy.case import Value
from weerklank.policy.consequences import Index
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind, Kind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World
from weerklank.tenancy import policies
from weerklank.tenancy.model import PolicyVersion, Tenant

# What may happen while somebody has a form open without his having to look again.
CHANGES_LITTLE = frozenset({Kind.NOTED, Kind.TAKEN_BACK, Kind.CORRECTED, Kind.FILE_ADDED, Kind.REMINDED})
# What the complainant adds, and where its words stand.
ADDS = {Kind.INFORMATION_ADDED: "text", Kind.FILE_ADDED: "name"}


@dataclass(frozen=True)
class UploadedFile:
    """A file as it was sent: the name it had there, its bytes, and the fact it was asked for, if it was."""

    name: str
    data: bytes
    fact: str = ""


@dataclass(frozen=True)
class Intake:
    """A complaint as it came in, by the page or entered by staff.

    `received_at` is the instant it really arrived, `received_on` the legal day of which no hour is known (a letter);
    neither: now. `contact` has name, email, phone and address, `representative` the same of who acts for the
    complainant (or `helps` him), `others` of who complain along, each with his own `way` if he has a wish.
    `facts` are coded values by the policy's names, `texts` words (also names of persons not yet linked). `dedupe` is
    the form's own id: the same one again gives the same case and no second complaint. `language` is that of our
    letters, `wrote_in` the one in which he read the form, empty when it is the same.
    """

    channel: str
    received_at: datetime | None = None
    received_on: date | None = None
    language: str = "nl"
    wrote_in: str = ""
    way: str = "email"
    contact: Mapping[str, str] = field(default_factory=dict)
    story: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    representative: Mapping[str, str] | None = None
    helps: bool = False
    anonymous: bool = False
    others: Sequence[Mapping[str, str]] = ()
    files: Sequence[UploadedFile] = ()
    dedupe: UUID | None = None
    received_by: UUID | None = None


@dataclass(frozen=True)
class Received:
    """A case that was made. `code` is the complainant's secret, to be shown once; only its keyed hash is kept."""

    case_id: UUID
    reference: str
    code: str


def receive_complaint(
    session: Session, engine: Engine, tenant: Tenant, intake: Intake, actor: Actor, now: datetime,
    *, unsent: bool = False,
) -> Received:
    """Take a complaint in: COMPLAINANT by the page, a person of the organisation for letter, telephone or counter.

    The same `dedupe` again answers the first case with the same code; not looked for when the caller has locked the
    form and seen that it is `unsent`. Also refused: `suspended`, files not taken in.
    """
    if actor.kind is ActorKind.COMPLAINANT and not tenant.takes_complaints:
        raise Refused(Refusal("suspended", "platform.tenant"))
    earlier = None if unsent else received_before(session, engine, tenant.id, intake.dedupe)
    if earlier:
        return earlier
    version, world, arrived = rules_of(session, tenant.id, intake, now)
    try:
        begun = begin(session, engine, tenant.id, version, world, _receive(intake, arrived), actor, now, intake.dedupe)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise Conflict("this form was sent twice at once") from None
        raise
    if intake.files:
        keep_files(session, engine, tenant.id, begun.case.id, intake.files, COMPLAINANT, now)
    return Received(begun.case.id, begun.reference, begun.code)


def received_before(session: Session, engine: Engine, tenant_id: UUID, dedupe: UUID | None) -> Received | None:
    """The case that came of the form with this id, if it was sent."""
    if dedupe is None:
        return None
    query = select(CaseFile.id, CaseFile.reference, CaseFile.code_id)
    query = query.where(CaseFile.tenant_id == tenant_id, CaseFile.dedupe == dedupe)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    code = references.code_of_form(engine.keyring, tenant_id, found.code_id or dedupe)
    return Received(found.id, found.reference or "", code)


def rules_of(
    session: Session, tenant_id: UUID, intake: Intake, now: datetime
) -> tuple[PolicyVersion, World, datetime]:
    """The version in force on the legal day of receipt, its world of today, and the instant of receipt.

    A day of which no hour is known stands for its noon; today, for now.
    """
    day = intake.received_on or (intake.received_at or now).astimezone(UTC).date()
    version = policies.in_force(session, tenant_id, day)
    world = world_of(session, tenant_id, policies.policy_of(version), now)
    arrived = intake.received_at or now
    if intake.received_on and intake.received_on != world.day_of(now):
        arrived = world.noon(intake.received_on)
    if world.day_of(arrived) != day:
        version = policies.in_force(session, tenant_id, world.day_of(arrived))
        world = World.of(policies.policy_of(version), world.people)
    return version, world, arrived


def _receive(intake: Intake, arrived: datetime) -> Receive:
    return Receive(
        channel=intake.channel,
        received_at=arrived,
        contact=intake.contact,
        story=intake.story,
        received_by=intake.received_by,
        language=intake.language,
        wrote_in=intake.wrote_in,
        way=intake.way,
        facts=intake.facts,
        texts=intake.texts,
        representative=intake.representative,
        helps=intake.helps,
        anonymous=intake.anonymous,
        others=intake.others,
    )


def keep_files(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, files: Sequence[UploadedFile], actor: Actor,
    now: datetime, step: str = "",
) -> tuple[UUID, ...]:
    """Put files in the case, or in one open step of it; answers their ids.

    Refused by sort, size, number or emptiness, or because it is closed.
    """
    opened = _opened(session, tenant_id, case_id, actor, now)
    named = name_files(engine, files, step)
    act_on(session, engine, tenant_id, opened, list(named), actor, now)
    put_away(session, engine, tenant_id, case_id, named, now)
    return tuple(added.file for added in named)


def name_files(engine: Engine, files: Sequence[UploadedFile], step: str = "") -> dict[AddFile, bytes]:
    """What adds these files to a case, each with its bytes; with `step` by whoever may do that step."""
    named = ((engine.files.name_of(file.name, file.data), file) for file in files)
    return {AddFile(new_id(), name, file.fact, step): file.data for name, file in named}


def put_away(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, named: Mapping[AddFile, bytes], now: datetime
) -> None:
    """Keep the bytes of files that were added."""
    for added, data in named.items():
        engine.files.keep(session, engine.keyring, tenant_id, case_id, added.file, added.name, data, now)


def _opened(session: Session, tenant_id: UUID, case_id: UUID, actor: Actor, now: datetime) -> Opened:
    """The case, for somebody who may know of it."""
    opened = open_case(session, tenant_id, case_id, now)
    if actor.id is not None and sight_of(opened, actor.id) is Sight.NONE:
        raise NotFound("case")
    return opened


def perform(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, action: Action | Sequence[Action], actor: Actor,
    now: datetime, seen: int | None = None, files: Sequence[UploadedFile] = (),
) -> Acted:
    """Do an action of `cases.actions` (or several as one) in a case. NotFound when this person may not know of it.

    `seen` is how many events the form was made from: Conflict when something that matters has happened since. `files`
    came with the form; refused as files are, and nothing is done then.
    """
    opened, named, every = _asked(session, engine, tenant_id, case_id, action, actor, now, seen, files)
    acted = act_on(session, engine, tenant_id, opened, every, actor, now)
    put_away(session, engine, tenant_id, case_id, named, now)
    return acted


def foretell(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, action: Action | Sequence[Action], actor: Actor,
    now: datetime, seen: int | None = None, files: Sequence[UploadedFile] = (),
) -> tuple[Opened, Acted, Index]:
    """What `perform` would do with just this: the case as it is, the case and events after it, and all that follows.

    Nothing is written; refused as `perform` is.
    """
    opened, _, every = _asked(session, engine, tenant_id, case_id, action, actor, now, seen, files)
    return opened, *foresee(engine, tenant_id, opened, every, actor, now)


def _asked(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, action: Action | Sequence[Action], actor: Actor,
    now: datetime, seen: int | None, files: Sequence[UploadedFile],
) -> tuple[Opened, dict[AddFile, bytes], list[Action]]:
    """The case, the files with their bytes, and all that is to be done in a row."""
    opened = _opened(session, tenant_id, case_id, actor, now)
    if seen is not None and any(Kind(each.kind) not in CHANGES_LITTLE for each in opened.stored[max(seen, 0) :]):
        raise Conflict("the case has changed")
    every = list(action) if isinstance(action, Sequence) else [action]
    named = name_files(engine, files, next((each.step for each in every if isinstance(each, Complete)), ""))
    return opened, named, [*named, *every]


def open_by_code(session: Session, engine: Engine, tenant_id: UUID, code: str) -> UUID | None:
    """The case this secret code opens here, or None. Spaces, dashes and case of the letters do not matter."""
    hashed = references.hash_of_typed(engine.keyring, tenant_id, code)
    if hashed is None:
        return None
    return session.scalar(select(CaseFile.id).where(CaseFile.tenant_id == tenant_id, CaseFile.code_hash == hashed))


def answer(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, step: str, outcome: str, now: datetime,
    *, facts: Mapping[str, Value] | None = None, texts: Mapping[str, str] | None = None,
    files: Sequence[UploadedFile] = (),
) -> Acted:
    """The complainant answers a question put to him: a step that is his, with one of its outcomes."""
    action = Complete(step, outcome, facts=facts or {}, texts=texts or {})
    return perform(session, engine, tenant_id, case_id, action, COMPLAINANT, now, files=files)


def withdraw(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, now: datetime, *, reason: str = ""
) -> Acted:
    """The complainant withdraws the complaint."""
    return perform(session, engine, tenant_id, case_id, Withdraw(reason.strip()), COMPLAINANT, now)


def rate(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, rating: str, text: str, now: datetime
) -> Acted:
    """The complainant says after closing whether he is satisfied: one of `actions.rate.RATINGS`, and why."""
    return perform(session, engine, tenant_id, case_id, Rate(rating, text), COMPLAINANT, now)


def answer_later(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, term: str, asked: int, agrees: bool, words: str,
    now: datetime,
) -> Acted:
    """The complainant says whether this term may get the later day that event number `asked` asks for."""
    events = read_words(engine, tenant_id, open_case(session, tenant_id, case_id, now))
    reason = str((events[asked - 1].sealed or {}).get("reason", "")) if 0 < asked <= len(events) else ""
    return perform(
        session, engine, tenant_id, case_id, AnswerConsent(term, asked, agrees, reason, words), COMPLAINANT, now
    )


def add_information(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, text: str, now: datetime,
    *, files: Sequence[UploadedFile] = (), seen: int | None = None,
) -> None:
    """The complainant adds words, files or both, of his own accord or because something was asked.

    `seen` is how many events there were when the form was opened: exactly this added since is the same form sent twice.
    """
    if seen is not None and _added_since(session, engine, tenant_id, case_id, text, files, seen, now):
        return
    if text.strip() or not files:
        perform(session, engine, tenant_id, case_id, AddInformation(text), COMPLAINANT, now)
    if files:
        keep_files(session, engine, tenant_id, case_id, files, COMPLAINANT, now)


def _added_since(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, text: str, files: Sequence[UploadedFile],
    seen: int, now: datetime,
) -> bool:
    """Whether what the complainant added after so many events is just this."""
    events = read_words(engine, tenant_id, open_case(session, tenant_id, case_id, now))[max(seen, 0) :]
    mine = [event for event in events if event.actor == COMPLAINANT and event.kind in ADDS]
    words = [(event.sealed or {}).get(ADDS[event.kind]) for event in mine]
    names = [engine.files.name_of(file.name, file.data) for file in files]
    return words == [*([text.strip()] if text.strip() else []), *names]

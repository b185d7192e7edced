"""Delivering a message: written out and sealed on its row first, sent with no transaction open, then marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from weerklank.cases.act import Acted, Engine, Opened, open_case, read_words
from weerklank.cases.codes import carried_code
from weerklank.cases.labels import texts_of
from weerklank.cases.messages import (
    ADMINISTRATORS,
    ASKED,
    CONFIRMATION,
    DELIVER,
    GIVEN,
    LATER,
    NEW_CODE,
    Written,
    alarm,
    seal_body,
)
from weerklank.cases.model import CaseFile, CaseWall, Message, MessageKind, MessageState
from weerklank.cases.people import addressee
from weerklank.cases.preview import PostView
from weerklank.cases.publishing import publish
from weerklank.cases.timeline import is_complainant, people_named
from weerklank.cases.walls import not_walled, shown_on_purpose
from weerklank.correspondence.channels.mail import Envelope
from weerklank.correspondence.inbound.settings import address_of
from weerklank.correspondence.letters import Letter, Words, write_letter
from weerklank.correspondence.notices import (
    own_line,
    way_in,
    write_confirmation,
    write_given,
    write_later,
    write_new_code,
    write_notice,
    write_request,
)
from weerklank.correspondence.wishes import hold_back
from weerklank.identity.model import Admin, Person
from weerklank.identity.people import email_of, names
from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.events import Event as StoredEvent
from weerklank.kernel.ids import new_id
from weerklank.kernel.sealed import Sealer
from weerklank.policy.case import replay
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import RoleKind
from weerklank.policy.parties import EMAIL, PAGE, PUBLISHED
from weerklank.policy.post import way_of
from weerklank.policy.roles import is_walled, on_purpose
from weerklank.tenancy.model import Tenant

MESSAGE_FAILED, NOTICE_FAILED = FAILURES = ("message_failed", "notice_failed")
log = structlog.get_logger()


@dataclass(frozen=True)
class Outgoing:
    """A message written out: what it says, and the envelopes it goes in; none means that it is printed."""

    letter: Letter
    envelopes: tuple[Envelope, ...]


def write_out(
    session: Session, engine: Engine, tenant_id: UUID, message_id: UUID, base_url: str, sender: str, now: datetime
) -> Outgoing | None:
    """Write a queued message out and seal it on its row; None when it is not waiting any more. The caller commits.

    Written once: a second attempt sends the same words under the same Message-ID. Nothing goes to somebody who was
    walled off or has left since it was sent: a notice is dropped, a message of the procedure shown as not arrived.
    """
    row = session.get(Message, (tenant_id, message_id))
    if row is None or row.state != MessageState.QUEUED:
        return None
    opened = open_case(session, tenant_id, row.case_id, now)
    if row.person_id and not _may_get(opened, row, row.person_id):
        session.delete(row) if row.kind == MessageKind.NOTICE else mark_failed(session, tenant_id, message_id, now)
        return None
    if hold_back(session, row, now):
        session.delete(row)
        return None
    events = read_words(engine, tenant_id, opened)
    tenant = session.get_one(Tenant, tenant_id)
    letter = _letter(session, engine, tenant, row, opened, events, base_url)
    sealer = engine.keyring.for_case(tenant_id, row.case_id)
    row.body = seal_body(sealer, row.id, Written(letter.subject, letter.paragraphs))
    row.message_id = row.message_id or f"<{row.id}@{sender.rpartition('@')[2]}>"
    addresses = _addresses(session, engine, opened, events, row)
    _seal_address(sealer, row, addresses)
    if not addresses:
        on_page = _way(opened, row) in (PAGE, PUBLISHED)
        row.state = (MessageState.SENT if on_page else MessageState.PRINTED).value
        row.sent_at = now if on_page else None
    if _way(opened, row) == PUBLISHED:
        publish(session, tenant_id, row.case_id, row.id, row.name, row.language, letter.subject, letter.paragraphs, now)
    code = carried_code(session, engine.keyring, row, opened.world.policy) if addresses else None
    if code:
        told = way_in(code, f"{base_url}/{tenant.slug}/status", row.language)
        letter = replace(letter, paragraphs=(*letter.paragraphs[:-1], told, *letter.paragraphs[-1:]))
    reads = opened.case.wrote_in if is_complainant(opened.world, row.role) else row.language
    own = own_line(reads) if reads != row.language else ""
    if own and addresses:
        letter = replace(letter, paragraphs=(own, *letter.paragraphs))
    name = opened.world.policy.procedure.organisation
    answers = address_of(session, engine.keyring, tenant_id) if addresses and row.kind == MessageKind.POLICY else ""
    ids = [_own_id(row.message_id, number) for number in range(len(addresses))]
    envelopes = (Envelope(name, sender, to, own, now, answers) for to, own in zip(addresses, ids, strict=True))
    return Outgoing(letter, tuple(envelopes))


def letter_ahead(
    session: Session, engine: Engine, tenant: Tenant, opened: Opened, acted: Acted, post: PostView, base_url: str
) -> Letter:
    """What a message will say that is sent by an action which was foretold and is not recorded yet."""
    row = Message(
        tenant_id=tenant.id, case_id=opened.case.id, seq=post.seq, kind=MessageKind.POLICY.value, name=post.name,
        role=post.role, person_id=post.person, number=post.number, language=post.language,
    )  # fmt: skip
    events = (*read_words(engine, tenant.id, opened), *acted.events)
    return _letter(session, engine, tenant, row, replace(opened, case=acted.case), events, base_url)


def _may_get(opened: Opened, row: Message, person: UUID) -> bool:
    world, case = opened.world, opened.case
    if person not in world.people.persons or not is_walled(case, person):
        return person in world.people.persons
    return shown_on_purpose(world, case, person) if row.role == "" else person in on_purpose(world, case, row.role)


def _own_id(message_id: str, number: int) -> str:
    return message_id if number == 0 else message_id.replace("@", f".{number}@", 1)


def _letter(
    session: Session,
    engine: Engine,
    tenant: Tenant,
    row: Message,
    opened: Opened,
    events: Sequence[Event],
    base_url: str,
) -> Letter:
    home = f"{base_url}/{tenant.slug}"
    reference = opened.file.reference or ""
    event = events[row.seq - 1]
    if row.kind == MessageKind.NOTICE:
        page = f"{home}/desk/cases/{row.case_id}"
        return write_notice(opened.world, row.name, row.about, reference, page, row.language)
    if row.name == NEW_CODE:
        return write_new_code(opened.world, reference, row.language)
    if row.name == CONFIRMATION:
        return write_confirmation(opened.world, reference, row.language)
    if row.name == GIVEN:
        return write_given(opened.world, reference, f"{home}/status", row.language)
    if row.name == ASKED:
        text = str((event.sealed or {}).get("text", ""))
        return write_request(opened.world, text, reference, f"{home}/status", row.language)
    case = replay(row.case_id, list(events[: row.seq]))
    if row.name == LATER:
        return write_later(opened.world, case, event, reference, f"{home}/status", row.language)
    words = _words(session, engine, tenant.id, events[: row.seq], reference, f"{home}/status")
    words = for_everybody(words) if _way(opened, row) == PUBLISHED else addressed(words, opened, events, row)
    words = replace(words, other=_other_reference(session, tenant.id, event))
    return write_letter(opened.world, case, event, words, row.language)


def _words(
    session: Session, engine: Engine, tenant_id: UUID, events: Sequence[Event], reference: str, status_url: str
) -> Words:
    received = _sealed(events, Kind.RECEIVED)
    case = replay(UUID(int=0), list(events))
    return Words(
        reference=reference,
        complainant=str(received.get("contact", {}).get("name", "")),
        story=str(received.get("story", "")),
        status_url=status_url,
        texts=texts_of(events),
        names=names(session, engine.keyring, tenant_id, people_named(case, events)),
        measures={
            UUID(event.open["measure"]): str((event.sealed or {}).get("what", ""))
            for event in events
            if event.kind is Kind.MEASURE_PLANNED
        },
    )


def _other_reference(session: Session, tenant_id: UUID, event: Event) -> str:
    """The number of the case that a message about merging or splitting names."""
    other = event.open.get("other")
    return (session.get_one(CaseFile, (tenant_id, UUID(other))).reference or "") if other else ""


def for_everybody(words: Words) -> Words:
    """The words of what is published: of nobody's case, and with nobody's name."""
    return replace(words, reference="", complainant="", story="", status_url="", names={})


def addressed(words: Words, opened: Opened, events: Sequence[Event], row: Message) -> Words:
    """The words of a letter to one of several complainants, or to who acts for them, whom it names."""
    if not is_complainant(opened.world, row.role):
        return words
    acting = _is_acting(opened, row)
    name = addressee(events[: row.seq], row.number, acting=acting).get("name", "")
    return replace(words, complainant=name, acts_for=words.complainant if acting else "")


def _sealed(events: Sequence[Event], kind: Kind) -> Mapping[str, dict[str, str]]:
    return next((event.sealed or {} for event in events if event.kind is kind), {})


def _addresses(
    session: Session, engine: Engine, opened: Opened, events: Sequence[Event], row: Message
) -> tuple[str, ...]:
    """Where it goes by mail; nowhere when the recipient gets letters, or is an outside body."""
    keyring = engine.keyring
    if _way(opened, row) != EMAIL:
        found = []
    elif row.person_id:
        person = session.get_one(Person, (row.tenant_id, row.person_id))
        found = [email_of(keyring, person)]
    elif row.role == ADMINISTRATORS:
        admins = select(Person).join(Admin, (Admin.tenant_id == Person.tenant_id) & (Admin.person_id == Person.id))
        admins = admins.where(Person.tenant_id == row.tenant_id, Admin.ended_at.is_(None))
        free = session.scalars(admins.where(Person.id.not_in(_kept_out(row.tenant_id, row.case_id)))).all()
        # An alarm that nobody hears is worse than one heard by somebody who is kept out: it holds no content.
        found = [email_of(keyring, person) for person in free or session.scalars(admins)]
    else:
        found = [addressee(events, row.number, acting=_is_acting(opened, row)).get("email")]
    return tuple(address for address in found if address)


def _way(opened: Opened, row: Message) -> str:
    """How it goes: email, post, or page (an anonymous complainant reads it there)."""
    policy = opened.world.policy
    message = policy.messages.get(row.name) if row.kind == MessageKind.POLICY else None
    role = policy.roles.get(row.role)
    return way_of(opened.case, message, role, row.number) if role else EMAIL


def _is_acting(opened: Opened, row: Message) -> bool:
    acts = opened.world.policy.roles[row.role].kind is RoleKind.REPRESENTATIVE
    return acts and opened.case.represented is not None


def _seal_address(sealer: Sealer, row: Message, addresses: Sequence[str]) -> None:
    if addresses:
        row.address = sealer.seal(", ".join(addresses), table="message", column="address", row=row.id)


def mark_sent(session: Session, tenant_id: UUID, message_id: UUID, now: datetime) -> None:
    """It was handed over: nothing sends it again."""
    row = session.get(Message, (tenant_id, message_id))
    if row is not None and row.state == MessageState.QUEUED:
        row.state, row.sent_at = MessageState.SENT.value, now


def mark_failed(session: Session, tenant_id: UUID, message_id: UUID, now: datetime) -> None:
    """It will not arrive this way: a person sees it and chooses another; those responsible for the case are told.

    Needs no key and does not replay the case, so that it works for one that is broken too.
    """
    row = session.get_one(Message, (tenant_id, message_id))
    if row.state != MessageState.QUEUED:
        return
    row.state = MessageState.FAILED.value
    if row.name in FAILURES:
        return  # it is on the list of what went wrong; telling of it would go on for ever
    is_notice = row.kind == MessageKind.NOTICE
    what, about = (NOTICE_FAILED, "") if is_notice else (MESSAGE_FAILED, row.name)
    alarm(session, tenant_id, row.case_id, what, about, now, responsible(session, row))


def responsible(session: Session, row: Message) -> Sequence[UUID]:
    """Whom a message's failure concerns: `handlers_of` its case, but for who it was to."""
    return [person for person in handlers_of(session, row.tenant_id, row.case_id) if person != row.person_id]


def handlers_of(session: Session, tenant_id: UUID, case_id: UUID) -> Sequence[UUID]:
    """Who handles the case, else who took it in, as far as they work here, are not kept out and can be reached."""
    file = session.get_one(CaseFile, (tenant_id, case_id))
    received = select(StoredEvent.open["received_by"].astext).where(
        StoredEvent.tenant_id == tenant_id, StoredEvent.case_id == case_id, StoredEvent.kind == Kind.RECEIVED
    )
    taken_in_by = None if file.handlers else session.scalar(received)
    wanted = {*file.handlers, *([UUID(taken_in_by)] if taken_in_by else [])}
    here = select(Person.id).where(Person.tenant_id == tenant_id, Person.id.in_(wanted), Person.active_to.is_(None))
    return session.scalars(here.where(Person.id.not_in(_kept_out(tenant_id, case_id))).order_by(Person.id)).all()


def _kept_out(tenant_id: UUID, case_id: UUID) -> Select[UUID]:
    return select(CaseWall.person_id).where(CaseWall.tenant_id == tenant_id, CaseWall.case_id == case_id)


def send_again(session: Session, tenant_id: UUID, message_id: UUID, actor: UUID) -> None:
    """Send a message that did not arrive once more, to the address that is known by now. The caller commits.

    NotFound for who is kept out of its case; Refused when it is not waiting for anybody (any more).
    """
    row = _failed(session, tenant_id, message_id, actor)
    row.state = MessageState.QUEUED.value
    again = f"message:{message_id}:{new_id()}"
    job = outbox.JobDraft(DELIVER, again, {"message": str(message_id)}, row.case_id, max_attempts=outbox.FIVE_DAYS)
    outbox.enqueue_all(session, [job])
    log.info("message_sent_again", message_id=str(message_id), user_id=str(actor))


def went_by_letter(session: Session, tenant_id: UUID, message_id: UUID, actor: UUID, now: datetime) -> None:
    """Somebody brought a message that did not arrive over in another way. Raises as `send_again`."""
    row = _failed(session, tenant_id, message_id, actor)
    row.state, row.sent_at = MessageState.PRINTED.value, now
    log.info("message_went_by_letter", message_id=str(message_id), user_id=str(actor))


def _failed(session: Session, tenant_id: UUID, message_id: UUID, actor: UUID) -> Message:
    """The message, locked, without the job that was given up over it."""
    query = select(Message).join(CaseFile, (CaseFile.tenant_id == Message.tenant_id) & (CaseFile.id == Message.case_id))
    query = query.where(Message.tenant_id == tenant_id, Message.id == message_id, not_walled(tenant_id, actor))
    row = session.scalar(query.with_for_update(of=Message))
    if row is None:
        raise NotFound("message")
    if row.state != MessageState.FAILED:
        raise Refused("message_not_failed")
    outbox.forget_dead(session, DELIVER, {"message": str(message_id)})
    return row

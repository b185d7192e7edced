"""The messages of a case as its page shows them, to who may know of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.labels import label_of, role_label
from weerklank.cases.messages import ASKED, CONFIRMATION, GIVEN, LATER, NEW_CODE, read_body
from weerklank.cases.model import Message, MessageKind
from weerklank.cases.people import addressee
from weerklank.cases.telling import TELLINGS
from weerklank.cases.timeline import is_complainant
from weerklank.kernel.keys import Keyring
from weerklank.policy.apart import Reads, may_know
from weerklank.policy.case import Case
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.roles import ON_PURPOSE
from weerklank.policy.world import World


@dataclass(frozen=True)
class MessageView:
    """A message and how far it is on its way. The text is there once it has been written out.

    `complainant`: it goes to the complainant's side, so that a print of it needs the name and address of `addressee`.
    """

    id: UUID
    day: date
    name: str
    label: str
    to: str
    complainant: bool
    addressee: Mapping[str, str]
    copy: bool
    notice: bool
    state: str
    posted: bool
    subject: str
    paragraphs: tuple[str, ...]


def message_views(
    session: Session, keyring: Keyring, tenant_id: UUID, world: World, case: Case, events: Sequence[Event],
    names: Mapping[UUID, str], language: str, reader: Reads,
) -> Iterable[MessageView]:
    """Every message of the case that this reader may know of, newest first."""
    query = select(Message).where(Message.tenant_id == tenant_id, Message.case_id == case.id)
    sealer = keyring.for_case(tenant_id, case.id)
    for row in session.scalars(query.order_by(Message.created_at.desc(), Message.id.desc())):
        if row.seq and row.kind == MessageKind.POLICY and not may_know(world, case, events[row.seq - 1], reader):
            continue
        written = read_body(sealer, row)
        yield MessageView(
            id=row.id,
            day=world.day_of(row.created_at),
            name=row.name,
            label=message_label(world.policy, row.name, language),
            to=names.get(row.person_id, "") if row.person_id else role_label(world, row.role, language),
            complainant=is_complainant(world, row.role),
            addressee=_addressee(world, events, row),
            copy=row.copy,
            notice=row.kind == "notice",
            state=row.state,
            posted=row.sent_at is not None,
            subject=written.subject if written else "",
            paragraphs=written.paragraphs if written else (),
        )


@dataclass(frozen=True)
class LetterView:
    """What the policy had sent to somebody in his own part: he may read it again, also after the case has closed."""

    label: str
    day: date
    subject: str
    paragraphs: tuple[str, ...]


def letters_to(
    session: Session, keyring: Keyring, tenant_id: UUID, world: World, case: Case, person_id: UUID, language: str
) -> tuple[LetterView, ...]:
    """What reached somebody who is involved in his own part (as respondent, or named), oldest first."""
    own = [name for name, role in world.policy.roles.items() if role.kind in ON_PURPOSE]
    query = select(Message).where(Message.tenant_id == tenant_id, Message.case_id == case.id)
    his = (Message.person_id == person_id, Message.kind == MessageKind.POLICY.value, Message.role.in_(own))
    sealer = keyring.for_case(tenant_id, case.id)
    rows = session.scalars(query.where(*his).order_by(Message.created_at, Message.id))
    read = [(row, said) for row in rows if (said := read_body(sealer, row))]
    return tuple(
        LetterView(
            label=message_label(world.policy, row.name, language),
            day=world.day_of(row.created_at),
            subject=said.subject,
            paragraphs=said.paragraphs,
        )
        for row, said in read
    )


# What the platform's own messages are called: by what they tell of.
TOLD_BY = {NEW_CODE: Kind.CODE_REPLACED, CONFIRMATION: Kind.RECEIVED, ASKED: Kind.COMPLETION_ASKED}
CALLED = {
    LATER: {"nl": "Vraag om akkoord met een latere dag", "en": "Request to agree to a later day"},
    GIVEN: {"nl": "Bericht dat er bestanden klaarstaan", "en": "Notice that there are files"},
}


def message_label(policy: Policy, name: str, language: str) -> str:
    """What people call a message, the policy's or one of the platform's own."""
    if name in TOLD_BY:
        return TELLINGS[TOLD_BY[name]].label(language)
    if name in CALLED:
        return CALLED[name]["nl" if language == "nl" else "en"]
    return label_of(policy.messages, name, language)


def _addressee(world: World, events: Sequence[Event], row: Message) -> Mapping[str, str]:
    if not is_complainant(world, row.role):
        return {}
    acting = world.policy.roles[row.role].kind is RoleKind.REPRESENTATIVE
    return addressee(events, row.number, acting=acting)

"""What waits in the inbox, for whom the channel says, and the three things a person does with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.actions.record import AddFile, JoinMail
from weerklank.cases.actions.verb import Action
from weerklank.cases.doors import perform
from weerklank.correspondence.inbound.model import InboundMail, MailState
from weerklank.correspondence.inbound.reading import understand
from weerklank.correspondence.inbound.taking import TABLE, hand_over, keep_attached
from weerklank.documents.files import Files, mail_name
from weerklank.kernel.errors import Conflict, NotFound
from weerklank.kernel.keys import Keyring
from weerklank.kernel.sealed import Erased
from weerklank.policy.case import Case
from weerklank.policy.events import COMPLAINANT, Actor
from weerklank.policy.model import Policy, RoleKind
from weerklank.policy.people import People
from weerklank.policy.roles import present
from weerklank.policy.world import World

PAGE = 50


@dataclass(frozen=True)
class MailView:
    """A mail as the inbox shows it: only ever as plain text. `files` are names with their size in bytes.

    `case_id`: while it waits, the case that its subject names, which not everybody may see.
    """

    id: UUID
    state: MailState
    sort: str
    channel: str
    arrived_at: datetime
    size: int
    sender: str
    name: str
    subject: str
    text: str
    files: tuple[tuple[str, int], ...]
    case_id: UUID | None


def receivers(world: World, channel: str) -> tuple[UUID, ...]:
    """Who sees what comes in here: the role the channel names and nobody else.

    A channel that names nobody is seen by the posts that see all cases, and without those by every post.
    """
    policy = world.policy
    known = policy.channels.get(channel)
    named = present(world, Case(id=UUID(int=0)), known.to) if known and known.to else ()
    return named or (() if known and known.to else _posts(policy, world.people))


def _posts(policy: Policy, people: People) -> tuple[UUID, ...]:
    posts = [name for name, role in policy.roles.items() if role.kind is RoleKind.POST]
    seeing = [name for name in posts if policy.roles[name].sees_all]
    return tuple(dict.fromkeys(person for name in seeing or posts for person in people.posts.get(name, ())))


def channels_of(world: World, person: UUID) -> tuple[str, ...]:
    """The channels whose mail this person sees."""
    return tuple(name for name in world.policy.channels if person in receivers(world, name))


def waiting(session: Session, tenant_id: UUID, channels: Sequence[str]) -> int:
    """How many mails wait in these channels."""
    query = select(func.count()).where(
        InboundMail.tenant_id == tenant_id, InboundMail.channel.in_(channels), InboundMail.state == MailState.WAITING
    )
    return session.scalar(query) or 0


def listed(
    session: Session, keyring: Keyring, tenant_id: UUID, channels: Sequence[str], states: Iterable[MailState]
) -> tuple[MailView, ...]:
    """The newest fifty mails of these channels in these states that still have their words."""
    query = select(InboundMail).where(
        InboundMail.tenant_id == tenant_id,
        InboundMail.channel.in_(channels),
        InboundMail.state.in_([state.value for state in states]),
        InboundMail.sealed.is_not(None),
    )
    rows = session.scalars(query.order_by(InboundMail.arrived_at.desc(), InboundMail.id.desc()).limit(PAGE))
    return tuple(_view(keyring, row) for row in rows)


def opened(
    session: Session, keyring: Keyring, tenant_id: UUID, mail_id: UUID, channels: Sequence[str], *, lock: bool = False
) -> tuple[InboundMail, MailView]:
    """A mail of these channels. NotFound: none such, not for this reader, or a case has it by now."""
    query = select(InboundMail).where(
        InboundMail.tenant_id == tenant_id, InboundMail.id == mail_id, InboundMail.channel.in_(channels)
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or row.sealed is None:
        raise NotFound("mail")
    return row, _view(keyring, row)


def _view(keyring: Keyring, row: InboundMail) -> MailView:
    kept = keyring.for_tenant(row.tenant_id).unseal_json(row.sealed or b"", table=TABLE, column="sealed", row=row.id)
    words = {} if isinstance(kept, Erased) else kept
    return MailView(
        id=row.id,
        state=MailState(row.state),
        sort=row.sort,
        channel=row.channel,
        arrived_at=row.arrived_at,
        size=row.size,
        sender=words.get("sender", ""),
        name=words.get("name", ""),
        subject=words.get("subject", ""),
        text=words.get("text", ""),
        files=tuple((name, size) for name, _, size in words.get("files", ())),
        case_id=row.case_id,
    )


def raw_of(keyring: Keyring, row: InboundMail) -> bytes:
    """The mail as it arrived. NotFound when it is not here any more."""
    sealer = keyring.for_tenant(row.tenant_id)
    data = sealer.unseal_bytes(row.raw, table=TABLE, column="raw", row=row.id) if row.raw else b""
    if isinstance(data, Erased) or not data:
        raise NotFound("mail")
    return data


def join(
    session: Session, engine: Engine, files: Files, row: InboundMail, view: MailView, case_id: UUID, actor: Actor,
    now: datetime,
) -> None:
    """Put a mail with a case, because somebody says so. Raises as `doors.perform`; Conflict when it does not wait."""
    _still_waits(row)
    raw = raw_of(engine.keyring, row)
    text = f"{view.name} <{view.sender}>\n{view.subject}\n\n{view.text}"
    added: list[Action] = [JoinMail(text[:20_000]), AddFile(row.id, mail_name(now))]
    perform(session, engine, row.tenant_id, case_id, added, actor, now)
    keep_attached(session, engine, row.tenant_id, case_id, understand(raw).attached, actor, now)
    hand_over(session, engine, files, row, raw, case_id, MailState.JOINED, now, actor.id)


def begun(
    session: Session, engine: Engine, files: Files, row: InboundMail, case_id: UUID, by: UUID, now: datetime
) -> None:
    """A case was registered from this mail: it goes with the case, in whole, and what came along as files of it.

    Done twice it does no harm; Conflict when the mail is with another case, or filed.
    """
    if row.state == MailState.REGISTERED and row.case_id == case_id:
        return
    _still_waits(row)
    raw = raw_of(engine.keyring, row)
    perform(session, engine, row.tenant_id, case_id, AddFile(row.id, mail_name(now)), COMPLAINANT, now)
    keep_attached(session, engine, row.tenant_id, case_id, understand(raw).attached, COMPLAINANT, now)
    hand_over(session, engine, files, row, raw, case_id, MailState.REGISTERED, now, by)


def file_away(row: InboundMail, person: UUID, now: datetime) -> None:
    """It is no complaint and about no case: kept, out of the inbox. Conflict when it does not wait any more."""
    _still_waits(row)
    row.state, row.case_id, row.handled_by, row.handled_at = MailState.FILED.value, None, person, now


def back(row: InboundMail) -> None:
    """What was put aside or filed is looked at again."""
    if row.state not in (MailState.FILED, MailState.ASIDE):
        raise Conflict("this mail is with a case")
    row.state, row.handled_by, row.handled_at = MailState.WAITING.value, None, None


def _still_waits(row: InboundMail) -> None:
    if row.state != MailState.WAITING:
        raise Conflict("somebody saw to this mail already")

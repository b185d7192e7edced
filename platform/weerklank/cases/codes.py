"""The complainant's way in: his secret code, made again by the organisation's key, and another when it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.cases import references
from weerklank.cases.act import Acted, Engine, Opened, act_on, open_case
from weerklank.cases.actions.verb import has_part
from weerklank.cases.combining import seen
from weerklank.cases.messages import CONFIRMATION, WAYS_IN, send_own
from weerklank.cases.model import CaseFile, Message, MessageState
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, ActorKind, Event, Kind
from weerklank.policy.model import Policy
from weerklank.policy.parties import EMAIL, LODGERS, PAGE
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class ReplaceCode:
    """Another code because the first was lost; `how` says by what it was seen that it is really him."""

    how: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The event; whoever stays anonymous could not be told the new one. The complainant himself may ask for it."""
        his_own = actor.kind is ActorKind.COMPLAINANT
        refusal = None if his_own else has_part(world, case, actor, "platform.code")
        if refusal or case.way == PAGE:
            return refusal or Refusal("no_way_to_tell", "platform.code")
        if not self.how.strip():
            return Refusal("reason_needed", "platform.code")
        return [Event(Kind.CODE_REPLACED, now, actor, {}, {"reason": self.how.strip()})]


def replace_code(
    session: Session, engine: Engine, tenant_id: UUID, case_id: UUID, how: str, actor: Actor, now: datetime
) -> Acted:
    """Give a case another secret code: the old one opens nothing from now on, the complainant is told the new one."""
    opened = seen(session, tenant_id, case_id, actor, now)
    return give_another(session, engine, tenant_id, opened, how, actor, now)


def give_another(
    session: Session, engine: Engine, tenant_id: UUID, opened: Opened, how: str, actor: Actor, now: datetime
) -> Acted:
    """The same for a case that is open already."""
    acted = act_on(session, engine, tenant_id, opened, ReplaceCode(how), actor, now)
    code_id = new_id()
    hashed = references.code_hash(
        engine.keyring, tenant_id, references.code_of_form(engine.keyring, tenant_id, code_id)
    )
    mine = update(CaseFile).where(CaseFile.tenant_id == tenant_id, CaseFile.id == opened.case.id)
    session.execute(mine.values(code_id=code_id, code_hash=hashed))
    return acted


def send_confirmation(session: Session, tenant_id: UUID, case_id: UUID, now: datetime) -> None:
    """Mail the complainant, once, the number and the code that the page has just shown him, because he asks."""
    by_mail, mailed = how_told(session, tenant_id, case_id, now)
    if by_mail and not mailed:
        opened = open_case(session, tenant_id, case_id, now)
        send_own(session, tenant_id, opened.world, opened.case, CONFIRMATION, now)


def how_told(session: Session, tenant_id: UUID, case_id: UUID, now: datetime) -> tuple[bool, bool]:
    """Whether the complainant hears from us by mail, and whether he has had the confirmation mailed."""
    same = (Message.tenant_id == tenant_id, Message.case_id == case_id, Message.name == CONFIRMATION)
    mailed = session.scalar(select(Message.id).where(*same)) is not None
    return open_case(session, tenant_id, case_id, now).case.way == EMAIL, mailed


def carried_code(session: Session, keyring: Keyring, row: Message, policy: Policy) -> str | None:
    """The code that goes out with this message and is kept nowhere in it; None for nearly all.

    With what tells a new code, with the confirmation he asked for, and with the first letter to a complainant who gets
    no mail, until it was posted.
    """
    role = policy.roles.get(row.role)
    if role is None or role.kind not in LODGERS or row.number:
        return None
    if row.name not in WAYS_IN and not _is_first_letter(session, row):
        return None
    if row.state not in (MessageState.QUEUED, MessageState.PRINTED) or row.sent_at is not None:
        return None
    query = select(CaseFile.code_id).where(CaseFile.tenant_id == row.tenant_id, CaseFile.id == row.case_id)
    code_id = session.scalar(query)
    return references.code_of_form(keyring, row.tenant_id, code_id) if code_id else None


def _is_first_letter(session: Session, row: Message) -> bool:
    """Whether this is the first letter on paper to this side of the case."""
    if row.state != MessageState.PRINTED:
        return False
    same = (Message.tenant_id == row.tenant_id, Message.case_id == row.case_id, Message.role == row.role)
    query = select(Message.id).where(*same, Message.state == MessageState.PRINTED.value, Message.number == 0)
    return session.scalar(query.order_by(Message.created_at, Message.id).limit(1)) == row.id

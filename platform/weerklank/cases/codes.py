"""The complainant's way in: his secret code, made again by the organisation's key, and another when it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.cases import references
from weerklank.cases.act import Acted, Engine, act_on
from weerklank.cases.actions.verb import has_part
from weerklank.cases.combining import seen
from weerklank.cases.messages import NEW_CODE
from weerklank.cases.model import CaseFile, Message, MessageState
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy.case import Case
from weerklank.policy.events import Actor, Event, Kind
from weerklank.policy.model import Policy
from weerklank.policy.parties import LODGERS, PAGE
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World


@dataclass(frozen=True)
class ReplaceCode:
    """Another code because the first was lost; `how` says by what it was seen that it is really him."""

    how: str

    def decide(self, world: World, case: Case, actor: Actor, now: datetime) -> Refusal | Sequence[Event]:
        """The event; whoever stays anonymous could not be told the new one."""
        refusal = has_part(world, case, actor, "platform.code")
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
    acted = act_on(session, engine, tenant_id, opened, ReplaceCode(how), actor, now)
    code_id = new_id()
    hashed = references.code_hash(
        engine.keyring, tenant_id, references.code_of_form(engine.keyring, tenant_id, code_id)
    )
    mine = update(CaseFile).where(CaseFile.tenant_id == tenant_id, CaseFile.id == case_id)
    session.execute(mine.values(code_id=code_id, code_hash=hashed))
    return acted


def carried_code(session: Session, keyring: Keyring, row: Message, policy: Policy) -> str | None:
    """The code that goes out with this message and is kept nowhere in it; None for nearly all.

    With what tells a new code, and with the first letter to a complainant who gets no mail, until it was posted.
    """
    role = policy.roles.get(row.role)
    if role is None or role.kind not in LODGERS or row.number:
        return None
    if row.name != NEW_CODE and not _is_first_letter(session, row):
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

"""Who lost his secret code asks for another: by number and e-mail address, and nobody learns whether they fit.

The page asks the same of every request: one job. Whether anything follows is found out later, out of sight.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from weerklank.cases.act import Engine, open_case, read_words
from weerklank.cases.codes import give_another
from weerklank.cases.model import CaseFile
from weerklank.cases.people import addressee
from weerklank.kernel import outbox
from weerklank.kernel.events import Event as StoredEvent
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.policy.events import COMPLAINANT, Kind
from weerklank.policy.parties import EMAIL

LOST = "lost_code"  # the kind of job; its args are {"reference", "proof": keyed hash of the e-mail address}
MOST_A_DAY = 3
REASON = {
    "nl": "Gevraagd op de pagina, met nummer en e-mailadres.",
    "en": "Asked on the page, by number and e-mail address.",
}


def ask_for_another(session: Session, keyring: Keyring, tenant_id: UUID, reference: str, email: str) -> None:
    """Ask for another code for the complaint with this number, to be mailed if this is its address."""
    args = {"reference": reference.strip().upper()[:40], "proof": proof(keyring, tenant_id, email)}
    outbox.enqueue(session, LOST, dedupe_key=f"lost:{new_id()}", args=args, max_attempts=outbox.FIVE_DAYS)


def proof(keyring: Keyring, tenant_id: UUID, email: str) -> str:
    """An e-mail address as a keyed hash; case and blanks around it do not matter."""
    return hmac.new(keyring.code_key(tenant_id), email.strip().casefold().encode(), hashlib.sha256).hexdigest()


def give_if_it_fits(
    session: Session, engine: Engine, tenant_id: UUID, reference: str, given: str, now: datetime
) -> UUID | None:
    """Replace the code and mail the new one if the proof fits whoever our messages go to by mail; at most thrice a day.

    Answers the case whose code it replaced, if it did.
    """
    mine = (CaseFile.tenant_id == tenant_id, CaseFile.reference == reference)
    case_id = session.scalar(select(CaseFile.id).where(*mine))
    if case_id is None or replaced_lately(session, tenant_id, case_id, now) >= MOST_A_DAY:
        return None
    opened = open_case(session, tenant_id, case_id, now)
    if opened.case.is_destroyed or opened.case.way != EMAIL:
        return None
    reached = addressee(read_words(engine, tenant_id, opened), 0, acting=opened.case.represented is not None)
    email = reached.get("email", "")
    if not email or not hmac.compare_digest(proof(engine.keyring, tenant_id, email), given):
        return None
    why = REASON["nl" if opened.world.policy.procedure.languages[0] == "nl" else "en"]
    give_another(session, engine, tenant_id, opened, why, COMPLAINANT, now)
    return case_id


def replaced_lately(session: Session, tenant_id: UUID, case_id: UUID, now: datetime) -> int:
    """How often its code was replaced in the last day."""
    query = select(func.count()).where(StoredEvent.tenant_id == tenant_id, StoredEvent.case_id == case_id)
    lately = (StoredEvent.kind == Kind.CODE_REPLACED.value, StoredEvent.at > now - timedelta(days=1))
    return session.scalar(query.where(*lately)) or 0

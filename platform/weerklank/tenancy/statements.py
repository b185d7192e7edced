"""An organisation's own words on the pages about privacy, accessibility and rules, above what the platform says there.

Plain text by language, in versions. Before the first, what came with the organisation's folder (`branding`) counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.kernel.errors import Refused
from weerklank.tenancy.model import StatementText, Tenant

STATEMENTS = ("privacy", "accessibility", "terms")
LONGEST = 10_000  # characters in one language


def versions(session: Session, tenant_id: UUID, name: str) -> Sequence[StatementText]:
    """What was ever written for this page, the newest first."""
    mine = (StatementText.tenant_id == tenant_id, StatementText.name == name)
    return session.scalars(select(StatementText).where(*mine).order_by(StatementText.number.desc())).all()


def words_on(session: Session, tenant: Tenant, name: str) -> Mapping[str, str]:
    """What stands on this page now, by language."""
    mine = (StatementText.tenant_id == tenant.id, StatementText.name == name)
    newest = select(StatementText.words).where(*mine).order_by(StatementText.number.desc()).limit(1)
    found: Mapping[str, str] | None = session.scalar(newest)
    return found if found is not None else tenant.branding.get(name, {})


def write(
    session: Session, tenant: Tenant, name: str, words: Mapping[str, str], after: int, by: UUID, now: datetime
) -> StatementText:
    """Another version, written with version `after` in sight (0: none). Nothing in any language is one too.

    Refused: `statement_changed` when there is a newer one, `statement_same` when it says just this, `words_too_many`.
    """
    kept = {language: text.strip() for language, text in words.items() if text.strip()}
    earlier = versions(session, tenant.id, name)
    if (earlier[0].number if earlier else 0) != after:
        raise Refused("statement_changed")
    if kept == dict(words_on(session, tenant, name)):
        raise Refused("statement_same")
    if any(len(text) > LONGEST for text in kept.values()):
        raise Refused("words_too_many", {"most": str(LONGEST)})
    row = StatementText(tenant_id=tenant.id, name=name, number=after + 1, words=kept)
    row.written_at, row.written_by = now, by
    session.add(row)
    session.flush()
    return row


def paragraphs(text: str) -> list[str]:
    """A text as its paragraphs: an empty line begins another one."""
    return [each for each in (part.strip() for part in text.replace("\r\n", "\n").split("\n\n")) if each]

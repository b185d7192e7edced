"""Publishing: what a message to everybody says stands on the organisation's own page, and names no complainant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.cases.labels import fact_text, texts_of
from weerklank.cases.model import of_case
from weerklank.cases.people import complainants, representative
from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.errors import NotFound
from weerklank.policy.case import Case
from weerklank.policy.events import Event, Kind
from weerklank.policy.model import Message, RoleKind
from weerklank.policy.refusals import Refusal
from weerklank.policy.world import World

SHORTEST = 3  # of a name or a word that is looked for; shorter ones stand in any text
MOST = 200
PLACED = re.compile(r"\{fact\.(\w+)\}")


class Published(TenantOwned, Base):
    """A message to everybody, as it was published; `id` is the message's."""

    __tablename__ = "published"
    __table_args__ = (of_case(),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    name: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    paragraphs: Mapped[list[str]] = mapped_column(JSONB)
    at: Mapped[datetime]


def is_public(world: World, role: str) -> bool:
    """Whether this role of the policy is everybody."""
    return role in world.policy.roles and world.policy.roles[role].kind is RoleKind.PUBLIC


def wrongly_published(
    world: World, case: Case, events: Sequence[Event], new: Iterable[Event], names: Mapping[UUID, str]
) -> Refusal | None:
    """Why what these new events publish may not be: it names who complains, or holds what it may never hold.

    `events` are all of the case with their words, the new ones included; `names` of the people in it.
    """
    for event in new:
        if event.kind is Kind.SENT and any(is_public(world, to["role"]) for to in event.open["to"]):
            message = world.policy.messages[event.open["message"]]
            said = written(world, case, events, event, message, names)
            path = f"messages.{event.open['message']}"
            if any(stands_in(words, said) for words in particulars(events)):
                return Refusal("names_the_complainant", path, message.source)
            forbidden = (fact_text(world, case, texts_of(events), names, fact, "nl") for fact in message.never)
            if any(stands_in(words, said) for words in forbidden):
                return Refusal("never_in_it", f"{path}.never", message.source)
    return None


def written(
    world: World, case: Case, events: Sequence[Event], event: Event, message: Message, names: Mapping[UUID, str]
) -> str:
    """What people wrote that comes to stand in it: by whoever sends it, and in the facts that it contains."""
    facts = [piece.removeprefix("fact.") for piece in message.contains if piece.startswith("fact.")]
    for text in (message.subject, message.body):
        for _, words in text.by_language if text else ():
            facts += PLACED.findall(words)
    texts = texts_of(events)
    own = str((event.sealed or {}).get("text", ""))
    return "\n".join([own, *(fact_text(world, case, texts, names, fact, "nl") for fact in facts)])


def particulars(events: Sequence[Event]) -> Iterable[str]:
    """By what somebody who complains, or who acts for him, can be known: name, surname, address, number."""
    for person in (*complainants(events), representative(events)):
        yield from (person.get(key, "") for key in ("name", "email", "phone", "address"))
        yield person.get("name", "").rpartition(" ")[2]


def stands_in(words: str, text: str) -> bool:
    """Whether these words stand in the text as words of their own, however spaced; capitals count in a lone name."""
    wanted = r"\s+".join(re.escape(word) for word in words.split())
    lone = " " not in words.strip() and "@" not in words
    return len(words.strip()) >= SHORTEST and bool(
        re.search(rf"(?<!\w){wanted}(?!\w)", text, re.NOFLAG if lone else re.IGNORECASE)
    )


def publish(
    session: Session, tenant_id: UUID, case_id: UUID, message_id: UUID, name: str, language: str, subject: str,
    paragraphs: Sequence[str], now: datetime,
) -> None:
    """Put a message to everybody on the page. The caller commits."""
    row = Published(
        tenant_id=tenant_id, id=message_id, case_id=case_id, name=name, language=language, subject=subject,
        paragraphs=list(paragraphs), at=now,
    )  # fmt: skip
    session.add(row)


def published(session: Session, tenant_id: UUID) -> Sequence[Published]:
    """What was published, newest first, at most two hundred."""
    query = select(Published).where(Published.tenant_id == tenant_id)
    return session.scalars(query.order_by(Published.at.desc(), Published.id.desc()).limit(MOST)).all()


def published_one(session: Session, tenant_id: UUID, item_id: UUID) -> Published:
    """One of them; NotFound when this organisation published no such thing."""
    row = session.get(Published, (tenant_id, item_id))
    if row is None:
        raise NotFound("published")
    return row

"""Views that somebody saved for himself: what is asked of the worklist or of search, under a name of his own.

The name, and the words that are searched for, are sealed: they may be about somebody. Nobody else sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.database import Base, TenantOwned
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring

MOST = 20
TABLE = "saved_view"


class Page(StrEnum):
    """Of which page a view is."""

    WORKLIST = "worklist"
    SEARCH = "search"


class SavedView(TenantOwned, Base):
    """A view of one person: codes and days in the clear, name and words sealed by the organisation's key.

    `standard`: it is what the page opens with.
    """

    __tablename__ = TABLE
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    page: Mapped[str]
    name: Mapped[bytes]
    words: Mapped[bytes | None]
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    standard: Mapped[bool]


@dataclass(frozen=True)
class Saved:
    """A view as its owner sees it: `filters` are the fields of the page's form, `words` what is searched for."""

    id: UUID
    name: str
    filters: Mapping[str, str]
    words: str
    standard: bool


def saved_views(session: Session, keyring: Keyring, tenant_id: UUID, person_id: UUID, page: Page) -> tuple[Saved, ...]:
    """Somebody's views of a page, in the order in which he saved them."""
    mine = select(SavedView).where(SavedView.tenant_id == tenant_id, SavedView.person_id == person_id)
    rows = session.scalars(mine.where(SavedView.page == page.value).order_by(SavedView.id)).all()
    return tuple(_opened(keyring, row) for row in rows)


def _opened(keyring: Keyring, row: SavedView) -> Saved:
    sealer = keyring.for_tenant(row.tenant_id)
    words = sealer.unseal(row.words, table=TABLE, column="words", row=row.id) if row.words else ""
    name = sealer.unseal(row.name, table=TABLE, column="name", row=row.id)
    return Saved(row.id, str(name), row.filters, str(words), row.standard)


def save_view(
    session: Session,
    keyring: Keyring,
    tenant_id: UUID,
    person_id: UUID,
    page: Page,
    name: str,
    filters: Mapping[str, str],
    words: str = "",
    *,
    standard: bool = False,
) -> UUID:
    """Keep a view; with `standard` instead of the one that was. Raises Refused for the 21st. The caller commits."""
    mine = (SavedView.tenant_id == tenant_id, SavedView.person_id == person_id)
    if (session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0) >= MOST:
        raise Refused("too_many_views", {"most": str(MOST)})
    if standard:
        session.execute(update(SavedView).where(*mine, SavedView.page == page.value).values(standard=False))
    sealer, view_id = keyring.for_tenant(tenant_id), new_id()
    row = SavedView(
        tenant_id=tenant_id,
        id=view_id,
        person_id=person_id,
        page=page.value,
        name=sealer.seal(name, table=TABLE, column="name", row=view_id),
        words=sealer.seal(words, table=TABLE, column="words", row=view_id) if words else None,
        filters=dict(filters),
        standard=standard,
    )
    session.add(row)
    session.flush()
    return view_id


def remove_view(session: Session, tenant_id: UUID, person_id: UUID, view_id: UUID) -> None:
    """Forget a view. Raises NotFound for what is nobody's, or another's. The caller commits."""
    mine = (SavedView.tenant_id == tenant_id, SavedView.person_id == person_id, SavedView.id == view_id)
    if session.scalar(delete(SavedView).where(*mine).returning(SavedView.id)) is None:
        raise NotFound("view")

"""The table of files."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class Document(TenantOwned, Base):
    """A file of a case: its bytes lie sealed in the store under `stored_as`; its name is sealed by the case's key."""

    __tablename__ = "document"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    stored_as: Mapped[str]
    name: Mapped[bytes]
    media_type: Mapped[str]
    size: Mapped[int]
    added_at: Mapped[datetime]

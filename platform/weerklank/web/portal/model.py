"""The tables of the portal: what is not sent yet, and who gave a secret code lately."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class IntakeDraft(TenantOwned, Base):
    """A complaint somebody is writing, sealed with the organisation's key: it has no case, and no case's key, yet.

    Once it was sent `case_id` says so, and `sealed` holds what the confirmation shows, until `expires_at`.
    """

    __tablename__ = "intake_draft"
    __table_args__ = (UniqueConstraint("tenant_id", "token_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    case_id: Mapped[UUID | None]


class IntakeFile(TenantOwned, Base):
    """A file that goes along with a draft; name and content are sealed. `size` in bytes."""

    __tablename__ = "intake_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "draft_id"], ["intake_draft.tenant_id", "intake_draft.id"], ondelete="CASCADE"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID]
    name: Mapped[bytes]
    data: Mapped[bytes] = mapped_column(deferred=True)
    size: Mapped[int]


class ComplainantSession(TenantOwned, Base):
    """Somebody gave the secret code of a complaint. Only the hash of the cookie's token is kept."""

    __tablename__ = "complainant_session"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["case_file.tenant_id", "case_file.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    case_id: Mapped[UUID]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

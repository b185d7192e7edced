"""The outbox: a job is a row, written in the transaction that needs it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class Outbox(TenantOwned, Base):
    """A job: what to do (`kind`), with which ids (`args`), and how far it is. No personal data."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    dedupe_key: Mapped[str]
    case_id: Mapped[UUID | None]
    args: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="pending")
    run_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int]
    lease_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    error_class: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    done_at: Mapped[datetime | None]

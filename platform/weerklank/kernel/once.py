"""What was sent is done once: its mark stands in the transaction that carries it out, and goes when that is undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.database import Base, TenantOwned, current_tenant

KEPT = timedelta(days=2)  # longer than a form may stand open
# Waits for another transaction that is busy with the same one: it is known then whether that was carried out.
MARK = text("INSERT INTO sent_form (tenant_id, id) VALUES (:tenant, :id) ON CONFLICT DO NOTHING RETURNING id")


class SentForm(TenantOwned, Base):
    """A form that was carried out. `id` is a keyed hash of what was sent, by whom and from which page."""

    __tablename__ = "sent_form"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


def is_first(session: Session, form_id: UUID) -> bool:
    """Whether this was not carried out before; marked from now on, if this transaction is kept."""
    return session.scalar(MARK, {"tenant": current_tenant(session), "id": form_id}) is not None


def sweep(session: Session, now: datetime) -> None:
    """Forget what cannot be sent again any more. The caller commits."""
    old = (SentForm.tenant_id == current_tenant(session), SentForm.sent_at < now - KEPT)
    session.execute(delete(SentForm).where(*old))

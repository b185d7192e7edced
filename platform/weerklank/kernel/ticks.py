"""Ticks: a repeating job runs once for each slot of time, however many schedulers there are."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.database import Base, without_tenant

CLAIM = text(
    """
    INSERT INTO tick (name, slot) VALUES (:name, :slot)
    ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, claimed_at = now() WHERE tick.slot < excluded.slot
    RETURNING name
    """
)
BEATS = text("SELECT name, now() - claimed_at AS ago FROM tick ORDER BY name")


class Tick(Base):
    """The last slot that was claimed of a repeating job, and when: a job that missed its beat shows here."""

    __tablename__ = "tick"

    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(Text(collation="C"))
    claimed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


def claim_tick(session: Session, name: str, slot: date | datetime) -> bool:
    """Whether this slot of the job is ours: a day for what runs daily, else an aware moment. Then commit.

    Slots only go forward: a slot before the last one that was claimed is nobody's any more, so whoever catches
    up claims in order. If the claimer rolls back, somebody else gets it.
    """
    with without_tenant(session, "ticks are the platform's"):
        return session.execute(CLAIM, {"name": name, "slot": written(slot)}).one_or_none() is not None


def beats(session: Session) -> dict[str, timedelta]:
    """How long ago each repeating job was last begun, by the database's clock."""
    with without_tenant(session, "ticks are the platform's"):
        return {row.name: row.ago for row in session.execute(BEATS)}


def written(slot: date | datetime) -> str:
    """Texts of one name must sort as the moments do."""
    if not isinstance(slot, datetime):
        return slot.isoformat()
    if slot.tzinfo is None:
        raise ValueError("a slot without a time zone")
    return slot.astimezone(UTC).isoformat(timespec="seconds")

"""Ticks: a repeating job runs once for each slot of time, however many schedulers there are.

Such a job looks at how things are and does what is to be done about that. So a slot that passed while nobody was there
is made up for by the next one, and whoever does again what somebody else broke off does no harm.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from weerklank.kernel.database import Base, without_tenant

CLAIM = text(
    """
    INSERT INTO tick (name, slot, lease_until) VALUES (:name, :slot, now() + CAST(:lease AS interval))
    ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, claimed_at = now(), lease_until = excluded.lease_until
        WHERE tick.slot < excluded.slot OR (tick.slot = excluded.slot AND tick.lease_until <= now())
    RETURNING name
    """
)
HOLD = text(
    """
    UPDATE tick SET lease_until = now() + CAST(:lease AS interval)
    WHERE name = :name AND slot = :slot AND lease_until IS NOT NULL
    """
)
BEATS = text("SELECT name, now() - claimed_at AS ago FROM tick ORDER BY name")


class Tick(Base):
    """The last slot that was claimed of a repeating job, and when: a job that missed its beat shows here."""

    __tablename__ = "tick"

    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(Text(collation="C"))
    claimed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    lease_until: Mapped[datetime | None]


def claim_tick(session: Session, name: str, slot: date | datetime, lease: timedelta | None = None) -> bool:
    """Whether this slot of the job is ours: a day for what runs daily, else an aware moment. Then commit.

    Slots only go forward: a slot before the last one that was claimed is nobody's any more. If the claimer rolls
    back, somebody else gets it; with a `lease`, by the database's clock, also when it is over before `hold_tick` said
    that all is done.
    """
    values = {"name": name, "slot": written(slot), "lease": lease}
    with without_tenant(session, "ticks are the platform's"):
        return session.execute(CLAIM, values).one_or_none() is not None


def hold_tick(session: Session, name: str, slot: date | datetime, lease: timedelta | None) -> None:
    """Keep a slot from others for so much longer; None: its work is done, and it is nobody's any more. Then commit."""
    with without_tenant(session, "ticks are the platform's"):
        session.execute(HOLD, {"name": name, "slot": written(slot), "lease": lease})


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

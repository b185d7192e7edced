"""The tables of the trail. All are added to and never changed, but for the sealer's inbox."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class UnsealedHead(TenantOwned, Base):
    """The end of a case's chain, as `events.append` left it, until the sealer takes it."""

    __tablename__ = "unsealed_head"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    mac: Mapped[bytes]


class Seal(TenantOwned, Base):
    """One link of a tenant's list of seals, from 1: a keyed hash over its entries and the seal before it."""

    __tablename__ = "seal"

    no: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    mac: Mapped[bytes]


class SealEntry(TenantOwned, Base):
    """What a seal vouches for: the chain of this case up to this event, by that event's hash."""

    __tablename__ = "seal_entry"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "seal_no"], ["seal.tenant_id", "seal.no"]),)

    seal_no: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int]
    mac: Mapped[bytes]

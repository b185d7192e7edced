"""The tables of organisations. `tenant` and `tenant_host` belong to the platform, the others to one organisation."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class State(StrEnum):
    """Where an organisation stands with the platform.

    pending: signed up, not yet approved; nothing works but verifying the e-mail address.
    trial: everything works, on the readings of its policy, with a banner that says so.
    active: everything works.
    suspended: no new complaint through its page and no new policy; staff go on with what is there, status pages
    and terms go on, since a complainant must not pay for a quarrel between the organisation and the platform.
    ended: nobody logs in; status pages can still be read.
    """

    PENDING = "pending"
    TRIAL = "trial"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Origin(StrEnum):
    """Where a policy version came from."""

    FOLDER = "folder"
    OFFICE = "office"


class Tenant(Base):
    """An organisation. `address` is its postal address, `settings` what its admin may switch."""

    __tablename__ = "tenant"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    state: Mapped[str]
    plan: Mapped[str]
    locale: Mapped[str]
    prefix: Mapped[str]
    branding: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    address: Mapped[str | None]
    terms_accepted_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]

    @property
    def takes_complaints(self) -> bool:
        """Whether a complaint can be made through its page."""
        return self.state in (State.TRIAL, State.ACTIVE)

    @property
    def lets_staff_in(self) -> bool:
        """Whether its people can log in and go on with their cases."""
        return self.state in (State.TRIAL, State.ACTIVE, State.SUSPENDED)

    @property
    def shows_status(self) -> bool:
        """Whether complainants can follow what they lodged."""
        return self.state != State.PENDING


class TenantChange(Base):
    """An organisation moved from one state to another: when, by which operator, why."""

    __tablename__ = "tenant_change"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    at: Mapped[datetime]
    from_state: Mapped[str]
    to_state: Mapped[str]
    operator_id: Mapped[UUID | None]
    reason: Mapped[str | None]


class TenantHost(Base):
    """A host name that an organisation asked for; it is found by it only once verified, which one can be at a time.

    `token` is what the organisation shows in the DNS of that name.
    """

    __tablename__ = "tenant_host"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(server_default=text("replace(gen_random_uuid()::text, '-', '')"))
    asked_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    verified_at: Mapped[datetime | None]


class TenantLogo(TenantOwned, Base):
    """An organisation's logo: its media type, its bytes, and the digest that names it in the picture's address."""

    __tablename__ = "tenant_logo"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    data: Mapped[bytes]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]


class StatementText(TenantOwned, Base):
    """What the organisation says of its own on one of its pages, by language; the highest number counts.

    Immutable, as a policy version is.
    """

    __tablename__ = "statement_text"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None]


class PolicyVersion(TenantOwned, Base):
    """A policy as it was published. Immutable: the application has no right to change or delete one."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int]
    text: Mapped[str] = mapped_column(deferred=True)
    sha256: Mapped[str]
    in_force_from: Mapped[date]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID | None]
    origin: Mapped[str]
    readings: Mapped[bool]

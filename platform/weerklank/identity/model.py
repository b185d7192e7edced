"""The tables of people and of how they log in. Operators belong to the platform, all others to one organisation."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from weerklank.kernel.database import Base, TenantOwned


class Purpose(StrEnum):
    """What a one-time link is good for, and for nothing else."""

    VERIFY = "verify"
    ADMIN = "admin"
    INVITE = "invite"
    RESET = "reset"


class Person(TenantOwned, Base):
    """Somebody who works in or for the organisation. `active_to` is the first legal day no longer there."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email_hash"),
        ForeignKeyConstraint(["tenant_id", "manager_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "coordinator_id"], ["person.tenant_id", "person.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[bytes]
    email: Mapped[bytes | None]
    email_hash: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    manager_id: Mapped[UUID | None]
    coordinator_id: Mapped[UUID | None]
    team: Mapped[str | None]
    external: Mapped[bool]
    locale: Mapped[str]
    active_from: Mapped[date]
    active_to: Mapped[date | None]


class PostHolder(TenantOwned, Base):
    """Who holds which post of the policy, from which day, until and including which day."""

    __tablename__ = "post_holder"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    post: Mapped[str]
    from_day: Mapped[date]
    to_day: Mapped[date | None]


class Relative(TenantOwned, Base):
    """Two people who are family or partners, as one of them declared: what concerns one concerns the other."""

    __tablename__ = "relative"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "relative_id"], ["person.tenant_id", "person.id"]),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    relative_id: Mapped[UUID] = mapped_column(primary_key=True)


class Absence(TenantOwned, Base):
    """A period in which somebody is away; both days included, no last day while nobody knows.

    `deputy_id` handles his cases meanwhile, as far as the procedure lets him.
    """

    __tablename__ = "absence"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "deputy_id"], ["person.tenant_id", "person.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    deputy_id: Mapped[UUID | None]


class Admin(TenantOwned, Base):
    """That somebody manages the organisation's settings: since when, by whom, until when."""

    __tablename__ = "admin"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]


class Credential(TenantOwned, Base):
    """How somebody proves who he is: a password (argon2id), and a second factor once it was confirmed."""

    __tablename__ = "credential"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]
    totp_secret: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(BigInteger)


class StaffSession(TenantOwned, Base):
    """Somebody who is logged in. Only the hash of the token is kept."""

    __tablename__ = "staff_session"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    person_id: Mapped[UUID]
    second_factor: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class OneTimeLink(TenantOwned, Base):
    """A link that works once. `token` is sealed, for the letter that carries it, and gone once the link was used."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    token: Mapped[bytes | None]
    purpose: Mapped[str]
    person_id: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginFailure(TenantOwned, Base):
    """How often logging in with one address failed since `since`; the address is a keyed hash."""

    __tablename__ = "login_failure"

    email_hash: Mapped[bytes] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]


class Operator(Base):
    """Somebody who runs the platform, known by a user name only; sees no organisation's files."""

    __tablename__ = "operator"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]


class OperatorSession(Base):
    """An operator who is logged in. Only the hash of the token is kept."""

    __tablename__ = "operator_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class OperatorLink(Base):
    """A link by which somebody becomes operator, once."""

    __tablename__ = "operator_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

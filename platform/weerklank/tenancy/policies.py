"""Versions of an organisation's policy: published from a day, never changed, the one in force on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Uuid, bindparam, case, select
from sqlalchemy.orm import Session

from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.policy.findings import Finding, OpenQuestion
from weerklank.policy.model import Policy
from weerklank.policy.reader import Reading, load_version, read_policy
from weerklank.tenancy.model import Origin, PolicyVersion, State, Tenant

POLICIES_KEPT_READ = 256
KNOWN = "weerklank versions in force"  # key of Session.info: the transaction, and by day what it found


class PolicyRefused(Refused):
    """A policy that cannot be published, with everything the reader found and every question that is open."""

    def __init__(self, code: str, findings: Sequence[Finding] = (), questions: Sequence[OpenQuestion] = ()) -> None:
        super().__init__(code)
        self.findings = tuple(findings)
        self.questions = tuple(questions)


def publish(
    session: Session,
    tenant: Tenant,
    text: str,
    from_day: date,
    *,
    today: date,
    now: datetime,
    actor: UUID | None,
    origin: Origin = Origin.OFFICE,
    reading: Reading | None = None,
) -> PolicyVersion:
    """Make this text the policy from a legal day on; it can never be changed afterwards, only followed by another.

    `reading` is what `check` said of this very text, for who has asked it just now.

    Raises PolicyRefused: `policy_wrong` with the reader's findings; `policy_open` once live while questions are
    open; `policy_in_past` for a day before today, or before that of the newest version; `policy_same` when it is
    what the newest version says; `tenant_suspended`. The first version counts for every day (see `in_force`).
    """
    if tenant.state not in (State.PENDING, State.TRIAL, State.ACTIVE):
        raise PolicyRefused("tenant_suspended")
    reading = reading or check(tenant, text)
    # Two who publish at once get their numbers one after the other.
    session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update(key_share=True))
    last = newest(session, tenant.id)
    if last is not None and last.sha256 == reading.sha256:
        raise PolicyRefused("policy_same")
    if last is not None and from_day < max(today, last.in_force_from):
        raise PolicyRefused("policy_in_past")
    version = PolicyVersion(
        tenant_id=tenant.id,
        id=new_id(),
        number=last.number + 1 if last else 1,
        text=text,
        sha256=reading.sha256,
        in_force_from=from_day,
        published_at=now,
        published_by=actor,
        origin=origin,
        readings=bool(reading.open),
    )
    session.add(version)
    session.flush()
    session.info.pop(KNOWN, None)
    return version


def check(tenant: Tenant, text: str) -> Reading:
    """What the reader makes of it; raises PolicyRefused when it cannot be published for this organisation as it is."""
    reading = read_policy(text, name="policy.yaml")
    if reading.policy is None:
        raise PolicyRefused("policy_wrong", reading.findings, reading.open)
    if reading.open and tenant.state not in (State.PENDING, State.TRIAL):
        raise PolicyRefused("policy_open", reading.findings, reading.open)
    return reading


def newest(session: Session, tenant_id: UUID) -> PolicyVersion | None:
    """The version published last, whether or not it is in force yet."""
    query = select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id)
    return session.scalar(query.order_by(PolicyVersion.number.desc()).limit(1))


def versions(session: Session, tenant_id: UUID) -> list[PolicyVersion]:
    """Every version, newest first, without their texts."""
    query = select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(PolicyVersion.number.desc())))


def in_force(session: Session, tenant_id: UUID, day: date) -> PolicyVersion:
    """The version in force on a legal day; for days before the first one, that first one.

    So a letter that came in before the organisation joined is handled too. NotFound when it has none at all.
    Asked once in a transaction, as page and engine both want to know.
    """
    transaction, known = session.info.get(KNOWN, (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        known = {}
    if day not in known:
        version = session.scalar(IN_FORCE, {"tenant": tenant_id, "day": day})
        if version is None:
            raise NotFound("policy_version")
        known[day] = version
        session.info[KNOWN] = (session.get_transaction(), known)
    found: PolicyVersion = known[day]
    return found


def in_force_query(tenant_id: UUID | ColumnElement[UUID], day: date | ColumnElement[date]) -> Select[PolicyVersion]:
    """What `in_force` asks, for who wants to ask more at once: the newest that has begun, else the very first."""
    has_begun = PolicyVersion.in_force_from <= day
    nearest = case((has_begun, -PolicyVersion.number), else_=PolicyVersion.number)
    mine = select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id)
    return mine.order_by(has_begun.desc(), nearest).limit(1)


IN_FORCE = in_force_query(bindparam("tenant", type_=Uuid), bindparam("day", type_=Date))


def policy_of(version: PolicyVersion) -> Policy:
    """The policy a version says. Its text is fetched and read only when this process has not done so lately."""
    policy = _read_lately.get(version.sha256)
    if policy is None:
        policy = load_version(version.text)
        while len(_read_lately) >= POLICIES_KEPT_READ:
            _read_lately.pop(next(iter(_read_lately)), None)
        _read_lately[version.sha256] = policy
    return policy


# The digest names the text, so that what is kept can never be another organisation's or an older policy.
_read_lately: dict[str, Policy] = {}

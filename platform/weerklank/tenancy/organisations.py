"""Organisations come, are approved, suspended, resumed and end; and are found by host or short name."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.kernel.database import without_tenant
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.tenancy.branding import Branding, check_logo, check_look
from weerklank.tenancy.model import State, Tenant, TenantChange, TenantHost, TenantLogo

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_SLUG = 40
LONGEST_NAME = 200
PREFIX = re.compile(r"[A-Z]{2,8}")
# First parts of a path or host that the platform itself uses, or may come to.
RESERVED = frozenset(
    """
    about account admin administrator api app assets auth billing blog cdn console dashboard demo dev docs email
    favicon health healthz help hooks host imap index internal join legal localhost log login logout mail media
    metrics my office operator ops ping pop portal privacy public readyz register robots root schema security
    settings sign-up signup smtp sso static statistics status support system test terms tenant tenants user users
    verify webhook webhooks weerklank well-known www
    """.split()
)
MOVES = {
    State.PENDING: (State.TRIAL, State.ENDED),
    State.TRIAL: (State.ACTIVE, State.SUSPENDED, State.ENDED),
    State.ACTIVE: (State.SUSPENDED, State.ENDED),
    State.SUSPENDED: (State.TRIAL, State.ACTIVE, State.ENDED),
    State.ENDED: (),
}


@dataclass(frozen=True)
class Wanted:
    """What an organisation gives when it signs up; `address` is the postal one, `template` a policy to start from."""

    name: str
    slug: str
    prefix: str
    address: str
    template: str
    terms_accepted: bool
    locale: str = "nl"


def sign_up(session: Session, wanted: Wanted, now: datetime) -> Tenant:
    """A new organisation that waits for its e-mail address to be verified and for an operator.

    Refused: terms not accepted, a name or address that is empty, a short name that is none, reserved or taken.
    """
    if not wanted.terms_accepted:
        raise Refused("terms_not_accepted")
    if not wanted.address.strip() or len(wanted.address) > 500:
        raise Refused("address_needed")
    tenant = create(session, wanted.name, wanted.slug, wanted.prefix, State.PENDING, now, wanted.locale)
    tenant.address = wanted.address.strip()
    tenant.terms_accepted_at = now
    tenant.settings = {"template": wanted.template}
    session.flush()
    return tenant


def create(
    session: Session, name: str, slug: str, prefix: str, state: State, now: datetime, locale: str = "nl"
) -> Tenant:
    """An organisation by these names. Refused by the same rules as signing up."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise Refused("organisation_name_needed", {"most": str(LONGEST_NAME)})
    check_slug(session, slug)
    if not PREFIX.fullmatch(prefix):
        raise Refused("prefix_wrong")
    tenant = Tenant(id=new_id(), slug=slug, name=name, prefix=prefix, state=state, plan="trial", locale=locale)
    tenant.branding, tenant.settings, tenant.created_at = asdict(Branding()), {}, now
    session.add(tenant)
    session.flush()
    return tenant


def check_slug(session: Session, slug: str) -> None:
    """Refused: a short name that cannot stand in an address, that the platform needs, or that somebody has."""
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise Refused("slug_wrong", {"most": str(LONGEST_SLUG)})
    if slug in RESERVED:
        raise Refused("slug_reserved")
    if session.scalar(select(Tenant.id).where(Tenant.slug == slug)):
        raise Refused("slug_taken")


def approve(session: Session, tenant: Tenant, operator: UUID, now: datetime) -> None:
    """Let a new organisation begin its trial. Refused while its e-mail address is not verified."""
    if tenant.state != State.PENDING:
        raise Refused("not_in_this_state", {"state": tenant.state})
    if tenant.email_verified_at is None:
        raise Refused("email_not_verified")
    move(session, tenant, State.TRIAL, now, operator)


def activate(
    session: Session, tenant: Tenant, operator: UUID, now: datetime, *, questions: int, vacant: Sequence[str] = ()
) -> None:
    """From trial to live. Refused while the newest policy has `questions` that nobody answered, or while nobody holds
    a post it cannot do without (`vacant`: what people call these posts)."""
    if tenant.state != State.TRIAL:
        raise Refused("not_in_this_state", {"state": tenant.state})
    if questions:
        raise Refused("policy_open", {"questions": str(questions)})
    if vacant:
        raise Refused("posts_vacant", {"posts": ", ".join(vacant)})
    move(session, tenant, State.ACTIVE, now, operator)
    tenant.plan = "standard"
    session.flush()


def suspend(session: Session, tenant: Tenant, operator: UUID, reason: str, now: datetime) -> None:
    """No new complaints through its page and no new policy until it resumes; see `State` for what goes on."""
    if not reason.strip():
        raise Refused("reason_needed")
    move(session, tenant, State.SUSPENDED, now, operator, reason.strip())


def resume(session: Session, tenant: Tenant, operator: UUID, now: datetime) -> None:
    """Back to where it was before it was suspended."""
    if tenant.state != State.SUSPENDED:
        raise Refused("not_in_this_state", {"state": tenant.state})
    last = history(session, tenant)[0]
    move(session, tenant, State(last.from_state), now, operator)


def end(session: Session, tenant: Tenant, operator: UUID, reason: str, now: datetime) -> None:
    """The organisation leaves. Nobody logs in any more; status pages can still be read. There is no way back."""
    if not reason.strip():
        raise Refused("reason_needed")
    move(session, tenant, State.ENDED, now, operator, reason.strip())


def move(
    session: Session, tenant: Tenant, to: State, now: datetime, operator: UUID | None, reason: str | None = None
) -> None:
    """Change the state and write down when, by whom and why. Refused when no such move exists."""
    session.flush()
    session.refresh(tenant, with_for_update={"key_share": True})
    if to not in MOVES[State(tenant.state)]:
        raise Refused("not_in_this_state", {"state": tenant.state})
    change = TenantChange(id=new_id(), tenant_id=tenant.id, at=now, from_state=tenant.state, to_state=to)
    change.operator_id, change.reason = operator, reason
    tenant.state = to
    session.add(change)
    session.flush()


def history(session: Session, tenant: Tenant) -> list[TenantChange]:
    """Every change of state, newest first."""
    query = select(TenantChange).where(TenantChange.tenant_id == tenant.id)
    return list(session.scalars(query.order_by(TenantChange.at.desc(), TenantChange.id.desc())))


def find_by_slug(session: Session, slug: str) -> Tenant:
    """The organisation with this short name; NotFound when there is none."""
    with without_tenant(session, "a path names the organisation before there is a scope"):
        tenant = session.scalar(select(Tenant).where(Tenant.slug == slug))
    if tenant is None:
        raise NotFound("tenant")
    return tenant


def find_by_host(session: Session, host: str) -> Tenant | None:
    """The organisation whose own, verified host this is (no port, any case), if any."""
    query = select(Tenant).join(TenantHost, TenantHost.tenant_id == Tenant.id)
    with without_tenant(session, "a host names the organisation before there is a scope"):
        return session.scalar(query.where(TenantHost.host == host.lower(), TenantHost.verified_at.is_not(None)))


def all_organisations(session: Session) -> list[Tenant]:
    """Every organisation, by name; their rows in the platform's own table, nothing of what is theirs."""
    with without_tenant(session, "the operator's list and the commands go over all organisations"):
        return list(session.scalars(select(Tenant).order_by(Tenant.name, Tenant.id)))


def set_look(session: Session, tenant: Tenant, look: Branding) -> None:
    """Give the organisation's pages this look; refused when text could not be read."""
    tenant.branding = {**tenant.branding, **asdict(check_look(look))}
    session.flush()


def set_logo(session: Session, tenant: Tenant, data: bytes, now: datetime) -> TenantLogo:
    """Give the organisation's pages this logo; the one before is gone."""
    kind, digest = check_logo(data), hashlib.sha256(data).hexdigest()
    for older in session.scalars(select(TenantLogo)):
        session.delete(older)
    logo = TenantLogo(tenant_id=tenant.id, id=new_id(), data=data, sha256=digest, kind=kind, uploaded_at=now)
    session.add(logo)
    tenant.branding = {**tenant.branding, "logo": digest}
    session.flush()
    return logo


def logo_of(session: Session, digest: str) -> TenantLogo:
    """The organisation's logo by its digest; NotFound when it has no such."""
    logo = session.scalar(select(TenantLogo).where(TenantLogo.sha256 == digest))
    if logo is None:
        raise NotFound("logo")
    return logo

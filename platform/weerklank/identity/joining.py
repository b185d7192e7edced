"""An organisation joins: signs up, with its first admin, and proves that the admin's e-mail address works."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.identity.links import make_link, use_link
from weerklank.identity.login import set_password
from weerklank.identity.model import Admin, Credential, OneTimeLink, Person, Purpose
from weerklank.identity.passwords import check_password
from weerklank.identity.people import add_person, make_admin
from weerklank.kernel.database import tenant_scope, without_tenant
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import State, Tenant
from weerklank.tenancy.organisations import Wanted, sign_up
from weerklank.tenancy.policies import newest, publish
from weerklank.tenancy.templates import filled_in

HOME_ZONE = ZoneInfo("Europe/Amsterdam")
FIRST_ADMIN = {"nl": "Beheerder", "en": "Administrator"}


@dataclass(frozen=True)
class Joined:
    """A new organisation, its first admin, and the link that proves the admin's address."""

    tenant: Tenant
    admin: Person
    link: OneTimeLink
    token: str


def join(session: Session, keyring: Keyring, wanted: Wanted, name: str, email: str, now: datetime) -> Joined:
    """Sign an organisation up with its first admin. Refused as `sign_up`, `filled_in` and `add_person` say.

    The session serves this organisation only from here on.
    """
    filled_in(wanted.template, wanted.name, wanted.prefix)
    with without_tenant(session, "an organisation signs up: there is no tenant yet"):
        tenant = sign_up(session, wanted, now)
    keyring.new_tenant(tenant.id)
    with tenant_scope(session, tenant.id):
        today = now.astimezone(HOME_ZONE).date()
        admin = add_person(session, keyring, tenant.id, name=name, email=email, today=today, locale=wanted.locale)
        make_admin(session, admin, now, by=None)
        link, token = make_link(session, keyring, admin, Purpose.VERIFY, now)
    return Joined(tenant, admin, link, token)


def verify_email(session: Session, tenant: Tenant, token: str, password: str, now: datetime) -> Person:
    """The first admin followed the link and chose a password: the address works, and the template becomes the policy.

    Refused: a weak password, a link that was used or is too old.
    """
    check_password(password, (tenant.name, tenant.slug))
    admin = use_link(session, token, (Purpose.VERIFY,), now)
    set_password(session, admin, password, now)
    tenant.email_verified_at = now
    if newest(session, tenant.id) is None:
        text = filled_in(tenant.settings["template"], tenant.name, tenant.prefix)
        today = now.astimezone(HOME_ZONE).date()
        publish(session, tenant, text, today, today=today, now=now, actor=admin.id)
    session.flush()
    return admin


def admin_link(session: Session, keyring: Keyring, tenant: Tenant, now: datetime) -> str:
    """The token of a link for an admin who cannot get in yet; a first one is made if everybody else can.

    Who follows it gives a name, an address and a password. For whoever looks after the machine.
    """
    waiting = (
        select(Person)
        .join(Admin, (Admin.tenant_id == Person.tenant_id) & (Admin.person_id == Person.id))
        .outerjoin(Credential, (Credential.tenant_id == Person.tenant_id) & (Credential.person_id == Person.id))
        .where(Admin.ended_at.is_(None), Credential.person_id.is_(None), Person.email_hash.is_(None))
    )
    admin = session.scalar(waiting.order_by(Person.id).limit(1))
    if admin is None:
        name = FIRST_ADMIN.get(tenant.locale, FIRST_ADMIN["en"])
        today = now.astimezone(HOME_ZONE).date()
        admin = add_person(session, keyring, tenant.id, name=name, email=None, today=today, locale=tenant.locale)
        make_admin(session, admin, now, by=None)
    return make_link(session, keyring, admin, Purpose.ADMIN, now)[1]


def needs_first_link(session: Session, tenant: Tenant) -> bool:
    """Whether nobody has ever been anybody here, and the organisation did not sign up by itself."""
    return tenant.state != State.PENDING and session.scalar(select(Person.id).limit(1)) is None

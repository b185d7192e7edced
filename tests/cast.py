"""The fixed cast: Anna complains; these people work in the organisation of `examples/small.yaml`; Carla elsewhere.

    with tenant_scope(app_session, tenant.id):
        cast = hire(app_session, keyring, tenant.id)
        version = publish_small(app_session, tenant.id)

Anna is nobody in the database: she is a complainant. All names and addresses are invented.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.identity.login import LoggedIn, set_password, start_session
from weerklank.identity.model import Person
from weerklank.identity.people import add_person, appoint, find_person, make_admin, set_chart
from weerklank.kernel.keys import Keyring
from weerklank.policy.model import Policy
from weerklank.policy.reader import load_version
from weerklank.tenancy.model import PolicyVersion, Tenant
from weerklank.tenancy.policies import publish

EXAMPLES = Path(__file__).parent / "policy" / "examples"
SMALL = (EXAMPLES / "small.yaml").read_text(encoding="utf-8")
START = date(2026, 1, 1)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
PASSWORD = "vier losse eenden roeien"


@dataclass(frozen=True)
class Cast:
    """Who works here, by what they do. Everybody's address is `<name>@example.nl`."""

    bram: UUID  # quality officer
    dewi: UUID  # the board, and admin
    els: UUID  # an employee; Femke is her manager
    femke: UUID  # manager of Els and Gijs
    gijs: UUID  # Els's colleague
    hugo: UUID  # from outside


def hire(session: Session, keyring: Keyring, tenant_id: UUID, *, appointed: bool = True) -> Cast:
    """The cast with its chart and, if `appointed`, its posts, since 1 January 2026. Within the tenant's scope."""

    def person(name: str, *, external: bool = False) -> Person:
        email = f"{name.split()[0].lower()}@example.nl"
        return add_person(session, keyring, tenant_id, name=name, email=email, today=START, external=external)

    bram, dewi, els = person("Bram Bakker"), person("Dewi Dekker"), person("Els Evers")
    femke, gijs, hugo = person("Femke Faber"), person("Gijs Groot"), person("Hugo Haan", external=True)
    for below, manager in ((els, femke), (gijs, femke), (femke, dewi), (bram, dewi)):
        set_chart(session, below, manager=manager.id, coordinator=None, team=None, external=False)
    if appointed:
        policy = small_policy()
        appoint(session, policy, bram, "quality_officer", START)
        appoint(session, policy, dewi, "board", START)
    make_admin(session, dewi, NOW, by=None)
    return Cast(bram.id, dewi.id, els.id, femke.id, gijs.id, hugo.id)


def small_policy() -> Policy:
    """The policy of the example, read."""
    return load_version(SMALL)


def publish_small(session: Session, tenant_id: UUID, text: str = SMALL, from_day: date = START) -> PolicyVersion:
    """Publish the example for the organisation, from 1 January 2026. Within the tenant's scope."""
    tenant = session.scalars(select(Tenant).where(Tenant.id == tenant_id)).one()
    return publish(session, tenant, text, from_day, today=START, now=NOW, actor=None)


def let_in(session: Session, person_id: UUID, now: datetime = NOW) -> LoggedIn:
    """Somebody of the cast with the password PASSWORD, logged in. Within the tenant's scope."""
    person = find_person(session, person_id)
    set_password(session, person, PASSWORD, now)
    return start_session(session, person, now, second_factor=False)

"""Who works in an organisation: made by the same rules as the pages use, with a password, so that each can log in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from tests.journeys.house import BEGIN, House
from tests.journeys.visitor import PASSWORD
from weerklank.identity.letters import invite
from weerklank.identity.login import set_password
from weerklank.identity.model import Person
from weerklank.identity.people import add_person, appoint, find_person, set_chart
from weerklank.tenancy.policies import newest, policy_of

FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Works:
    """Somebody's place: name, posts, whom he works under."""

    name: str
    posts: tuple[str, ...] = ()
    manager: str | None = None
    coordinator: str | None = None
    team: str | None = None
    external: bool = False
    password: bool = True


def email_of(short: str, slug: str) -> str:
    return f"{short}@{slug}.example"


def hire(house: House, slug: str, people: Mapping[str, Works]) -> dict[str, UUID]:
    """Let these people work here since the first of January, by their short names."""
    tenant_id = house.tenant(slug)
    with house.platform.tenant(tenant_id) as session:
        made = {short: add_one(house, session, tenant_id, slug, short, works) for short, works in people.items()}
        for short, works in people.items():
            set_chart(
                session,
                made[short],
                manager=made[works.manager].id if works.manager else None,
                coordinator=made[works.coordinator].id if works.coordinator else None,
                team=works.team,
                external=works.external,
            )
        give_posts(session, tenant_id, {made[short]: works.posts for short, works in people.items()})
        session.commit()
        return {short: person.id for short, person in made.items()}


def add_one(house: House, session: Session, tenant_id: UUID, slug: str, short: str, works: Works) -> Person:
    person = add_person(
        session,
        house.platform.keyring,
        tenant_id,
        name=works.name,
        email=email_of(short, slug),
        today=FIRST_DAY,
        external=works.external,
    )
    if works.password:
        set_password(session, find_person(session, person.id), PASSWORD, BEGIN)
    return person


def give_posts(session: Session, tenant_id: UUID, posts: Mapping[Person, tuple[str, ...]]) -> None:
    version = newest(session, tenant_id)
    assert version is not None
    for person, held in posts.items():
        for post in held:
            appoint(session, policy_of(version), person, post, FIRST_DAY)


def send_invitation(house: House, slug: str, person_id: UUID) -> None:
    """Mail somebody the link by which he chooses a password, as the office does."""
    with house.platform.tenant(house.tenant(slug)) as session:
        invite(session, house.platform.keyring, find_person(session, person_id), house.platform.now())
        session.commit()

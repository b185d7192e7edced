"""Telling people of mail: that something waits in the inbox, or that the mailbox cannot be read. Never content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.cases.act import world_of
from weerklank.correspondence.inbound.inbox import receivers
from weerklank.correspondence.letters import Letter
from weerklank.identity.model import Admin, Person
from weerklank.identity.people import email_of
from weerklank.kernel.errors import NotFound
from weerklank.kernel.keys import Keyring
from weerklank.tenancy import policies
from weerklank.tenancy.model import Tenant

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "mail": {
        "nl": (
            "Er is e-mail binnengekomen voor {organisation}",
            "Er staat e-mail in de postbus voor klachten. Kijk of het een klacht is, of bij een zaak hoort.",
            "{home}/desk/inbox",
        ),
        "en": (
            "Mail has come in for {organisation}",
            "There is mail in the mailbox for complaints. See whether it is a complaint, or belongs to a case.",
            "{home}/desk/inbox",
        ),
    },
    "failed": {
        "nl": (
            "De postbus van {organisation} kan niet gelezen worden",
            "Al een kwartier of langer komt er geen e-mail binnen. Klachten kunnen blijven liggen en hun termijnen"
            " lopen. Kijk naar de instellingen.",
            "{home}/office/mailbox",
        ),
        "en": (
            "The mailbox of {organisation} cannot be read",
            "For a quarter of an hour or longer no mail has come in. Complaints may lie there while their terms run."
            " Look at the settings.",
            "{home}/office/mailbox",
        ),
    },
}


def letters_about_mail(
    session: Session, keyring: Keyring, tenant: Tenant, channel: str, home: str, now: datetime
) -> Iterator[tuple[str, Letter]]:
    """Whom to tell and what: who receives this channel of mail that waits; with none (""): the administrators.

    When nobody receives it, or the channel is gone from the policy, the administrators hear that too.
    """
    people = _receiving(session, tenant.id, channel, now) if channel else ()
    words = WORDS["mail" if channel else "failed"]
    for person in _persons(session, tenant.id, people):
        address = email_of(keyring, person)
        language = "nl" if person.locale == "nl" else "en"
        said = [text.format(organisation=tenant.name, home=home) for text in words[language]]
        if address:
            yield address, Letter(said[0], tuple(said[1:]), language)


def _receiving(session: Session, tenant_id: UUID, channel: str, now: datetime) -> tuple[UUID, ...]:
    try:
        policy = policies.policy_of(policies.in_force(session, tenant_id, now.date()))
    except NotFound:
        return ()
    return receivers(world_of(session, tenant_id, policy, now), channel)


def _persons(session: Session, tenant_id: UUID, people: tuple[UUID, ...]) -> list[Person]:
    query = select(Person).where(Person.tenant_id == tenant_id, Person.active_to.is_(None))
    if people:
        return list(session.scalars(query.where(Person.id.in_(people))))
    query = query.join(Admin, (Admin.tenant_id == Person.tenant_id) & (Admin.person_id == Person.id))
    return list(session.scalars(query.where(Admin.ended_at.is_(None))))

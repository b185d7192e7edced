"""The mails that carry a one-time link: asked for in the transaction that makes it, written when they are sent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.identity.links import link_address, make_link
from weerklank.identity.model import Credential, OneTimeLink, Person, Purpose
from weerklank.identity.people import email_of, names, person_by_email
from weerklank.kernel.errors import Refused
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import FIVE_DAYS, enqueue
from weerklank.tenancy.model import Tenant

JOB = "link"  # args: {"link": id}


@dataclass(frozen=True)
class LinkLetter:
    """A mail to one person; one of its paragraphs is the address of the link."""

    to: str
    language: str
    subject: str
    paragraphs: tuple[str, ...]


def invite(session: Session, keyring: Keyring, person: Person, now: datetime) -> None:
    """Mail somebody a link by which he chooses a password. Refused: `email_needed` for who has no address."""
    if person.email_hash is None:
        raise Refused("email_needed")
    link, _ = make_link(session, keyring, person, Purpose.INVITE, now)
    send_link(session, link)


def ask_reset(session: Session, keyring: Keyring, tenant: Tenant, email: str, now: datetime) -> None:
    """Mail whoever has this address a link by which he chooses another password; nobody learns whether there is one.

    Who was invited and has not chosen one yet gets his invitation again.
    """
    person = person_by_email(session, keyring, tenant.id, email)
    if person is None or person.active_to is not None or not tenant.lets_staff_in:
        return
    invited = select(OneTimeLink.purpose).where(OneTimeLink.person_id == person.id)
    invited = invited.where(OneTimeLink.purpose.in_((Purpose.INVITE, Purpose.ADMIN))).limit(1)
    if session.scalar(select(Credential.person_id).where(Credential.person_id == person.id)):
        purpose: Purpose | None = Purpose.RESET
    else:
        earlier = session.scalar(invited)
        purpose = Purpose(earlier) if earlier else None
    if purpose:
        link, _ = make_link(session, keyring, person, purpose, now)
        send_link(session, link)


def send_link(session: Session, link: OneTimeLink) -> None:
    """Have the link mailed, once."""
    args = {"link": str(link.id)}
    enqueue(session, JOB, dedupe_key=f"link {link.id}", args=args, max_attempts=FIVE_DAYS)


def link_letter(
    session: Session, keyring: Keyring, tenant: Tenant, link_id: UUID, home: str, now: datetime
) -> LinkLetter | None:
    """The mail for a link, or None when it was used, replaced or ran out. `home` is the organisation's address."""
    link = session.scalar(select(OneTimeLink).where(OneTimeLink.id == link_id))
    if link is None or link.token is None or link.expires_at <= now:
        return None
    person = session.scalars(select(Person).where(Person.id == link.person_id)).one()
    to = email_of(keyring, person)
    if to is None:
        return None
    token = keyring.for_tenant(tenant.id).unseal(link.token, table="one_time_link", column="token", row=link.id)
    language = "nl" if person.locale == "nl" else "en"
    words = WORDS[Purpose(link.purpose)][language]
    values = {"name": names(session, keyring, tenant.id, [person.id])[person.id], "organisation": tenant.name}
    filled = [text.format_map(values) for text in words]
    return LinkLetter(to, language, filled[0], (*filled[1:], link_address(home, str(token)), CLOSING[language]))


# Per purpose and language: the subject, then the paragraphs before the link.
WORDS = {
    Purpose.VERIFY: {
        "nl": (
            "Bevestig uw e-mailadres voor {organisation}",
            "Beste {name},",
            "U hebt {organisation} aangemeld. Bevestig met de link hieronder dat dit e-mailadres van u is en kies een"
            " wachtwoord. De link werkt één keer en twee dagen lang.",
        ),
        "en": (
            "Confirm your e-mail address for {organisation}",
            "Dear {name},",
            "You signed up {organisation}. Confirm with the link below that this e-mail address is yours and choose a"
            " password. The link works once, for two days.",
        ),
    },
    Purpose.INVITE: {
        "nl": (
            "Uw toegang tot de klachtbehandeling van {organisation}",
            "Beste {name},",
            "U kunt meewerken aan de behandeling van klachten bij {organisation}. Kies met de link hieronder een"
            " wachtwoord. De link werkt één keer en zeven dagen lang.",
        ),
        "en": (
            "Your access to complaint handling at {organisation}",
            "Dear {name},",
            "You can take part in handling complaints at {organisation}. Choose a password with the link below."
            " The link works once, for seven days.",
        ),
    },
    Purpose.RESET: {
        "nl": (
            "Een nieuw wachtwoord kiezen voor {organisation}",
            "Beste {name},",
            "Er is om een nieuw wachtwoord gevraagd. Was u dat, kies er dan een met de link hieronder. De link werkt"
            " één keer en een uur lang. Was u het niet, dan hoeft u niets te doen.",
        ),
        "en": (
            "Choose a new password for {organisation}",
            "Dear {name},",
            "Somebody asked for a new password. If it was you, choose one with the link below. The link works once,"
            " for one hour. If it was not you, there is nothing you need to do.",
        ),
    },
}
WORDS[Purpose.ADMIN] = WORDS[Purpose.INVITE]
CLOSING = {
    "nl": "Stuur deze link aan niemand door.",
    "en": "Do not forward this link to anybody.",
}

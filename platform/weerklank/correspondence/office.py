"""The mail that tells others that an administrator gave himself a post from which every case can be seen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.audit.office import find_change
from weerklank.correspondence.letters import Letter
from weerklank.identity.model import Person
from weerklank.identity.people import email_of, names
from weerklank.kernel import outbox
from weerklank.kernel.keys import Keyring
from weerklank.policy.model import Policy
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.policies import in_force, policy_of

OWN_POST = "own_post"  # the kind of job; its args are {"change": number, "person": who is told}
WORDS = {
    "nl": (
        "{organisation}: een beheerder gaf zichzelf een functie",
        "Beste {name},",
        "{who} heeft zichzelf de functie {post} gegeven. Wie die heeft, kan elke klacht inzien waarbij hij niet"
        " betrokken is. Klopt dit niet? Laat het een beheerder beëindigen. Wat er is gewijzigd staat bij het beheer.",
    ),
    "en": (
        "{organisation}: an administrator gave himself a post",
        "Dear {name},",
        "{who} gave himself the post {post}. Who holds it can see every complaint in which he is not involved. Is this"
        " not right? Have an administrator end it. What was changed stands in the office.",
    ),
}


def tell(session: Session, change: int, people: set[UUID]) -> None:
    """Have these people told of a change, each once."""
    for person in sorted(people):
        key, args = f"own_post:{change}:{person}", {"change": change, "person": str(person)}
        outbox.enqueue(session, OWN_POST, dedupe_key=key, args=args, max_attempts=outbox.FIVE_DAYS)


def own_post_letter(
    session: Session, keyring: Keyring, tenant: Tenant, change: int, person_id: UUID, home: str, now: datetime
) -> tuple[str, Letter] | None:
    """Address and mail; None for who has no address or has left. `home` is the organisation's address."""
    person = session.get_one(Person, (tenant.id, person_id))
    to = email_of(keyring, person)
    if to is None or person.active_to is not None:
        return None
    noted, language = find_change(session, tenant.id, change), "nl" if person.locale == "nl" else "en"
    concerned = [person_id, *([noted.about] if noted.about else [])]
    called = names(session, keyring, tenant.id, concerned)
    values = {
        "organisation": tenant.name,
        "name": called[person_id],
        "who": called.get(noted.about, "") if noted.about else "",
        "post": post_name(policy_of(in_force(session, tenant.id, now.date())), noted.details["post"], language),
    }
    subject, *paragraphs = (text.format_map(values) for text in WORDS[language])
    return to, Letter(subject, (*paragraphs, f"{home}/office/trail"), language)


def post_name(policy: Policy, post: str, language: str) -> str:
    role = policy.roles.get(post)
    return role.label.in_(language) if role and role.label else post.replace("_", " ")

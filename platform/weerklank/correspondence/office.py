"""The mail that tells others what an administrator did that they should know: a post of his own, an export asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.audit.office import Change, find_change
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
EXPORT_WORDS = {
    "nl": (
        "{organisation}: alles meenemen is gevraagd",
        "Beste {name},",
        "{who} heeft gevraagd om een bestand met alles van de organisatie: alle klachten, bestanden en namen. Het wordt"
        " pas gemaakt als iemand die alle klachten mag zien ermee instemt, met een eigen wachtwoordzin. Klopt dit niet?"
        " Houd het dan tegen.",
    ),
    "en": (
        "{organisation}: an export of everything was asked for",
        "Dear {name},",
        "{who} asked for a file with everything of the organisation: all complaints, files and names. It is only made"
        " when somebody who may see all complaints agrees, with a passphrase of his own. Is this not right? Then stop"
        " it.",
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
    about, words, place = noted.about, WORDS, "office/trail"
    if noted.change is Change.EXPORT_ASKED:
        about, words, place = noted.by, EXPORT_WORDS, "desk/export"
    called = names(session, keyring, tenant.id, [person_id, *([about] if about else [])])
    values = {"organisation": tenant.name, "name": called[person_id], "who": called.get(about, "") if about else ""}
    if "post" in noted.details:
        policy = policy_of(in_force(session, tenant.id, now.date()))
        values["post"] = post_name(policy, noted.details["post"], language)
    subject, *paragraphs = (text.format_map(values) for text in words[language])
    return to, Letter(subject, (*paragraphs, f"{home}/{place}"), language)


def post_name(policy: Policy, post: str, language: str) -> str:
    role = policy.roles.get(post)
    return role.label.in_(language) if role and role.label else post.replace("_", " ")

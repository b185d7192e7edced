"""The mails that say that there is something to do or read outside cases: that, and never what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from weerklank.cases.act import Engine
from weerklank.cases.labels import label_of
from weerklank.identity.letters import LinkLetter
from weerklank.identity.model import Person
from weerklank.identity.people import email_of, names
from weerklank.learning.labels import word
from weerklank.learning.place import place_of
from weerklank.tenancy.model import Tenant

# What is told, in Dutch and English. {what} is what the policy calls the report or duty.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "opened": ("Het is tijd om te schrijven: {what}.", "It is time to write: {what}."),
    "remind": ("Dit moet binnenkort klaar zijn: {what}.", "This must be ready soon: {what}."),
    "late": ("Dit is niet op tijd vrijgegeven: {what}.", "This was not released in time: {what}."),
    "write": ("Dit moet nog geschreven worden: {what}.", "This is still to be written: {what}."),
    "released": ("U kunt lezen: {what}.", "You can read: {what}."),
    "decide": ("U kunt besluiten over: {what}.", "You can decide on: {what}."),
    "present": ("Dit moet nog gepresenteerd worden: {what}.", "This is still to be presented: {what}."),
    "presented": (
        "De maatregelen en de analyse staan voor u klaar: {what}.",
        "The measures and the analysis are there for you: {what}.",
    ),
    "evaluate": ("Dit moet nog samen geëvalueerd worden: {what}.", "This is still to be evaluated together: {what}."),
    "measure": ("U voert een maatregel uit.", "You carry out a measure."),
    "recommended": ("Er is een aanbeveling voor u.", "There is a recommendation for you."),
    "warn": ("Dit is dit jaar nog niet vastgelegd: {what}.", "This was not noted yet this year: {what}."),
}
FRAME = {
    "nl": ("{organisation}: er is iets voor u te doen of te lezen", "Beste {name},", "Log in en kijk bij Leren:"),
    "en": ("{organisation}: there is something for you to do or read", "Dear {name},", "Log in and look at Learning:"),
}


def notice(
    session: Session, engine: Engine, tenant: Tenant, person_id: UUID, said: str, element: str, home: str, now: datetime
) -> LinkLetter | None:
    """The mail, or None for who has no address or has left. `home` is the organisation's address."""
    person = session.get(Person, (tenant.id, person_id))
    to = email_of(engine.keyring, person) if person else None
    place = place_of(session, engine, tenant.id, now)
    if person is None or to is None or person_id not in place.world.people.persons:
        return None
    language = "nl" if person.locale == "nl" else "en"
    holder, _dot, name = element.partition(".")
    what = label_of(getattr(place.world.policy, holder), name, language) if name else word(holder, language)
    values = {"organisation": tenant.name, "name": names(session, engine.keyring, tenant.id, [person_id])[person_id]}
    subject, dear, look = (text.format_map(values) for text in FRAME[language])
    told = SENTENCES[said][0 if language == "nl" else 1].format(what=what)
    return LinkLetter(to, language, subject, (dear, told, look, f"{home}/desk/learning"))

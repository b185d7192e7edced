"""The mails by which the doctor alarms: that something is wrong and where to look, never what is in a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from weerklank.correspondence.letters import Letter
from weerklank.doctor.findings import DoctorFinding, Sort, kept
from weerklank.doctor.house import Fault, HouseFault
from weerklank.identity.model import Admin, Person
from weerklank.identity.people import email_of
from weerklank.kernel.keys import Keyring
from weerklank.tenancy.model import Tenant

# In Dutch and in English, after a number: "2 × ...".
SENTENCES: Mapping[Sort, tuple[str, str]] = {
    Sort.ACKNOWLEDGEMENT: ("een klacht zonder ontvangstbevestiging", "a complaint without an acknowledgement"),
    Sort.TERM_MISSING: ("een open klacht waarin geen termijn loopt", "an open complaint in which no term runs"),
    Sort.MESSAGE_LATE: ("een bericht dat al langer dan een uur wacht", "a message that waits longer than an hour"),
    Sort.MESSAGE_FORGOTTEN: ("een bericht dat niemand zal versturen", "a message that nothing will send"),
    Sort.MESSAGE_MISSING: ("een bericht dat er had moeten zijn", "a message that should have been there"),
    Sort.JOB_WAITS: ("werk dat blijft liggen", "work that is left lying"),
    Sort.LEASE_OVER: ("werk dat begonnen is en niet afgemaakt", "work that was begun and not finished"),
    Sort.JOB_GIVEN_UP: ("werk dat opgegeven is", "work that was given up"),
    Sort.TERM_WAITS: ("een termijn die niet bewaakt wordt", "a term that is not guarded"),
    Sort.TERM_ASIDE: ("een termijn die opzij is gezet", "a term that was set aside"),
    Sort.DEADLINE: ("een datum die niet klopt met het dossier", "a date that does not agree with the file"),
    Sort.MAILBOX: ("een postbus die niet gelezen wordt", "a mailbox that is not read"),
    Sort.UNSEALED: ("een dossier dat nog niet verzegeld is", "a file that is not sealed yet"),
    Sort.TRAIL: ("een spoor dat niet klopt", "a trail that does not prove true"),
    Sort.FILE_OWNERLESS: ("een bestand dat bij geen klacht hoort", "a file that belongs to no complaint"),
    Sort.FILE_MISSING: ("een bestand dat weg is", "a file that is gone"),
    Sort.FILE_HELD: ("een bestand dat nog op controle wacht", "a file that still waits to be checked"),
    Sort.KEY_MISSING: ("een klacht die niemand meer kan lezen", "a complaint that nobody can read any more"),
}
HOUSE: Mapping[Fault, str] = {
    Fault.BEAT: "the clock did not keep the beat '{about}'",
    Fault.JOBS: "work is due and no worker takes it",
    Fault.DISK: "the disk of the {about} is nine tenths full",
}
FRAME = {
    "nl": (
        "{organisation}: iets gaat niet goed",
        "Er is iets dat niet is zoals het hoort. Kijk bij het beheer onder 'Wat niet goed ging' om welke zaken het"
        " gaat. Wie het platform beheert, weet dit ook.",
    ),
    "en": (
        "{organisation}: something is not right",
        "Something is not as it should be. See in the office, under 'What did not go well', which cases it is about."
        " Whoever runs the platform knows this too.",
    ),
}


def letters_to_administrators(
    session: Session, keyring: Keyring, tenant: Tenant, home: str
) -> Iterator[tuple[str, Letter]]:
    """Address and mail for each administrator with an address, of what is on the list now; none when it is empty."""
    found = kept(session, tenant.id)
    people = select(Person).join(Admin, (Admin.tenant_id == Person.tenant_id) & (Admin.person_id == Person.id))
    mine = (Person.tenant_id == tenant.id, Person.active_to.is_(None), Admin.ended_at.is_(None))
    for person in session.scalars(people.where(*mine).order_by(Person.id)) if found else ():
        if to := email_of(keyring, person):
            language = "nl" if person.locale == "nl" else "en"
            subject, first = (text.format(organisation=tenant.name) for text in FRAME[language])
            yield to, Letter(subject, (first, "\n".join(counted(found, language)), f"{home}/office/trouble"), language)


def letter_to_operator(tenant_id: UUID, found: Sequence[DoctorFinding], console: str) -> Letter:
    """The same for whoever runs the platform: how many of what sort. He learns of no case and no person."""
    lines = "\n".join(counted(found, "en"))
    return Letter("Weerklank: the doctor found something", (f"Organisation {tenant_id}:", lines, console), "en")


def letter_about_house(faults: Sequence[HouseFault], console: str) -> Letter:
    """What is wrong with the platform itself, for whoever runs it."""
    lines = "\n".join(HOUSE[one.fault].format(about=one.about) for one in faults)
    return Letter("Weerklank: the platform needs a look", (lines, console), "en")


def counted(found: Sequence[DoctorFinding], language: str) -> Iterator[str]:
    """A line for each sort, with how many there are."""
    for sort, number in sorted(Counter(row.sort for row in found).items()):
        yield f"{number} × {sentence(Sort(sort), language)}"


def sentence(sort: Sort, language: str) -> str:
    """What a finding of this sort is, in words that can follow a number."""
    return SENTENCES[sort][language != "nl"]

"""An organisation with a believable half year behind it, one that has just begun, and a way in for everybody.

Day, names and complaints are fixed, so that a page looks the same tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from itertools import chain
from typing import Any
from uuid import UUID

import typst
from sqlalchemy import delete, select, update

from tests.gates.rare import RARE, Rare, lay_rare
from tests.journeys.house import House
from tests.journeys.people import Works, hire
from tests.journeys.visitor import PASSWORD
from weerklank.cases import doors
from weerklank.cases.model import CaseFile
from weerklank.cases.search.index import index_case
from weerklank.correspondence import drafts
from weerklank.correspondence.inbound.imap import Fetched
from weerklank.correspondence.inbound.taking import take_in
from weerklank.documents.model import Document, Scan
from weerklank.identity.login import set_password, start_session
from weerklank.identity.operators import become_operator, log_in_operator, make_operator_link
from weerklank.identity.people import find_person, make_admin
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.outbox import Outbox
from weerklank.kernel.settings import ROOT
from weerklank.learning.model import Report
from weerklank.policy.events import COMPLAINANT
from weerklank.rehearsal.asked import STORIES, ask
from weerklank.rehearsal.demo.play import Organisation, bring_on, missing, play
from weerklank.rehearsal.demo.script import read_script
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.policies import newest
from weerklank.web.portal.questions import PAGES
from weerklank.web.portal.sessions import open_session as open_case_session
from weerklank.workers.clock import Slot

FULL = "staatvandienst"
EMPTY = "team-keizer"
LETTER = b"#set page(width: 10cm, height: 8cm)\n= Your course\nThe course begins on Monday. Please bring this letter."
TODAY = "2026-06-10 10:00"
MOST_CASES = 26  # of the newest complaints of the demo: every phase is among them
STAFF = ("prins", "dekker", "bos", "rijn", "smid")
OPERATOR = "beheer"
ANSWERS = {
    "story": "Mijn contactpersoon belde mij drie weken niet terug, terwijl zij dat wel had beloofd.",
    "fact-relation": "candidate",
    "fact-about": "contact_person",
    "fact-contact_person": "Bas Bos",
    "name": "Anna Achterberg",
    "email": "anna@achterberg.example",
    "way": "email",
    "tongue": "nl",
}

Cookie = dict[str, str]


@dataclass(frozen=True)
class Ground:
    """What there is to look at: the house, and what addresses may name, such as the newest case in each phase."""

    house: House
    things: Mapping[str, Any]
    cookies: Mapping[str, Sequence[Cookie]]
    rare: Rare

    @property
    def url(self) -> str:
        return self.house.url


def lay(house: House) -> Ground:
    """Fill the house, once for all pages."""
    for beat in ("doctor", "thorough", "refresh", "digest"):  # what they tell comes when they run, not when one looks
        Slot(house.platform, beat, date.max).is_ours()
    house.quiet(FULL)  # nor do those that began before
    now = house.move_clock(TODAY)
    people = play_demo(house, now)
    take_letter(house, now)
    arrive(house, now)
    let_in(house, FULL, [people[who] for who in STAFF], now)
    keizer = hire(house, EMPTY, {"begin": Works("Bo Begin")})
    let_manage(house, EMPTY, keizer["begin"], now)
    try_policy(house, now)
    cases = cases_by_phase(house)
    make_findable(house, cases, now)
    rare = lay_rare(house, now)
    let_in(house, RARE, [rare.cast.bram, rare.cast.femke, rare.cast.gijs], now)
    newest_cases = {phase: ids[-1] for phase, ids in cases.items()}
    operator = [operator_cookie(house, now)]  # before the link of another one, which would end his
    things = {**newest_cases, **rare.things, "report": newest_report(house), "operator": operator_token(house, now)}
    staff = {who: (FULL, people[who]) for who in STAFF} | {"begin": (EMPTY, keizer["begin"])}
    staff |= {who: (RARE, getattr(rare.cast, who)) for who in ("bram", "femke", "gijs")}
    follow = {f"follows {phase}": (FULL, case_id) for phase, case_id in newest_cases.items()}
    follow |= {f"follows {what}": (RARE, rare.things[what]) for what in ("asked", "answers")}
    follow |= {"answers it": (RARE, rare.things["spoken"])}
    return Ground(house, things, {
        "everybody": [], "stranger": [], "visits": [], "operator": operator,
        "fills in": [draft_cookie(house, now)], "sent it": [draft_cookie(house, now)],
        "sends it": [draft_cookie(house, now)],
        "saved it": [draft_cookie(house, now, later=True)],
        **{who: [staff_cookie(house, *works, now)] for who, works in staff.items()},
        **{who: [case_cookie(house, *case, now)] for who, case in follow.items()},
    }, rare)  # fmt: skip


def play_demo(house: House, now: datetime) -> dict[str, UUID]:
    """The newest complaints of the organisation's own demo."""
    platform = house.platform
    here = Organisation(platform.database, platform.engine, house.tenant(FULL), FULL, house.url)
    script = read_script(ROOT / "tenants" / FULL / "demo.yaml")
    people = bring_on(here, script, now)
    for complaint in missing(here, script)[-MOST_CASES:]:
        assert play(here, script, complaint, people, now) is None
    house.learn(FULL)
    return people


def take_letter(house: House, now: datetime) -> None:
    """A complaint of this morning by somebody without e-mail, with a file."""
    tenant_id = house.tenant(FULL)
    intake = doors.Intake(
        channel="portal",
        way="post",
        contact={"name": "Willem Waterman", "address": "Kadeweg 3\n7411 AB Deventer"},
        story="De brief over mijn traject was in een taal die ik niet begrijp. Ik stuur hem mee.",
        facts={"relation": "candidate", "about": "impersonal"},
        files=[doors.UploadedFile("brief.pdf", typst.compile(LETTER))],
        dedupe=tenant_id,
    )
    with house.platform.tenant(tenant_id) as session:
        tenant = session.get_one(Tenant, tenant_id)
        doors.receive_complaint(session, house.platform.engine, tenant, intake, COMPLAINANT, now - timedelta(hours=1))
        session.execute(update(Document).values(scan=Scan.CLEAN.value, scan_at=now))  # as a scanner leaves it
        session.commit()
    house.quiet(FULL)


def arrive(house: House, now: datetime) -> None:
    """A mail that nobody has looked at yet."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Anna de Wit <anna@dewit.example>", "Mijn klacht over de planning"
    mail.set_content("De afspraak van maandag is drie keer verzet. Ik wil daar een klacht over indienen.")
    mail.add_attachment(b"%PDF-1.7 afspraak", maintype="application", subtype="pdf", filename="afspraak.pdf")
    fetched = Fetched(mail.as_bytes(), now, len(mail.as_bytes()), whole=True)
    platform, tenant_id = house.platform, house.tenant(FULL)
    with platform.tenant(tenant_id) as session:
        take_in(session, platform.engine, platform.files, tenant_id, "email", fetched, frozenset(), now)
        session.commit()


def try_policy(house: House, now: datetime) -> None:
    """A procedure that is being tried out; no worker takes it up, so that it stays half-way."""
    tenant_id = house.tenant(FULL)
    with house.platform.tenant(tenant_id) as session:
        version = newest(session, tenant_id)
        assert version is not None
        ask(session, tenant_id, STORIES, version.text, ROOT / "tenants" / FULL, None, now)
        session.execute(delete(Outbox).where(Outbox.tenant_id == tenant_id))
        session.commit()


def let_in(house: House, slug: str, people: Sequence[UUID], now: datetime) -> None:
    """Give them a password."""
    with house.platform.tenant(house.tenant(slug)) as session:
        for person_id in people:
            set_password(session, find_person(session, person_id), PASSWORD, now)
        session.commit()


def let_manage(house: House, slug: str, person_id: UUID, now: datetime) -> None:
    with house.platform.tenant(house.tenant(slug)) as session:
        make_admin(session, find_person(session, person_id), now, by=None)
        session.commit()


def cases_by_phase(house: House) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    with house.platform.tenant(house.tenant(FULL)) as session:
        in_order = select(CaseFile.phase, CaseFile.id).order_by(CaseFile.received_on, CaseFile.id)
        for case in session.execute(in_order).all():
            found.setdefault(case.phase, []).append(case.id)
    return found


def make_findable(house: House, cases: Mapping[str, Sequence[UUID]], now: datetime) -> None:
    """Every case in the index of words, at once."""
    tenant_id = house.tenant(FULL)
    with house.platform.tenant(tenant_id) as session:
        for case_id in chain.from_iterable(cases.values()):
            index_case(session, house.platform.engine, tenant_id, case_id, now)
        session.commit()


def staff_cookie(house: House, slug: str, person_id: UUID, now: datetime) -> Cookie:
    """What the browser of somebody who is logged in keeps."""
    with house.platform.tenant(house.tenant(slug)) as session:
        token = start_session(session, find_person(session, person_id), now, second_factor=True).token
        session.commit()
    return cookie(house, f"weerklank-{slug}-staff", token)


def newest_report(house: House) -> UUID:
    with house.platform.tenant(house.tenant(FULL)) as session:
        return session.scalars(select(Report.id).order_by(Report.id.desc())).first() or UUID(int=0)


def operator_token(house: House, now: datetime) -> str:
    """Of the link by which somebody becomes operator."""
    with open_session(house.platform.database) as session, without_tenant(session, "a test invites an operator"):
        token = make_operator_link(session, now)
        session.commit()
    return token


def operator_cookie(house: House, now: datetime) -> Cookie:
    with open_session(house.platform.database) as session, without_tenant(session, "a test makes an operator"):
        become_operator(session, make_operator_link(session, now), OPERATOR, PASSWORD, now)
        logged_in = log_in_operator(session, OPERATOR, PASSWORD, now)
        session.commit()
    return cookie(house, "weerklank-operator", logged_in.token)  # type: ignore[union-attr]  # it is let in


def case_cookie(house: House, slug: str, case_id: UUID, now: datetime) -> Cookie:
    """Of somebody who follows a complaint."""
    tenant_id = house.tenant(slug)
    with house.platform.tenant(tenant_id) as session:
        token = open_case_session(session, tenant_id, case_id, now)
        session.commit()
    return cookie(house, f"weerklank-{slug}-case", token)


def draft_cookie(house: House, now: datetime, *, later: bool = False) -> Cookie:
    """Somebody who filled in every page of the form and has only to send it, or goes on `later`."""
    keyring, tenant_id = house.platform.keyring, house.tenant(FULL)
    with house.platform.tenant(tenant_id) as session:
        draft, token = drafts.begin(session, keyring, tenant_id, now)
        draft.answers = {name: [value] for name, value in ANSWERS.items()}
        draft.passed = [page for page in PAGES if page not in ("check", "others", "proof")]
        drafts.save(keyring, draft)
        if later:
            drafts.keep_for_later(keyring, draft, now)
        session.commit()
    return cookie(house, f"weerklank-{FULL}-draft", token)


def cookie(house: House, name: str, value: str) -> Cookie:
    return {"name": name, "value": value, "url": house.url}

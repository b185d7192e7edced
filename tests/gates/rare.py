"""An organisation where the pages that are seldom needed have something to show.

A question to the complainant and a request for more time, a measure of one's own, a procedure that was renewed
meanwhile, a case that may be destroyed, something published, and links that came by mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tests.cast import SMALL, START, Cast, hire
from tests.journeys.house import House
from weerklank.cases import doors
from weerklank.cases.act import Engine
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.consent import AskConsent
from weerklank.cases.actions.keep import Archive
from weerklank.cases.actions.measures import PlanMeasure
from weerklank.cases.actions.record import Record
from weerklank.cases.actions.verb import Action
from weerklank.cases.publishing import Published
from weerklank.identity.links import make_link
from weerklank.identity.model import Purpose
from weerklank.identity.people import find_person
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import State, Tenant
from weerklank.tenancy.organisations import create
from weerklank.tenancy.policies import publish

RARE = "voorbeeld"
VERDICT = """  verdict:
    label: {nl: antwoord van de klager, en: answer of the complainant}
    help: {nl: Laat ons weten of u het hiermee eens bent., en: Let us know whether you agree with this.}
    does: answer
    by: complainant
    phase: decided
    outcomes:
      satisfied:
        label: {nl: Ik ben het hiermee eens, en: I agree with this}
        then: measures
        source: art-5
      again:
        label: {nl: Ik wil een ander besluit, en: I want another decision}
        asks: wish
        then: decision
        source: art-5
    source: art-5
  measures:
"""
WISH = """  wish:
    label: {nl: Wat had u liever gewild?, en: What would you rather have had?}
    type: story
    source: art-5

involvement:
"""
REPORT = """reports:
  interim:
    label: {nl: Tussentijds verslag, en: Interim report}
    by: quality_officer
    to: board
    contains: [cases_received, outcomes]
    source: art-6

keeping:
"""
CHANGES = {
    "    then: measures\n": "    then: verdict\n",
    "  measures:\n    label: {nl: maatregelen": f"{VERDICT}    label: {{nl: maatregelen",
    "      in_all: 4 weeks\n": "      in_all: 4 weeks\n      further: true\n",
    "involvement:\n": WISH,
    "keeping:\n": REPORT,
    "retention: 5 years": "retention: 1 weeks",
    "prefix: VBD": "prefix: VRB",
}
POLICY = SMALL
for old, new in CHANGES.items():
    POLICY = POLICY.replace(old, new, 1)
NEWER = POLICY.replace("within: 6 weeks", "within: 5 weeks")
DECISION = Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk. Wij passen onze brief aan.")


@dataclass(frozen=True)
class Rare:
    """The organisation, who works there, and what an address may name: cases, a measure, a publication, a token."""

    house: House
    tenant_id: UUID
    cast: Cast
    things: Mapping[str, Any]

    def record(self, case_id: UUID, facts: Mapping[str, str]) -> None:
        """The quality officer fills something in, without a page."""
        platform = self.house.platform
        with platform.tenant(self.tenant_id) as session:
            works = Works(platform.engine, session, self.tenant_id, self.cast)
            works.do(case_id, Record(facts), self.cast.bram, platform.now())
            session.commit()


@dataclass(frozen=True)
class Works:
    """What is done there without a page. All of it comes at once: no clock meets a case half-way."""

    engine: Engine
    session: Session
    tenant_id: UUID
    cast: Cast

    @property
    def tenant(self) -> Tenant:
        return self.session.get_one(Tenant, self.tenant_id)

    def receive(self, name: str, now: datetime) -> UUID:
        contact = {"name": name, "email": "iemand@example.nl"}
        story = "De brief klopte niet en niemand belde mij terug."
        intake = doors.Intake("portal", contact=contact, story=story, facts={"about": self.cast.els}, dedupe=new_id())
        return doors.receive_complaint(self.session, self.engine, self.tenant, intake, COMPLAINANT, now).case_id

    def do(self, case_id: UUID, action: Action, who: UUID | None, now: datetime) -> None:
        actor = Actor(ActorKind.PERSON, who) if who else COMPLAINANT
        doors.perform(self.session, self.engine, self.tenant_id, case_id, action, actor, now)

    def handled(self, name: str, now: datetime) -> UUID:
        """A complaint that the manager handles; its receipt is acknowledged."""
        case_id = self.receive(name, now)
        for step in ("acknowledge", "assign"):
            self.do(case_id, Complete(step), self.cast.bram, now)
        return case_id


def lay_rare(house: House, now: datetime) -> Rare:
    """Found it, and let things happen in it."""
    platform = house.platform
    with open_session(platform.database) as session, without_tenant(session, "a test makes its organisation"):
        tenant_id = create(session, "Voorbeeld", RARE, "VRB", State.TRIAL, now).id
        session.commit()
    platform.keyring.new_tenant(tenant_id)
    with platform.tenant(tenant_id) as session:
        works = Works(platform.engine, session, tenant_id, hire(session, platform.keyring, tenant_id))
        publish(session, works.tenant, POLICY, START, today=START, now=now, actor=None)
        things = happen(works, now)
        publish(session, works.tenant, NEWER, now.date(), today=now.date(), now=now, actor=None)
        hugo = find_person(session, works.cast.hugo)
        _, invitation = make_link(session, platform.keyring, hugo, Purpose.INVITE, now)
        session.commit()
    house.quiet(RARE)
    return Rare(house, tenant_id, works.cast, {**things, "invitation": invitation})


def happen(works: Works, now: datetime) -> dict[str, UUID]:
    """What waits in the cases there."""
    cast = works.cast
    asked = works.handled("Rosa Roos", now - timedelta(days=10))
    later = AskConsent("decide", date(2026, 8, 14), "Een getuige is tot eind juli met vakantie.")
    works.do(asked, later, cast.femke, now - timedelta(days=1))
    answers, measure = works.handled("Daan Duin", now - timedelta(days=20)), new_id()
    plan = PlanMeasure(measure, cast.gijs, date(2026, 7, 1), "De standaardbrief in gewone taal herschrijven.")
    works.do(answers, plan, cast.femke, now - timedelta(days=2))
    spoken = works.handled("Nora Nijs", now - timedelta(days=15))
    for case_id in (answers, spoken):
        works.do(case_id, DECISION, cast.femke, now - timedelta(days=1))
    old, published = put_away(works, now - timedelta(days=40)), publish_something(works, answers, now)
    cases = {"asked": asked, "answers": answers, "spoken": spoken, "old": old}
    return {**cases, "measure": measure, "published": published}


def put_away(works: Works, then: datetime) -> UUID:
    """A case that was closed and archived weeks ago, and need not be kept any longer."""
    cast, case_id = works.cast, works.handled("Oda Oever", then)
    works.do(case_id, DECISION, cast.femke, then)
    works.do(case_id, Complete("verdict", "satisfied"), None, then)
    works.do(case_id, Complete("close"), cast.bram, then)
    works.do(case_id, Archive(), cast.bram, then + timedelta(days=1))
    return case_id


def publish_something(works: Works, case_id: UUID, now: datetime) -> UUID:
    """As a message to everybody leaves it."""
    paragraphs = ["Wij herschrijven onze standaardbrief in gewone taal.", "Vanaf 1 juli krijgt u de nieuwe brief."]
    item = Published(
        tenant_id=works.tenant_id, id=new_id(), case_id=case_id, name="news", language="nl",
        subject="Onze brieven worden duidelijker", paragraphs=paragraphs, at=now,
    )  # fmt: skip
    works.session.add(item)
    return item.id

"""The organisation of the small procedure, which also asks for reports, recommendations, duties and publication."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cases.conftest import Office, engine, open_office  # noqa: F401 - `engine` is a fixture
from tests.conftest import Organisation
from weerklank.cases.act import Engine
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.rate import Rate
from weerklank.kernel.database import tenant_scope
from weerklank.learning.counting import count_up
from weerklank.learning.model import CountState, Report
from weerklank.learning.place import Place, place_of
from weerklank.policy.events import COMPLAINANT
from weerklank.policy.model import Policy
from weerklank.policy.reader import load_version
from weerklank.tenancy import policies

RULES = """
reports:
  annual:
    label: {nl: jaarverslag, en: annual report}
    every: 1 years
    within: 2 months
    remind: 2 weeks
    tell: board
    by: quality_officer
    to: board
    contains: [cases_received, outcomes, about_what, cause, terms, measures, recommendations]
    sections:
      analysis: {label: {nl: analyse, en: analysis}, required: true, source: art-9}
      outlook: {label: {nl: vooruitblik, en: outlook}, source: art-9}
    decides: board
    presented_to: staff
    source: art-9
duties:
  advise:
    label: {nl: aanbevelen, en: recommend}
    does: recommend
    consult: true
    by: quality_officer
    text: {nl: Aanbevelen., en: Recommend.}
    source: art-10
  talk:
    label: {nl: bespreken, en: discuss}
    by: board
    every: 1 years
    warn_on: "12-01"
    tell: quality_officer
    text: {nl: Eens per jaar bespreken., en: Discuss once a year.}
    source: art-11
  note:
    label: {nl: registreren, en: register}
    does: register
    by: quality_officer
    kinds: {incident: {nl: incident, en: incident}}
    text: {nl: Incidenten registreren., en: Register incidents.}
    source: art-12
publication:
  site: {label: {nl: site, en: site}, where: page, by: quality_officer, source: art-13}
  start: {label: {nl: begin, en: start}, where: moment, by: staff, source: art-13}
"""
FACT = """
facts:
  about_what:
    label: {nl: onderwerp, en: subject}
    type: choice
    options: {price: {nl: prijs, en: price}, tone: {nl: toon, en: tone}}
    at_intake: optional
    source: art-2
  cause:
    label: {nl: oorzaak, en: cause}
    type: text
    source: art-9
"""
STAFF = """
roles:
  staff:
    label: {nl: iedereen, en: everybody}
    kind: staff
    source: art-9
"""
NEW_YEAR = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(app_session: Session, engine: Engine, tenant: Organisation) -> Iterator[Office]:  # noqa: F811 - a fixture
    """Eva is the quality officer, Fred the board; Anna complains about Bram."""
    with tenant_scope(app_session, tenant.id):
        made = open_office(app_session, engine, tenant.id)
        extend(made)
        yield made


def extend(office: Office) -> Policy:
    """Publish the rules of learning behind the small procedure."""
    text = policies.newest(office.session, office.tenant_id)
    assert text is not None
    words = text.text.replace("\nfacts:\n", FACT).replace("\nroles:\n", STAFF).replace("keeping:\n", KEEPING)
    day = datetime(2026, 3, 1, tzinfo=UTC)
    version = policies.publish(
        office.session, office.tenant, words + RULES, day.date(), today=day.date(), now=day, actor=None
    )
    office.session.commit()
    return load_version(version.text)


KEEPING = """keeping:
  quality: [about_what, cause]
  struck_by: quality_officer
"""


def at(office: Office, now: datetime = NEW_YEAR) -> Place:
    """The organisation at an instant."""
    return place_of(office.session, office.engine, office.tenant_id, now)


def bram_complained_about(office: Office, number: int, about_what: str = "price") -> list[UUID]:
    """So many complaints about Bram."""
    facts = {"about": office.bram, "about_what": about_what}
    return [office.receive(facts=facts).case_id for _ in range(number)]


def worker_counts(office: Office, now: datetime = NEW_YEAR) -> None:
    """What the worker does with every report whose numbers are asked for."""
    asked = select(Report.id).where(Report.tenant_id == office.tenant_id, Report.counting == CountState.RUNNING.value)
    for report_id in office.session.scalars(asked).all():
        count_up(at(office, now), report_id)


def rated(office: Office, *ratings: str) -> None:
    """As many complaints about Bram that were decided and closed, each with what the complainant then said."""
    for rating in ratings:
        case_id = office.receive(facts={"about": office.bram}).case_id
        for who, action in (
            (office.eva, Complete("assign")),
            (office.eva, Complete("acknowledge")),
            (office.dina, Complete("decision", text="Wij begrijpen u.", facts={"judgement": "upheld"})),
            (office.eva, Complete("close")),
        ):
            office.do(case_id, action, who)
        office.do(case_id, Rate(rating, "Dank u."), COMPLAINANT)

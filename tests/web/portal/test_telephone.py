"""Whom one calls: who handles the complaint by his own number where he has one, else the organisation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from tests.web.portal.conftest import Do
from weerklank.cases.actions.complete import Complete
from weerklank.identity.people import end_absence, find_person, record_absence
from weerklank.kernel.database import tenant_scope

OWN, HERS = "010 123 45 67", "06 98 76 54 32"
LINE = f"""
  line:
    label: {{nl: telefoon, en: telephone}}
    kind: phone
    address: {OWN}
    to: quality_officer
    source: art-2

contact:"""


@pytest.fixture(scope="module")
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database, SMALL.replace("\ncontact:", LINE))


def give(own: Own, phone: str, status: int = 200) -> Page:
    dewi = own.log_in("dewi")
    page = dewi.get(f"/office/people/{own.cast.bram}")
    fields = {"name": "Bram Bakker", "email": "bram@example.nl", "phone": phone, "locale": "nl"}
    return dewi.send(page, fields, action="/particulars", status=status)


def called(browser: Reader) -> str:
    """The number in the card on top."""
    (link,) = browser.get("/status/complaint").root.one("section", **{"aria-labelledby": "standing"}).all("a")
    assert link.attributes["href"] == f"tel:{link.text.replace(' ', '')}"
    return link.text


def test_one_calls_who_handles_it_by_his_own_number(own: Own, browser: Reader, do: Do) -> None:
    give(own, HERS)
    assert called(browser) == OWN
    do("bram", Complete("assign"))
    assert called(browser) == HERS
    assert OWN in browser.get("/status/complaint").text
    give(own, "")
    assert called(browser) == OWN


def test_one_calls_the_organisation_while_he_is_away(own: Own, session: Session, browser: Reader, do: Do) -> None:
    give(own, HERS)
    do("bram", Complete("assign"))
    day = datetime.now(UTC).date()
    with tenant_scope(session, own.id):
        absence = record_absence(session, find_person(session, own.cast.bram), day, None)
        session.commit()
        assert called(browser) == OWN
        end_absence(session, absence.id, day.replace(year=day.year - 1))
        session.commit()
    assert called(browser) == HERS


def test_it_keeps_a_number_sealed_and_takes_nothing_else(own: Own, session: Session) -> None:
    page = give(own, "ask the porter", 422)
    assert page.errors() == ["This is not a telephone number. Write it such as 010 123 45 67."]
    give(own, HERS)
    with tenant_scope(session, own.id):
        kept = find_person(session, own.cast.bram).phone
    assert kept is not None and b"98" not in kept
    assert "work telephone" in own.log_in("dewi").get("/office/trail").text

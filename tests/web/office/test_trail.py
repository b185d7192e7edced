"""Whatever an administrator changes leaves a trail that nobody can change, without anybody's name in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.own import Own, make_own
from tests.web.pages import Page, Reader
from weerklank.audit.office import Change
from weerklank.audit.seals import seal_heads
from weerklank.audit.verify import verify
from weerklank.correspondence.office import OWN_POST, own_post_letter
from weerklank.identity.people import find_person
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.events import Event
from weerklank.kernel.outbox import Outbox
from weerklank.tenancy.model import Tenant
from weerklank.web.forms import day_fields
from weerklank.web.office.trail import FIELDS, WORDS
from weerklank.web.parts import NAME

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def dewi(own: Own) -> Reader:
    return own.log_in("dewi")


def told(page: Page) -> list[str]:
    return [row.text for row in page.root.all("tr")][1:]


def kinds(own: Own) -> list[str]:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        query = select(Event.kind).where(Event.tenant_id == own.id, Event.case_id == own.id).order_by(Event.seq)
        return list(session.scalars(query))


def press(own: Own, dewi: Reader, who: UUID, action: str, values: dict[str, str] | None = None) -> None:
    dewi.send(dewi.get(f"/office/people/{who}"), values or {}, action=action)


def test_every_change_and_every_field_is_said_in_words(own: Own, dewi: Reader) -> None:
    assert set(WORDS) == set(Change)
    assert set(FIELDS) == {"name", "email", "manager", "coordinator", "team", "external", "locale", "phone"}
    assert "Nothing was changed yet" in dewi.get("/office/trail").text


def test_it_writes_down_what_was_done_with_people_by_whom_and_with_whom(own: Own, dewi: Reader) -> None:
    cast, day = own.cast, day_fields
    today = datetime.now(UTC).date()
    dewi.send(dewi.get("/office/people/new"), {"name": "Iris Ivens", "email": "iris@example.nl", "invite": "yes"})
    press(own, dewi, cast.els, "/particulars", {"name": "Els Evers-Kok", "team": "Oost"})
    press(own, dewi, cast.els, "/particulars")
    press(own, dewi, cast.els, "/absences", day("away-from", today))
    press(own, dewi, cast.bram, "/end")
    press(own, dewi, cast.gijs, "/posts", {"post": "quality_officer", **day("post-from", today + timedelta(days=1))})
    press(own, dewi, cast.bram, "/admin")
    press(own, dewi, cast.bram, "/admin/end")
    press(own, dewi, cast.gijs, "/leave")
    assert kinds(own) == [
        f"office.{kind}"
        for kind in (
            "person_added", "invited", "person_changed", "away", "post_ended", "appointed", "admin_made",
            "admin_ended", "left",
        )
    ]  # fmt: skip
    rows = told(dewi.get("/office/trail"))
    assert all("Dewi Dekker" in row for row in rows)
    assert "Iris Ivens was added" in rows[-1]
    assert "Particulars of Els Evers-Kok: name, team" in rows[6]
    assert "Gijs Groot holds the post quality officer from" in rows[3]
    assert "Bram Bakker holds the post quality officer until" in rows[4]
    assert jobs(own) == [], "nobody gave himself anything"
    own.log_in("els").get("/office/trail", status=403)


def test_it_writes_down_a_procedure_the_look_and_the_demand_of_an_app(own: Own, dewi: Reader) -> None:
    text = SMALL.replace("within: 6 weeks", "within: 8 weeks")
    dewi.send(dewi.get("/office/procedure/new"), {"text": text, "do": "publish"})
    dewi.send(dewi.get("/office/look"), {"brand": "#123456"}, action="/look")
    dewi.send(dewi.get("/office/hosts"), {"host": "klachten.voorbeeld.nl"})
    dewi.send(dewi.get("/office/"), {"demand": "yes"}, action="/second-factor")
    assert kinds(own) == ["office.published", "office.colours", "office.host_asked", "office.app_demanded"]


def test_it_holds_no_name_and_no_address_and_is_proven_with_the_rest(own: Own, dewi: Reader, tmp_path: Path) -> None:
    dewi.send(dewi.get("/office/people/new"), {"name": "Iris Ivens", "email": "iris@example.nl"})
    press(own, dewi, own.cast.els, "/particulars", {"name": "Els Evers-Kok"})
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        rows = session.scalars(select(Event).where(Event.tenant_id == own.id)).all()
        said = json.dumps([row.open for row in rows])
        assert "Iris" not in said
        assert "Kok" not in said
        assert "example.nl" not in said
        key = own.app.extensions[NAME].engine.audit_key
        seal_heads(session, key, own.id, NOW)
        report = verify(session, key, tmp_path, own.id)
    assert (report.events, report.findings, report.unsealed) == (2, [], 0)


def test_it_tells_others_when_an_administrator_gives_himself_sight_of_every_case(own: Own, dewi: Reader) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    press(own, dewi, own.cast.bram, "/end")
    values = {"post": "quality_officer", **day_fields("post-from", tomorrow)}
    press(own, dewi, own.cast.dewi, "/posts", values)
    (job,) = jobs(own)
    assert job.args["person"] == str(own.cast.bram)
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        tenant = session.get_one(Tenant, own.id)
        number = job.args["change"]
        written = own_post_letter(session, own.keyring, tenant, number, own.cast.bram, "http://x", datetime.now(UTC))
        assert written
        to, letter = written
        find_person(session, own.cast.bram).active_to = tomorrow
        late = own_post_letter(session, own.keyring, tenant, number, own.cast.bram, "http://x", datetime.now(UTC))
        assert late is None, "he has left meanwhile"
    assert to == "bram@example.nl"
    assert any("Dewi Dekker" in words and "kwaliteitsmedewerker" in words for words in letter.paragraphs)


def jobs(own: Own) -> list[Outbox]:
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        query = select(Outbox).where(Outbox.tenant_id == own.id, Outbox.kind == OWN_POST)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def test_it_shows_fifty_at_a_time_and_keeps_organisations_apart(
    own: Own, dewi: Reader, app: Flask, web_database: Database
) -> None:
    for _ in range(52):
        dewi.send(dewi.get("/office/"), {"demand": "no"}, action="/second-factor")
    page = dewi.get("/office/trail")
    assert len(told(page)) == 50
    assert len(told(dewi.get("/office/trail?before=3"))) == 2
    assert len(told(dewi.get("/office/trail?before=x"))) == 50
    other = make_own(app, web_database).log_in("dewi")
    assert "Nothing was changed yet" in other.get("/office/trail").text

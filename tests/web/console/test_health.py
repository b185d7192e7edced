"""The condition of the platform, in numbers, without a name of anybody or anything of a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import Database
from tests.web.console.operators import an_operator
from tests.web.own import Own, make_own
from tests.web.pages import Reader
from weerklank.audit.seals import seal_heads
from weerklank.cases.messages import DELIVER
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session, tenant_scope, without_tenant
from weerklank.kernel.metrics import group_of
from weerklank.kernel.ticks import claim_tick
from weerklank.web.console import health
from weerklank.web.parts import NAME
from weerklank.workers.clock import BEATS as CLOCK_BEATS
from weerklank.workers.jobs import HANDLERS

JOB = {"kind": DELIVER}


@pytest.fixture
def own(app: Flask, web_database: Database) -> Own:
    return make_own(app, web_database)


@pytest.fixture
def operator(app: Flask, web_database: Database) -> Reader:
    return an_operator(app, web_database)


def row_of(operator: Reader, own: Own, path: str = "/console/health") -> str:
    """What the page says of the organisation, in a line."""
    rows = [row.text for row in operator.get(path).root.one("table").all("tr")]
    return next(row for row in rows if own.slug in row).removeprefix(f"Organisation {own.slug} ")


def complain(own: Own) -> None:
    reader = own.reader()
    page = reader.send(reader.send(reader.get("/complain"), {"story": "The parcel was late."}))
    page = reader.send(page, button=("do", "next"))
    reader.send(reader.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl", "way": "email"}))


def test_it_shows_nothing_to_worry_about_as_nought(operator: Reader, own: Own) -> None:
    assert row_of(operator, own) == "0 – 0 0 –"


@pytest.mark.parametrize(
    ("parts", "beats", "places"),
    [
        ({"database": "ok"}, {"seal": timedelta(seconds=9)}, []),
        ({"database": "ok", "store": "down"}, {"seal": timedelta(seconds=9)}, ["parts"]),
        ({"database": "ok"}, {"seal": timedelta(hours=9)}, ["clock"]),
        ({"database": "ok"}, {}, ["clock"]),
    ],
)
def test_it_says_first_where_one_should_look(
    parts: dict[str, str], beats: dict[str, timedelta], places: list[str]
) -> None:
    assert health.worries(parts, [], beats, [], has_scanner=True) == places
    assert "queues" in health.worries(parts, None, beats, [], has_scanner=True)
    assert "parts" in health.worries(parts, [], beats, [], has_scanner=False)


def test_it_counts_jobs_terms_and_seals_of_each_organisation(operator: Reader, own: Own, app: Flask) -> None:
    complain(own)
    with open_session(own.database.engine) as session, tenant_scope(session, own.id):
        session.execute(text("UPDATE outbox SET run_at = now() - interval '2 hours'"))
        assert outbox.enqueue(session, "x", dedupe_key="dead", args={})
        job_id = session.scalars(text("SELECT id FROM outbox WHERE kind = 'x'")).one()
        job = outbox.claim(session, own.id, job_id, timedelta(minutes=1))
        assert job is not None
        outbox.bury(session, job, "KeyError")
        waiting = outbox.backlog(session).waiting
        session.execute(text("UPDATE deadline SET set_aside_at = now() WHERE term = 'decide'"))
        seal_heads(session, app.extensions[NAME].engine.audit_key, own.id, datetime(2026, 3, 6, 15, tzinfo=UTC))
        session.commit()
    assert waiting > 0
    assert row_of(operator, own) == f"{waiting} 2 hours 1 1 Friday 6 March 2026, 16:00"


def test_it_names_nobody_and_no_case(operator: Reader, own: Own) -> None:
    complain(own)
    page = operator.get("/console/health").response.text
    for secret in ("Anna", "anna@", "Dewi", "parcel", "VBD-", "acknowledge"):
        assert secret not in page, secret


def test_it_looks_into_each_organisation_in_its_own_scope_a_page_at_a_time(
    operator: Reader, app: Flask, web_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [make_own(app, web_database) for _ in range(2)]
    complain(here[0])
    monkeypatch.setattr(health, "PAGE", 1)
    with open_session(web_database.engine) as session, without_tenant(session, "a test counts organisations"):
        total = session.execute(text("SELECT count(*) FROM tenant")).scalar_one()
    pages = [operator.get(f"/console/health?page={number}") for number in range(1, total + 1)]
    tables = [page.root.one("table").text for page in pages]
    assert all(len(list(page.root.one("tbody").all("tr"))) == 1 for page in pages)
    first, second = (next(table for table in tables if own.slug in table) for own in here)
    assert f"of {total}" in first
    assert first.split(here[0].slug)[1].split()[0] != "0"
    assert second.endswith("0 – 0 0 –"), "nothing of the other"
    for number in ("0", "-1", str(total + 1)):
        operator.get(f"/console/health?page={number}", status=404)


def test_it_says_when_the_clock_stands_still(operator: Reader, web_database: Database) -> None:
    with open_session(web_database.engine) as session, without_tenant(session, "a test moves the beats"):
        session.execute(text("UPDATE tick SET claimed_at = now() - interval '10 minutes'"))
        session.commit()
    assert "The clock" in operator.get("/console/health").text
    with open_session(web_database.engine) as session:
        assert claim_tick(session, "seal", datetime.now(UTC))
        session.commit()
    page = operator.get("/console/health")
    assert "The clock stands still" not in page.text
    assert "Sealing the trail, every minute" in page.text
    with open_session(web_database.engine) as session, without_tenant(session, "a test moves the beats"):
        session.execute(text("UPDATE tick SET claimed_at = now() - interval '10 minutes'"))
        session.commit()
    page = operator.get("/console/health")
    assert "The clock stands still" in page.text
    assert "10 minutes ago" in page.text


def test_it_counts_to_a_limit() -> None:
    assert health.count(9_999) == "9999"
    assert health.count(10_000) == "10000+"


def test_it_is_for_operators_only_and_speaks_dutch(app: Flask, web_database: Database, own: Own) -> None:
    assert Reader(app.test_client()).get("/console/health").heading == "Log in as operator"
    own.log_in("dewi").get("/console/health", status=404)
    assert an_operator(app, web_database, "nl").get("/console/health").heading == "Toestand"


def test_it_says_which_parts_answer_and_what_waits_of_all_together(
    operator: Reader, own: Own, web_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    complain(own)
    page = operator.get("/console/health")
    assert "Database answers" in page.text
    assert "Key store answers" in page.text
    assert "Messages of the procedure" in page.text
    with open_session(web_database.engine) as session, tenant_scope(session, own.id):
        session.execute(text("UPDATE outbox SET run_at = now() - interval '3 hours', lease_until = NULL"))
        session.commit()
    assert "due, for 3 hours" in operator.get("/console/health").text
    with open_session(web_database.engine) as session, tenant_scope(session, own.id):
        session.execute(text("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE kind = :kind"), JOB)
        session.commit()
    assert "a worker fell silent" in operator.get("/console/health").text

    def parts(platform: object) -> dict[str, Callable[[], str]]:
        return {"database": lambda: "unreachable", "keys": lambda: "unfit", "queue": lambda: "degraded"}

    monkeypatch.setattr(health, "parts_of", parts)
    monkeypatch.setattr(health, "queues_now", lambda: None)
    page = operator.get("/console/health")
    assert "Database does not answer" in page.text
    assert "Key store has another version than this program" in page.text
    assert "Queue (Redis) is away; work goes on without it" in page.text
    assert "It cannot be seen what waits" in page.text


def test_it_has_words_for_every_kind_of_job_and_every_beat() -> None:
    assert health.JOBS.keys() == HANDLERS.keys()
    assert health.BEATS.keys() >= CLOCK_BEATS.keys()


def test_an_organisations_page_tells_its_group_in_the_figures(operator: Reader, own: Own) -> None:
    assert f"Group in the figures {group_of(own.id)}" in operator.get(f"/console/organisations/{own.slug}").text

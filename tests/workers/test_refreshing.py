"""Open cases made anew by the worker, page by page, when people change."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office
from weerklank.assembly import Platform
from weerklank.cases import refresh
from weerklank.cases.model import CaseTask
from weerklank.identity import people
from weerklank.kernel.outbox import Outbox
from weerklank.workers.jobs import run_job
from weerklank.workers.refreshing import ask_every_day


def run_all(platform: Platform, office: Office) -> int:
    """Every job of refreshing that waits, and those it makes; answers how many."""
    done = 0
    while job := office.session.scalars(
        select(Outbox.id).where(Outbox.kind == refresh.REFRESH, Outbox.state == "pending").limit(1)
    ).first():
        office.session.commit()
        assert run_job(platform, office.tenant_id, job, FRIDAY)
        done += 1
    return done


def test_it_hands_all_open_work_to_the_substitute(platform: Platform, office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(refresh, "PAGE", 2)
    for _ in range(3):
        office.receive()
    eva = people.find_person(office.session, office.eva)
    people.record_absence(office.session, eva, date(2026, 3, 6), None)
    office.session.commit()
    ask_every_day(platform, office.tenant_id, FRIDAY)
    assert run_all(platform, office) == 3  # two cases, the third, and the page that is empty
    holders = set(office.session.scalars(select(CaseTask.person_id).where(CaseTask.what == "acknowledge")))
    assert holders == {office.fred}


def test_it_goes_on_past_a_case_that_breaks(platform: Platform, office: Office) -> None:
    broken, whole = office.receive().case_id, office.receive().case_id
    events = "UPDATE event SET kind = 'unheard_of' WHERE case_id = %s AND seq = 1"
    office.session.commit()
    owner = platform.settings.database_url.replace("weerklank_app", "postgres")
    with psycopg.connect(owner) as damage:
        damage.execute(events, (broken,))
    eva = people.find_person(office.session, office.eva)
    people.record_absence(office.session, eva, date(2026, 3, 6), None)
    refresh.ask_for_refresh(office.session)
    office.session.commit()
    run_all(platform, office)
    rows = office.session.execute(
        select(CaseTask.case_id, CaseTask.person_id).where(CaseTask.what == "acknowledge")
    ).all()
    assert set(rows) == {(broken, office.eva), (whole, office.fred)}


def test_it_refreshes_once_a_day_however_often_the_clock_asks(platform: Platform, office: Office) -> None:
    for hours in (0, 1, 24):
        ask_every_day(platform, office.tenant_id, FRIDAY + timedelta(hours=hours))
    jobs = office.session.scalars(select(Outbox.dedupe_key).where(Outbox.kind == refresh.REFRESH)).all()
    assert sorted(jobs) == ["refresh:2026-03-06", "refresh:2026-03-07"]

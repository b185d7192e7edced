"""Work follows people: who gets a post finds what is open, who is away is not waited for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from tests.cases.conftest import FRIDAY, Office
from weerklank.cases import refresh
from weerklank.cases.model import CaseTask, Deadline
from weerklank.identity import people
from weerklank.kernel.events import Event
from weerklank.kernel.outbox import Outbox


def holders(office: Office, case_id: Any) -> set[Any]:
    query = select(CaseTask.person_id).where(CaseTask.case_id == case_id, CaseTask.what == "acknowledge")
    return set(office.session.scalars(query))


def test_it_gives_open_work_to_the_substitute_while_somebody_is_away(office: Office) -> None:
    case_id = office.receive().case_id
    events = office.session.scalar(select(func.count()).select_from(Event))
    jobs = office.session.scalar(select(func.count()).select_from(Outbox))
    eva = people.find_person(office.session, office.eva)
    people.record_absence(office.session, eva, date(2026, 3, 9), date(2026, 3, 9))
    for days, holder in ((0, office.eva), (3, office.fred), (4, office.eva)):
        refresh.refresh(office.session, office.engine, office.tenant.id, case_id, FRIDAY + timedelta(days=days))
        assert holders(office, case_id) == {holder}
        (owners,) = office.session.execute(select(Deadline.owners).where(Deadline.term == "acknowledge")).one()
        assert owners == [holder]
    assert office.session.scalar(select(func.count()).select_from(Event)) == events
    assert office.session.scalar(select(func.count()).select_from(Outbox)) == jobs


def test_it_goes_through_all_open_cases(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr(refresh, "PAGE", 2)
    made = [office.receive().case_id for _ in range(5)]
    found, after = [], None
    while page := refresh.open_cases(office.session, office.tenant.id, after):
        found += page
        after = page[-1]
    assert found == sorted(made)


def test_it_is_asked_for_by_a_job_without_contents(office: Office) -> None:
    refresh.ask_for_refresh(office.session)
    (job,) = office.session.scalars(select(Outbox).where(Outbox.kind == refresh.REFRESH))
    assert job.args == {}

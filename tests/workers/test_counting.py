"""Counting a report by a worker: how far it is, found again later, once however often one asks, and when it fails."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select

from tests.cases.conftest import Office
from tests.learning.conftest import NEW_YEAR, at, bram_complained_about, extend
from weerklank.assembly import Platform
from weerklank.cases.act import Refused
from weerklank.kernel.outbox import Outbox
from weerklank.learning import clock, gather, reports
from weerklank.learning.counting import COUNT, NOTHING, count_up
from weerklank.learning.model import CountState, Report
from weerklank.workers.clock import learn
from weerklank.workers.jobs import run_job

LATER = NEW_YEAR + timedelta(hours=1)


@pytest.fixture
def report(platform: Platform, office: Office) -> Report:
    """The report over 2026 of three complaints, opened by the clock; nobody counted yet."""
    extend(office)
    bram_complained_about(office, 3)
    office.session.commit()
    learn(platform, office.tenant_id, NEW_YEAR)
    return office.session.scalars(select(Report)).one()


def jobs(office: Office, state: str = "pending") -> list[UUID]:
    office.session.rollback()
    wanted = select(Outbox.id).where(Outbox.kind == COUNT, Outbox.state == state)
    return list(office.session.scalars(wanted.order_by(Outbox.created_at)))


def test_it_is_counted_by_one_job_and_stands_there_later(platform: Platform, office: Office, report: Report) -> None:
    assert (report.counting, report.figures) == (CountState.RUNNING, NOTHING)
    (job,) = jobs(office)
    assert [run_job(platform, office.tenant_id, job, LATER) for _ in range(2)] == [True, False]
    office.session.refresh(report)
    assert (report.counting, report.counted_at, report.done, report.total) == (CountState.READY, LATER, 3, 3)
    assert report.figures["totals"]["received"] == 3


def test_it_tells_how_far_it_is(office: Office, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "BATCH", 2)
    heard: list[tuple[int, int]] = []
    count_up(at(office), report.id, lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (2, 3), (3, 3)]
    assert report.figures["tables"][0]["rows"] == [["2026-03", 3]]  # as if it had been counted in one go


def test_it_makes_one_job_of_asking_twice(platform: Platform, office: Office, report: Report) -> None:
    reports.count_again(at(office), office.eva, report.id)
    office.session.commit()
    (job,) = jobs(office)
    run_job(platform, office.tenant_id, job, LATER)
    for _ in range(2):
        reports.count_again(at(office, LATER), office.eva, report.id)
        office.session.commit()
    assert len(jobs(office)) == 1


def test_it_is_not_released_before_it_was_counted(platform: Platform, office: Office, report: Report) -> None:
    reports.write(at(office), office.eva, report.id, "analysis", "Het lag aan de drukte.")
    office.session.commit()
    with pytest.raises(Refused, match="report_not_counted"):
        reports.release(at(office), office.eva, report.id)
    (job,) = jobs(office)
    run_job(platform, office.tenant_id, job, LATER)
    office.session.expire_all()
    reports.release(at(office, LATER), office.eva, report.id)


def test_it_is_not_released_with_numbers_of_before_the_end_of_its_period(office: Office, report: Report) -> None:
    reports.write(at(office), office.eva, report.id, "analysis", "Het lag aan de drukte.")
    report.counting, report.counted_at = CountState.READY.value, NEW_YEAR - timedelta(days=10)
    with pytest.raises(Refused, match="report_counted_early"):
        reports.release(at(office), office.eva, report.id)


def test_what_was_released_is_never_counted_anew(platform: Platform, office: Office, report: Report) -> None:
    report.released_at = NEW_YEAR  # by programs of the release before, which count at once
    office.session.commit()
    (job,) = jobs(office)
    run_job(platform, office.tenant_id, job, LATER)
    office.session.refresh(report)
    assert (report.counting, report.figures) == (CountState.READY, NOTHING)


def test_it_says_that_it_failed_and_can_be_asked_for_again(
    platform: Platform, office: Office, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = jobs(office)
    office.session.get_one(Outbox, (office.tenant_id, job)).max_attempts = 1
    office.session.commit()
    with monkeypatch.context() as broken:
        broken.setattr("weerklank.learning.gather.histories", lambda *_: {})
        run_job(platform, office.tenant_id, job, LATER)
    office.session.refresh(report)
    assert (report.counting, jobs(office, "dead")) == (CountState.FAILED, [job])
    reports.count_again(at(office, LATER), office.eva, report.id)
    office.session.commit()
    assert jobs(office, "dead") == []  # somebody saw to it
    (again,) = jobs(office)
    run_job(platform, office.tenant_id, again, LATER)
    office.session.refresh(report)
    assert report.figures["totals"]["received"] == 3


def test_a_job_that_was_lost_is_asked_for_anew_once(platform: Platform, office: Office, report: Report) -> None:
    learn(platform, office.tenant_id, LATER)
    assert len(jobs(office)) == 1
    office.session.execute(delete(Outbox))  # the organisation was moved: jobs do not come along
    office.session.commit()
    for _ in range(2):
        learn(platform, office.tenant_id, LATER)
    assert len(jobs(office)) == 1


def test_it_counts_nothing_that_the_procedure_does_not_know_any_more(
    platform: Platform, office: Office, report: Report
) -> None:
    report.name = "gone"
    office.session.commit()
    (job,) = jobs(office)
    run_job(platform, office.tenant_id, job, LATER)
    assert jobs(office) == []
    clock.every_day(office.session, office.engine, office.tenant_id, LATER)
    assert office.session.scalar(select(func.count()).select_from(Report)) == 2

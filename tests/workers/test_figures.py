"""The figures of what waits: the clock's role sees all organisations, tells ages and numbers, and names nobody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from tests.cases.conftest import Office
from tests.conftest import Database
from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform
from weerklank.cases.messages import DELIVER
from weerklank.kernel import outbox
from weerklank.kernel.errors import Conflict
from weerklank.kernel.metrics import group_of
from weerklank.tenancy.model import State
from weerklank.workers import jobs
from weerklank.workers.clock import Rung, beat, keep_beats
from weerklank.workers.figures import Figures


def asked(platform: Platform) -> dict[tuple[str, ...], float]:
    """(name, values of its labels) -> figure, as the clock says them now."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in Figures(platform).collect()
        for sample in metric.samples
    }


def figure(name: str, /, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def aged(database: Database, statement: str) -> None:
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(statement.encode())


def test_it_tells_how_much_waits_and_for_how_long(platform: Platform, office: Office, fresh_database: Database) -> None:
    quiet = asked(platform)
    assert quiet["weerklank_figures_up",] == 1
    assert quiet["weerklank_message_age_seconds",] == 0
    assert quiet["weerklank_terms_due",] == 0
    assert quiet["weerklank_tenants", State.TRIAL] == 1

    office.receive()
    office.session.commit()
    aged(
        fresh_database, "UPDATE outbox SET run_at = run_at - interval '2 hours', created_at = now() - interval '1 day'"
    )
    aged(fresh_database, "UPDATE message SET created_at = created_at - interval '3 hours'")
    found = asked(platform)
    assert found["weerklank_queue_length", DELIVER] >= 1
    assert 2 * 3600 <= found["weerklank_queue_age_seconds", DELIVER] < 3 * 3600
    assert found["weerklank_outbox_age_seconds", DELIVER] >= 24 * 3600
    assert found["weerklank_messages_waiting",] == found["weerklank_outbox_length", DELIVER]
    assert found["weerklank_message_age_seconds",] >= 3 * 3600

    aged(fresh_database, "UPDATE outbox SET lease_until = now() - interval '1 second'")
    assert asked(platform)["weerklank_leases_expired", DELIVER] >= 1
    aged(fresh_database, "UPDATE outbox SET lease_until = now() + interval '1 hour'")
    leased = asked(platform)
    assert (leased["weerklank_queue_length", DELIVER], leased["weerklank_queue_age_seconds", DELIVER]) == (0, 0)
    assert leased["weerklank_jobs_leased", DELIVER] >= 1
    aged(fresh_database, "UPDATE outbox SET state = 'dead'")
    assert asked(platform)["weerklank_jobs_dead", DELIVER] >= 1


def test_it_tells_of_late_terms_and_of_repeating_work(
    platform: Platform, office: Office, fresh_database: Database
) -> None:
    office.receive()
    office.session.commit()
    aged(fresh_database, "UPDATE deadline SET next_at = now() - interval '1 hour'")
    found = asked(platform)
    assert found["weerklank_terms_due",] >= 1
    assert 3600 <= found["weerklank_term_lag_seconds",] < 2 * 3600
    before = figure("weerklank_terms_total", result="acted"), figure("weerklank_clock_ticks_total", name="seal")
    beat(platform, lambda *_: None, Rung(), platform.now())
    keep_beats(platform, platform.now())
    assert figure("weerklank_terms_total", result="acted") > before[0]
    assert figure("weerklank_clock_ticks_total", name="seal") == before[1] + 1
    assert 0 <= asked(platform)["weerklank_tick_age_seconds", "seal"] < 3600


def test_it_tells_of_mailboxes_that_nobody_read(platform: Platform, office: Office, fresh_database: Database) -> None:
    with platform.tenant(office.tenant_id) as session:
        session.execute(
            text(
                "INSERT INTO mailbox (tenant_id, channel, sealed, active, read_at, failed_at, changed_at) VALUES"
                " (:tenant, 'email', '', true, now() - interval '2 hours', now(), now())"
            ),
            {"tenant": office.tenant_id},
        )
        session.commit()
    found = asked(platform)
    assert (found["weerklank_mailboxes",], found["weerklank_mailboxes_failing",]) == (1, 1)
    assert found["weerklank_mailbox_age_seconds",] >= 2 * 3600 - 5


def test_it_says_so_when_it_cannot_be_asked(platform: Platform) -> None:
    away = replace(platform, settings=replace(platform.settings, database_clock_url="postgresql://127.0.0.1:1/nowhere"))
    assert asked(away) == {("weerklank_figures_up",): 0}
    away.clock.dispose()


@pytest.fixture
def said() -> Iterator[list[Any]]:
    """What the log says from warnings up, with what is known where it is said."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines
    structlog.configure(**before)


def work(platform: Platform, office: Office) -> None:
    """Carry out what is due once."""
    with platform.tenant(office.tenant_id) as session:
        ids = session.scalars(text("SELECT id FROM outbox WHERE state = 'pending' AND run_at <= now()")).all()
    for job_id in ids:
        jobs.run_job(platform, office.tenant_id, job_id, platform.now())


def test_it_counts_what_became_of_jobs_and_says_in_the_log_whose_they_were(
    platform: Platform, office: Office, mailbox: Mailbox, said: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {result: figure("weerklank_jobs_total", kind=DELIVER, result=result) for result in ("done", "failed")}
    smtp, group = figure("weerklank_part_failures_total", part="smtp"), group_of(office.tenant_id)
    of_group = figure("weerklank_tenant_jobs_total", group=group)
    case = office.receive()
    office.session.commit()
    mailbox.answers = ["451 later"]
    work(platform, office)
    assert figure("weerklank_jobs_total", kind=DELIVER, result="failed") == before["failed"] + 1
    assert figure("weerklank_part_failures_total", part="smtp") == smtp + 1
    assert figure("weerklank_tenant_jobs_total", group=group) > of_group
    (failed,) = [line for line in said if line["event"] == "job_failed"]
    assert (failed["tenant"], failed["case"], failed["kind"]) == (str(office.tenant_id), str(case.case_id), DELIVER)
    assert get_contextvars() == {}

    def lost(*_: object) -> None:
        raise Conflict("the lease is somebody else's")

    monkeypatch.setattr(outbox, "done", lost)
    aged_job = office.receive()
    office.session.commit()
    work(platform, office)
    assert figure("weerklank_jobs_total", kind=DELIVER, result="lost_lease") >= 1
    assert str(aged_job.case_id) in {line["case"] for line in said if line["event"] == "job_lost_lease"}

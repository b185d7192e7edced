"""The clock: due terms act once however many clocks beat, jobs are rung for, and Redis may vanish."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
import redis
from sqlalchemy import func, select, text

from tests.cases.conftest import Office
from tests.workers.conftest import Mailbox, until
from weerklank.assembly import Platform
from weerklank.audit.verify import verify
from weerklank.cases.messages import DELIVER
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.events import Event
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.workers import bell, clock
from weerklank.workers.clock import (
    Rung,
    Slot,
    beat,
    everybody,
    for_each,
    keep_beat,
    keep_beats,
    let_terms_act,
    run_clock,
    with_mailbox,
    with_unsealed,
)  # fmt: skip
from weerklank.workers.crew import Crew
from weerklank.workers.jobs import run_job
from weerklank.workers.sweeping import SWEEP, ask_to_sweep

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def no_bell(tenant_id: UUID, job_id: UUID) -> None:
    """Nobody listens."""


def count(office: Office, kind: str) -> int:
    office.session.expire_all()
    found = office.session.scalar(select(func.count()).select_from(Event).where(Event.kind == kind))
    office.session.commit()
    return int(found or 0)


def test_it_reminds_once_with_four_clocks_at_once(platform: Platform, office: Office) -> None:
    office.receive()
    office.session.commit()
    clocks = [threading.Thread(target=let_terms_act, args=(platform, MONDAY)) for _ in range(4)]
    for each in clocks:
        each.start()
    for each in clocks:
        each.join()
    assert count(office, "reminded") == 1


def test_it_escalates_after_the_last_day_and_never_again(platform: Platform, office: Office) -> None:
    office.receive()
    office.session.commit()
    for day in range(1, 12):
        let_terms_act(platform, MONDAY + timedelta(days=day))
        office.session.execute(text("UPDATE deadline SET lease_until = NULL"))
        office.session.commit()
    assert (count(office, "reminded"), count(office, "term_missed")) == (1, 1)


def test_it_sets_a_poisoned_case_aside_and_alarms(platform: Platform, office: Office) -> None:
    received = office.receive()
    office.session.execute(text("UPDATE case_file SET seq = seq + 7 WHERE id = :case"), {"case": received.case_id})
    office.session.commit()
    for _ in range(5):
        let_terms_act(platform, MONDAY)
        office.session.execute(text("UPDATE deadline SET lease_until = NULL"))
        office.session.commit()
    aside = office.session.scalar(text("SELECT count(*) FROM deadline WHERE set_aside_at IS NOT NULL"))
    assert aside == 1
    assert office.session.scalar(text("SELECT count(*) FROM message WHERE name = 'set_aside'")) == 1


def test_it_asks_once_a_day_for_clearing_up_which_a_worker_does(platform: Platform, office: Office) -> None:
    for _ in range(2):
        ask_to_sweep(platform, office.tenant.id, MONDAY)
    long_ago = text("UPDATE outbox SET state = 'done', done_at = now() - interval '31 days' WHERE id = :id")
    old = new_id()
    outbox.enqueue(office.session, "x", dedupe_key=str(old), args={})
    office.session.execute(text("UPDATE outbox SET id = :id WHERE dedupe_key = :key"), {"id": old, "key": str(old)})
    office.session.execute(long_ago, {"id": old})
    office.session.commit()
    (job,) = office.session.scalars(select(Outbox).where(Outbox.kind == SWEEP)).all()
    assert run_job(platform, office.tenant.id, job.id, MONDAY)
    office.session.expire_all()
    assert [(one.kind, one.state) for one in office.session.scalars(select(Outbox))] == [(SWEEP, "done")]


def test_it_seals_the_trail_on_its_beat(platform: Platform, office: Office) -> None:
    office.receive()
    office.session.commit()
    keep_beats(platform, MONDAY)
    folder = platform.settings.audit_folder
    report = verify(office.session, platform.engine.audit_key, folder, office.tenant.id)
    assert report.findings == []
    assert (folder / f"{office.tenant.id}.head").stat().st_size > 0


def test_it_visits_each_minute_only_where_something_happened(platform: Platform, office: Office) -> None:
    assert everybody(platform) == [office.tenant.id]
    assert (with_unsealed(platform), with_mailbox(platform)) == ([], [])
    office.receive()
    office.session.commit()
    assert with_unsealed(platform) == [office.tenant.id]
    keep_beats(platform, MONDAY)
    assert with_unsealed(platform) == []


def test_a_beat_that_takes_long_keeps_no_term_waiting(
    platform: Platform, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, over = threading.Event(), threading.Event()

    def take_long(one: Platform, tenant_id: UUID, now: datetime) -> None:
        began.set()
        over.wait(30)

    monkeypatch.setattr(clock, "BEATS", {"tidy": (lambda now: now.date(), everybody, take_long)})
    stop = threading.Event()
    running = threading.Thread(target=run_clock, args=(platform, no_bell, stop))
    running.start()
    try:
        assert began.wait(10)
        office.receive()
        office.session.commit()
        until(lambda: count(office, "reminded") == 1)
    finally:
        stop.set()
        over.set()
        running.join()


def let_leases_end(platform: Platform) -> None:
    with open_session(platform.database) as session, without_tenant(session, "a test lets time go by"):
        session.execute(text("UPDATE tick SET lease_until = now() WHERE lease_until IS NOT NULL"))
        session.commit()


def test_a_beat_that_was_broken_off_is_done_by_another_clock_and_then_no_more(platform: Platform) -> None:
    done = list[str]()

    def break_off(slot: Slot) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_beat(platform, "tidy", MONDAY.date(), break_off)
    keep_beat(platform, "tidy", MONDAY.date(), lambda slot: done.append("too soon"))
    assert done == []
    let_leases_end(platform)
    for _ in range(3):
        keep_beat(platform, "tidy", MONDAY.date(), lambda slot: done.append("once"))
    assert done == ["once"]


def test_a_beat_of_which_something_failed_is_repeated_after_a_while(platform: Platform, office: Office) -> None:
    tried = list[UUID]()

    def fail_once(one: Platform, tenant_id: UUID, now: datetime) -> None:
        tried.append(tenant_id)
        if len(tried) == 1:
            raise ValueError

    work = partial(for_each, platform, everybody, fail_once, MONDAY)
    for _ in range(2):
        keep_beat(platform, "tidy", MONDAY.date(), work)
    assert tried == [office.tenant.id]
    let_leases_end(platform)
    for _ in range(2):
        keep_beat(platform, "tidy", MONDAY.date(), work)
    assert tried == [office.tenant.id] * 2


def run_worker(platform: Platform, redis_url: str | None, office: Office) -> None:
    """A whole worker process's parts, until nothing waits any more or ten seconds have gone."""
    broker, stop, crew = bell.make_broker(redis_url), threading.Event(), Crew(platform, 2)
    ring = bell.hang(broker, crew.wake)
    ears = bell.listen(broker)
    crew.start()
    running = threading.Thread(target=run_clock, args=(platform, ring, stop))
    running.start()
    until(lambda: waiting(office) == 0)
    stop.set()
    running.join()
    ears.stop(timeout=5_000)
    crew.stop(5.0)
    broker.close()


def waiting(office: Office) -> int:
    office.session.expire_all()
    messages = select(func.count()).where(Outbox.state == "pending", Outbox.kind == DELIVER)
    found = office.session.scalar(messages)
    office.session.commit()
    return int(found or 0)


def test_it_carries_jobs_over_a_real_redis(
    platform: Platform, office: Office, mailbox: Mailbox, redis_url: str
) -> None:
    office.receive(now=datetime.now(UTC))
    office.session.commit()
    wanted = waiting(office)
    run_worker(platform, redis_url, office)
    assert len(mailbox.got) == wanted > 0
    assert waiting(office) == 0


def test_it_carries_jobs_within_the_process_without_redis(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    office.receive(now=datetime.now(UTC))
    office.session.commit()
    wanted = waiting(office)
    run_worker(platform, None, office)
    assert len(mailbox.got) == wanted > 0
    assert waiting(office) == 0


def test_it_loses_nothing_when_redis_is_emptied(
    platform: Platform, office: Office, mailbox: Mailbox, redis_url: str
) -> None:
    office.receive(now=datetime.now(UTC))
    office.session.commit()
    wanted = waiting(office)
    broker = bell.make_broker(redis_url)
    beat(platform, bell.hang(broker, lambda: None), Rung(), datetime.now(UTC))
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() > 0
        client.flushall()
    broker.close()
    run_worker(platform, redis_url, office)
    assert len(mailbox.got) == wanted
    assert waiting(office) == 0


def test_it_puts_only_ids_on_the_queue(platform: Platform, office: Office, redis_url: str) -> None:
    office.receive(now=datetime.now(UTC))
    office.session.commit()
    broker = bell.make_broker(redis_url)
    beat(platform, bell.hang(broker, lambda: None), Rung(), datetime.now(UTC))
    with redis.Redis.from_url(redis_url) as client:
        messages = [json.loads(message) for key in client.keys("*msgs") for message in client.hvals(key)]
    broker.close()
    jobs = [[str(office.tenant.id), str(job.id)] for job in office.session.scalars(select(Outbox))]
    assert messages
    own = {"queue_name": "weerklank", "actor_name": "due", "kwargs": {}}
    for message in messages:
        assert message["args"] in jobs
        assert {key: message[key] for key in own} == own
        assert message.keys() - own.keys() == {"args", "options", "message_id", "message_timestamp"}
        assert message["options"].keys() == {"redis_message_id"}

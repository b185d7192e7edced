"""Threads that take the fairest job: none is held by one organisation or one kind of work, and leases are renewed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.cases.conftest import Office
from tests.conftest import add_tenant
from tests.workers.conftest import until
from weerklank.assembly import Platform
from weerklank.cases.messages import DELIVER
from weerklank.correspondence.channels.mail import NotDelivered
from weerklank.documents.dossier.asking import MAKE
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.outbox import Job, JobDraft, Outbox
from weerklank.workers import crew as crew_room
from weerklank.workers.crew import LANES, Crew
from weerklank.workers.jobs import HANDLERS
from weerklank.workers.mailboxes import READ

QUICK, MAIL, MAILBOX, HEAVY = "quick", DELIVER, READ, MAKE
NO_TIME = timedelta()


class Work:
    """What jobs do in these tests: they wait until they are let go, and it is known which are being done."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Event()

    def do(self, platform: Platform, job: Job, now: datetime) -> None:
        self.begun.append(job.dedupe_key)
        assert self.go.wait(20)
        with platform.tenant(job.tenant_id) as session:
            outbox.done(session, job)
            session.commit()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    made = Work()
    for kind in (QUICK, MAIL, MAILBOX, HEAVY):
        monkeypatch.setitem(HANDLERS, kind, made.do)
    return made


@pytest.fixture
def crew(platform: Platform, work: Work) -> Iterator[Crew]:
    """Four threads."""
    made = Crew(platform, 4)
    made.start()
    yield made
    work.go.set()
    made.stop(10.0)


@pytest.fixture
def annas(platform: Platform) -> UUID:
    return organisation(platform, "anna")


@pytest.fixture
def carlas(platform: Platform) -> UUID:
    return organisation(platform, "carla")


def organisation(platform: Platform, slug: str) -> UUID:
    with open_session(platform.database) as session:
        return add_tenant(session, platform.keyring, slug).id


def ask(platform: Platform, tenant_id: UUID, *keys: str, kind: str = QUICK) -> None:
    with platform.tenant(tenant_id) as session:
        outbox.enqueue_all(session, [JobDraft(kind, key, {}) for key in keys])
        session.commit()


def states(platform: Platform, tenant_id: UUID) -> dict[str, str]:
    with platform.tenant(tenant_id) as session:
        return {job.dedupe_key: job.state for job in session.scalars(select(Outbox))}


def test_it_finds_work_by_itself_when_nobody_rings(platform: Platform, crew: Crew, work: Work, annas: UUID) -> None:
    work.go.set()
    ask(platform, annas, "one", "two")
    until(lambda: states(platform, annas) == {"one": "done", "two": "done"})


def test_it_lets_nobody_stand_behind_the_queue_of_another(
    platform: Platform, crew: Crew, work: Work, annas: UUID, carlas: UUID
) -> None:
    ask(platform, annas, *(f"anna {number}" for number in range(50)))
    until(lambda: len(work.begun) == 2)
    ask(platform, carlas, "carla")
    until(lambda: "carla" in work.begun)
    assert len(work.begun) == 3, "one organisation holds half of the threads"


def test_it_serves_in_turn_who_waits(platform: Platform, work: Work, annas: UUID, carlas: UUID) -> None:
    ask(platform, annas, *(f"anna {number}" for number in range(5)))
    ask(platform, carlas, "carla 0", "carla 1")
    alone = Crew(platform, 1)
    work.go.set()
    for _ in range(5):
        job = alone.take()
        assert job is not None
        alone.do(job)
    assert [key.split()[0] for key in work.begun] == ["anna", "carla", "anna", "carla", "anna"]


def test_it_keeps_a_thread_free_of_slow_mail(platform: Platform, crew: Crew, work: Work) -> None:
    for slug in ("anna", "carla", "dora"):
        ask(platform, organisation(platform, slug), f"{slug} 1", f"{slug} 2", kind=MAIL)
    until(lambda: len(work.begun) == 3)
    ask(platform, organisation(platform, "els"), "quick")
    until(lambda: "quick" in work.begun)
    assert len(work.begun) == 4


def test_it_keeps_half_of_the_threads_free_of_heavy_work(platform: Platform, crew: Crew, work: Work) -> None:
    for slug in ("anna", "carla", "dora"):
        ask(platform, organisation(platform, slug), f"{slug} heavy", kind=HEAVY)
    until(lambda: len(work.begun) == 2)
    ask(platform, organisation(platform, "els"), "mail", kind=MAIL)
    until(lambda: "mail" in work.begun)
    assert len(work.begun) == 3


def test_it_keeps_a_thread_free_of_all_that_is_slow(platform: Platform, crew: Crew, work: Work) -> None:
    for slug, kind in (("anna", HEAVY), ("carla", HEAVY), ("dora", MAILBOX), ("fleur", MAILBOX)):
        ask(platform, organisation(platform, slug), slug, kind=kind)
    until(lambda: len(work.begun) == 3)
    ask(platform, organisation(platform, "els"), "mail", kind=MAIL)
    until(lambda: "mail" in work.begun)
    assert len(work.begun) == 4


def test_it_knows_the_lane_of_every_kind_that_waits_for_others() -> None:
    assert LANES.keys() <= HANDLERS.keys()
    assert HANDLERS.keys() - LANES.keys() == {"refresh_cases", "erase_case", "index_words", "lost_code"}, (
        "done within this machine, in moments"
    )


def test_it_holds_a_long_job_by_its_heart_and_loses_it_without(
    platform: Platform, crew: Crew, work: Work, annas: UUID
) -> None:
    ask(platform, annas, "long")
    until(lambda: work.begun == ["long"])
    end_lease(platform, annas)
    crew.beat()
    assert waiting(platform) == []
    end_lease(platform, annas)
    assert waiting(platform) != [], "a frozen heart renews nothing"


def end_lease(platform: Platform, tenant_id: UUID) -> None:
    with platform.tenant(tenant_id) as session:
        session.execute(text("UPDATE outbox SET lease_until = now()"))
        session.commit()


def waiting(platform: Platform) -> list[tuple[UUID, UUID]]:
    with open_session(platform.clock) as session:
        return outbox.due(session, 10)


def test_it_gives_back_what_is_not_finished_when_it_has_to_stop(platform: Platform, work: Work, annas: UUID) -> None:
    stopped = Crew(platform, 2)
    stopped.start()
    ask(platform, annas, "long")
    until(lambda: work.begun == ["long"])
    stopped.stop(0.1)
    assert len(waiting(platform)) == 1
    work.go.set()
    until(lambda: not stopped.in_hand)
    with platform.tenant(annas) as session:
        (row,) = session.scalars(select(Outbox)).all()
    assert (row.state, row.attempts, row.silent) == ("pending", 0, 0)


def test_it_says_later_what_it_could_not_write_down(
    platform: Platform, work: Work, annas: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise OSError("the database went away")

    one = Crew(platform, 1)
    ask(platform, annas, "one")
    job = one.take()
    assert job is not None
    with monkeypatch.context() as broken:
        broken.setattr(crew_room, "carry_out", lost)
        one.do(job)
    again = one.take()
    assert again is not None
    assert (again.id, again.attempt, again.silent) == (job.id, 1, 0)


@pytest.mark.parametrize("program", ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "while True: pass"])
def test_it_parks_what_kills_even_a_process_of_its_own(
    platform: Platform, work: Work, annas: UUID, program: str
) -> None:
    impatient = replace(platform, settings=replace(platform.settings, job_seconds=1))
    one = Crew(impatient, 1, [sys.executable, "-c", program])
    ask(impatient, annas, "poison")
    for _ in range(2):
        assert one.take()
        one.in_hand.clear()
        end_lease(impatient, annas)
    job = one.take()
    assert job is not None
    one.do(job)
    assert work.begun == []
    assert states(impatient, annas) == {"poison": "dead"}
    impatient.database.dispose()
    impatient.clock.dispose()


def test_it_shows_a_person_a_message_that_kills_its_workers(platform: Platform, office: Office, work: Work) -> None:
    office.receive()
    office.session.commit()
    work.go.set()
    one = Crew(platform, 1, [sys.executable, "-c", "import os; os.abort()"])
    for _ in range(2):
        assert one.take()
        one.in_hand.clear()
        end_lease(platform, office.tenant.id)
    while job := one.take():
        one.do(job)
    office.session.expire_all()
    failed = office.session.scalars(text("SELECT name FROM message WHERE state = 'failed'")).all()
    assert failed


def test_it_takes_a_refusal_as_a_word(
    platform: Platform, annas: UUID, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(platform: Platform, job: Job, now: datetime) -> None:
        raise NotDelivered("smtp 451", permanent=False)

    monkeypatch.setitem(HANDLERS, QUICK, refuse)
    one = Crew(platform, 1)
    ask(platform, annas, "one")
    job = one.take()
    assert job is not None
    one.do(job)
    with platform.tenant(annas) as session:
        (row,) = session.scalars(select(Outbox)).all()
    assert (row.state, row.attempts, row.error_class, row.lease_id) == ("pending", 1, "smtp 451", None)


def test_it_ends_a_process_in_which_nothing_moves_any_more() -> None:
    program = (
        "import re; from unittest.mock import Mock; from weerklank.workers import crew; crew.HEART_STOPS = 1.0;"
        " crew.SECONDS_BETWEEN = 0.1; made = crew.Crew(Mock(), 1, mortal=True); made.take = lambda: None; made.start();"
        " made.stopping.wait(0.5); re.match('(a+)+$', 'a' * 64 + 'b')"  # holds Python's lock for years
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert b"Timeout (0:00:01)!" in ended.stderr

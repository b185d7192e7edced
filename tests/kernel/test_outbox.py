"""A job is written once, done by one, tried again when its worker vanishes, and dead when nothing helps."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import Database, Organisation, add_tenant
from weerklank.kernel.database import make_engine, open_session, tenant_scope, without_tenant
from weerklank.kernel.errors import Conflict
from weerklank.kernel.ids import new_id
from weerklank.kernel.keys import Keyring
from weerklank.kernel.outbox import (
    DUE,
    FIVE_DAYS,
    WAITING,
    Backlog,
    Job,
    JobDraft,
    Outbox,
    backlog,
    backoff,
    bury,
    claim,
    claimed,
    done,
    due,
    enqueue,
    enqueue_all,
    forget_dead,
    mark_handed,
    put_back,
    renew,
    retry,
    revive,
    sweep,
)

MINUTE = timedelta(minutes=1)
OVER = timedelta(0)  # a lease that is over at once


@pytest.fixture
def annas(app_session: Session, tenant: Organisation) -> Iterator[Session]:
    with tenant_scope(app_session, tenant.id):
        yield app_session


@pytest.fixture
def clock(fresh_database: Database) -> Iterator[Engine]:
    engine = make_engine(fresh_database.clock_url)
    yield engine
    engine.dispose()


def write(session: Session, key: str = "one", max_attempts: int = 3) -> UUID:
    assert enqueue(session, "send", dedupe_key=key, args={"message": "7"}, max_attempts=max_attempts)
    session.commit()
    return session.scalars(text("SELECT id FROM outbox WHERE dedupe_key = :key"), {"key": key}).one()


def taken(session: Session, tenant_id: UUID, job_id: UUID, lease: timedelta = MINUTE) -> Job:
    job = claim(session, tenant_id, job_id, lease)
    assert job is not None
    session.commit()
    return job


def dead_letters(session: Session) -> list[Outbox]:
    return list(session.scalars(select(Outbox).where(Outbox.state == "dead")))


def the_row(session: Session, job_id: UUID) -> Outbox:
    session.expire_all()
    row = session.get(Outbox, (session.info["weerklank tenant"], job_id))
    assert row is not None
    return row


def test_it_writes_a_job_once(annas: Session) -> None:
    job = write(annas)
    assert not enqueue(annas, "send", dedupe_key="one", args={})
    more = [JobDraft("send", key, {}, case_id=new_id()) for key in ("one", "two", "three")]
    assert enqueue_all(annas, more) == 2
    assert the_row(annas, job).args == {"message": "7"}


def test_it_writes_no_job_if_the_action_is_rolled_back(annas: Session) -> None:
    enqueue(annas, "send", dedupe_key="one", args={})
    annas.rollback()
    assert enqueue(annas, "send", dedupe_key="one", args={})


def test_it_lets_two_organisations_use_the_same_dedupe_key(
    annas: Session, open_test_session: Callable[[], Session], other_tenant: Organisation
) -> None:
    write(annas)
    carlas = open_test_session()
    with tenant_scope(carlas, other_tenant.id):
        assert enqueue(carlas, "send", dedupe_key="one", args={})


def test_it_gives_a_job_to_one_worker_and_marks_it_done(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas)
    job = taken(annas, tenant.id, job_id)
    assert (job.kind, job.args, job.attempt) == ("send", {"message": "7"}, 1)
    assert claim(annas, tenant.id, job_id, MINUTE) is None
    done(annas, job)
    annas.commit()
    row = the_row(annas, job_id)
    assert (row.state, row.lease_id, row.done_at is None) == ("done", None, False)
    assert claim(annas, tenant.id, job_id, MINUTE) is None


def test_it_waits_until_the_job_is_due(annas: Session, tenant: Organisation) -> None:
    enqueue(annas, "send", dedupe_key="one", args={}, run_at=datetime(2999, 1, 1, tzinfo=UTC))
    job_id = annas.scalars(text("SELECT id FROM outbox")).one()
    assert claim(annas, tenant.id, job_id, MINUTE) is None


def test_it_fences_off_a_worker_whose_lease_was_taken_over(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas)
    slow = taken(annas, tenant.id, job_id, OVER)
    quick = taken(annas, tenant.id, job_id)
    assert (quick.attempt, quick.silent) == (1, 1)
    for late in (lambda: done(annas, slow), lambda: retry(annas, slow, "Late", MINUTE), lambda: bury(annas, slow, "x")):
        with pytest.raises(Conflict):
            late()
    done(annas, quick)
    with pytest.raises(Conflict):
        done(annas, quick)


def test_it_tries_again_later_and_gives_up_after_the_last_attempt(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas, max_attempts=2)
    assert retry(annas, taken(annas, tenant.id, job_id), "SMTPServerDisconnected", MINUTE)
    assert claim(annas, tenant.id, job_id, MINUTE) is None, "not before its delay is over"
    annas.execute(text("UPDATE outbox SET run_at = now()"))
    assert not retry(annas, taken(annas, tenant.id, job_id), "SMTPServerDisconnected", MINUTE)
    (letter,) = dead_letters(annas)
    assert (letter.id, letter.attempts, letter.error_class) == (job_id, 2, "SMTPServerDisconnected")


def test_it_buries_what_cannot_succeed(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas)
    bury(annas, taken(annas, tenant.id, job_id), "NoSuchMailbox")
    assert [letter.id for letter in dead_letters(annas)] == [job_id]


def test_it_parks_a_job_over_which_its_workers_fell_silent_three_times(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas, max_attempts=1)
    for silent in range(3):
        job = taken(annas, tenant.id, job_id, OVER)
        assert (job.silent, job.attempt) == (silent, 1), "silence uses up no attempt"
    given_up = claim(annas, tenant.id, job_id, MINUTE)
    assert given_up is not None
    assert given_up.dead, "told of, in place of a fourth try"
    assert claim(annas, tenant.id, job_id, MINUTE) is None, "and told of once"
    (letter,) = dead_letters(annas)
    assert letter.error_class == "LeaseExpired"
    revive(annas, job_id)
    assert taken(annas, tenant.id, job_id).silent == 0


def test_it_counts_silence_anew_after_a_word(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas, max_attempts=9)
    for _ in range(4):
        taken(annas, tenant.id, job_id, OVER)
        job = taken(annas, tenant.id, job_id, OVER)
        assert retry(annas, job, "SMTPServerDisconnected", OVER)
    assert taken(annas, tenant.id, job_id).silent == 0


def test_it_holds_a_job_as_long_as_its_lease_is_renewed(annas: Session, tenant: Organisation) -> None:
    job = taken(annas, tenant.id, write(annas), OVER)
    assert renew(annas, [job], MINUTE) == {job.id}
    assert claim(annas, tenant.id, job.id, MINUTE) is None


def test_it_renews_no_lease_that_is_somebody_elses_or_over_with(annas: Session, tenant: Organisation) -> None:
    lost = taken(annas, tenant.id, write(annas, "lost"), OVER)
    quick = taken(annas, tenant.id, lost.id, OVER)
    finished = taken(annas, tenant.id, write(annas, "finished"))
    done(annas, finished)
    assert renew(annas, [lost, finished, quick], MINUTE) == {quick.id}
    assert the_row(annas, finished.id).lease_until is None


def test_it_gives_a_job_back_as_if_it_had_not_been_begun(annas: Session, tenant: Organisation) -> None:
    job = taken(annas, tenant.id, write(annas, max_attempts=1))
    put_back(annas, job)
    with pytest.raises(Conflict):
        done(annas, job)
    again = taken(annas, tenant.id, job.id)
    assert (again.attempt, again.silent) == (1, 0)


def test_it_remembers_to_whom_a_job_was_handed_while_it_is_ours(annas: Session, tenant: Organisation) -> None:
    slow = taken(annas, tenant.id, write(annas), OVER)
    mark_handed(annas, slow, "a", "b")
    mark_handed(annas, slow)
    quick = taken(annas, tenant.id, slow.id)
    assert quick.handed == ("a", "b")
    for marks in ((), ("c",)):
        with pytest.raises(Conflict):
            mark_handed(annas, slow, *marks)


def test_it_hands_a_claimed_job_on_to_who_knows_its_lease(annas: Session, tenant: Organisation) -> None:
    job = taken(annas, tenant.id, write(annas))
    assert claimed(annas, job.id, job.lease_id) == job
    with pytest.raises(Conflict):
        claimed(annas, job.id, new_id())


def test_it_begins_a_dead_job_anew_once_and_no_other(annas: Session, tenant: Organisation) -> None:
    job_id = write(annas, max_attempts=3)
    with pytest.raises(Conflict):
        revive(annas, job_id)
    bury(annas, taken(annas, tenant.id, job_id), "NoSuchMailbox")
    revive(annas, job_id)
    assert dead_letters(annas) == []
    assert taken(annas, tenant.id, job_id).attempt == 1
    with pytest.raises(Conflict):
        revive(annas, job_id)


def test_it_forgets_a_dead_job_that_somebody_saw_to(annas: Session, tenant: Organisation) -> None:
    for key in ("one", "two"):
        assert enqueue(annas, "send", dedupe_key=key, args={"message": key}, max_attempts=1)
        job_id = annas.scalars(text("SELECT id FROM outbox WHERE dedupe_key = :key"), {"key": key}).one()
        bury(annas, taken(annas, tenant.id, job_id), "NoSuchMailbox")
    write(annas, "three")
    forget_dead(annas, "send", {"message": "one"})
    forget_dead(annas, "send", {"message": "7"})
    assert [letter.args for letter in dead_letters(annas)] == [{"message": "two"}]
    assert the_row(annas, annas.scalars(text("SELECT id FROM outbox WHERE dedupe_key = 'three'")).one())


def test_it_counts_what_waits_and_what_was_given_up_of_one_organisation(
    annas: Session, tenant: Organisation, open_test_session: Callable[[], Session], other_tenant: Organisation
) -> None:
    bury(annas, taken(annas, tenant.id, write(annas, "dead")), "NoSuchMailbox")
    write(annas, "due")
    enqueue(annas, "x", dedupe_key="later", args={}, run_at=datetime(2999, 1, 1, tzinfo=UTC))
    annas.execute(text("UPDATE outbox SET run_at = now() - interval '3 minutes' WHERE dedupe_key = 'due'"))
    annas.commit()
    assert backlog(annas) == Backlog(waiting=2, dead=1, overdue=3 * MINUTE)
    carlas = open_test_session()
    with tenant_scope(carlas, other_tenant.id):
        assert backlog(carlas) == Backlog(waiting=0, dead=0, overdue=None)


def test_it_removes_old_jobs_that_are_done_and_no_others(annas: Session, tenant: Organisation) -> None:
    done(annas, taken(annas, tenant.id, write(annas, "old")))
    done(annas, taken(annas, tenant.id, write(annas, "new")))
    write(annas, "waiting")
    annas.execute(text("UPDATE outbox SET done_at = now() - interval '31 days' WHERE dedupe_key = 'old'"))
    assert sweep(annas, timedelta(days=30)) == 1
    keys = annas.scalars(text("SELECT dedupe_key FROM outbox ORDER BY dedupe_key")).all()
    assert keys == ["new", "waiting"]


def test_it_waits_longer_after_each_attempt_up_to_a_limit() -> None:
    delays = [backoff(attempt, 1.0) for attempt in range(1, 40)]
    assert delays[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert delays == sorted(delays)
    assert delays[-1] == timedelta(hours=6)
    assert backoff(1, 0.0) == timedelta(seconds=8)


@pytest.mark.parametrize("jitter", [0.0, 1.0])
def test_it_tries_mail_for_five_days(jitter: float) -> None:
    lasts = sum((backoff(attempt, jitter) for attempt in range(1, FIVE_DAYS)), timedelta())
    assert timedelta(days=5) <= lasts <= timedelta(days=6, hours=12)


def test_it_shows_the_clock_what_is_due_of_all_tenants_and_nothing_else(
    fresh_database: Database, clock: Engine, keyring: Keyring
) -> None:
    expected = []
    for slug in ("anna", "carla"):
        with open_session(fresh_database.engine) as session:
            owner = add_tenant(session, keyring, slug)
            with tenant_scope(session, owner.id):
                expected.append((owner.id, write(session, "due")))
                taken(session, owner.id, write(session, "claimed"))
                expected.append((owner.id, taken(session, owner.id, write(session, "lease over"), OVER).id))
                done(session, taken(session, owner.id, write(session, "done")))
                enqueue(session, "x", dedupe_key="later", args={}, run_at=datetime(2999, 1, 1, tzinfo=UTC))
                session.commit()
    with open_session(clock) as session:
        assert sorted(due(session, 100)) == sorted(expected)
        assert len(due(session, 3)) == 3
        assert due(session, 100, no_kinds=["send"]) == []
        (first, _), *_ = expected
        assert {tenant_id for tenant_id, _ in due(session, 100, no_tenants=[first])} == {expected[-1][0]}


@pytest.mark.parametrize("statement", ["SELECT args FROM outbox", "SELECT handed FROM outbox", "SELECT * FROM event",
    "SELECT name FROM tenant", "UPDATE outbox SET state = 'done'", "DELETE FROM outbox"])  # fmt: skip
def test_it_gives_the_clock_no_content_and_no_pen(clock: Engine, statement: str) -> None:
    with (
        open_session(clock) as session,
        without_tenant(session, "a test"),
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        session.execute(text(statement))


def test_it_gives_a_job_to_one_of_many_workers(fresh_database: Database, keyring: Keyring) -> None:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
        with tenant_scope(session, anna.id):
            job_id = write(session)
    ready, jobs = threading.Barrier(4), []

    def work() -> None:
        with open_session(fresh_database.engine) as session, tenant_scope(session, anna.id):
            session.connection()
            ready.wait(10)
            jobs.append(claim(session, anna.id, job_id, MINUTE))
            session.commit()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(jobs) == 4
    assert len([job for job in jobs if job is not None]) == 1


def test_it_serves_every_organisation_in_turn_however_long_the_queue_of_one_is(
    fresh_database: Database, clock: Engine, keyring: Keyring
) -> None:
    owners = {}
    for slug, jobs in (("anna", 300), ("carla", 2), ("dora", 1)):  # Anna's came first
        with open_session(fresh_database.engine) as session:
            owners[add_tenant(session, keyring, slug).id] = slug
            with tenant_scope(session, next(id for id, name in owners.items() if name == slug)):
                enqueue_all(session, [JobDraft("send", str(number), {}) for number in range(jobs)])
                session.commit()
    with open_session(clock) as session:
        found = due(session, 30)
    assert len(set(found)) == 30, "what is left of the others' shares is used"
    turns = [owners[tenant_id] for tenant_id, _ in found]
    assert sorted(turns[:3]) == ["anna", "carla", "dora"]
    assert sorted(turns[3:5]) == ["anna", "carla"]
    assert set(turns[5:]) == {"anna"}


def test_it_finds_what_is_due_by_its_indexes_however_much_is_waiting(
    fresh_database: Database, clock: Engine, keyring: Keyring
) -> None:
    with open_session(fresh_database.engine) as session:
        anna = add_tenant(session, keyring, "anna")
        with tenant_scope(session, anna.id):
            later = datetime(2999, 1, 1, tzinfo=UTC)
            enqueue_all(session, [JobDraft("send", str(number), {}, run_at=later) for number in range(2000)])
            job_id = write(session, "due")
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as connection:
        connection.execute("ANALYZE outbox")
    with open_session(clock) as session:
        assert due(session, 100) == [(anna.id, job_id)]
        values = {"limit": 100, "share": 100, "tenants": [anna.id], "no_kinds": [], "no_tenants": []}
        with without_tenant(session, "a test looks at the plan"):
            plan = [line for query in (WAITING, DUE) for line in session.scalars(text(f"EXPLAIN {query}"), values)]
    for index in ("using ix_outbox_waiting", "using ix_outbox_due"):
        assert any(index in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan

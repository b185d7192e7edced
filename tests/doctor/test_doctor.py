"""The doctor: each of these faults is found by its own name, and where nothing is wrong nothing is found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select, text

from tests.cases.conftest import SMALL, Office
from tests.conftest import Database
from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform
from weerklank.audit.seals import seal_heads
from weerklank.cases.actions.complete import Complete
from weerklank.cases.doors import UploadedFile
from weerklank.correspondence.inbound.settings import MailboxSettings, Security, set_mailbox
from weerklank.doctor.findings import Finding, Sort, kept
from weerklank.doctor.house import BEATS_WITHIN, Fault, HouseFault, look_at_house
from weerklank.doctor.quick import look_quickly
from weerklank.doctor.thorough import look_thoroughly
from weerklank.identity.model import Person
from weerklank.identity.people import make_admin
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.outbox import Outbox
from weerklank.tenancy import policies
from weerklank.workers.clock import keep_beats
from weerklank.workers.doctoring import CHECK_UP, examine, look_after_house
from weerklank.workers.jobs import run_job

MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 9, 8, 59, tzinfo=UTC)
Plant = Callable[[Platform, Office, UUID], None]


def begin(platform: Platform, office: Office) -> UUID:
    """A complaint of a minute ago, everything about it carried out."""
    case_id = office.receive(now=RECEIVED, files=[UploadedFile("bewijs.txt", b"Het pakje was te laat.")]).case_id
    office.session.commit()
    carry_out(platform, office, MONDAY)
    seal_heads(office.session, platform.engine.audit_key, office.tenant_id, MONDAY)
    office.session.commit()
    return case_id


def carry_out(platform: Platform, office: Office, now: datetime) -> None:
    """Do every job that is due, until none is."""
    while waiting := office.session.scalars(
        select(Outbox.id).where(Outbox.state == "pending", Outbox.run_at <= text("now()"))
    ).all():
        office.session.commit()
        for job_id in waiting:
            run_job(platform, office.tenant_id, job_id, now)
    office.session.commit()


def look(platform: Platform, office: Office, now: datetime = MONDAY) -> list[Finding]:
    folder = platform.settings.audit_folder
    with platform.tenant(office.tenant_id) as session:
        quick = list(look_quickly(session, office.tenant_id, now))
    return quick + list(
        look_thoroughly(platform.database, platform.engine, platform.files, folder, office.tenant_id, now)
    )


def run(office: Office, statement: str, **values: object) -> None:
    office.session.execute(text(statement), values)
    office.session.commit()


def never_acknowledged(platform: Platform, office: Office, case_id: UUID) -> None:
    """The file says that it was acknowledged; the message is gone."""
    acknowledge(platform, office, case_id)
    run(office, "DELETE FROM message WHERE case_id = :case AND kind = 'policy'", case=case_id)


def no_longer_due(platform: Platform, office: Office, case_id: UUID) -> None:
    """Nothing will remind anybody of the acknowledgement."""
    run(office, "DELETE FROM deadline WHERE case_id = :case AND term = 'acknowledge'", case=case_id)


def acknowledge(platform: Platform, office: Office, case_id: UUID) -> None:
    office.do(case_id, Complete("acknowledge", text="Dank u."), office.eva, MONDAY)
    office.session.commit()
    carry_out(platform, office, MONDAY)


def no_term(platform: Platform, office: Office, case_id: UUID) -> None:
    run(office, "UPDATE case_file SET next_due_on = '9999-12-31' WHERE id = :case", case=case_id)


def late_message(platform: Platform, office: Office, case_id: UUID) -> None:
    message(office, case_id, minutes=90, job=True)


def forgotten_message(platform: Platform, office: Office, case_id: UUID) -> None:
    message(office, case_id, minutes=5, job=False)


def message(office: Office, case_id: UUID, minutes: int, *, job: bool) -> None:
    at = MONDAY - timedelta(minutes=minutes)
    (message_id,) = office.session.scalars(
        text(
            "UPDATE message SET state = 'queued', created_at = :at WHERE id ="
            " (SELECT id FROM message WHERE case_id = :case AND kind = 'notice' LIMIT 1) RETURNING id"
        ),
        {"case": case_id, "at": at},
    ).all()
    if job:
        outbox.enqueue(office.session, "deliver_message", dedupe_key="late", args={"message": str(message_id)})
    office.session.commit()


def waiting_job(platform: Platform, office: Office, case_id: UUID) -> None:
    outbox.enqueue(office.session, "sweep", dedupe_key="stuck", args={"day": "2026-03-09"})
    run(office, "UPDATE outbox SET run_at = now() - interval '6 minutes' WHERE dedupe_key = 'stuck'")


def expired_lease(platform: Platform, office: Office, case_id: UUID) -> None:
    waiting_job(platform, office, case_id)
    run(office, "UPDATE outbox SET lease_until = now() - interval '3 minutes' WHERE dedupe_key = 'stuck'")


def dead_job(platform: Platform, office: Office, case_id: UUID) -> None:
    waiting_job(platform, office, case_id)
    run(office, "UPDATE outbox SET state = 'dead' WHERE dedupe_key = 'stuck'")


def silent_clock(platform: Platform, office: Office, case_id: UUID) -> None:
    run(
        office,
        "UPDATE deadline SET next_at = :at WHERE case_id = :case",
        case=case_id,
        at=MONDAY - timedelta(minutes=11),
    )


def term_aside(platform: Platform, office: Office, case_id: UUID) -> None:
    run(office, "UPDATE deadline SET set_aside_at = now() WHERE case_id = :case", case=case_id)


def wrong_deadline(platform: Platform, office: Office, case_id: UUID) -> None:
    run(office, "UPDATE deadline SET due_on = due_on + 1 WHERE case_id = :case", case=case_id)


def unread_mailbox(platform: Platform, office: Office, case_id: UUID) -> None:
    settings = MailboxSettings("imap.example", 993, Security.TLS, "klachten", "geheim", "klachten@example.org")
    long_ago = MONDAY - timedelta(minutes=16)
    set_mailbox(office.session, platform.keyring, office.tenant_id, "letter", settings, long_ago, production=False)
    office.session.commit()


def unsealed_events(platform: Platform, office: Office, case_id: UUID) -> None:
    office.receive(now=MONDAY - timedelta(minutes=11))
    office.session.commit()
    carry_out(platform, office, MONDAY)


def forged_event(database: Database, case_id: UUID) -> None:
    """As who owns the database could."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE event SET at = at - interval '1 day' WHERE case_id = %s AND seq = 1", [case_id])


def ownerless_file(platform: Platform, office: Office, case_id: UUID) -> None:
    folder = Path(platform.files.store.folder)
    name = platform.files.store.put(office.tenant_id, b"nobody's")
    (path,) = folder.rglob(name)
    before = (MONDAY - timedelta(hours=27)).timestamp()
    os.utime(path, (before, before))


def missing_file(platform: Platform, office: Office, case_id: UUID) -> None:
    name = office.session.scalar(text("SELECT stored_as FROM document LIMIT 1"))
    platform.files.store.delete(office.tenant_id, str(name))
    office.session.commit()


def lost_key(platform: Platform, office: Office, case_id: UUID) -> None:
    platform.keyring.destroy_case(office.tenant_id, case_id)


PLANTED: list[tuple[Plant, set[Sort]]] = [
    (never_acknowledged, {Sort.ACKNOWLEDGEMENT, Sort.MESSAGE_MISSING}),
    (no_longer_due, {Sort.ACKNOWLEDGEMENT, Sort.DEADLINE}),
    (no_term, {Sort.TERM_MISSING}),
    (late_message, {Sort.MESSAGE_LATE}),
    (forgotten_message, {Sort.MESSAGE_FORGOTTEN}),
    (waiting_job, {Sort.JOB_WAITS}),
    (expired_lease, {Sort.LEASE_OVER}),
    (dead_job, {Sort.JOB_GIVEN_UP}),
    (silent_clock, {Sort.TERM_WAITS, Sort.DEADLINE}),
    (term_aside, {Sort.TERM_ASIDE}),
    (wrong_deadline, {Sort.DEADLINE}),
    (unread_mailbox, {Sort.MAILBOX}),
    (unsealed_events, {Sort.UNSEALED}),
    (ownerless_file, {Sort.FILE_OWNERLESS}),
    (missing_file, {Sort.FILE_MISSING}),
    (lost_key, {Sort.KEY_MISSING}),
]


def test_it_finds_nothing_where_nothing_is_wrong(platform: Platform, office: Office) -> None:
    begin(platform, office)
    assert look(platform, office) == []


def test_it_finds_nothing_while_a_case_is_being_worked_on(platform: Platform, office: Office) -> None:
    case_id = begin(platform, office)
    acknowledge(platform, office, case_id)
    office.do(case_id, Complete("assign"), office.eva, MONDAY)
    office.session.commit()
    carry_out(platform, office, MONDAY)
    assert look(platform, office, MONDAY + timedelta(minutes=9)) == []


def test_it_asks_for_no_message_that_need_not_be_sent_any_more(platform: Platform, office: Office) -> None:
    ends = ("    until: sent.acknowledgement\n", "    until: sent.acknowledgement\n    ends: done.assign\n")
    words = SMALL.read_text("utf-8").replace("prefix: VBD", f"prefix: {office.tenant.prefix}").replace(*ends)
    day = MONDAY.date()
    policies.publish(office.session, office.tenant, words, day, today=day, now=MONDAY, actor=None)
    case_id = begin(platform, office)
    office.do(case_id, Complete("assign"), office.eva, MONDAY)
    office.session.commit()
    carry_out(platform, office, MONDAY)
    assert look(platform, office) == []


@pytest.mark.parametrize(("plant", "sorts"), PLANTED, ids=lambda given: getattr(given, "__name__", ""))
def test_it_finds_what_was_planted_and_nothing_else(
    platform: Platform, office: Office, plant: Plant, sorts: set[Sort]
) -> None:
    case_id = begin(platform, office)
    plant(platform, office, case_id)
    assert {one.sort for one in look(platform, office)} == sorts


def test_it_finds_a_forged_event(platform: Platform, office: Office, fresh_database: Database) -> None:
    forged_event(fresh_database, begin(platform, office))
    assert Sort.TRAIL in {one.sort for one in look(platform, office)}


def test_it_says_which_case_and_since_when_and_nothing_of_what_is_in_it(platform: Platform, office: Office) -> None:
    case_id = begin(platform, office)
    forgotten_message(platform, office, case_id)
    (found,) = look(platform, office)
    assert (found.case_id, found.since) == (case_id, MONDAY - timedelta(minutes=5))


def house(platform: Platform) -> list[HouseFault]:
    with open_session(platform.database) as session, open_session(platform.clock) as clock_session:
        return list(look_at_house(session, clock_session, platform.settings.var))


def keep_every_beat(platform: Platform, office: Office) -> None:
    keep_beats(platform, MONDAY)
    carry_out(platform, office, MONDAY)


def test_it_finds_nothing_wrong_with_a_platform_whose_clock_beats(platform: Platform, office: Office) -> None:
    keep_every_beat(platform, office)
    assert house(platform) == []


@pytest.mark.parametrize("name", BEATS_WITHIN)
def test_it_finds_a_clock_that_missed_its_beat(
    platform: Platform, office: Office, fresh_database: Database, name: str
) -> None:
    keep_every_beat(platform, office)
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE tick SET claimed_at = claimed_at - interval '27 hours' WHERE name = %s", [name])
    assert [one.about for one in house(platform)] == [name]


def test_it_finds_that_no_worker_takes_what_is_due(platform: Platform, office: Office) -> None:
    keep_every_beat(platform, office)
    waiting_job(platform, office, office.tenant_id)
    assert [one.fault for one in house(platform)] == [Fault.JOBS]


def test_it_finds_a_disk_that_is_nearly_full(
    platform: Platform, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_every_beat(platform, office)
    usage = type(shutil.disk_usage("/"))(1000, 900, 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert [one.fault for one in house(platform)] == [Fault.DISK]


def test_it_looks_at_the_disk_also_before_anything_was_kept(platform: Platform, office: Office) -> None:
    keep_every_beat(platform, office)
    nowhere = platform.settings.var / "not" / "yet"
    with open_session(platform.database) as session, open_session(platform.clock) as clock_session:
        assert list(look_at_house(session, clock_session, nowhere)) == []


def an_administrator(office: Office) -> None:
    eva = office.session.get_one(Person, (office.tenant_id, office.eva))
    make_admin(office.session, eva, MONDAY, None)
    office.session.commit()


def test_it_tells_administrators_once_until_something_else_is_found(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    an_administrator(office)
    case_id = begin(platform, office)
    forgotten_message(platform, office, case_id)
    mailbox.got.clear()
    for minutes in (0, 10, 20, 70, 80):
        examine(platform, office.tenant_id, MONDAY + timedelta(minutes=minutes), thorough=False)
        carry_out(platform, office, MONDAY)
    told = [(mail["To"], mail["Subject"]) for mail in mailbox.got]
    assert told == [("eva@organisatie.example", f"{office.tenant.name}: iets gaat niet goed")] * 2
    first, second = (words(mail) for mail in mailbox.got)
    assert "1 × een bericht dat niemand zal versturen" in first
    assert "1 × een bericht dat al langer dan een uur wacht" in second
    assert "Anna de Wit" not in first + second


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return str(body.get_content())


@pytest.fixture
def operated(platform: Platform) -> Iterator[Platform]:
    """The platform with somebody who runs it and wants to hear of it."""
    known = replace(platform, settings=replace(platform.settings, operator_mail="beheer@weerklank.example"))
    yield known
    known.database.dispose()
    known.clock.dispose()


def test_it_tells_whoever_runs_the_platform_of_numbers_only(
    operated: Platform, office: Office, mailbox: Mailbox
) -> None:
    platform = operated
    forgotten_message(platform, office, begin(platform, office))
    mailbox.got.clear()
    examine(platform, office.tenant_id, MONDAY, thorough=False)
    carry_out(platform, office, MONDAY)
    (mail,) = mailbox.got
    assert mail["To"] == "beheer@weerklank.example"
    assert "1 × a message that nothing will send" in words(mail)
    assert office.tenant.name not in words(mail)


def test_it_mails_a_fault_of_the_platform_once_a_day(operated: Platform, office: Office, mailbox: Mailbox) -> None:
    platform = operated
    keep_every_beat(platform, office)
    waiting_job(platform, office, office.tenant_id)
    mailbox.got.clear()
    for minutes in (1, 2, 3, 24 * 60):
        look_after_house(platform, MONDAY + timedelta(minutes=minutes))
    assert [words(mail).splitlines()[0] for mail in mailbox.got] == ["work is due and no worker takes it"] * 2


def test_it_forgets_what_is_put_right(platform: Platform, office: Office) -> None:
    case_id = begin(platform, office)
    forgotten_message(platform, office, case_id)
    examine(platform, office.tenant_id, MONDAY, thorough=False)
    assert [row.sort for row in kept(office.session, office.tenant_id)] == [Sort.MESSAGE_FORGOTTEN]
    office.session.rollback()
    run(office, "UPDATE message SET state = 'sent'")
    examine(platform, office.tenant_id, MONDAY, thorough=False)
    assert kept(office.session, office.tenant_id) == []


def test_it_makes_its_rounds_by_the_clock_and_the_workers(platform: Platform, office: Office) -> None:
    case_id = begin(platform, office)
    missing_file(platform, office, case_id)
    keep_every_beat(platform, office)
    rounds = office.session.scalars(select(Outbox.args).where(Outbox.kind == CHECK_UP)).all()
    assert sorted(args["thorough"] for args in rounds) == [False, True]
    assert [row.sort for row in kept(office.session, office.tenant_id)] == [Sort.FILE_MISSING]

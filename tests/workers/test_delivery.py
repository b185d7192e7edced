"""Messages leave by a real mail server: once, later, or not at all and seen by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from mailbox import Maildir
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from tests.cases.conftest import FRIDAY, Office
from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform
from weerklank.cases.actions.complete import Complete
from weerklank.cases.messages import read_body
from weerklank.cases.model import Message
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.outbox import Outbox
from weerklank.workers.jobs import run_job

NOW = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)


def run_all(platform: Platform, now: datetime = NOW) -> int:
    """Everything the clock would ring for now."""
    with open_session(platform.clock) as session:
        due = outbox.due(session, 100)
    return sum(run_job(platform, tenant_id, job_id, now) for tenant_id, job_id in due)


def acknowledge(office: Office, **given: Any) -> UUID:
    received = office.receive(**given)
    office.do(received.case_id, Complete("acknowledge", text="Wij kijken er vandaag naar."), office.eva)
    office.session.commit()
    return received.case_id


def jobs(office: Office) -> list[Outbox]:
    office.session.expire_all()
    return list(office.session.scalars(select(Outbox)))


def test_it_sends_the_acknowledgement_with_words_day_and_reference(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    run_all(platform)
    mail = next(mail for mail in mailbox.got if mail["To"] == "anna@voorbeeld.example")
    body = mail.get_body(("plain",))
    assert body is not None
    content = body.get_content()
    assert "ANN-2026-0001" in mail["Subject"]
    assert "vrijdag 17 april 2026" in content
    assert "Wij kijken er vandaag naar." in content
    html = mail.get_body(("html",))
    assert html is not None
    assert "vrijdag 17 april 2026" in html.get_content()


def test_it_sends_each_message_once(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    acknowledge(office)
    first = run_all(platform)
    assert first == len(mailbox.got) > 0
    assert run_all(platform) == 0
    assert {job.state for job in jobs(office)} == {"done"}


def test_it_keeps_the_words_sealed_and_shows_them_again(platform: Platform, office: Office) -> None:
    case_id = acknowledge(office)
    run_all(platform)
    office.session.expire_all()
    row = office.session.scalars(select(Message).where(Message.name == "acknowledgement")).one()
    assert row.state == "sent"
    assert row.body is not None
    assert b"vandaag" not in row.body
    written = read_body(platform.keyring.for_case(office.tenant.id, case_id), row)
    assert written is not None
    assert any("vandaag" in paragraph for paragraph in written.paragraphs)


def test_it_tries_again_later_after_a_passing_refusal_and_keeps_the_message_id(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    mailbox.answers = ["451 busy"] * len(jobs(office))
    run_all(platform)
    assert mailbox.got == []
    assert {(job.state, job.error_class) for job in jobs(office)} == {("pending", "smtp 451")}
    office.session.execute(text("UPDATE outbox SET run_at = now()"))
    ids = {row.message_id for row in office.session.scalars(select(Message))}
    office.session.commit()
    run_all(platform)
    assert {mail["Message-ID"] for mail in mailbox.got} == ids


def test_it_gives_up_on_a_permanent_refusal_and_lets_a_person_see_it(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    mailbox.answers = ["550 unknown"] * len(jobs(office))
    run_all(platform)
    assert {job.state for job in jobs(office)} == {"dead"}
    assert {row.state for row in office.session.scalars(select(Message))} == {"failed"}
    assert len(outbox.dead_letters(office.session)) == len(jobs(office))


def test_it_leaves_a_letter_to_be_printed_for_who_wants_post(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    contact = {"name": "Anna de Wit", "address": "Dorpsstraat 1, 1234 AB Ergens"}
    acknowledge(office, way="post", contact=contact)
    run_all(platform)
    assert not any("anna" in str(mail["To"]) for mail in mailbox.got)
    office.session.expire_all()
    row = office.session.scalars(select(Message).where(Message.name == "acknowledgement")).one()
    assert row.state == "printed"
    assert row.body is not None


def test_it_puts_mail_in_a_folder_where_no_mail_server_is_set(platform: Platform, office: Office) -> None:
    local = replace(platform, settings=replace(platform.settings, smtp_url=None))
    acknowledge(office)
    run_all(local)
    local.database.dispose()
    local.clock.dispose()
    assert len(Maildir(local.settings.var / "mail", create=False)) == len(jobs(office))


def test_it_tells_no_content_in_a_notice_to_staff(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    office.receive(now=FRIDAY)
    office.session.commit()
    run_all(platform)
    notices = [mail for mail in mailbox.got if "organisatie.example" in str(mail["To"])]
    assert notices
    for mail in notices:
        assert "Anna" not in mail.as_string()
        assert "misging" not in mail.as_string()

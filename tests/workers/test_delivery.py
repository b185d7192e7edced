"""Messages leave by a real mail server: once, later, or not at all and seen by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from mailbox import Maildir
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tests.cases.conftest import FRIDAY, Office, by
from tests.workers.conftest import Mailbox
from weerklank.assembly import Platform
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.involve import Involve
from weerklank.cases.messages import read_body
from weerklank.cases.model import Message
from weerklank.correspondence import delivery
from weerklank.correspondence.delivery import FAILURES
from weerklank.identity import people
from weerklank.identity.model import Person
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.errors import NotFound, Refused
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import Outbox
from weerklank.tenancy import policies
from weerklank.workers.jobs import HANDLERS, carry_out, claim_job, run_job

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


def dead_jobs(office: Office) -> list[Outbox]:
    return [job for job in jobs(office) if job.state == "dead"]


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


def test_it_puts_a_line_in_his_own_language_above_a_mail_to_who_wrote_in_arabic(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office, wrote_in="ar")
    run_all(platform)
    mail = next(mail for mail in mailbox.got if mail["To"] == "anna@voorbeeld.example")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().startswith("في الأسفل رسالة")
    assert "vrijdag 17 april 2026" in plain.get_content()
    assert '<p><span lang="ar" dir="rtl">في الأسفل' in html.get_content()
    others = [mail for mail in mailbox.got if mail["To"] != "anna@voorbeeld.example"]
    assert others and not any("رسالة" in str(mail.get_body(("plain",))) for mail in others)
    row = office.session.scalars(select(Message).where(Message.name == "acknowledgement")).one()
    assert row.language == "nl"


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
    first = {job.id for job in jobs(office)}
    mailbox.answers = ["550 unknown"] * len(first)
    run_all(platform)
    assert {job.id for job in dead_jobs(office)} == first
    assert {row.state for row in office.session.scalars(select(Message)) if row.seq} == {"failed"}


def decide(office: Office) -> UUID:
    """A decision that waits to be sent to Anna, with a copy for Eva."""
    case_id = acknowledge(office)
    office.assign(case_id)
    office.do(case_id, Complete("decision", facts={"judgement": "upheld"}, text="U heeft gelijk."), office.dina)
    office.session.commit()
    return case_id


@pytest.mark.parametrize("why", ["kept out", "left"])
def test_it_sends_nothing_that_waited_to_who_was_walled_off_or_left_meanwhile(
    platform: Platform, office: Office, mailbox: Mailbox, why: str
) -> None:
    case_id = decide(office)
    if why == "left":
        leave(office, office.eva)
    else:
        office.do(case_id, Involve(office.eva, "involved", "Ik ken haar."), office.eva)
        office.session.commit()
    run_all(platform)
    assert "eva@organisatie.example" not in {str(mail["To"]) for mail in mailbox.got}
    office.session.expire_all()
    rows = office.session.scalars(select(Message).where(Message.person_id == office.eva)).all()
    assert [(row.name, row.state, row.body) for row in rows] == [("decision", "failed", None)]
    assert ("message_failed", "", office.dina) in told(office)
    assert "anna@voorbeeld.example" in {str(mail["To"]) for mail in mailbox.got}


def test_it_sends_who_is_complained_about_what_is_his_on_purpose(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    policy = policies.policy_of(policies.in_force(office.session, office.tenant.id, FRIDAY.date()))
    assert policy.messages["decision"].cc == ("quality_officer",)
    text_of = policies.newest(office.session, office.tenant.id)
    assert text_of is not None
    his = text_of.text.replace("    cc: quality_officer\n", "    cc: respondent\n")
    policies.publish(office.session, office.tenant, his, FRIDAY.date(), today=FRIDAY.date(), now=FRIDAY, actor=None)
    decide(office)
    run_all(platform)
    assert "bram@organisatie.example" in {str(mail["To"]) for mail in mailbox.got}


def test_it_mails_nothing_that_must_be_a_letter_and_names_a_body_only_where_it_is_offered(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    newest = policies.newest(office.session, office.tenant.id)
    assert newest is not None
    his = newest.text.replace("    cc: quality_officer\n", "    cc: quality_officer\n    via: letter\n")
    his = his.replace("    kind: dispute\n", "    kind: dispute\n    when: {fact: judgement, is: not_upheld}\n")
    day = FRIDAY.date()
    policies.publish(office.session, office.tenant, his, day, today=day, now=FRIDAY, actor=None)
    case_id = decide(office)
    run_all(platform)
    rows = office.session.scalars(select(Message).where(Message.name == "decision")).all()
    assert {row.state for row in rows} == {"printed"}
    written = read_body(platform.keyring.for_case(office.tenant.id, case_id), rows[0])
    assert written is not None
    assert "Ombudsman" not in "".join(written.paragraphs)


def test_it_leaves_a_job_whose_lease_was_lost_to_who_has_it(
    platform: Platform, office: Office, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledge(office)
    (job, *_) = jobs(office)
    office.session.commit()

    def lose(platform: Platform, job: outbox.Job, now: datetime) -> None:
        office.session.execute(text("UPDATE outbox SET lease_id = gen_random_uuid()"))
        office.session.commit()
        raise OSError("the mail server went away")

    monkeypatch.setitem(HANDLERS, job.kind, lose)
    assert run_job(platform, office.tenant.id, job.id, NOW)
    assert {each.state for each in jobs(office)} == {"pending"}


def fail(platform: Platform, office: Office, mailbox: Mailbox, name: str = "acknowledgement") -> Message:
    """This message of the newest case, refused for good by its recipient's server; the others are delivered."""
    row = message(office, name)
    office.session.commit()
    job = next(job for job in jobs(office) if job.args == {"message": str(row.id)} and job.state == "pending")
    office.session.commit()
    mailbox.answers = ["550 unknown"]
    assert run_job(platform, office.tenant.id, job.id, NOW)
    return message(office, name)


def message(office: Office, name: str) -> Message:
    office.session.expire_all()
    return office.session.scalars(select(Message).where(Message.name == name).order_by(Message.id).limit(1)).one()


def told(office: Office) -> list[tuple[str, str, UUID | None]]:
    """What was told about failures: which notice, to which role, to whom."""
    rows = office.session.scalars(select(Message).where(Message.name.in_(FAILURES)).order_by(Message.id))
    return [(row.name, row.role, row.person_id) for row in rows]


def test_it_tells_the_handler_that_a_message_did_not_arrive(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    office.assign(acknowledge(office))
    office.session.commit()
    assert fail(platform, office, mailbox).state == "failed"
    assert told(office) == [("message_failed", "", office.dina)]
    run_all(platform)
    mail = next(mail for mail in mailbox.got if "niet aangekomen" in mail["Subject"])
    assert str(mail["To"]) == "dina@organisatie.example"
    assert "ANN-2026-0001" in mail["Subject"]
    assert "Het bericht 'ontvangstbevestiging'" in mail.as_string().replace("=\n", "")
    assert "Anna" not in mail.as_string()


def test_it_tells_who_took_the_complaint_in_while_nobody_handles_it(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office, channel="letter", actor=by(office.gijs), received_on=FRIDAY.date())
    fail(platform, office, mailbox)
    assert told(office) == [("message_failed", "", office.gijs)]


@pytest.mark.parametrize("gone", ["kept out", "left"])
def test_it_tells_the_administrators_when_nobody_else_may_be_told(
    platform: Platform, office: Office, mailbox: Mailbox, gone: str
) -> None:
    taker = office.bram if gone == "kept out" else office.gijs
    case_id = acknowledge(office, channel="letter", actor=by(taker), received_on=FRIDAY.date())
    if gone == "left":
        leave(office, office.gijs)
    fail(platform, office, mailbox)
    assert told(office) == [("message_failed", "administrators", None)]
    assert message(office, "message_failed").case_id == case_id


def leave(office: Office, person: UUID) -> None:
    people.deactivate(office.session, office.session.get_one(Person, (office.tenant.id, person)), NOW.date(), NOW)
    office.session.commit()


def test_it_alarms_the_administrators_who_are_not_kept_out(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    for person in (office.bram, office.fred):
        people.make_admin(office.session, office.session.get_one(Person, (office.tenant.id, person)), NOW, by=None)
    acknowledge(office)
    leave(office, office.eva)
    fail(platform, office, mailbox)
    run_all(platform)
    alarms = [str(mail["To"]) for mail in mailbox.got if "niet aangekomen" in mail["Subject"]]
    assert alarms == ["fred@organisatie.example"], "the complaint is about Bram"


@pytest.mark.parametrize("reply", ["451 come back", "550 unknown"])
def test_it_sends_to_the_others_what_one_of_several_refuses_and_repeats_it_to_nobody(
    platform: Platform, office: Office, mailbox: Mailbox, reply: str
) -> None:
    for person in (office.dina, office.gijs, office.fred):
        people.make_admin(office.session, office.session.get_one(Person, (office.tenant.id, person)), NOW, by=None)
    acknowledge(office)
    leave(office, office.eva)
    fail(platform, office, mailbox)
    mailbox.refuses = {"gijs@organisatie.example": reply}
    run_all(platform)
    assert alarmed(mailbox) == ["dina@organisatie.example", "fred@organisatie.example"]
    alarm = message(office, "message_failed")
    passing = reply.startswith("4")
    assert alarm.state == ("queued" if passing else "failed")
    mailbox.refuses = {}
    office.session.execute(text("UPDATE outbox SET run_at = now() WHERE state = 'pending'"))
    office.session.commit()
    run_all(platform)
    late = ["gijs@organisatie.example"] if passing else []
    assert alarmed(mailbox) == ["dina@organisatie.example", "fred@organisatie.example", *late]  # none twice
    (job,) = [job for job in jobs(office) if job.args == {"message": str(alarm.id)}]
    assert "gijs" not in str(job.handed)


def alarmed(mailbox: Mailbox) -> list[str]:
    """Who was told that a message did not arrive."""
    return sorted(str(mail["To"]) for mail in mailbox.got if "niet aangekomen" in mail["Subject"])


def test_it_sends_nothing_from_a_worker_that_was_frozen_until_somebody_else_had_its_job(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    (first, *_) = jobs(office)
    office.session.commit()
    slow = claim_job(platform, office.tenant.id, first.id, NOW)
    assert slow is not None
    office.session.execute(text("UPDATE outbox SET lease_until = now()"))
    office.session.commit()
    assert claim_job(platform, office.tenant.id, first.id, NOW)
    carry_out(platform, slow, NOW)
    assert mailbox.got == []


def devouring_job(office: Office, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """A job that is refused the memory it asks for."""
    acknowledge(office)
    (job, *_) = jobs(office)
    office.session.commit()

    def devour(platform: Platform, job: outbox.Job, now: datetime) -> None:
        raise MemoryError

    monkeypatch.setitem(HANDLERS, job.kind, devour)
    return job


def test_it_gives_a_job_up_that_is_refused_its_memory_three_times(
    platform: Platform, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = devouring_job(office, monkeypatch)
    for _ in range(3):
        assert run_job(platform, office.tenant.id, job.id, NOW)
        office.session.execute(text("UPDATE outbox SET run_at = now()"))
        office.session.commit()
    assert [(each.id, each.error_class) for each in dead_jobs(office)] == [(job.id, "MemoryError")]


def test_it_counts_the_workers_a_job_silenced_when_it_is_refused_memory(
    platform: Platform, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = devouring_job(office, monkeypatch)
    for _ in range(2):
        assert claim_job(platform, office.tenant.id, job.id, NOW)
        office.session.execute(text("UPDATE outbox SET lease_until = now()"))
        office.session.commit()
    assert run_job(platform, office.tenant.id, job.id, NOW)
    assert [(each.id, each.error_class) for each in dead_jobs(office)] == [(job.id, "MemoryError")]


def test_it_tells_of_a_failed_notice_and_never_of_one_about_a_failure(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    fail(platform, office, mailbox, "task")
    assert told(office) == [("notice_failed", "administrators", None)]
    people.make_admin(office.session, office.session.get_one(Person, (office.tenant.id, office.fred)), NOW, by=None)
    office.session.commit()
    assert fail(platform, office, mailbox, "notice_failed").state == "failed"
    assert len(told(office)) == 1


def test_it_lets_no_message_wait_for_a_job_that_kills_its_workers(platform: Platform, office: Office) -> None:
    acknowledge(office)
    row = message(office, "acknowledgement")
    office.session.execute(text("UPDATE outbox SET silent = 2, lease_id = gen_random_uuid(), lease_until = now()"))
    office.session.commit()
    assert run_all(platform) == 0
    assert message(office, row.name).state == "failed"
    assert told(office)


def test_it_sends_a_failed_message_again_in_the_same_words_and_only_once(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    row = fail(platform, office, mailbox)
    delivery.send_again(office.session, office.tenant.id, row.id, office.eva)
    office.session.commit()
    with pytest.raises(Refused):
        delivery.send_again(office.session, office.tenant.id, row.id, office.eva)
    office.session.rollback()
    assert dead_jobs(office) == []
    run_all(platform)
    mails = [mail for mail in mailbox.got if str(mail["To"]) == "anna@voorbeeld.example"]
    assert [mail["Message-ID"] for mail in mails] == [row.message_id]
    assert message(office, row.name).state == "sent"


def test_it_fails_again_and_comes_back_when_nothing_changed(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    for _ in range(2):
        row = fail(platform, office, mailbox)
        assert row.state == "failed"
        delivery.send_again(office.session, office.tenant.id, row.id, office.eva)
        office.session.commit()
    assert len(told(office)) == 2


def test_it_takes_a_failed_message_as_brought_over_by_letter(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    row = fail(platform, office, mailbox)
    delivery.went_by_letter(office.session, office.tenant.id, row.id, office.eva, NOW)
    office.session.commit()
    assert (message(office, row.name).state, row.sent_at) == ("printed", NOW)
    assert dead_jobs(office) == []
    run_all(platform)
    assert not any(str(mail["To"]) == "anna@voorbeeld.example" for mail in mailbox.got)


@pytest.mark.parametrize("name", ["acknowledgement", "task"])
def test_it_repairs_only_what_failed(platform: Platform, office: Office, name: str) -> None:
    acknowledge(office)
    row = message(office, name)
    with pytest.raises(Refused):
        delivery.send_again(office.session, office.tenant.id, row.id, office.eva)
    with pytest.raises(Refused):
        delivery.went_by_letter(office.session, office.tenant.id, row.id, office.eva, NOW)


def test_it_shows_no_failed_message_to_who_is_kept_out_of_its_case(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    acknowledge(office)
    row = fail(platform, office, mailbox)
    with pytest.raises(NotFound):
        delivery.send_again(office.session, office.tenant.id, row.id, office.bram)
    with pytest.raises(NotFound):
        delivery.send_again(office.session, office.tenant.id, new_id(), office.eva)


def test_it_makes_the_address_in_a_notice_a_link(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    case_id = acknowledge(office)
    run_all(platform)
    notice = next(mail for mail in mailbox.got if str(mail["To"]) == "eva@organisatie.example")
    html = notice.get_body(("html",))
    assert html is not None
    assert f'<a href="{platform.settings.base_url}/anna/desk/cases/{case_id}">' in html.get_content()


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

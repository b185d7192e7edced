"""A lost code is given anew: only to the address in the complaint, and whoever asks learns nothing by it."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from tests.cases.conftest import FRIDAY, Office, by
from tests.workers.conftest import Mailbox
from tests.workers.test_delivery import jobs, run_all
from weerklank.assembly import Platform
from weerklank.cases.codes import how_told, send_confirmation
from weerklank.cases.doors import Received, open_by_code
from weerklank.cases.lost import LOST, MOST_A_DAY, ask_for_another
from weerklank.cases.messages import CONFIRMATION
from weerklank.cases.model import Message
from weerklank.cases.status import status_view
from weerklank.kernel.ids import read_code
from weerklank.policy.words import Marked
from weerklank.web.portal.sessions import case_of, open_session

ANNA = "anna@voorbeeld.example"


def ask(platform: Platform, office: Office, reference: str, email: str = ANNA) -> None:
    ask_for_another(office.session, office.engine.keyring, office.tenant_id, reference, email)
    office.session.commit()
    run_all(platform, FRIDAY)
    run_all(platform, FRIDAY)
    office.session.expire_all()


def opens(office: Office, received: Received) -> bool:
    return open_by_code(office.session, office.engine, office.tenant_id, received.code) == received.case_id


def new_codes(mailbox: Mailbox) -> list[EmailMessage]:
    return [mail for mail in mailbox.got if "secret code" in mail["Subject"] or "geheime code" in mail["Subject"]]


def code_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return next(code for word in body.get_content().split() if (code := read_code(word)))


def test_it_mails_a_new_code_to_the_address_in_the_complaint_and_the_old_one_opens_nothing(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    received = office.receive()
    reading = open_session(office.session, office.tenant_id, received.case_id, FRIDAY)
    office.session.commit()
    ask(platform, office, f" {received.reference.lower()} ", " Anna@Voorbeeld.example ")
    (mail,) = new_codes(mailbox)
    assert case_of(office.session, reading, FRIDAY) is None
    assert mail["To"] == ANNA
    assert not opens(office, received)
    assert open_by_code(office.session, office.engine, office.tenant_id, code_in(mail)) == received.case_id


def test_it_does_nothing_when_number_and_address_do_not_fit(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    received = office.receive()
    office.receive(contact={"name": "Ben Berg", "email": "ben@voorbeeld.example"})
    office.session.commit()
    for reference, email in ((received.reference, "ben@voorbeeld.example"), ("ANN-2026-9999", ANNA), ("", ANNA)):
        ask(platform, office, reference, email)
    assert new_codes(mailbox) == []
    assert opens(office, received)


def test_it_asks_the_same_of_the_queue_whatever_was_filled_in_and_puts_no_address_there(
    platform: Platform, office: Office
) -> None:
    received = office.receive()
    for reference, email in ((received.reference, ANNA), ("ANN-2026-9999", "nobody@voorbeeld.example")):
        ask_for_another(office.session, office.engine.keyring, office.tenant_id, reference, email)
    office.session.commit()
    asked = [job.args for job in jobs(office) if job.kind == LOST]
    assert [args.keys() for args in asked] == [{"reference", "proof"}] * 2
    assert not [args for args in asked if "@" in str(args)]


def test_it_gives_no_code_by_mail_to_who_gets_letters(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    contact = {"name": "Anna de Wit", "email": ANNA, "address": "Dorpsstraat 1\n1234 AB Ergens"}
    received = office.receive(way="post", contact=contact)
    office.session.commit()
    ask(platform, office, received.reference)
    assert new_codes(mailbox) == []
    assert opens(office, received)


def test_it_gives_a_few_codes_a_day_at_most(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    received = office.receive()
    office.session.commit()
    for _ in range(MOST_A_DAY + 2):
        ask(platform, office, received.reference)
    assert len(new_codes(mailbox)) == MOST_A_DAY


def test_it_mails_the_confirmation_with_the_code_once_to_who_asks(
    platform: Platform, office: Office, mailbox: Mailbox
) -> None:
    received = office.receive()
    where = (office.session, office.tenant_id, received.case_id)
    assert how_told(*where, FRIDAY) == (True, False)
    for _ in range(2):
        send_confirmation(*where, FRIDAY)
    office.session.commit()
    assert how_told(*where, FRIDAY) == (True, True)
    run_all(platform, FRIDAY)
    (mail,) = [mail for mail in mailbox.got if mail["To"] == ANNA]
    assert received.reference in mail["Subject"]
    assert code_in(mail) == received.code
    row = office.session.scalars(select(Message).where(Message.name == CONFIRMATION)).one()
    assert received.code.encode() not in (row.body or b"")


def test_it_mails_no_confirmation_to_who_gets_letters(platform: Platform, office: Office, mailbox: Mailbox) -> None:
    contact = {"name": "Anna de Wit", "address": "Dorpsstraat 1\n1234 AB Ergens"}
    received = office.receive(actor=by(office.eva), channel="letter", way="post", contact=contact)
    send_confirmation(office.session, office.tenant_id, received.case_id, FRIDAY + timedelta(hours=1))
    assert not office.session.scalars(select(Message).where(Message.name == CONFIRMATION)).all()


@pytest.mark.parametrize(
    ("language", "subject"),
    [("de", "geheimer Code"), ("pl", "tajny kod"), ("ar", "رمزك السري"), ("uk", "секретний код")],
)
def test_it_tells_the_way_in_in_the_language_he_reads_and_nothing_else_above_it(
    platform: Platform, office: Office, mailbox: Mailbox, language: str, subject: str
) -> None:
    received = office.receive(wrote_in=language)
    ask(platform, office, received.reference)
    (mail,) = [mail for mail in mailbox.got if subject in mail["Subject"]]
    page = mail.get_body(("html",))
    assert page is not None
    assert mail["Content-Language"] == language
    assert "lang=" not in page.get_content().partition("<body")[2]
    assert open_by_code(office.session, office.engine, office.tenant_id, code_in(mail)) == received.case_id
    told = status_view(office.session, office.engine, office.tenant_id, received.case_id, language, FRIDAY).messages
    assert not isinstance(told[0].subject, Marked)

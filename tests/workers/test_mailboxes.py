"""Mail that arrives by itself, from a real IMAP server: nothing is lost, nothing breaks, and no stranger joins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cases.conftest import FRIDAY, Office
from tests.workers.conftest import Mailbox as SmtpServer
from tests.workers.imap_server import ImapServer, free_port, imap_server
from weerklank.assembly import Platform
from weerklank.cases.act import world_of
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.withdraw import Withdraw
from weerklank.cases.model import Message
from weerklank.correspondence.inbound.imap import CannotRead, try_out
from weerklank.correspondence.inbound.inbox import MailView, join, listed, opened, receivers
from weerklank.correspondence.inbound.model import InboundMail, Mailbox, MailState
from weerklank.correspondence.inbound.settings import MailboxSettings, set_mailbox
from weerklank.documents.model import Document
from weerklank.identity.people import find_person, make_admin
from weerklank.kernel.events import load
from weerklank.kernel.outbox import Outbox
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.policy.people import People
from weerklank.policy.world import World
from weerklank.tenancy.policies import in_force, policy_of
from weerklank.workers import mailboxes
from weerklank.workers.jobs import run_job
from weerklank.workers.mailboxes import READ, TELL, ask_to_read

EVERY = tuple(MailState)


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap_server() as started:
        yield started


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of its own for each test."""
    return "".join(each for each in request.node.name.lower() if each.isalnum())


@pytest.fixture
def reading(platform: Platform, office: Office, server: ImapServer, user: str) -> MailboxSettings:
    """The office's mailbox, read by the channel `letter`, whose mail is the quality officer's."""
    settings = server.settings(user)
    set_mailbox(office.session, platform.keyring, office.tenant_id, "letter", settings, FRIDAY, production=False)
    office.session.commit()
    return settings


def mail(text: str = "Het pakje kwam te laat.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "Anna de Wit <anna@voorbeeld.example>", "Subject": "Klacht", "Message-ID": "<1@voorbeeld.example>"}
    for name, value in (given | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made


def read(platform: Platform, office: Office, minute: int = 0) -> None:
    """One reading, as the clock asks for it."""
    now = FRIDAY + timedelta(minutes=minute)
    ask_to_read(platform, office.tenant_id, now)
    run_kind(platform, office, READ, minute)


def run_kind(platform: Platform, office: Office, kind: str, minute: int = 0) -> None:
    with platform.tenant(office.tenant_id) as session:
        ids = session.scalars(select(Outbox.id).where(Outbox.kind == kind, Outbox.state == "pending")).all()
    for job_id in ids:
        run_job(platform, office.tenant_id, job_id, FRIDAY + timedelta(minutes=minute))


def mails(platform: Platform, office: Office) -> list[MailView]:
    with platform.tenant(office.tenant_id) as session:
        return list(listed(session, platform.keyring, office.tenant_id, ["letter"], EVERY))


def rows(office: Office) -> list[InboundMail]:
    office.session.commit()
    return list(office.session.scalars(select(InboundMail).execution_options(populate_existing=True)))


def sent_to_anna(platform: Platform, office: Office, smtp: SmtpServer) -> tuple[UUID, EmailMessage]:
    """A case, and the mail by which its receipt was acknowledged."""
    case_id = office.receive().case_id
    office.do(case_id, Complete("acknowledge"), office.eva)
    office.session.commit()
    run_kind(platform, office, "deliver_message")
    (sent,) = [one for one in smtp.got if one["To"] == "anna@voorbeeld.example"]
    return case_id, sent


def texts_in(office: Office, case_id: UUID) -> list[str]:
    sealer = office.engine.keyring.for_case(office.tenant_id, case_id)
    kinds = ("information_added", "mail_joined")
    office.session.commit()
    stored = [each for each in load(office.session, office.tenant_id, case_id) if each.kind in kinds]
    return [str(each.unseal(sealer)["text"]) for each in stored]


def test_it_makes_a_draft_and_no_case_of_a_mail(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str
) -> None:
    made = mail()
    made.add_attachment(b"%PDF-1.7 bon", maintype="application", subtype="pdf", filename="bon.pdf")
    server.put(made.as_bytes(), user=user)
    read(platform, office)

    (waits,) = mails(platform, office)
    assert (waits.state, waits.sender, waits.subject) == (MailState.WAITING, "anna@voorbeeld.example", "Klacht")
    assert (waits.text, waits.files) == ("Het pakje kwam te laat.", (("bon.pdf", 12),))
    assert (server.holds("INBOX", user), server.holds("Weerklank", user)) == (0, 1)
    (box,) = office.session.scalars(select(Mailbox).execution_options(populate_existing=True))
    assert (box.read_at, box.failure) == (FRIDAY, None)


def test_it_keeps_what_arrives_sealed(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str
) -> None:
    server.put(mail("Zeer geheim verhaal.").as_bytes(), user=user)
    read(platform, office)
    (row,) = rows(office)
    assert row.sealed is not None
    assert row.raw is not None
    for secret in (b"geheim", b"anna@"):
        assert secret not in row.sealed + row.raw


def test_it_tells_who_receives_the_channel_and_nobody_else(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer
) -> None:
    server.put(mail().as_bytes(), user=user)
    read(platform, office)
    run_kind(platform, office, TELL)
    assert [one["To"] for one in mailbox.got] == ["eva@organisatie.example"]
    assert "pakje" not in mailbox.got[0].as_string()


def test_it_takes_the_same_mail_once(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str
) -> None:
    again = mail()
    again["Received"] = "from elders"
    server.put(mail().as_bytes(), again.as_bytes(), mail("Iets anders.").as_bytes(), user=user)
    read(platform, office)
    assert sorted(one.text for one in mails(platform, office)) == ["Het pakje kwam te laat.", "Iets anders."]
    assert server.holds("INBOX", user) == 0


def answer(sent: EmailMessage, text: str = "Hierbij de bon.", **headers: str) -> EmailMessage:
    given = {"In_Reply_To": str(sent["Message-ID"]), "Message_ID": "<2@voorbeeld.example>", "Subject": "Re: Klacht"}
    return mail(text, **given | headers)


@pytest.mark.clause("NO-7b", "NO-7c")
def test_it_joins_an_answer_of_the_complainant_to_its_case(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer
) -> None:
    case_id, sent = sent_to_anna(platform, office, mailbox)
    assert sent["Reply-To"].addresses[0].addr_spec == "klachten@organisatie.example"
    made = answer(sent, "Hierbij de bon.\n\nOp vr 6 mrt 2026 om 15:00 schreef Organisatie:\n> Geachte")
    made.add_attachment(b"%PDF-1.7 bon", maintype="application", subtype="pdf", filename="bon.pdf")
    made.add_attachment(b"MZ\x00\x01", maintype="application", subtype="octet-stream", filename="virus.exe")
    server.put(made.as_bytes(), user=user)
    read(platform, office)

    (row,) = rows(office)
    assert (row.state, row.case_id, row.sealed, row.raw) == (MailState.JOINED, case_id, None, None)
    assert texts_in(office, case_id) == ["Hierbij de bon."]
    kinds = office.session.scalars(select(Document.media_type).where(Document.case_id == case_id)).all()
    assert sorted(kinds) == ["application/pdf", "message/rfc822"]
    raw = platform.files.read(office.session, platform.keyring, office.tenant_id, case_id, row.id).data
    assert b"virus.exe" in raw
    assert mails(platform, office) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "Vreemde <vreemde@elders.example>"},
        {"From": "anna@voorbeeld.example.elders.example"},
        {"From": "anna@voorbeeld.example, vreemde@elders.example"},
        {"In_Reply_To": "<verzonnen@weerklank.example>"},
        {"In_Reply_To": "", "Subject": "ANN-2026-0001 nog iets"},
    ],
)
def test_it_never_joins_what_a_stranger_sends_or_only_names_the_case(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer,
    headers: dict[str, str],
) -> None:  # fmt: skip
    case_id, sent = sent_to_anna(platform, office, mailbox)
    server.put(answer(sent, **headers).as_bytes(), user=user)
    read(platform, office)

    (waits,) = mails(platform, office)
    assert waits.state is MailState.WAITING
    assert texts_in(office, case_id) == []


def test_it_leaves_an_answer_in_a_closed_case_to_a_person(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer
) -> None:
    case_id, sent = sent_to_anna(platform, office, mailbox)
    office.do(case_id, Withdraw(""), COMPLAINANT)
    office.session.commit()
    server.put(answer(sent).as_bytes(), user=user)
    read(platform, office)
    (waits,) = mails(platform, office)
    assert (waits.state, waits.case_id) == (MailState.WAITING, case_id)
    assert texts_in(office, case_id) == []


def test_it_puts_a_mail_with_a_case_when_somebody_says_so(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str
) -> None:
    case_id = office.receive().case_id
    office.session.commit()
    server.put(mail("Ik was getuige.", From="getuige@elders.example").as_bytes(), user=user)
    read(platform, office)
    with platform.tenant(office.tenant_id) as session:
        (waits,) = listed(session, platform.keyring, office.tenant_id, ["letter"], EVERY)
        row, view = opened(session, platform.keyring, office.tenant_id, waits.id, ["letter"], lock=True)
        eva = Actor(ActorKind.PERSON, office.eva)
        join(session, platform.engine, platform.files, row, view, case_id, eva, FRIDAY)
        session.commit()
    assert "Ik was getuige." in texts_in(office, case_id)[0]
    assert rows(office)[0].handled_by == office.eva


def test_it_marks_what_bounced_as_failed_and_tells_of_it(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer
) -> None:
    case_id, sent = sent_to_anna(platform, office, mailbox)
    report = (
        "From: mailer-daemon@elders.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b"
        "\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        "Action: failed\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {sent['Message-ID']}\r\n\r\nx\r\n--b--\r\n"
    )
    server.put(report.encode(), user=user)
    read(platform, office)

    assert [row.state for row in rows(office)] == [MailState.ASIDE]
    states = select(Message.state).where(Message.case_id == case_id, Message.name == "acknowledgement")
    assert office.session.scalars(states).all() == ["failed"]
    assert office.session.scalars(select(Message.name).where(Message.seq == 0)).all() == ["message_failed"]


def test_it_puts_aside_what_no_person_wrote_and_answers_nothing(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str, mailbox: SmtpServer
) -> None:
    case_id, sent = sent_to_anna(platform, office, mailbox)
    before = len(mailbox.got)
    server.put(
        answer(sent, "Ik ben er niet.", Auto_Submitted="auto-replied").as_bytes(),
        mail(From="klachten@organisatie.example", Message_ID="<3@x.example>").as_bytes(),
        user=user,
    )
    read(platform, office)
    run_kind(platform, office, TELL)
    assert {one.state for one in mails(platform, office)} == {MailState.ASIDE}
    assert texts_in(office, case_id) == []
    assert len(mailbox.got) == before


def test_it_keeps_the_broken_the_hostile_and_the_very_large(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("weerklank.correspondence.inbound.imap.MOST_BYTES", 50_000)
    hostile = EmailMessage()
    hostile["From"] = "x@elders.example"
    hostile.set_content("<script>steal()</script><p>Mijn klacht</p>", subtype="html")
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(500))
    server.put(
        b"\r\nno head at all \xff\xfe",
        b"From: =?x?q?\r\nContent-Type: text/plain; charset=nothing\r\n\r\nwoorden",
        hostile.as_bytes(),
        b"From: diep@elders.example\r\n" + nested,
        mail("x" * 100_000, From="groot@elders.example", Subject="Heel groot").as_bytes(),
        user=user,
    )
    read(platform, office)

    found = mails(platform, office)
    assert len(found) == 5
    assert {one.state for one in found} == {MailState.WAITING}
    assert "Mijn klacht" in {one.text for one in found}
    assert not any("<" in one.text for one in found)
    (large,) = [one for one in found if one.sort == "too_large"]
    assert (large.subject, large.text, large.size > 100_000) == ("Heel groot", "", True)
    assert (server.holds("INBOX", user), server.holds("Weerklank", user)) == (0, 5)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"password": "anders"}, "login"), ({"folder": "Nergens"}, "folder")],
)
def test_it_says_why_a_mailbox_cannot_be_read(server: ImapServer, change: dict[str, str], code: str) -> None:
    with pytest.raises(CannotRead) as failed:
        try_out(server.settings(**change))
    assert failed.value.code == code


def test_it_says_that_a_server_cannot_be_reached() -> None:
    with pytest.raises(CannotRead) as failed:
        try_out(ImapServer(free_port()).settings())
    assert failed.value.code == "unreachable"


def test_it_raises_an_alarm_once_when_a_mailbox_stays_unread_and_forgets_it_when_it_is_read(
    platform: Platform, office: Office, server: ImapServer, user: str, mailbox: SmtpServer
) -> None:
    broken = server.settings(user, password="anders")
    set_mailbox(office.session, platform.keyring, office.tenant_id, "letter", broken, FRIDAY, production=False)
    make_admin(office.session, find_person(office.session, office.fred), FRIDAY, by=None)
    office.session.commit()
    for minute in (0, 5, 16, 17):
        read(platform, office, minute)
        run_kind(platform, office, TELL, minute)
    assert [one["To"] for one in mailbox.got] == ["fred@organisatie.example"]
    (box,) = office.session.scalars(select(Mailbox).execution_options(populate_existing=True))
    assert (box.failure, box.failed_at, box.read_at) == ("login", FRIDAY, None)

    set_mailbox(
        office.session, platform.keyring, office.tenant_id, "letter", server.settings(user), FRIDAY, production=False
    )
    office.session.commit()
    read(platform, office, 20)
    (box,) = office.session.scalars(select(Mailbox).execution_options(populate_existing=True))
    assert (box.failure, box.failed_at) == (None, None)


def test_it_goes_on_with_the_next_mail_when_one_cannot_be_taken(
    platform: Platform, office: Office, server: ImapServer, reading: MailboxSettings, user: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    whole = mailboxes.take_in

    def sometimes(session: Session, *given: Any) -> Any:
        if b"Onmogelijk" in given[4].raw:
            raise RuntimeError("boom")
        return whole(session, *given)

    monkeypatch.setattr(mailboxes, "take_in", sometimes)
    server.put(mail("Onmogelijk").as_bytes(), mail("Gewoon", Message_ID="<9@x>").as_bytes(), user=user)
    read(platform, office)
    assert [one.text for one in mails(platform, office)] == ["Gewoon"]
    assert server.holds("INBOX", user) == 1
    (box,) = office.session.scalars(select(Mailbox).execution_options(populate_existing=True))
    assert box.failure == "platform"


def test_it_shows_the_mail_of_a_channel_to_the_role_it_names_only(office: Office) -> None:
    policy = policy_of(in_force(office.session, office.tenant_id, FRIDAY.date()))
    world = world_of(office.session, office.tenant_id, policy, FRIDAY)
    assert receivers(world, "letter") == (office.eva,)
    assert receivers(World.of(policy, People({})), "letter") == ()

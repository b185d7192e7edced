"""What a mail says, however it was made: as plain text and files, and never as an error."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weerklank.correspondence.inbound.reading import Sort, newly_written, understand, without_markup


def mail(text: str = "Het pakje kwam te laat.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    given = {"From": "Anna de Wit <Anna@Voorbeeld.example>", "To": "klachten@hier.example", "Subject": "Klacht"}
    for name, value in (given | {key.replace("_", "-"): value for key, value in headers.items()}).items():
        made[name] = value
    made.set_content(text)
    return made


def test_it_reads_who_what_and_the_files() -> None:
    made = mail(Message_ID="<1@voorbeeld.example>")
    made.add_attachment(b"%PDF-1.7 bon", maintype="application", subtype="pdf", filename="bon.pdf")
    arrived = understand(made.as_bytes())

    assert (arrived.sort, arrived.sender, arrived.name) == (Sort.MAIL, "anna@voorbeeld.example", "Anna de Wit")
    assert (arrived.subject, arrived.text, arrived.message_id) == (
        "Klacht", "Het pakje kwam te laat.", "<1@voorbeeld.example>",
    )  # fmt: skip
    assert [(file.name, file.data) for file in arrived.attached] == [("bon.pdf", b"%PDF-1.7 bon")]


def test_it_prefers_plain_words_and_takes_a_page_without_its_markup() -> None:
    both = mail("Gewone woorden.")
    both.add_alternative("<p>Opgemaakt</p>", subtype="html")
    assert understand(both.as_bytes()).text == "Gewone woorden."

    only = EmailMessage()
    only["From"] = "a@b.example"
    only.set_content(
        "<head><title>x</title><style>p{}</style></head><p>Eerste &amp; laatste</p>"
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:x'>Klik</a>",
        subtype="html",
    )
    text = understand(only.as_bytes()).text
    assert text == "Eerste & laatste\nKlik"


@pytest.mark.parametrize("hostile", ["<scr<script>ipt>alert(1)</script>", "<svg/onload=alert(1)>", "<<p>img src=x>"])
def test_it_leaves_no_element_of_a_hostile_page(hostile: str) -> None:
    assert "<script" not in without_markup(hostile)
    assert "<svg" not in without_markup(hostile)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<nieuws.voorbeeld.example>"},
        {"Return_Path": "<>"},
        {"From": "Klachten <klachten@hier.example>"},
    ],
)
def test_it_knows_what_no_person_wrote(headers: dict[str, str]) -> None:
    arrived = understand(mail(**headers).as_bytes(), frozenset({"klachten@hier.example"}))
    assert arrived.sort is Sort.AUTOMATIC
    assert arrived.text == "Het pakje kwam te laat."


def bounce(action: str = "failed") -> bytes:
    return (
        "From: Mail Delivery <mailer-daemon@elders.example>\r\nSubject: Undelivered\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nCould not deliver.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; elders.example\r\n\r\n"
        f"Final-Recipient: rfc822; anna@voorbeeld.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "Message-ID: <ours@hier.example>\r\nSubject: Uw klacht\r\n\r\nTekst\r\n"
        "--b--\r\n"
    ).encode()


def test_it_knows_which_of_ours_bounced_for_good() -> None:
    arrived = understand(bounce())
    assert (arrived.sort, arrived.failed) == (Sort.BOUNCE, ("<ours@hier.example>",))
    delayed = understand(bounce("delayed"))
    assert (delayed.sort, delayed.failed) == (Sort.AUTOMATIC, ())


def test_it_knows_what_is_answered_and_what_is_new() -> None:
    answer = mail(In_Reply_To="<b@hier.example>", References="<a@hier.example> <b@hier.example>")
    arrived = understand(answer.as_bytes())
    assert arrived.answers == ("<b@hier.example>", "<a@hier.example>")
    gmail = "Dank u.\n\nOp di 4 nov 2026 om 13:37 schreef Klachten <klachten@hier.example>:\n> Geachte mevrouw"
    outlook = "Dank u.\n\nVan: Klachten\nVerzonden: dinsdag 4 november\nAan: Anna\n\nGeachte mevrouw"
    assert newly_written(gmail) == newly_written(outlook) == "Dank u."
    assert newly_written("> alleen dit") == "> alleen dit"


def broken() -> list[bytes]:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    return [
        b"",
        b"\x00" * 100,
        b"From: =?utf-8?b?////?= <x\r\nSubject: =?nothing?q?=00?=\r\n\r\ntext",
        b"From: a@b.example\r\nContent-Type: text/plain; charset=no-such-charset\r\n\r\nwoorden",
        b"From: a@b.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary at all",
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n' + b"--x\r\n\r\na\r\n" * 5000,
        b"From: a@b.example\r\n" + nested,
        b"Content-Disposition: attachment; filename*=utf-8''%ZZ\r\nContent-Type: \xff\xfe/\x00\r\n\r\nx",
        b"From: " + b"a" * 100_000 + b"\r\n\r\nx",
    ]


@pytest.mark.parametrize("raw", broken(), ids=range(len(broken())))
def test_it_is_not_broken_by_a_broken_mail(raw: bytes) -> None:
    arrived = understand(raw)
    assert "\x00" not in arrived.text + arrived.subject + arrived.sender
    assert len(arrived.attached) <= 25


@given(st.binary(max_size=2000))
def test_it_is_not_broken_by_anything(raw: Any) -> None:
    understand(b"From: a@b.example\r\n" + raw)

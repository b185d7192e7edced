"""Incoming mail at the desk: seen by whom the channel names, registered, joined or filed, only ever as plain text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, today
from weerklank.cases.model import CaseFile
from weerklank.correspondence.inbound.imap import Fetched
from weerklank.correspondence.inbound.model import InboundMail, MailState
from weerklank.correspondence.inbound.taking import take_in
from weerklank.documents.model import Document
from weerklank.web.parts import NAME

# The letters of this procedure are mail: what comes in is for the quality officer, Bram.
BY_MAIL = SMALL.replace("kind: post\n    address: Dorpsstraat 1, 1234 AB Ergens", "kind: email")


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk(BY_MAIL)


def arrive(desk: Desk, text: str = "Het pakje kwam te laat.", **headers: str) -> UUID:
    made = EmailMessage()
    given = {"From": "Anna de Wit <anna@voorbeeld.example>", "Subject": "Mijn klacht"} | headers
    for name, value in given.items():
        made[name] = value
    made.set_content(text)
    made.add_attachment(b"%PDF-1.7 bon", maintype="application", subtype="pdf", filename="bon.pdf")
    raw, at = made.as_bytes(), datetime.now(UTC) - timedelta(days=1)
    platform = desk.app.extensions[NAME]
    with desk.session() as session:
        fetched = Fetched(raw, at, len(raw), whole=True)
        row = take_in(
            session, platform.engine, platform.files, desk.organisation.id, "letter", fetched, frozenset(),
            datetime.now(UTC),
        )  # fmt: skip
        assert row is not None
        session.commit()
        return row.id


def state_of(desk: Desk, mail_id: UUID) -> tuple[str, UUID | None]:
    with desk.session() as session:
        row = session.get_one(InboundMail, (desk.organisation.id, mail_id))
        return row.state, row.case_id


def test_it_registers_a_complaint_from_a_mail_with_all_that_came_along(desk: Desk) -> None:
    mail_id, bram = arrive(desk), desk.staff(desk.cast.bram)
    assert "Mijn klacht" in bram.get("/desk/inbox").text
    assert "Het pakje kwam te laat." in bram.get(f"/desk/inbox/{mail_id}").text

    form = bram.get(f"/desk/register?mail={mail_id}")
    assert form.root.one("input", name="email").attributes["value"] == "anna@voorbeeld.example"
    done = bram.send(form)

    assert "DES-" in done.heading
    state, case_id = state_of(desk, mail_id)
    assert state == MailState.REGISTERED
    with desk.session() as session:
        (file,) = session.scalars(select(CaseFile)).all()
        kinds = session.scalars(select(Document.media_type)).all()
    assert (file.id, file.channel, file.dedupe) == (case_id, "letter", mail_id)
    assert file.received_on == today() - timedelta(days=1)
    assert sorted(kinds) == ["application/pdf", "message/rfc822"]
    assert "Nothing is here." in bram.get("/desk/inbox").text
    assert bram.client.get(f"{bram.base}/desk/inbox/{mail_id}").status_code == 404


def test_it_makes_one_case_of_a_mail_that_is_registered_twice(desk: Desk) -> None:
    mail_id, bram = arrive(desk), desk.staff(desk.cast.bram)
    form = bram.get(f"/desk/register?mail={mail_id}")
    bram.send(form)
    bram.send(form)
    with desk.session() as session:
        assert len(session.scalars(select(CaseFile.id)).all()) == 1


def test_it_is_no_case_once_it_was_filed_and_can_come_back(desk: Desk) -> None:
    mail_id, bram = arrive(desk), desk.staff(desk.cast.bram)
    form = bram.get(f"/desk/register?mail={mail_id}")
    bram.send(bram.get(f"/desk/inbox/{mail_id}"), action="/file")
    assert "Somebody saw to this mail already." in bram.send(form).text
    with desk.session() as session:
        assert session.scalars(select(CaseFile.id)).all() == []

    assert "Mijn klacht" in bram.get("/desk/inbox?drawer=filed").text
    bram.send(bram.get(f"/desk/inbox/{mail_id}"), action="/file")
    assert "Mijn klacht" in bram.get("/desk/inbox").text


@pytest.mark.clause("NO-7b", "NO-7c")
def test_it_joins_a_mail_to_a_case(desk: Desk) -> None:
    received, bram = desk.receive(), desk.staff(desk.cast.bram)
    mail_id = arrive(desk, Subject=f"Over {received.reference}")
    page = bram.get(f"/desk/inbox/{mail_id}")
    assert page.root.one("input", name="reference", id="reference").attributes["value"] == received.reference
    assert "no case with this reference" in bram.send(page, {"reference": "DES-1"}, action="/join", status=422).text
    done = bram.send(page, action="/join")

    assert "The mail is with the case." in done.text
    assert "Het pakje kwam te laat." in done.text
    assert "bon.pdf" in done.text
    assert state_of(desk, mail_id) == (MailState.JOINED, received.case_id)


@pytest.mark.parametrize("who", ["els", "femke", "dewi"])
def test_it_shows_mail_to_nobody_but_whom_the_channel_names(desk: Desk, who: str) -> None:
    mail_id, other = arrive(desk), desk.staff(getattr(desk.cast, who))
    page = other.get("/desk/inbox")
    assert "Mijn klacht" not in page.text
    assert "not yours to see" in page.text
    for path in (f"/desk/inbox/{mail_id}", f"/desk/inbox/{mail_id}/raw", f"/desk/register?mail={mail_id}"):
        assert other.client.get(other.base + path).status_code == 404


def test_it_shows_a_hostile_mail_as_text_and_gives_it_only_to_save(desk: Desk) -> None:
    hostile = "<script>alert(1)</script> & <b>vet</b>"
    mail_id, bram = arrive(desk, hostile, Subject="<img src=x onerror=alert(1)>"), desk.staff(desk.cast.bram)
    page = bram.get(f"/desk/inbox/{mail_id}")
    assert hostile in page.text
    assert [each.text for each in page.root.one("main").all("script")] == []
    assert list(page.root.one("main").all("img")) == []
    answer = bram.client.get(f"{bram.base}/desk/inbox/{mail_id}/raw")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_it_reads_no_mail_that_is_not_there(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    for nonsense in ("nonsense", "%00", "00000000-0000-0000-0000-000000000000"):
        assert bram.client.get(f"{bram.base}/desk/register?mail={nonsense}").status_code == 404

"""Staff give the complainant a file of the case: he saves it on his page, nobody else does, and it can be withheld."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.web.own import Own
from tests.web.pages import Page, Reader
from tests.web.portal.conftest import Complain, Do
from weerklank.cases.act import Refused
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Record
from weerklank.cases.actions.share import ShareFiles, WithholdFile
from weerklank.cases.doors import Intake, UploadedFile, keep_files, perform, receive_complaint
from weerklank.cases.model import Message
from weerklank.correspondence.delivery import write_out
from weerklank.documents.dossier.contents import own_contents
from weerklank.documents.model import Document
from weerklank.kernel.database import tenant_scope
from weerklank.policy.events import COMPLAINANT, Actor, ActorKind
from weerklank.tenancy.model import Tenant
from weerklank.web.parts import NAME

PDF = b"%PDF-1.7 what the witness said"
WHY = "It holds the address of somebody else."


@pytest.fixture
def file_id(own: Own, session: Session, case_id: UUID) -> UUID:
    """A file that Bram put with the case."""
    engine, bram = own.app.extensions[NAME].engine, Actor(ActorKind.PERSON, own.cast.bram)
    with tenant_scope(session, own.id):
        added = UploadedFile("witness.pdf", PDF)
        (kept,) = keep_files(session, engine, own.id, case_id, [added], bram, datetime.now(UTC))
        session.commit()
    return kept


@pytest.fixture
def bram(own: Own) -> Reader:
    return own.log_in("bram")


def page_of(case_id: UUID) -> str:
    return f"/desk/cases/{case_id}"


def share(bram: Reader, case_id: UUID, file_id: UUID) -> Page:
    form = bram.get(f"{page_of(case_id)}/share")
    check = bram.send(form, {"files": str(file_id), "do": "check"})
    assert "There is something for you with your complaint" in check.text
    return bram.send(check, {"do": "save"})


def given(browser: Reader) -> list[str]:
    """The addresses on his page of what he was given."""
    sections = browser.get("/status/complaint").root.all("section", **{"aria-labelledby": "given"})
    return [link.attributes["href"] for section in sections for link in section.all("a")]


def test_it_gives_a_file_that_he_saves_on_his_page(
    bram: Reader, browser: Reader, case_id: UUID, file_id: UUID
) -> None:
    browser.get(f"/status/files/{file_id}", status=404)
    page = share(bram, case_id, file_id)
    assert "The complainant can save the files now." in page.text
    assert "shared with the complainant" in page.text
    (address,) = given(browser)
    answer = browser.client.get(address)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "We shared with you: witness.pdf" in browser.get("/status/complaint").text


def test_nothing_is_given_that_was_not_shared(
    own: Own, bram: Reader, browser: Reader, complain: Complain, case_id: UUID, file_id: UUID
) -> None:
    assert given(browser) == []
    share(bram, case_id, file_id)
    other = own.reader()
    other.send(other.get("/status"), {"code": complain("Bert Bos").code})
    for path in (f"/status/files/{file_id}", f"/status/files/{uuid4()}"):
        other.get(path, status=404)
    assert own.reader().get(f"/status/files/{file_id}").heading == "Where is my complaint?"


def test_it_is_withheld_with_a_reason_that_he_does_not_read(
    bram: Reader, browser: Reader, case_id: UUID, file_id: UUID
) -> None:
    share(bram, case_id, file_id)
    form = bram.get(f"{page_of(case_id)}/withhold/{file_id}")
    assert bram.send(form, {"do": "save"}, status=422).errors() == ["Give a reason."]
    page = bram.send(form, {"reason": WHY, "do": "save"})
    assert "The file is no longer shared." in page.text and WHY in page.text
    assert given(browser) == []
    browser.get(f"/status/files/{file_id}", status=404)
    shown = browser.get("/status/complaint").text
    assert "We no longer share with you: witness.pdf" in shown and WHY not in shown
    bram.get(f"{page_of(case_id)}/withhold/{file_id}", status=404)
    assert "shared with the complainant" in share(bram, case_id, file_id).text
    assert len(given(browser)) == 1


@pytest.mark.parametrize("scan", ["waiting", "infected"])
def test_nobody_gives_what_was_not_found_clean(
    own: Own, session: Session, bram: Reader, browser: Reader, case_id: UUID, file_id: UUID, scan: str
) -> None:
    form = bram.get(f"{page_of(case_id)}/share")
    own.app.extensions[NAME].files.scanner, before = object(), own.app.extensions[NAME].files.scanner
    try:
        with tenant_scope(session, own.id):
            session.execute(update(Document).where(Document.id == file_id).values(scan=scan))
            session.commit()
        bram.send(form, {"files": str(file_id), "do": "save"}, status=422)
        assert given(browser) == []
    finally:
        own.app.extensions[NAME].files.scanner = before


def test_what_becomes_infected_after_it_was_given_is_saved_by_nobody(
    own: Own, session: Session, bram: Reader, browser: Reader, case_id: UUID, file_id: UUID
) -> None:
    share(bram, case_id, file_id)
    with tenant_scope(session, own.id):
        session.execute(update(Document).where(Document.id == file_id).values(scan="infected"))
        session.commit()
    assert given(browser) == []
    assert browser.client.get(f"{browser.base}/status/files/{file_id}").data != PDF


def test_only_who_has_a_part_gives_and_only_what_is_of_the_case(
    own: Own, bram: Reader, browser: Reader, do: Do, case_id: UUID, file_id: UUID
) -> None:
    for who, action in (("gijs", ShareFiles({file_id: "witness.pdf"})), ("gijs", WithholdFile(file_id, "x", WHY))):
        with pytest.raises(Exception, match="case"):
            do(who, action)
    for files in ({}, {uuid4(): "other.pdf"}):
        with pytest.raises(Refused, match="not_to_share"):
            do("bram", ShareFiles(files))
    with pytest.raises(Refused, match="not_shared"):
        do("bram", WithholdFile(file_id, "witness.pdf", WHY))
    browser.send(browser.get("/status/add"), files=[(b"%PDF-1.7 mine", "mine.pdf")])
    form = bram.get(f"{page_of(case_id)}/share")
    assert "witness.pdf" in form.form().text and "mine.pdf" not in form.form().text
    bram.send(form, {"files": str(uuid4()), "do": "save"}, status=422)


def test_who_is_complained_about_sees_nothing_of_it(
    own: Own, do: Do, bram: Reader, case_id: UUID, file_id: UUID
) -> None:
    do("bram", Record({"about": own.cast.els}))
    els = own.log_in("els")
    before = els.get("/desk/about-me").root.one("main").text
    share(bram, case_id, file_id)
    assert els.get("/desk/about-me").root.one("main").text == before
    for path in (page_of(case_id), f"{page_of(case_id)}/file/{file_id}", f"{page_of(case_id)}/share"):
        els.get(path, status=404)


def test_a_mail_says_that_there_is_something_and_not_what(
    own: Own, session: Session, bram: Reader, case_id: UUID, file_id: UUID
) -> None:
    share(bram, case_id, file_id)
    engine, now = own.app.extensions[NAME].engine, datetime.now(UTC)
    with tenant_scope(session, own.id):
        (row,) = session.scalars(select(Message).where(Message.case_id == case_id, Message.name == "file_shared"))
        out = write_out(session, engine, own.id, row.id, "http://here", "us@here", now)
    assert out is not None and len(out.envelopes) == 1
    said = " ".join((out.letter.subject, *out.letter.paragraphs))
    assert f"http://here/{own.slug}/status" in said and "witness" not in said


def test_his_own_copy_holds_what_he_was_given(
    own: Own, session: Session, do: Do, bram: Reader, case_id: UUID, file_id: UUID
) -> None:
    engine, now = own.app.extensions[NAME].engine, datetime.now(UTC)

    def enclosed() -> set[UUID]:
        with tenant_scope(session, own.id):
            return {each.id for each in own_contents(session, engine, own.id, case_id, "en", now).files}

    assert enclosed() == set()
    do("bram", Complete("assign"))
    share(bram, case_id, file_id)
    session.rollback()
    assert enclosed() == {file_id}


def test_who_reads_another_language_is_told_in_it(own: Own, session: Session) -> None:
    engine, now, bram = own.app.extensions[NAME].engine, datetime.now(UTC), Actor(ActorKind.PERSON, own.cast.bram)
    with tenant_scope(session, own.id):
        contact = {"name": "Ala Adamska", "email": "ala@example.pl"}
        intake = Intake("portal", language="nl", wrote_in="pl", contact=contact, story="Za późno.")
        tenant = session.get_one(Tenant, own.id)
        made = receive_complaint(session, engine, tenant, intake, COMPLAINANT, now)
        (kept,) = keep_files(session, engine, own.id, made.case_id, [UploadedFile("a.pdf", PDF)], bram, now)
        perform(session, engine, own.id, made.case_id, ShareFiles({kept: "a.pdf"}), bram, now)
        (row,) = session.scalars(select(Message).where(Message.case_id == made.case_id, Message.name == "file_shared"))
        out = write_out(session, engine, own.id, row.id, "http://here", "us@here", now)
    assert out is not None and out.letter.language == "pl"
    assert out.letter.paragraphs[0].startswith("Udostępniliśmy Ci")

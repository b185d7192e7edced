"""A file beside what one writes: framed by our page alone, apart from it, and only once it was found clean."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

from tests.web.desk.conftest import STORY, Desk, counted
from tests.web.pages import Element, Page
from weerklank.cases.actions.complete import Complete
from weerklank.cases.doors import UploadedFile
from weerklank.documents.model import Document

PDF = b"%PDF-1.7 a letter"
FILES = [UploadedFile("brief.pdf", PDF), UploadedFile("oproep.txt", b"Geachte mevrouw,")]


def receive(desk: Desk, scan: str = "clean") -> str:
    """A case with a letter and a text, both looked at with this finding; its path."""
    case_id = desk.receive(files=FILES).case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    with desk.session() as session:
        mine = (Document.tenant_id == desk.organisation.id, Document.case_id == case_id)
        session.execute(update(Document).where(*mine).values(scan=scan))
        session.commit()
    return f"/desk/cases/{case_id}"


def links(page: Page, part: str) -> list[str]:
    return [each.attributes["href"] for each in page.root.all("a") if part in each.attributes["href"]]


def frames(page: Page) -> Iterator[Element]:
    return page.root.all("iframe")


def test_it_shows_a_letter_beside_the_story_and_takes_a_note_about_it(desk: Desk) -> None:
    path, femke = receive(desk), desk.staff(desk.cast.femke)
    address = next(each for each in links(femke.get(path), "/beside/"))
    page = femke.get(address.removeprefix(femke.base))
    assert STORY in page.text
    assert "frame-src 'self'" in page.response.headers["Content-Security-Policy"]
    source = next(frames(page)).attributes["src"].partition("#")[0]
    answer = femke.client.get(source)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'self'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "The note is kept." in femke.send(page, {"text": "Zij schrijft 3 maart."}, action="/note").text


def test_it_lets_one_do_a_step_beside_the_letter(desk: Desk) -> None:
    path, femke = receive(desk), desk.staff(desk.cast.femke)
    address = links(femke.get(path), "/beside/")[0].removeprefix(femke.base)
    page = femke.get(f"{address}?step=decision")
    typed = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}
    assert "Done: decide." in femke.send(page, typed, action="/steps/decision").text
    assert "Write a note" in femke.get(f"{address}?step=nothing").text


@pytest.mark.parametrize("scan", ["unseen", "waiting", "infected"])
def test_it_shows_no_file_that_was_not_found_clean(desk: Desk, scan: str) -> None:
    path, femke = receive(desk, scan), desk.staff(desk.cast.femke)
    assert links(femke.get(path), "/beside/") == []
    for file_id in documents(desk, path):
        page = femke.get(f"{path}/beside/{file_id}")
        assert "This file cannot be shown here" in page.text
        assert list(frames(page)) == []
        femke.get(f"{path}/file/{file_id}/shown", 404)


def documents(desk: Desk, path: str) -> list[UUID]:
    with desk.session() as session:
        return [row.id for row in session.query(Document).filter(Document.case_id == UUID(path[-36:]))]


def test_it_shows_no_file_to_who_does_not_see_the_case_nor_one_of_another_case(desk: Desk) -> None:
    path, other = receive(desk), receive(desk)
    file_id = documents(desk, path)[0]
    for person in (desk.cast.els, desk.cast.gijs):
        for address in (f"{path}/beside/{file_id}", f"{path}/file/{file_id}/shown"):
            desk.staff(person).get(address, 404)
    for address in (f"{other}/beside/{file_id}", f"{other}/file/{file_id}/shown"):
        desk.staff(desk.cast.femke).get(address, 404)


def test_it_keeps_every_other_page_from_framing_and_a_download_from_being_shown(desk: Desk) -> None:
    path, femke = receive(desk), desk.staff(desk.cast.femke)
    page = femke.get(path)
    assert "frame-src" not in page.response.headers["Content-Security-Policy"]
    file_id = documents(desk, path)[0]
    answer = femke.client.get(f"{femke.base}{path}/file/{file_id}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    with counted(desk.app) as asked:
        femke.get(f"{path}/beside/{file_id}")
    assert len(asked) <= 8, asked

"""A form that comes twice is done once, whatever it makes, and the second time gets a clear answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import pytest
from sqlalchemy import func, select

from tests.cast import SMALL
from tests.learning.conftest import FACT, KEEPING, RULES, STAFF
from tests.web.desk.conftest import Desk, today
from tests.web.pages import Page, Reader, values_of
from weerklank.kernel import once
from weerklank.kernel.database import Base
from weerklank.kernel.once import SentForm
from weerklank.web.forms import day_fields

TEXT = SMALL.replace("\nfacts:\n", FACT).replace("\nroles:\n", STAFF).replace("keeping:\n", KEEPING) + RULES
SAID = "You sent this twice. It was done once."
MADE = (
    "case_file", "message", "document", "dossier", "absence", "person", "relative", "event", "outbox", "log_entry",
    "recommendation", "report", "rehearsal", "one_time_link",
)  # fmt: skip
YESTERDAY, SOON = today() - timedelta(days=1), today() + timedelta(days=9)


@pytest.fixture
def desk(open_desk: Callable[[str], Desk]) -> Desk:
    return open_desk(TEXT)


def counted(desk: Desk) -> dict[str, int]:
    """How many rows there are of all that a form can make."""
    with desk.session() as session:
        tables = [Base.metadata.tables[name] for name in MADE]
        mine = ((one, one.c.tenant_id == desk.organisation.id) for one in tables)
        return {
            one.name: session.scalar(select(func.count()).select_from(one).where(where)) or 0 for one, where in mine
        }


def press(reader: Reader, page: Page, action: str, values: dict[str, Any]) -> Any:
    """One press, redirects not followed."""
    form = page.form(action)
    target = urljoin(page.response.request.path, form.attributes.get("action") or page.response.request.path)
    here = page.response.request.script_root
    return reader.client.post(
        target if target.startswith(here + "/") else here + target,
        data={**values_of(form), **values},
        headers={**reader.headers(), "Referer": f"http://localhost{here}{page.response.request.path}"},
        content_type=form.attributes.get("enctype"),
    )


FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    # page, action of the form, what is filled in
    "note": ("/desk/cases/{case}/note", "", {"text": "Gebeld."}),
    "question": ("/desk/cases/{case}/ask", "", {"text": "Wanneer was het?", "do": "save"}),
    "measure": ("/desk/cases/{case}/plan", "", {"text": "Meer mensen.", "owner": "{gijs}", **day_fields("day", SOON)}),
    "dossier": ("/desk/cases/{case}/dossier", "", {"to": "other", "name": "De raad", "reason": "Gevraagd."}),
    "duty": ("/desk/duties/note", "", {"text": "Een dossier.", "kind": "incident", **day_fields("day", YESTERDAY)}),
    "advice": ("/desk/duties/advise", "", {"text": "Bel terug.", "to": "board"}),
    "absence": ("/desk/absence", "", {**day_fields("first", SOON), **day_fields("last", SOON)}),
    "announced": ("/desk/publication", "/announce", {"text": "Dossier 12"}),
    "person": ("/office/people/new", "", {"name": "Nel Nieuw", "email": "nel@organisatie.example"}),
    "relative": ("/office/people/{gijs}", "/relatives", {"relative": "{els}"}),
    "their absence": ("/office/people/{gijs}", "/absences", day_fields("away-from", SOON)),
    "rehearsal": ("/office/procedure/new", "", {"do": "walk"}),
}


@pytest.mark.parametrize("what", FORMS)
def test_it_makes_one_thing_of_a_form_that_is_sent_twice(desk: Desk, what: str) -> None:
    path, action, values = FORMS[what]
    known = {"case": str(desk.receive(facts={"about": desk.cast.els}).case_id), "gijs": str(desk.cast.gijs)}
    known["els"] = str(desk.cast.els)
    known_values = {name: value.format(**known) for name, value in values.items()}
    person = desk.cast.dewi if path.startswith("/office") else desk.cast.bram
    reader = desk.staff(person)
    page = reader.get(path.format(**known))
    before = counted(desk)
    first = press(reader, page, action, known_values)
    assert first.status_code == 302, first.get_data(as_text=True)
    made = counted(desk)
    assert made != before
    second = press(reader, page, action, known_values)
    assert second.status_code == 302
    assert SAID in reader.get(second.headers["Location"].removeprefix(reader.base)).root.text
    assert counted(desk) == made
    assert press(reader, reader.get(path.format(**known)), action, known_values).status_code in (302, 409, 422)


def note(desk: Desk) -> tuple[Reader, str]:
    """Bram's browser, and where he writes a note."""
    return desk.staff(desk.cast.bram), f"/desk/cases/{desk.receive().case_id}/note"


def test_it_makes_one_thing_of_two_presses_at_once(desk: Desk) -> None:
    reader, path = note(desk)
    page, before, start = reader.get(path), counted(desk)["event"], threading.Barrier(3)

    def press_with_others(_: int) -> int:
        twin = Reader(desk.app.test_client(), reader.base)
        for cookie in (reader.client._cookies or {}).values():
            twin.client.set_cookie(cookie.key, cookie.value, path=cookie.path)
        start.wait()
        return int(press(twin, page, "", {"text": "Gebeld."}).status_code)

    with ThreadPoolExecutor(3) as presses:
        assert set(presses.map(press_with_others, range(3))) == {302}
    assert counted(desk)["event"] == before + 1


def test_other_words_are_another_form(desk: Desk) -> None:
    reader, path = note(desk)
    page = reader.get(path)
    for words in ("Gebeld.", "Gebeld en gemaild."):  # he went back, and changed it
        press(reader, page, "", {"text": words})
    page = reader.get(path.removesuffix("/note"))
    assert "Gebeld." in page.text
    assert SAID not in page.root.text


def test_what_was_not_right_can_be_sent_again(desk: Desk) -> None:
    reader, path = note(desk)
    page = reader.get(path)
    assert [press(reader, page, "", {"text": ""}).status_code for _ in range(2)] == [422, 422]
    assert press(reader, page, "", {"text": "Gebeld."}).status_code == 302


def test_a_file_that_is_sent_twice_is_kept_once_and_another_of_the_same_name_too(desk: Desk) -> None:
    reader, path = note(desk)
    page, before = reader.get(path.replace("/note", "/files")), counted(desk)["document"]
    for data in (b"%PDF-1.7 a", b"%PDF-1.7 a", b"%PDF-1.7 b"):
        press(reader, page, "", {"file": (BytesIO(data), "brief.pdf")})
    assert counted(desk)["document"] == before + 2


def test_it_forgets_what_cannot_be_sent_again(desk: Desk) -> None:
    reader, path = note(desk)
    press(reader, reader.get(path), "", {"text": "Gebeld."})
    with desk.session() as session:
        mine = select(func.count()).select_from(SentForm).where(SentForm.tenant_id == desk.organisation.id)
        assert session.scalar(mine) == 1
        once.sweep(session, datetime.now(UTC) + timedelta(days=1))
        assert session.scalar(mine) == 1
        once.sweep(session, datetime.now(UTC) + timedelta(days=3))
        assert session.scalar(mine) == 0

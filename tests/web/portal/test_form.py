"""The form's own pages: for whom, how to reach him, where letters go, files, the check, and the confirmation."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import SMALL
from tests.conftest import Database
from tests.web.complaining import STORY, YOU, code_of, complain, fill_in, reference_of
from tests.web.own import Own, make_own
from tests.web.pages import OpenReader, Page, Reader
from weerklank.cases.messages import CONFIRMATION
from weerklank.cases.model import Message
from weerklank.kernel.database import tenant_scope

DUTCH = {
    "address-street": "Dorpsstraat",
    "address-number": "12 a",
    "address-postcode": "1234ab",
    "address-town": "Dorp",
}


@pytest.fixture(scope="module")
def open_to_all(app: Flask, web_database: Database) -> Own:
    """An organisation where one may stay anonymous, and complain together."""
    contact = "contact:\n  anonymous: true\n  several: true\n"
    return make_own(app, web_database, SMALL.replace("contact:\n", contact, 1))


def to_address(browser: Reader) -> Page:
    """On the page that asks where letters go."""
    fill_in(browser)
    page = browser.send(browser.get("/complain/you"), {"way": "post"})
    assert page.heading == "Where do letters go to?"
    return page


def test_it_asks_no_address_of_who_wants_to_hear_by_mail(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = fill_in(browser)
    assert page.heading == "Check what you filled in"
    assert browser.get("/complain/address").heading == "Check what you filled in"


def test_it_puts_an_address_down_as_on_an_envelope(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(to_address(browser), DUTCH)
    assert "Dorpsstraat 12 a 1234 AB Dorp" in page.text


def test_it_takes_an_address_in_another_country_as_it_is_written_there(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    abroad = {"address-street": "Hauptweg 3", "address-postcode": "48599", "address-town": "Gronau",
              "address-country": "Deutschland"}  # fmt: skip
    assert "Hauptweg 3 48599 Gronau Deutschland" in browser.send(to_address(browser), abroad).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address-postcode": "12345"}, "Fill in a postcode such as 1234 AB."),
        ({"address-postcode": ""}, "Fill in a postcode such as 1234 AB."),
        ({"address-number": ""}, "Fill in the house number."),
        ({"address-street": ""}, "Fill in the street, or a post office box."),
        ({"address-town": " "}, "Fill in the town."),
        (dict.fromkeys(DUTCH, ""), "Fill in your address, so that we can send you a letter."),
    ],
)
def test_it_says_at_its_field_what_of_an_address_is_not_right(
    reader: OpenReader, wrong: dict[str, str], said: str
) -> None:
    browser = reader("staatvandienst")
    page = browser.send(to_address(browser), {**DUTCH, **wrong}, status=422)
    (error,) = page.errors()
    assert error.startswith(said)
    if "address-street" not in wrong:
        assert page.form().one("input", name="address-street").attributes["value"] == "Dorpsstraat"


def test_it_tells_the_browser_which_field_is_which(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    form = to_address(browser).form()
    told = {name: form.one("input", name=f"address-{name}").attributes["autocomplete"]
            for name in ("street", "postcode", "town", "country")}  # fmt: skip
    assert told == {
        "street": "address-line1", "postcode": "postal-code", "town": "address-level2", "country": "country-name"
    }  # fmt: skip


def test_it_lets_somebody_complain_for_another_and_asks_both(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    fill_in(browser)
    page = browser.send(browser.get("/complain/who"), {"acting": "for"})
    assert page.heading == "Who are you yourself?"
    assert browser.get("/complain/you").heading == "For whom do you complain?"
    page = browser.send(browser.get("/complain/helper"), {"helper-name": "Ben Berg", "helper-email": "ben@example.nl"})
    page = browser.send(page)
    for words in ("For somebody else", "Anna Achterberg", "Who acts for you Ben Berg ben@example.nl"):
        assert words in page.text


def test_it_asks_nothing_of_who_stays_anonymous_but_what_happened(open_to_all: Own) -> None:
    browser = open_to_all.reader()
    page = browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.send(page, button=("do", "next"))
    assert page.heading == "Who complains?"
    page = browser.send(page, {"anonymous": "yes"})
    page = page if page.heading.startswith("Check") else browser.send(page)
    assert "You stay anonymous" in page.text
    page = browser.send(page)
    assert page.heading == "We have received your complaint"
    assert "Mail it to me" not in page.text


def test_it_asks_each_of_several_who_complain_together(open_to_all: Own) -> None:
    browser = open_to_all.reader()
    page = browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.send(browser.send(page, button=("do", "next")), {"together": "yes"})
    page = browser.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl"})
    assert page.heading == "Who complain along with you?"
    page = browser.send(page, {"other-1-name": "Ben Berg"}, status=422)
    assert page.errors() == ["Fill in an e-mail address or a postal address: that is where the letters go."]
    address = {f"other-1-{name}": value for name, value in DUTCH.items()}
    page = browser.send(page, address, button=("do", "add"))
    page = browser.send(page, {"other-2-name": "Carla Kok", "other-2-email": "carla@example.nl"})
    assert "Complains along Ben Berg Dorpsstraat 12 a 1234 AB Dorp" in page.text
    assert "Complains along Carla Kok carla@example.nl" in page.text


def test_it_says_of_each_file_what_is_wrong_and_keeps_the_others_with_their_size(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    page = browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    files = [(b"MZ\x90\x00", "one.pdf"), (b"%PDF-1.7" + bytes(90 * 1024), "fine.pdf"), (b"", "two.txt")]
    page = browser.send(page, button=("do", "next"), files=files, status=422)
    (said,) = page.errors()
    assert "one.pdf: We do not take this sort of file." in said
    assert "two.txt: " in said
    assert "1 file goes along fine.pdf 90 kB" in page.text
    assert "image/*" in page.form().one("input", type="file").attributes["accept"]


def test_it_has_a_link_to_change_each_answer(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = fill_in(browser)
    rows = list(page.root.one("dl", **{"class": "pairs"}).all("div"))
    assert len(rows) >= 8
    for row in rows:
        (link,) = row.all("a")
        assert browser.get(link.attributes["href"].removeprefix("/staatvandienst")).heading != page.heading


def test_it_gives_the_confirmation_as_a_file_to_keep(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = complain(browser)
    answer = browser.client.get(f"{browser.base}/complain/sent/save", headers=browser.headers())
    said = answer.get_data(as_text=True)
    assert answer.mimetype == "text/plain"
    assert f"{reference_of(page)}.txt" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    for words in (reference_of(page), code_of(page), "/staatvandienst/status", "By "):
        assert words in said


def test_it_mails_the_confirmation_once_to_who_asks(reader: OpenReader, session: Session, staatvandienst: UUID) -> None:
    browser = reader("staatvandienst")
    page = complain(browser)
    for _ in range(2):
        token = page.form().one("input", name="csrf_token").attributes["value"]
        page = browser.post("/complain/sent/mail", {"csrf_token": token})
        assert "We are sending it to your e-mail address now." in page.text
    assert "Mailed to you" in page.text
    with tenant_scope(session, staatvandienst):
        rows = session.scalars(select(Message).where(Message.name == CONFIRMATION)).all()
    assert len({row.case_id for row in rows}) == len(rows)


def test_it_keeps_a_page_that_is_sent_when_what_came_before_is_gone(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    browser.client.delete_cookie("weerklank-staatvandienst-draft", path="/staatvandienst/")
    token = page.form().one("input", name="csrf_token").attributes["value"]
    page = browser.post("/complain/details", {"csrf_token": token, "fact-services": "Coaching"})
    assert "We no longer have what you began here" in page.text
    page = browser.send(page, {"story": STORY})
    details = browser.get("/complain/details").form()
    assert details.one("input", name="fact-services").attributes["value"] == "Coaching"


def test_it_shows_nobody_else_the_file_or_the_mail(reader: OpenReader) -> None:
    complain(reader("staatvandienst"))
    stranger = reader("staatvandienst")
    assert stranger.get("/complain/sent/save").heading == "Where is my complaint?"
    assert YOU["email"] not in stranger.get("/complain/sent").text


def test_it_says_the_same_to_whoever_asks_for_a_lost_code(reader: OpenReader) -> None:
    reference = reference_of(complain(reader("staatvandienst")))
    browser, answers = reader("staatvandienst"), set()
    for number, email in ((reference, YOU["email"]), (reference, "other@example.nl"), ("XYZ-2026-9999", "a@b.nl")):
        page = browser.send(browser.get("/status/lost"), {"reference": number, "email": email})
        answers.add((page.heading, page.text))
    assert len(answers) == 1
    assert "If this fits a complaint, a new code is on its way" in answers.pop()[1]


def test_it_keeps_what_was_typed_when_a_lost_code_is_asked_for_wrongly(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/status/lost"), {"reference": "SVD-2026-0001", "email": "anna@"}, status=422)
    assert "This is not an e-mail address" in page.errors()[0]
    assert page.form().one("input", name="reference").attributes["value"] == "SVD-2026-0001"

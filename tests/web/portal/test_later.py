"""A form that is saved to go on later: everything is kept, and a code opens it on another device."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.complaining import STORY, code_of, complain, fill_in
from tests.web.pages import OpenReader, Page, Reader
from weerklank.correspondence.drafts import SAVED, IntakeDraft
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.outbox import Outbox

LATER = ("do", "later")
UNKNOWN = ["We do not know this code, or the form was sent or thrown away. Check the code."]


def save(browser: Reader) -> Page:
    """A form with a story and a file, saved half-way a page."""
    page = browser.send(browser.get("/complain"), {"story": STORY})
    browser.send(page)
    page = browser.get("/complain/files")
    browser.send(page, button=("do", "add"), files=[(b"%PDF-1.7 a letter", "letter.pdf")])
    page = browser.send(browser.get("/complain/details"), {"fact-services": "Coaching"}, button=LATER)
    assert page.heading == "Your form is saved"
    return page


def go_on(browser: Reader, code: str, status: int = 200) -> Page:
    return browser.send(browser.get("/complain/go-on"), {"code": code}, status=status)


def test_it_goes_on_elsewhere_with_all_that_was_filled_in(reader: OpenReader) -> None:
    code = code_of(save(reader("staatvandienst")))
    phone = reader("staatvandienst")
    assert go_on(phone, code.lower().replace("-", " ")).heading == "Do you want to send something along?"
    page = phone.get("/complain/details")
    assert page.form().one("input", name="fact-services").attributes["value"] == "Coaching"
    assert phone.get("/complain/story").form().one("textarea").text == STORY
    assert "letter.pdf" in phone.get("/complain/files").text


def test_it_keeps_what_is_not_right_yet_and_asks_for_it_later(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": ""}, button=LATER)
    phone = reader("staatvandienst")
    page = go_on(phone, code_of(page))
    assert page.heading == "What happened?"
    assert phone.send(page, status=422).errors() == ["Tell us what happened and why you are not satisfied."]


def test_it_says_until_when_it_is_kept_and_the_same_code_again(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    first = save(browser)
    assert "We have not received a complaint yet." in first.text
    again = browser.send(browser.get("/complain/details"), button=LATER)
    assert code_of(again) == code_of(first)


def test_it_sends_nothing_when_one_saves_on_the_last_page(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(fill_in(browser), button=LATER)
    assert "We have not received a complaint yet." in page.text
    assert go_on(reader("staatvandienst"), code_of(page)).heading == "Check what you filled in"


def test_it_is_open_in_one_browser_at_a_time(reader: OpenReader) -> None:
    desktop, phone = reader("staatvandienst"), reader("staatvandienst")
    code = code_of(save(desktop))
    go_on(phone, code)
    page = desktop.get("/complain/story")
    assert page.form().one("textarea").text == ""
    assert go_on(desktop, code).heading == "Do you want to send something along?"


def test_it_says_what_became_of_a_form_that_is_no_more_here(reader: OpenReader) -> None:
    first = reader("staatvandienst")
    go_on(reader("staatvandienst"), code_of(save(first)))
    page = first.get("/complain/files")
    assert page.heading == "What happened?"
    assert "We no longer have what you began here." in page.text


def test_it_leads_from_a_form_that_was_sent_to_where_the_complaint_stands(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    browser.send(complain(browser))
    assert browser.get("/complain/check").path.endswith("/status/complaint")


def test_it_knows_no_wrong_code_and_none_of_another_organisation(reader: OpenReader) -> None:
    code = code_of(save(reader("staatvandienst")))
    for slug, typed in (("team-keizer", code), ("staatvandienst", "AAAAA-AAAAA-AAAAA-AAAAA"), ("staatvandienst", "x")):
        assert go_on(reader(slug), typed, status=422).errors() == UNKNOWN


def test_it_opens_nothing_once_the_complaint_was_sent_or_thrown_away(reader: OpenReader) -> None:
    sender, quitter = reader("staatvandienst"), reader("staatvandienst")
    fill_in(sender)
    sent = code_of(save_again(sender))
    assert sender.send(sender.get("/complain/check")).heading == "We have received your complaint"
    thrown = code_of(save(quitter))
    quitter.send(quitter.get("/complain/details"), action="/complain/stop")
    for code in (sent, thrown):
        assert go_on(reader("staatvandienst"), code, status=422).errors() == UNKNOWN


def save_again(browser: Reader) -> Page:
    return browser.send(browser.get("/complain/you"), button=LATER)


def test_it_keeps_nothing_of_the_code_but_its_hash(reader: OpenReader, session: Session, staatvandienst: UUID) -> None:
    code = code_of(save(reader("staatvandienst")))
    with tenant_scope(session, staatvandienst):
        for row in session.scalars(select(IntakeDraft).where(IntakeDraft.resume_hash.is_not(None))):
            assert code.encode() not in (row.resume_hash or b"") + row.sealed


def test_it_mails_the_way_back_only_to_who_gave_an_address(
    reader: OpenReader, session: Session, staatvandienst: UUID
) -> None:
    browser = reader("staatvandienst")
    page = save(browser)
    assert not [form for form in page.root.all("form") if "mail" in form.attributes.get("action", "")]
    fill_in(browser)
    page = browser.send(save_again(browser), action="/complain/saved/mail")
    assert "We are sending it to your e-mail address now." in page.text
    with tenant_scope(session, staatvandienst):
        jobs = session.scalars(select(Outbox).where(Outbox.kind == SAVED)).all()
    assert jobs
    assert all(job.args.keys() == {"draft", "language"} for job in jobs)

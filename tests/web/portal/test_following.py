"""What somebody reads and does who follows his complaint: one screen with four answers, and the pages below it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.web.own import Own
from tests.web.pages import Element, OpenReader, Page, Reader
from tests.web.portal.conftest import Complain, Do
from weerklank.cases.actions.ask import Ask
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.extend import Extend
from weerklank.cases.doors import Intake, Received, receive_complaint
from weerklank.deadlines import Duration
from weerklank.documents.model import Document
from weerklank.kernel.database import tenant_scope
from weerklank.kernel.events import Event
from weerklank.policy.events import COMPLAINANT
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import find_by_slug
from weerklank.web.parts import NAME

BOARD = "Ombudsman van Ergens"


def standing(page: Page) -> Element:
    """The card on top."""
    return page.root.one("section", **{"aria-labelledby": "standing"})


def decided(do: Do) -> None:
    do("bram", Complete("assign"))
    do("bram", Complete("acknowledge"))
    do("bram", Complete("decision", text="You are right.", facts={"judgement": "upheld"}))


def closed(do: Do) -> None:
    decided(do)
    do("bram", Complete("close"))


def test_it_answers_on_one_screen_what_is_next_by_when_and_whether_one_has_to_do_anything(browser: Reader) -> None:
    top = standing(browser.get("/status/complaint"))
    assert top.one("h2").text == "Now: We are finding out who will handle your complaint, and how"
    told = {each.one("dt").text: each.one("dd").text for each in top.all("div")}
    assert "By " in told["This comes next"] and "at the latest" in told["This comes next"]
    assert told["Do you have to do anything?"] == "No. You need not do anything now."
    assert told["Who handles it?"] == (
        "That is not known yet. It is never somebody your complaint is about. Questions? Write to us"
    )


def test_it_says_in_words_for_each_thing_whether_it_is_done_now_or_to_come(browser: Reader) -> None:
    page = browser.get("/status/complaint")
    (course,) = page.root.all("ol", **{"class": "timeline"})
    words = [(each.attributes["class"], each.one("h3").text.rsplit(", ", 1)[1]) for each in course.all("li")
             if each.attributes.get("class") in ("done", "now", "next")]  # fmt: skip
    assert dict(words) == {"done": "done", "now": "now", "next": "to come"}
    assert [state for state, _ in words] == sorted((state for state, _ in words), key=("done", "now", "next").index)


def test_it_says_why_a_day_is_later_in_the_words_we_wrote(browser: Reader, do: Do) -> None:
    do("bram", Complete("assign"))
    do("bram", Complete("acknowledge"))
    do("bram", Extend("decide", Duration.parse("2 weeks"), "A witness is away."))
    top = standing(browser.get("/status/complaint")).text
    assert "This day is later than we said at first: we need more time." in top
    assert "We wrote to you: A witness is away." in top
    assert "Bram Bakker" in top


def test_it_puts_what_we_ask_on_top_and_shows_a_receipt(browser: Reader, do: Do) -> None:
    do("bram", Ask("When was it?"))
    top = standing(browser.get("/status/complaint"))
    assert top.one("h2").text == "Now: We are waiting for you"
    assert next(iter(top.all("dt"))).text == "Do you have to do anything?"
    page = browser.get("/status/add")
    assert page.heading == "Answer us"
    assert "When was it?" in page.text
    page = browser.send(page, {"text": "On 2 November."}, files=[(b"%PDF-1.7 x", "note.pdf")])
    assert page.path.endswith("/status/receipt")
    assert page.heading == "Thank you. We have added it to your complaint."
    assert "On 2 November." in page.text and "note.pdf" in page.text and "VBD-" not in page.heading
    assert "No. You need not do anything now." in browser.get("/status/complaint").text


def test_it_shows_no_receipt_before_anything_was_sent(browser: Reader) -> None:
    assert browser.get("/status/receipt").path.endswith("/status/complaint")


def test_it_confirms_a_withdrawal_and_says_what_follows(browser: Reader) -> None:
    page = browser.send(browser.get("/status/withdraw"), {"reason": "It was solved.", "sure": "yes"})
    assert page.heading == "Your complaint has been withdrawn."
    assert "We stop handling your complaint." in page.text
    page = browser.get("/status/complaint")
    assert standing(page).one("h2").text == "Now: You withdrew your complaint"
    assert "Are you satisfied" not in page.text
    assert BOARD not in page.text


def test_it_marks_a_message_as_new_until_it_was_read(browser: Reader, do: Do, write_out: Callable[[str], UUID]) -> None:
    do("bram", Complete("acknowledge"))
    message = write_out("About your complaint")
    page = browser.get("/status/complaint")
    assert "1 new" in page.text
    page = browser.get(f"/status/messages/{message}")
    assert page.heading == "About your complaint"
    assert "This is how it stands." in page.text
    assert "1 new" not in browser.get("/status/complaint").text


def test_it_gives_a_message_to_keep_as_a_pdf(browser: Reader, do: Do, write_out: Callable[[str], UUID]) -> None:
    do("bram", Complete("acknowledge"))
    answer = browser.client.get(f"{browser.base}/status/messages/{write_out('About your complaint')}/pdf")
    assert answer.data.startswith(b"%PDF-1.7")
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_it_gives_only_ones_own_messages_and_files(
    own: Own, browser: Reader, complain: Complain, do: Do, write_out: Callable[[str], UUID]
) -> None:
    do("bram", Complete("acknowledge"))
    message = write_out("About your complaint")
    other = own.reader()
    assert other.get(f"/status/messages/{message}").heading == "Where is my complaint?"
    other.send(other.get("/status"), {"code": complain("Bert Bos").code})
    other.get(f"/status/messages/{message}", status=404)
    for path in (f"/status/messages/{uuid4()}", f"/status/messages/{message}x", f"/status/files/{uuid4()}"):
        browser.get(path, status=404)


def test_it_gives_back_a_file_once_it_was_found_clean(
    own: Own, session: Session, browser: Reader, case_id: UUID
) -> None:
    browser.send(browser.get("/status/add"), files=[(b"%PDF-1.7 mine", "mine.pdf")])
    page = browser.get("/status/complaint")
    (link,) = (each for each in page.root.all("a") if each.text == "mine.pdf")
    assert browser.client.get(link.attributes["href"]).data == b"%PDF-1.7 mine"
    with tenant_scope(session, own.id):
        session.execute(update(Document).where(Document.case_id == case_id).values(scan="infected"))
        session.commit()
    page = browser.get("/status/complaint")
    assert "This file held a virus and was removed." in page.text
    assert not [each for each in page.root.all("a") if each.text == "mine.pdf"]


def test_it_says_where_one_can_go_and_until_when_only_once_there_is_an_outcome(browser: Reader, do: Do) -> None:
    page = browser.get("/status/disagree")
    assert "We are still handling your complaint." in page.text
    assert "Once we have told you the outcome." in page.text
    decided(do)
    page = browser.get("/status/disagree")
    assert BOARD in page.text
    assert "at the latest" in page.text
    assert "Make a copy for yourself" in page.text
    assert "This is where you can go" in standing(browser.get("/status/complaint")).text


def test_it_asks_after_closing_whether_one_is_satisfied_and_leads_on_who_is_not(browser: Reader, do: Do) -> None:
    assert browser.get("/status/satisfied").path.endswith("/status/complaint")
    closed(do)
    page = browser.get("/status/satisfied")
    page = browser.send(page, {"text": "Faster, please."}, status=422)
    assert page.errors() == ["Choose an answer."]
    assert page.form().one("textarea").text == "Faster, please."
    page = browser.send(page, {"rating": "no"})
    assert page.heading == "Thank you for telling us what you think."
    assert "You are not satisfied. What can you do?" in page.text
    assert "You told us whether you are satisfied: no" in browser.get("/status/complaint").text
    assert browser.get("/status/satisfied").path.endswith("/status/complaint")


def test_it_takes_that_answer_once(browser: Reader, do: Do) -> None:
    closed(do)
    page = browser.get("/status/satisfied")
    browser.send(page, {"rating": "yes"})
    browser.send(page, {"rating": "no"}, status=422)


def test_it_says_in_whose_name_one_looks(app: Flask, session: Session, reader: OpenReader) -> None:
    browser, platform, now = reader("staatvandienst"), app.extensions[NAME], datetime.now(UTC)
    anna = {"name": "Anna Achterberg", "email": "anna@example.nl"}
    ben = {"name": "Ben Berg", "email": "ben@example.nl", "way": "email"}
    tenant_id = find_by_slug(session, "staatvandienst").id
    with tenant_scope(session, tenant_id):
        facts = {"relation": "client", "about": "impersonal"}
        intake = Intake("portal", contact=anna, story="He never came.", facts=facts, representative=ben)
        tenant = session.get_one(Tenant, tenant_id)
        made = receive_complaint(session, platform.engine, tenant, intake, COMPLAINANT, now)
        session.commit()
    page = browser.send(browser.get("/status"), {"code": made.code})
    assert "complaint of Anna Achterberg" in page.text
    assert "Ben Berg acts for Anna Achterberg and can read this page too" in page.text


@pytest.mark.parametrize("wanted", ["/status/add", "/status/withdraw"])
def test_it_asks_for_the_code_again_and_goes_on_where_one_was(own: Own, made: Received, wanted: str) -> None:
    browser = own.reader()
    page = browser.get(wanted)
    assert page.heading == "Where is my complaint?"
    assert "Your page was closed for safety" in page.text
    page = browser.send(page, {"code": "AAAAA-AAAAA-AAAAA-AAAAA"}, status=422)
    page = browser.send(page, {"code": made.code})
    assert page.path.endswith(wanted)


def test_it_goes_nowhere_else_for_who_gives_a_code(own: Own, made: Received) -> None:
    browser = own.reader()
    page = browser.send(browser.get("/status?next=https://elsewhere.example/"), {"code": made.code})
    assert page.path.endswith("/status/complaint")


def test_it_loses_nothing_that_was_typed_when_the_session_is_over(browser: Reader, made: Received) -> None:
    form = browser.get("/status/add")
    browser.send(browser.get("/status/complaint"), action="/status/leave")
    here = {"Sec-Fetch-Site": "same-origin"}
    typed = {"csrf_token": form.root.one("main").one("input", name="csrf_token").attributes["value"]}
    page = browser.post("/status/add", {**typed, "text": "On 2 November.", "seq": "1"}, status=401, headers=here)
    browser.send(browser.get("/status"), {"code": made.code})
    page = browser.send(page)
    assert page.heading == "Thank you. We have added it to your complaint."
    assert "On 2 November." in page.text


@pytest.mark.parametrize(
    ("path", "typed"),
    [("add", {"text": "There is more."}), ("copy", {}), ("withdraw", {"sure": "yes", "reason": "It is solved."})],
)
def test_what_is_sent_twice_is_done_once_and_says_so(
    browser: Reader, own: Own, session: Session, path: str, typed: dict[str, str]
) -> None:
    def happened() -> int:
        session.rollback()
        with tenant_scope(session, own.id):
            return session.scalar(select(func.count()).select_from(Event)) or 0

    page = browser.get(f"/status/{path}")
    browser.send(page, typed)
    done = happened()
    assert "You sent this twice" in browser.send(page, typed).root.text
    assert happened() == done

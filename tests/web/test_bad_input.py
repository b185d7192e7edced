"""What people and programs send that no form of ours would: a clear answer, nothing lost, never a failure of ours."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.web.complaining import STORY, code_of, complain, fill_in, follow, reference_of
from tests.web.pages import OpenReader, Reader, values_of
from weerklank.cases.model import CaseFile
from weerklank.kernel.database import tenant_scope
from weerklank.web.portal.questions import LONGEST_STORY
from weerklank.web.uploads import MOST_WITH_FILES


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ("", "Tell us what happened"),
        (" \r\n\t ", "Tell us what happened"),
        ("A\0B", "characters that we cannot keep"),
        ("A\x1bB", "characters that we cannot keep"),
        ("x" * (LONGEST_STORY + 1), "This is too long: 20001 characters, at most 20000."),
    ],
)
@pytest.mark.clause("SVD-art4.2.4a")
def test_it_says_what_is_wrong_with_a_story(reader: OpenReader, story: str, said: str) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": story}, status=422)
    assert said in page.errors()[0]
    assert page.form().one("textarea").attributes["aria-invalid"] == "true"


def test_it_gives_a_story_that_is_too_long_back_whole(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    story = "Too long. " * 2_100
    page = browser.send(browser.get("/complain"), {"story": story}, status=422)
    assert page.form().one("textarea").text == story.strip()


def test_it_keeps_every_letter_and_line_of_a_story(reader: OpenReader) -> None:
    story = "Ĳsbreker zei: \"<script>alert('1')</script>\" & ging weg.\n\nمرحبا 😀 {{ 7 * 7 }} %(x)s \\0"
    page = fill_in(reader("staatvandienst"), story)
    assert "{{ 7 * 7 }} %(x)s" in page.text
    assert "<script>alert('1')</script>" in page.text
    assert "😀" in page.text


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        *(("31", "2", "2026"), ("0", "1", "2026"), ("1", "13", "2026"), ("1", "1", "26"), ("١", "1", "2026")),
        *(("x", "", ""), ("1", "1", "99999"), ("29", "2", "2025"), ("-1", "1", "2026"), ("1", "1", "0000")),
        *(("1", "1", "1066"), ("1", "1", "2999")),
    ],
)
def test_it_refuses_a_day_that_cannot_be(reader: OpenReader, day: str, month: str, year: str) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    typed = {"fact-event_day-day": day, "fact-event_day-month": month, "fact-event_day-year": year}
    page = browser.send(page, typed, status=422)
    assert "This day" in page.errors()[0]


def test_it_refuses_an_answer_that_is_none_of_the_choices(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, {"fact-relation": "'; DROP TABLE case_file; --"}, status=422)
    assert page.errors() == ["Choose one of the answers."]


def test_it_takes_no_field_that_the_form_does_not_have(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(
        browser.get("/complain"), {"story": STORY, "fact-judgement": "upheld", "name": "Somebody", "case_id": "1"}
    )
    page = browser.send(page)
    page = browser.send(page, button=("do", "next"))
    page = browser.send(page)
    assert page.form().one("input", name="name").attributes["value"] == ""


def test_it_wants_a_way_to_answer(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(browser.send(browser.send(page), button=("do", "next")))
    page = browser.send(page, {"name": "Anna", "email": "", "way": "post"})
    page = browser.send(page, status=422)
    assert page.errors()[0] == "Fill in your address, so that we can send you a letter."
    page = browser.send(browser.get("/complain/you"), {"way": "email", "email": "not an address"}, status=422)
    assert "This is not an e-mail address" in page.errors()[0]
    page = browser.send(page, {"way": "email", "email": "anna@example.nl", "phone": "call me"}, status=422)
    assert "This is not a telephone number" in page.errors()[0]


def test_it_says_so_when_everything_together_is_too_large(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.get("/complain/files")
    huge = b"%PDF-1.7" + bytes(MOST_WITH_FILES)
    page = browser.send(page, button=("do", "add"), files=[(huge, "huge.pdf")], status=413)
    assert "fewer or smaller files" in page.text
    assert browser.get("/complain/story").form().one("textarea").text == STORY


def test_it_refuses_a_file_that_is_too_large_and_more_files_than_it_takes(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.get("/complain/files")
    page = browser.send(
        page, button=("do", "add"), files=[(b"%PDF-1.7" + bytes(16 * 1024 * 1024), "big.pdf")], status=422
    )
    assert "big.pdf: This file is too large" in page.errors()[0]
    many = [(b"%PDF-1.7", f"{number}.pdf") for number in range(12)]
    page = browser.send(page, button=("do", "add"), files=many, status=422)
    assert "These are too many files" in page.errors()[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe%00%zz=%&&&=;;", "application/x-www-form-urlencoded"),
        (b'--x\r\nContent-Disposition: form-data; name="story', "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b'{"story": 1}', "application/json"),
        (b"story=" + b"a" * 600_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
    ],
)
def test_it_answers_a_body_that_is_no_form(reader: OpenReader, body: bytes, kind: str) -> None:
    browser = reader("staatvandienst")
    browser.get("/complain")
    answer = browser.client.post("/staatvandienst/complain/story", data=body, content_type=kind)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "path",
    [
        *("/%00", "/%ff%fe", "/complain/%2e%2e/%2e%2e", "/status/complaint%00", "/..%2f..%2fetc/passwd"),
        *("/?lang=%00", "/?lang=xx", "/complain/nothing", "/" + "a" * 4_000, "/brand/logo-%27"),
        *("/static/../../wsgi.py", "//example.com/x"),
    ],
)
def test_it_answers_every_address(reader: OpenReader, path: str) -> None:
    answer = reader("staatvandienst").client.get(f"/staatvandienst{path}")
    assert answer.status_code in (200, 308, 404)


def test_it_makes_one_complaint_of_a_form_that_was_sent_twice(
    reader: OpenReader, session: Session, staatvandienst: UUID
) -> None:
    before = cases(session, staatvandienst)
    browser = reader("staatvandienst")
    check = fill_in(browser)
    first, second = browser.send(check), browser.send(check)
    assert (reference_of(first), code_of(first)) == (reference_of(second), code_of(second))
    assert cases(session, staatvandienst) == before + 1


def cases(session: Session, tenant_id: UUID) -> int:
    session.rollback()
    with tenant_scope(session, tenant_id):
        return session.scalar(select(func.count()).select_from(CaseFile)) or 0


def test_it_makes_one_complaint_of_a_form_that_is_sent_twice_at_once(
    app: Flask, reader: OpenReader, session: Session, staatvandienst: UUID
) -> None:
    before = cases(session, staatvandienst)
    browser = reader("staatvandienst")
    check = fill_in(browser)
    cookies = [(cookie.key, cookie.value) for cookie in browser.client._cookies.values()]
    start = threading.Barrier(4)

    def press(_: int) -> tuple[str, str]:
        twin = Reader(app.test_client(), "/staatvandienst")
        for name, value in cookies:
            twin.client.set_cookie(name, value, path="/staatvandienst/")
        start.wait()
        page = twin.send(check)
        return reference_of(page), code_of(page)

    with ThreadPoolExecutor(4) as presses:
        shown = set(presses.map(press, range(4)))
    assert len(shown) == 1
    assert cases(session, staatvandienst) == before + 1


def test_it_does_nothing_for_a_form_without_its_token(
    reader: OpenReader, session: Session, staatvandienst: UUID
) -> None:
    before = cases(session, staatvandienst)
    browser = reader("staatvandienst")
    check = fill_in(browser)
    browser.post("/complain/check", {}, status=400)
    browser.post("/complain/check", {"csrf_token": "made up"}, status=400)
    assert cases(session, staatvandienst) == before
    assert reference_of(browser.send(check))


def test_it_gives_back_what_was_typed_when_a_token_ran_out(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    here = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    page = browser.post("/complain/story", {"story": STORY, "csrf_token": "too old"}, status=400, **here)
    assert page.heading == "Send it once more"
    page = browser.send(page)
    assert page.heading == "Some questions about it"
    assert browser.get("/complain/story").form().one("textarea").text == STORY


def test_it_makes_no_form_of_what_another_site_sends(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        page = browser.post("/complain/story", {"story": "Forged."}, status=400, headers=headers)
        assert "Forged." not in page.response.get_data(as_text=True)


def test_it_never_repeats_a_secret_in_a_page(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    here = {"headers": {"Sec-Fetch-Site": "same-origin"}}
    page = browser.post("/status", {"code": "AAAAA-BBBBB-CCCCC-DDDDD"}, status=400, **here)
    assert "AAAAA-BBBBB" not in page.response.get_data(as_text=True)


def test_it_takes_no_form_of_another_organisation(reader: OpenReader) -> None:
    """The same browser at two organisations: neither token nor cookies of the one count at the other."""
    browser = reader("staatvandienst")
    check = fill_in(browser)
    stolen = {
        cookie.key.replace("staatvandienst", "team-keizer"): cookie.value for cookie in browser.client._cookies.values()
    }
    thief = reader("team-keizer")
    for name, value in stolen.items():
        thief.client.set_cookie(name, value, path="/team-keizer/")
    thief.post("/complain/check", values_of(check.form()), status=400)
    assert thief.get("/complain/check").heading == "What happened?"


def test_it_shows_nobody_a_complaint_by_a_cookie_of_another_organisation(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    thief = reader("team-keizer")
    for cookie in browser.client._cookies.values():
        thief.client.set_cookie(cookie.key.replace("staatvandienst", "team-keizer"), cookie.value, path="/team-keizer/")
    assert thief.get("/status/complaint").heading == "Where is my complaint?"


def test_it_does_nothing_in_a_complaint_for_who_has_not_given_its_code(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    token = browser.get("/status").root.one("input", name="csrf_token").attributes["value"]
    for path in ("/status/answer", "/status/add", "/status/withdraw"):
        page = browser.post(path, {"csrf_token": token, "sure": "yes", "text": "x"}, status=401)
        assert "no longer logged in" in page.heading


def test_it_refuses_an_answer_to_a_question_that_nobody_asked(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = follow(browser)
    token = page.root.one("input", name="csrf_token").attributes["value"]
    for step in ("decide", "close", "\0", ""):
        page = browser.post("/status/answer", {"csrf_token": token, "step": step, "outcome": "done"}, status=409)
        assert "Somebody else was just before you" in page.heading


def test_it_takes_odd_names_of_files(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.get("/complain/files")
    names = ["../../etc/passwd", "a\0b.pdf", "x" * 5_000, "<b>.pdf", "con", "\u202egpj.pdf"]
    page = browser.send(page, button=("do", "add"), files=[(b"%PDF-1.7", name) for name in names])
    shown = [next(each.all("span")).text for each in next(page.root.one("main").all("ul")).all("li")]
    assert len(shown) == len(names)
    assert not [text for text in shown if "/" in text or "\0" in text or len(text) > 150]


def test_it_says_when_what_was_begun_is_gone(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    check = fill_in(browser)
    draft = next(name for name in (cookie.key for cookie in browser.client._cookies.values()) if name.endswith("draft"))
    browser.client.set_cookie(draft, "nothing we know", path="/staatvandienst/")
    page = browser.send(check)
    assert "We no longer have what you began" in page.text


def test_it_takes_an_upload_without_a_form_page(reader: OpenReader) -> None:
    """Straight to the page for files, with nothing begun."""
    browser = reader("gelukwerkt")
    token = browser.get("/complain").root.one("input", name="csrf_token").attributes["value"]
    data = {"csrf_token": token, "file": (BytesIO(b"%PDF-1.7"), "x.pdf")}
    page = browser.post("/complain/files", data, content_type="multipart/form-data")
    assert "We no longer have what you began here" in page.text


def test_it_keeps_two_complaints_of_two_people_apart(reader: OpenReader) -> None:
    one, other = reader("staatvandienst"), reader("staatvandienst")
    assert code_of(complain(one, "One story.")) != code_of(complain(other, "Another story."))

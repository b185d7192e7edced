"""A complainant finds out how it works, makes a complaint and follows it."""

from __future__ import annotations

import pytest

from tests.web.complaining import STORY, code_of, complain, fill_in, follow, reference_of
from tests.web.pages import OpenReader


def test_it_tells_what_happens_when_you_complain_with_the_terms_of_the_policy(reader: OpenReader) -> None:
    page = reader("staatvandienst", "nl").get("/")
    assert "Binnen 2 werkdagen na ontvangst van de klacht" in page.text
    assert "Binnen 4 weken na ontvangst van de klacht" in page.text
    assert "klachten@staatvandienst.nl" in page.text
    assert "Oval" in page.text


@pytest.mark.clause("KZ-W3")
def test_it_names_where_somebody_can_go_outside_the_organisation(reader: OpenReader) -> None:
    page = reader("team-keizer").get("/")
    assert "Not satisfied with how we dealt with it? Then you can go to erisietsmisgegaan.nl." in page.text


@pytest.mark.clause("MEP-F1")
def test_it_shows_a_form_in_maintenance_with_the_ways_that_work(reader: OpenReader) -> None:
    page = reader("mep", "nl").get("/complain")
    assert "Aan dit formulier wordt op dit moment gewerkt" in page.text
    assert "Gebruik zolang: per brief, per e-mail" in page.text
    assert not list(page.root.one("main").all("form"))


@pytest.mark.clause("MEP-F1")
def test_it_takes_no_complaint_by_a_form_in_maintenance(reader: OpenReader) -> None:
    page = reader("gelukwerkt").get("/complain/story")
    token = page.root.one("input", name="csrf_token").attributes["value"]
    elsewhere = reader("mep")
    elsewhere.post("/complain/story", {"story": STORY, "csrf_token": token}, status=400)


def test_it_takes_a_web_form_of_the_policy_as_its_own(reader: OpenReader) -> None:
    assert reader("gelukwerkt").get("/complain").heading == "What happened?"


@pytest.mark.clause("SVD-art2.b", "MEP-F2")
def test_it_shows_the_procedure_in_both_languages(reader: OpenReader) -> None:
    assert "Klachtenreglement" in reader("staatvandienst", "nl").get("/procedure").heading
    assert "complaints regulation" in reader("staatvandienst", "en").get("/procedure").heading
    assert "kost niets" in reader("mep", "nl").get("/procedure").text


def test_every_organisation_has_its_pages_in_both_languages(reader: OpenReader) -> None:
    for slug in ("staatvandienst", "team-keizer", "gelukwerkt", "mep", "nationale-ombudsman"):
        for language in ("nl", "en"):
            for path in ("/", "/procedure", "/complain", "/status"):
                page = reader(slug, language).get(path)
                assert page.root.one("html").attributes["lang"] == language


def test_it_asks_one_topic_a_page_and_shows_everything_before_it_is_sent(reader: OpenReader) -> None:
    page = fill_in(reader("staatvandienst"))
    assert page.heading == "Check what you filled in"
    for words in (STORY, "About my contact person", "Els Evers", "anna@example.nl", "By e-mail"):
        assert words in page.text


def test_it_asks_more_only_of_whom_it_concerns(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, {"fact-about": "other_employee"})
    assert "Which employee is it about?" in page.text
    page = browser.send(page, {"fact-other_employee": "Gijs Groot"})
    page = browser.send(browser.get("/complain/details"), {"fact-about": "impersonal"})
    assert browser.get("/complain/more").heading != "One more thing about it"


def test_it_lets_one_change_an_answer_and_comes_back_to_the_check(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    fill_in(browser)
    page = browser.get("/complain/story")
    assert page.form().one("textarea").text == STORY
    page = browser.send(page, {"story": "Something else happened."})
    assert page.heading == "Check what you filled in"
    assert "Something else happened." in page.text
    assert STORY not in page.text


def test_it_lets_nobody_skip_a_page(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    assert browser.get("/complain/check").heading == "What happened?"
    browser.send(browser.get("/complain"), {"story": STORY})
    assert browser.get("/complain/check").heading == "Some questions about it"


def test_it_keeps_what_was_typed_when_something_is_wrong(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    wrong = {
        "fact-services": "Coaching",
        "fact-event_day-day": "31",
        "fact-event_day-month": "2",
        "fact-event_day-year": "2026",
    }
    page = browser.send(page, wrong, status=422)
    assert "This day does not exist" in page.errors()[0]
    assert page.form().one("input", name="fact-services").attributes["value"] == "Coaching"
    assert page.form().one("input", name="fact-event_day-day").attributes["value"] == "31"
    assert page.root.one("title").text.startswith("Not right yet")


def test_it_keeps_chosen_files_while_other_things_are_put_right(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page)
    page = browser.send(page, button=("do", "next"), files=[(b"%PDF-1.7 a letter", "letter.pdf")])
    page = browser.send(page, {"name": "", "email": "no address", "way": "email"}, status=422)
    page = browser.send(page, {"name": "Anna Achterberg", "email": "anna@example.nl"})
    assert "letter.pdf" in page.text


def test_it_takes_a_file_away_again(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.get("/complain/files")
    page = browser.send(page, button=("do", "add"), files=[(b"%PDF-1.7 one", "one.pdf"), (b"%PDF-1.7 two", "two.pdf")])
    assert "one.pdf" in page.text
    assert "two.pdf" in page.text
    first = next(iter(page.root.all("button", name="remove"))).attributes["value"]
    page = browser.send(page, button=("remove", first))
    assert "one.pdf" not in page.text
    assert "two.pdf" in page.text


def test_it_refuses_a_file_by_what_it_is_and_keeps_the_others(reader: OpenReader) -> None:
    browser = reader("gelukwerkt")
    browser.send(browser.send(browser.get("/complain"), {"story": STORY}))
    page = browser.get("/complain/files")
    files = [(b"MZ\x90\x00 a program", "letter.pdf"), (b"%PDF-1.7 fine", "fine.pdf"), (b"", "empty.txt")]
    page = browser.send(page, button=("do", "next"), files=files, status=422)
    assert "letter.pdf: We do not take this sort of file" in page.errors()[0]
    assert "fine.pdf" in page.text


def test_it_asks_who_acts_for_the_complainant_where_the_policy_lets_somebody(reader: OpenReader) -> None:
    browser = reader("team-keizer")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, {"fact-capacity": "client"})
    page = browser.send(page, button=("do", "next"))
    page = browser.send(page, {"acting": "other"})
    page = browser.send(page, {"name": "Anna Achterberg", "way": "post"})
    page = browser.send(
        page, {"address-street": "Kerkstraat 1", "address-postcode": "1234ab", "address-town": "Ons Dorp"}
    )
    assert page.heading == "Who acts for you or helps you?"
    page = browser.send(page, {"helper-name": ""}, status=422)
    assert page.errors() == ["Fill in the name of whoever acts or helps."]
    page = browser.send(page, {"helper-name": "Ben Berg", "helper-phone": "06 12345678"}, status=422)
    assert page.errors() == ["Fill in an e-mail address or a postal address: that is where the letters go."]
    page = browser.send(page, {"helper-email": "ben@example.nl"})
    for words in ("Ben Berg", "06 12345678", "ben@example.nl", "By letter", "1234 AB Ons Dorp", "Who acts for you"):
        assert words in page.text
    assert browser.send(page).heading == "We have received your complaint"


def test_it_asks_for_the_authority_of_who_acts_and_takes_it_as_a_file(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    fill_in(browser)
    page = browser.send(browser.get("/complain/who"), {"acting": "other"})
    page = browser.send(page, {"helper-name": "Ben Berg", "helper-email": "ben@example.nl"})
    assert page.heading == "A few more questions"
    page = browser.send(page, files=[(b"%PDF-1.7 authority", "authority.pdf")], field="fact-authority")
    assert page.heading == "Check what you filled in"
    assert "authority.pdf" in page.text
    assert browser.send(page).heading == "We have received your complaint"


def test_it_confirms_a_complaint_with_its_number_a_code_and_what_comes_next(reader: OpenReader) -> None:
    page = complain(reader("staatvandienst"))
    assert page.heading == "We have received your complaint"
    assert reference_of(page).startswith("SVD-")
    assert "We confirm that your complaint has arrived." in page.text
    assert "at the latest" in page.text
    assert len(code_of(page)) == 23
    assert page.path.endswith("/complain/sent")


def test_it_shows_the_same_confirmation_when_the_page_is_loaded_again(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = complain(browser)
    again = browser.get("/complain/sent")
    assert (reference_of(again), code_of(again)) == (reference_of(page), code_of(page))
    assert reference_of(browser.get("/complain")) == reference_of(page)


def test_it_shows_the_code_no_more_once_it_was_kept(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    confirmation = complain(browser)
    page = browser.send(confirmation)
    assert page.heading == f"Your complaint {reference_of(confirmation)}"
    assert code_of(confirmation) not in browser.get("/status/complaint").text
    assert browser.get("/complain").heading == "What happened?"


def test_it_opens_a_complaint_by_its_code_however_it_is_typed(reader: OpenReader) -> None:
    confirmation = complain(reader("staatvandienst"))
    typed = code_of(confirmation).lower().replace("-", " ")
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/status"), {"code": typed})
    assert reference_of(page) == reference_of(confirmation)
    assert "To come" in page.text or "to come" in page.text


def test_it_never_puts_a_code_into_an_address(reader: OpenReader) -> None:
    confirmation = complain(reader("staatvandienst"))
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/status"), {"code": code_of(confirmation)})
    visited = [each.request.url for each in (*page.response.history, page.response)]
    assert not [url for url in visited if code_of(confirmation) in url]
    assert not list(browser.get("/status/complaint").root.all("form", method="get"))


def test_it_says_of_a_wrong_code_no_more_than_that(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    for wrong in ("AAAAA-AAAAA-AAAAA-AAAAA", "nonsense", "' OR 1=1 --", "\N{SNOWMAN}" * 20):
        page = browser.send(browser.get("/status"), {"code": wrong}, status=422)
        assert page.errors() == ["We do not know this code. Check it: it has 20 letters and digits, in four groups."]


def test_it_opens_nothing_with_a_code_of_another_organisation(reader: OpenReader) -> None:
    confirmation = complain(reader("staatvandienst"))
    browser = reader("team-keizer")
    browser.send(browser.get("/status"), {"code": code_of(confirmation)}, status=422)


def test_it_shows_where_a_complaint_stands(reader: OpenReader) -> None:
    page = follow(reader("staatvandienst"))
    assert "We have received your complaint" in page.text
    assert "We decide and send you the decision with its reasons." in page.text
    assert "Why this day?" in page.text
    assert "That is not known yet. It is never somebody your complaint is about." in page.text


def test_it_takes_an_addition_with_a_file(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    page = browser.get("/status/add")
    page = browser.send(page, {"text": "She called on Monday after all."}, files=[(b"%PDF-1.7 x", "note.pdf")])
    assert "We have added it to your complaint" in page.text
    assert "She called on Monday after all." in page.text
    assert "note.pdf" in page.text


def test_it_takes_an_addition_that_is_sent_twice_once(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    form = browser.get("/status/add")
    for _ in range(2):
        page = browser.send(form, {"text": "She called on Monday."}, files=[(b"%PDF-1.7 x", "note.pdf")])
        assert "We have added it to your complaint" in page.text
    page = browser.get("/status/complaint")
    assert (page.text.count("She called on Monday."), page.text.count("You sent a file: note.pdf")) == (1, 1)
    for text in ("She called on Tuesday too.", "She called on Monday."):
        browser.send(browser.get("/status/add"), {"text": text})
    page = browser.get("/status/complaint")
    assert (page.text.count("She called on Monday."), page.text.count("She called on Tuesday too.")) == (2, 1)


def test_it_adds_what_another_window_had_open_meanwhile(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    first, second = browser.get("/status/add"), browser.get("/status/add")
    browser.send(first, {"text": "From the first window."})
    page = browser.send(second, {"text": "From the second window.", "seq": "9" * 5_000})
    assert "From the second window." in page.text


def test_it_takes_a_file_that_is_sent_twice_with_a_page_once(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, {"fact-relation": "client", "fact-about": "contact_person"})
    for data in (b"%PDF-1.7 a", b"%PDF-1.7 a", b"%PDF-1.7 b"):
        shown = browser.send(page, button=("do", "add"), files=[(data, "letter.pdf")])
    assert shown.text.count("Remove letter.pdf") == 2


def test_it_refuses_an_empty_addition_and_keeps_a_wrong_one(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    page = browser.send(browser.get("/status/add"), {"text": "  "}, status=422)
    assert page.errors() == ["Write what you want to add, or choose a file."]
    page = browser.send(page, {"text": "Keep this."}, files=[(b"\x7fELF", "tool")], status=422)
    assert "We do not take this sort of file" in page.errors()[0]
    assert page.root.one("p", id="file-error")
    assert page.form().one("textarea").text == "Keep this."


def test_it_withdraws_a_complaint_only_when_one_is_sure(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    follow(browser)
    page = browser.send(browser.get("/status/withdraw"), {"reason": "It was solved."}, status=422)
    assert page.errors() == ["Tick this box if you are sure."]
    page = browser.send(page, {"sure": "yes"})
    assert "Your complaint has been withdrawn." in page.text
    page = browser.get("/status/withdraw")
    page = browser.send(page, {"sure": "yes"}, status=422)
    assert page.errors()


def test_it_lets_one_log_out(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = follow(browser)
    page = browser.send(page, action="/status/leave")
    assert "You have logged out" in page.text
    assert browser.get("/status/complaint").heading == "Where is my complaint?"


def test_it_throws_away_what_somebody_does_not_want_to_send(reader: OpenReader) -> None:
    browser = reader("staatvandienst")
    page = browser.send(browser.get("/complain"), {"story": STORY})
    page = browser.send(page, action="/complain/stop")
    assert "We have not received a complaint" in page.text
    assert browser.get("/complain").form().one("textarea").text == ""

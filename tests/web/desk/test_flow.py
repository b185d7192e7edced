"""A complaint through the pages of the desk, from a registered letter to closing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.desk.conftest import Desk, today
from tests.web.pages import Element, Page, Reader
from weerklank.web.forms import day_fields


def register(reader: Reader, **more: str) -> Page:
    form = reader.get("/desk/register")
    day = today() - timedelta(days=1)
    letter = {
        "channel": "letter",
        "name": "Anna de Wit",
        "address": "Dorpsstraat 2\n1234 AB Ergens",
        "way": "post",
        "story": "Het gesprek ging helemaal mis.",
        **day_fields("received", day),
    }
    return reader.send(form, letter | more, action="")


def case_path(page: Page) -> str:
    """The path of the case that this page leads to."""
    links = (each.attributes["href"] for each in page.root.one("main").all("a"))
    return next(found.group() for link in links if (found := re.search(r"/desk/cases/[0-9a-f-]{36}", link)))


@pytest.mark.clause("NO-6b")
def test_it_registers_nothing_without_the_words_of_the_complaint(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    form = bram.get("/desk/register")
    given = {"channel": "letter", "name": "Anna de Wit", "story": " ", **day_fields("received", today())}
    assert "Write what the complaint is about." in bram.send(form, given, action="", status=422).errors()


@pytest.mark.clause("KZ-D3")
def test_it_says_on_the_case_by_which_version_of_which_procedure_it_goes(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    assert "Complaints procedure, version 1" in bram.get(case_path(register(bram))).text


def test_it_carries_a_letter_from_registering_to_closing(desk: Desk) -> None:
    bram, femke = desk.staff(desk.cast.bram), desk.staff(desk.cast.femke)
    done = register(bram, **{"register-fact-about": str(desk.cast.els)})
    assert "DES-" in done.heading
    path = case_path(done)

    page = bram.send(bram.get(path), {"acknowledge-text": "Wij gaan ermee aan de slag."}, action="/steps/acknowledge")
    assert "Done: acknowledge receipt." in page.text
    bram.send(bram.get(path), action="/steps/assign")

    page = femke.get(path)
    assert "Femke Faber" in page.text
    measure = {"text": "Een cursus luisteren.", "owner": str(desk.cast.femke), **day_fields("day", today())}
    page = femke.send(femke.get(f"{path}/plan"), measure)
    assert "Een cursus luisteren." in page.text
    decision = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}
    page = femke.send(page, decision, action="/steps/decision")
    assert "Done: decide." in page.text

    report = next(each for each in page.root.all("a") if "/carry-out/" in each.attributes["href"])
    address = report.attributes["href"].removeprefix(femke.base)
    page = femke.send(femke.get(address), {"text": "Het certificaat hangt er."})
    bram.send(bram.get(address.replace("carry-out", "verify")))
    page = bram.send(bram.get(path), action="/steps/close")
    assert "Closed" in page.text
    assert "Nothing to do here." in bram.get("/desk/").text


def test_it_says_at_the_field_what_a_rule_wants_to_have_first(desk: Desk) -> None:
    bram, femke = desk.staff(desk.cast.bram), desk.staff(desk.cast.femke)
    path = case_path(register(bram, **{"register-fact-about": str(desk.cast.els)}))
    bram.send(bram.get(path), action="/steps/assign")
    page = femke.send(femke.get(path), {"decision-text": "U heeft gelijk."}, action="/steps/decision", status=422)
    links = [each.attributes["href"] for each in page.root.one("main").all("a")]
    assert page.errors()[0].startswith("Fill in first") and "#decision-fact-judgement" in links
    assert "messages.decision.contains" in page.text
    assert page.root.one("textarea", id="decision-text").text.strip() == "U heeft gelijk."


def test_it_says_of_a_step_that_it_is_not_yet_possible_and_why_instead_of_offering_a_button(desk: Desk) -> None:
    bram, femke = desk.staff(desk.cast.bram), desk.staff(desk.cast.femke)
    path = case_path(register(bram, **{"register-fact-about": str(desk.cast.els)}))
    bram.send(bram.get(path), action="/steps/assign")
    decision = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}
    femke.send(femke.get(path), decision, action="/steps/decision")
    for address in (path, f"{path}/steps/close"):
        page = bram.get(address)
        assert "Not yet possible" in page.text
        assert "Receipt has not been acknowledged yet." in page.text
        assert "/steps/close" not in {form.attributes["action"].partition("/cases/")[2][36:] for form in forms(page)}
    bram.send(bram.get(path), {"acknowledge-text": "Wij gaan ermee aan de slag."}, action="/steps/acknowledge")
    page = bram.get(path)
    assert "not yet possible" not in page.text
    assert "Closed" in bram.send(page, action="/steps/close").text


def forms(page: Page) -> list[Element]:
    return [each for each in page.root.all("form") if "action" in each.attributes]


def test_it_counts_terms_from_the_day_the_letter_arrived(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.get(case_path(register(bram, **day_fields("received", today() - timedelta(days=30)))))
    assert "too late" in page.text
    assert "received on" in page.text


def test_it_gives_the_code_once_to_who_registered(desk: Desk) -> None:
    bram, gijs = desk.staff(desk.cast.bram), desk.staff(desk.cast.gijs)
    code = next(register(bram).root.all("p", **{"class": "secret"})).text
    assert len(code) == 23
    assert "Register a complaint" in gijs.get("/desk/registered").heading
    assert code not in bram.get(case_path(bram.get("/desk/registered"))).text


def test_it_gives_no_code_to_who_registers_a_complaint_about_himself_nor_to_the_next_at_the_same_browser(
    desk: Desk,
) -> None:
    els, gijs = desk.staff(desk.cast.els), desk.staff(desk.cast.gijs)
    assert register(els, **{"register-fact-about": str(desk.cast.els)}).heading == "Register a complaint"
    assert register(gijs).root.one("p", **{"class": "secret"}).text
    desk.staff(desk.cast.femke)
    gijs.client.set_cookie(
        f"weerklank-{desk.organisation.slug}-staff", desk.tokens[desk.cast.femke], path=f"{gijs.base}/"
    )
    assert gijs.get("/desk/registered").heading == "Register a complaint"


def test_it_makes_one_complaint_of_a_form_that_is_sent_twice(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    form = bram.get("/desk/register")
    letter = {"channel": "letter", "name": "Anna", "story": "Mis."}
    assert bram.send(form, letter).heading == bram.send(form, letter).heading
    assert "All open cases 1" in bram.get("/desk/?view=all").text


def test_it_lets_whoever_registers_say_who_received_it(desk: Desk) -> None:
    gijs = desk.staff(desk.cast.gijs)
    done = register(gijs, receiver=str(desk.cast.els))
    gijs.get(case_path(done), 404)
    assert "by Els Evers" in desk.staff(desk.cast.bram).get(case_path(done)).text


def test_it_keeps_what_was_typed_when_something_is_not_right(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    wrong = {"channel": "", "name": "Anna", "email": "anna", "time": "25:99", "story": "Een lang verhaal"}
    page = bram.send(bram.get("/desk/register"), wrong, status=422)
    assert set(page.errors()) == {
        "Choose how the complaint came in.",
        "This is not an e-mail address. Check it, such as name@example.nl.",
        "Fill in a time such as 14:30, or leave it open.",
    }
    assert "Een lang verhaal" in page.text


def test_it_takes_files_in_and_gives_them_back_as_downloads(desk: Desk) -> None:
    bram, path = desk.staff(desk.cast.bram), f"/desk/cases/{desk.receive().case_id}"
    page = bram.send(bram.get(f"{path}/files"), files=[(b"%PDF-1.4 brief", "brief.pdf")])
    link = next(each for each in page.root.all("a") if "/file/" in each.attributes["href"])
    answer = bram.client.get(link.attributes["href"])
    assert answer.data == b"%PDF-1.4 brief"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    page = bram.send(bram.get(f"{path}/files"), files=[(b"MZ\x90\0", "x.exe")], status=422)
    assert "platform.file" in page.text
    assert bram.send(bram.get(f"{path}/files"), status=422).errors() == ["Choose a file."]


def test_it_asks_the_complainant_and_takes_the_answer(desk: Desk) -> None:
    bram, path = desk.staff(desk.cast.bram), f"/desk/cases/{desk.receive().case_id}"
    page = bram.send(bram.get(f"{path}/ask"), {"text": "Wanneer was het gesprek?"})
    assert "waits for the complainant" in page.text
    page = bram.send(bram.get(f"{path}/answered"), {"text": "Zij belde: op 2 maart."})
    assert "waits for the complainant" not in page.text


def test_it_extends_a_term_and_shows_the_new_day(desk: Desk) -> None:
    case_id = desk.receive().case_id
    path, femke = f"/desk/cases/{case_id}", desk.staff(desk.cast.femke)
    bram = desk.staff(desk.cast.bram)
    bram.send(bram.get(path), action="/steps/assign")
    page = femke.get(f"{path}/extend/decide")
    page = femke.send(page, {"amount": "2", "unit": "weeks", "reason": "Wij wachten op een getuige."})
    assert "The term is extended." in page.text
    assert "Femke Faber" in page.text
    page = femke.send(
        femke.get(f"{path}/extend/decide"), {"amount": "9", "unit": "weeks", "reason": "Nog meer."}, status=422
    )
    assert "terms.decide.extend.in_all" in page.text
    assert "Nog meer." in page.text


def test_it_links_a_name_to_somebody_who_works_here(desk: Desk) -> None:
    case_id = desk.receive(facts={}, texts={"about": "mevrouw Evers"}).case_id
    path, bram = f"/desk/cases/{case_id}", desk.staff(desk.cast.bram)
    assert "name only" in bram.get(path).text
    page = bram.send(bram.get(f"{path}/facts/about"), {"facts-fact-about": str(desk.cast.els)})
    assert "name only" not in page.text
    assert "Involved: cannot see or handle it" in page.text


def test_it_registers_that_the_complaint_is_withdrawn(desk: Desk) -> None:
    path, bram = f"/desk/cases/{desk.receive().case_id}", desk.staff(desk.cast.bram)
    form = bram.get(f"{path}/withdraw")
    assert bram.send(form, {"reason": "Het is opgelost."}, status=422).errors() == ["Tick this box if you are sure."]
    page = bram.send(form, {"reason": "Het is opgelost.", "sure": "yes"})
    assert "Closed" in page.text


def test_it_shows_a_letter_as_it_leaves_the_printer(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    path = case_path(register(bram))
    page = bram.send(bram.get(path), {"acknowledge-text": "Dank voor uw brief."}, action="/steps/acknowledge")
    assert "It is being written out" in page.text
    desk.write_out()
    page = bram.get(path)
    assert "letter: print and post it" in page.text
    link = next(each for each in page.root.all("a") if "/messages/" in each.attributes["href"])
    letter = bram.get(link.attributes["href"].removeprefix(bram.base))
    assert "Dorpsstraat 2" in letter.text
    assert "Post it yourself." in letter.text
    assert "Dank voor uw brief." in letter.text


def test_it_speaks_dutch_on_every_page(desk: Desk) -> None:
    path, bram = f"/desk/cases/{desk.receive().case_id}", desk.staff(desk.cast.bram, "nl")
    pages = ("", "/note", "/ask", "/answered", "/involve", "/step-back", "/plan", "/facts", "/facts/about", "/withdraw",
             "/files", "/steps/acknowledge")  # fmt: skip
    english = (" the ", "complainant", "procedure", " you ")
    for page in (*(f"{path}{each}" for each in pages), "/desk/", "/desk/register", "/desk/people", "/desk/absence"):
        text = bram.get(page).text
        assert not [words for words in english if words in text], (page, text)

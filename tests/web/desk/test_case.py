"""The page of one case: what it is about, where it stands, what is due, what one can do; and long histories."""

from __future__ import annotations

from tests.web.desk.conftest import STORY, Desk, counted
from tests.web.pages import Page
from weerklank.cases.actions.ask import Ask, TakeAnswer
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Note
from weerklank.cases.doors import UploadedFile
from weerklank.cases.glance import first_words

MANY = 120


def steps(page: Page) -> list[tuple[str, str]]:
    """The phases on the page, each with its state."""
    line = next(each for each in page.root.all("ol") if each.attributes.get("class") == "phases")
    return [(item.text.split(" , ")[0], item.attributes["class"]) for item in line.all("li")]


def test_it_says_on_top_what_it_is_about_where_it_stands_and_what_is_due(desk: Desk) -> None:
    received = desk.receive()
    desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    page = desk.staff(desk.cast.femke).get(f"/desk/cases/{received.case_id}")
    assert page.heading == f"{received.reference} {STORY}"
    assert page.root.one("title").text.startswith(f"{received.reference} ·")
    assert steps(page)[0] == ("Received", "done")
    assert [name for name, state in steps(page) if state == "now"] == ["Being handled"]
    assert steps(page)[-1] == ("Closed", "next")
    glance = next(each for each in page.root.all("div") if each.attributes.get("class") == "glance").text
    assert "Why this day?" in page.text
    for words in ("By when", "Anna de Wit", "Femke Faber"):
        assert words in glance


def test_it_puts_first_what_is_possible_and_nearest(desk: Desk) -> None:
    case_id = desk.receive().case_id
    page = desk.staff(desk.cast.bram).get(f"/desk/cases/{case_id}")
    panels = [each for each in page.root.all("details") if "step" in each.attributes.get("class", "").split()]
    assert "first" in panels[0].attributes["class"].split()
    assert all("first" not in each.attributes["class"].split() for each in panels[1:])
    assert panels[0].attributes["id"] == "step-acknowledge"


def test_it_tells_a_long_story_by_its_first_words() -> None:
    assert first_words("Het duurde lang.\nEn meer.") == "Het duurde lang."
    assert first_words("  Kort ") == "Kort"
    assert first_words("") == ""
    long = first_words("woord " * 40)
    assert long.endswith("woord …")
    assert len(long) <= 92


def test_it_shows_a_long_history_a_page_at_a_time_and_stays_quick(desk: Desk) -> None:
    letters = [UploadedFile(f"brief-{number}.txt", b"Geachte mevrouw,") for number in range(10)]
    case_id = desk.receive(files=letters).case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    for number in range(MANY):
        desk.do(case_id, Note(f"Gebeld, keer {number:03}."), desk.cast.bram)
    femke, path = desk.staff(desk.cast.femke), f"/desk/cases/{case_id}"
    page = femke.get(path)
    assert f"keer {MANY - 1:03}." in page.text
    assert "keer 000." not in page.text
    assert "2 older files" in page.text
    found, address, pages = "", f"{path}/history", 0
    while address:
        told = femke.get(address)
        found, pages = found + told.text, pages + 1
        further = [each for each in told.root.all("a") if each.attributes.get("rel") == "next"]
        address = further[0].attributes["href"].removeprefix(femke.base) if further else ""
    assert pages > 2
    assert all(f"keer {number:03}." in found for number in range(MANY))
    with counted(desk.app) as asked:
        femke.get(path)
    assert len(asked) <= 8, asked


def test_it_pages_through_messages_and_takes_any_number_for_a_place(desk: Desk) -> None:
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("acknowledge", text="Dank u wel."), desk.cast.bram)
    for _ in range(10):
        desk.do(case_id, Ask("Welke dag was het?"), desk.cast.bram)
        desk.do(case_id, TakeAnswer("Gisteren."), desk.cast.bram)
    desk.write_out()
    bram, path = desk.staff(desk.cast.bram), f"/desk/cases/{case_id}"
    assert "All 11 messages" in bram.get(path).text
    assert bram.get(f"{path}/messages").text.count("To print") == 11
    assert "Nothing has been sent yet." in bram.get(f"{path}/messages?after=99").text
    for odd in ("x", "-1", "9" * 30):
        assert bram.get(f"{path}/messages?after={odd}").text.count("To print") == 11
        bram.get(f"{path}/history?before={odd}")


def test_it_says_of_a_letter_that_it_waits_for_the_printer_until_it_was_posted(desk: Desk) -> None:
    letter = {"name": "Anna de Wit", "address": "Dorpsstraat 2\n1234 AB Ergens"}
    case_id = desk.receive(contact=letter, way="post").case_id
    desk.do(case_id, Complete("acknowledge", text="Dank u wel."), desk.cast.bram)
    desk.write_out()
    bram, path = desk.staff(desk.cast.bram), f"/desk/cases/{case_id}"
    assert "A letter waits for the printer:" in bram.get(path).text
    letter_page = next(each for each in bram.get(path).root.all("a") if "/messages/" in each.attributes["href"])
    bram.send(bram.get(letter_page.attributes["href"].removeprefix(bram.base)), action="/posted")
    assert "A letter waits for the printer:" not in bram.get(path).text

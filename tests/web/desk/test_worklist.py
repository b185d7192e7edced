"""The worklist at the desk: narrowing down, views of one's own, several cases at once, and the walls around it."""

from __future__ import annotations

from datetime import timedelta

from tests.web.desk.conftest import Desk, counted, today
from tests.web.pages import Page, Reader
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.record import Record


def references(page: Page) -> list[str]:
    return [each.one("a").text for each in page.root.one("main").all("th", scope="row")]


def marked(page: Page, *wanted: str) -> dict[str, list[str]]:
    """The form's boxes of these cases, ticked."""
    rows = [row for row in page.root.one("main").all("tr") if any(each in row.text for each in wanted)]
    return {"case": [box.attributes["value"] for row in rows for box in row.all("input", type="checkbox")]}


def press(reader: Reader, page: Page, do: str, *wanted: str) -> Page:
    return reader.send(page, marked(page, *wanted), action="/marked", button=("do", do))


def test_it_tells_at_a_glance_what_is_late_due_and_waiting(desk: Desk) -> None:
    received = desk.receive()
    bram = desk.staff(desk.cast.bram)
    stand = bram.get("/desk/").root.one("ul", **{"class": "stand"})
    said = [each.text for each in stand.all("a")]
    assert said == ["0 Too late", "0 Due today", "1 In the next 7 days", "0 Waiting for others"]
    assert received.reference in bram.get("/desk/?view=week").text
    desk.do(received.case_id, Complete("acknowledge"), desk.cast.bram)
    desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    assert references(bram.get("/desk/?view=waiting")) == [received.reference]


def test_it_narrows_down_by_a_form_that_leads_to_an_address(desk: Desk) -> None:
    one, other = desk.receive(), desk.receive(language="en")
    desk.do(one.case_id, Complete("assign"), desk.cast.bram)
    desk.do(one.case_id, Record({"judgement": "upheld"}), desk.cast.femke)
    bram = desk.staff(desk.cast.bram)
    form = bram.get("/desk/narrow?view=all")
    assert form.heading == "Narrow down"
    page = bram.get("/desk/narrow?apply=yes&view=all&class=judgement%3Dupheld&phase=treatment")
    assert references(page) == [one.reference]
    assert "Class: judgement: upheld" in page.text
    assert references(bram.get(f"/desk/?view=all&handler={desk.cast.femke}")) == [one.reference]
    assert references(bram.get("/desk/?view=all&language=en")) == [other.reference]
    assert references(bram.get("/desk/?view=all&department=nowhere")) == []
    assert references(bram.get(f"/desk/?view=all&due-to={today().isoformat()}")) == []
    newest = bram.get("/desk/?view=all&sort=newest")
    assert references(newest) == [other.reference, one.reference]


def test_it_says_what_is_wrong_with_a_day_and_ignores_what_means_nothing(desk: Desk) -> None:
    reference = desk.receive().reference
    bram = desk.staff(desk.cast.bram)
    wrong = bram.get("/desk/narrow?apply=yes&from-day=31&from-month=2&from-year=2026", status=422)
    assert "This day does not exist" in wrong.errors()[0]
    odd = "/desk/?view=all&phase=x&class=y&handler=z&from=2026-99-99&department=%00&sort=q"
    assert references(bram.get(odd)) == [reference]


def test_it_keeps_a_view_for_oneself_and_opens_with_it(desk: Desk) -> None:
    desk.receive()
    english = desk.receive(language="en").reference
    bram, dewi = desk.staff(desk.cast.bram), desk.staff(desk.cast.dewi)
    form = bram.get("/desk/views/new?view=all&language=en")
    assert bram.send(form, {"name": ""}, status=422).errors() == ["Give this view a name."]
    bram.send(form, {"name": "In English", "standard": "yes"})
    page = bram.get("/desk/")
    assert references(page) == [english]
    assert "In English" in page.text
    assert "In English" not in dewi.get("/desk/").text
    address = next(each.attributes["href"] for each in page.root.all("a") if each.text == "In English")
    saved = address.partition("saved=")[2]
    dewi.get(f"/desk/?saved={saved}", status=404)
    dewi.post(f"/desk/views/{saved}/remove", {"csrf_token": token(dewi)}, status=404)
    bram.send(page, action="/remove")
    assert "In English" not in bram.get("/desk/").text


def token(reader: Reader) -> str:
    return next(reader.get("/desk/search").root.all("input", name="csrf_token")).attributes["value"]


def test_it_keeps_twenty_views_at_most(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    form = bram.get("/desk/views/new?view=all")
    for number in range(20):
        bram.send(form, {"name": f"View {number}"})
    page = bram.send(form, {"name": "One more"}, status=422)
    assert page.errors() == ["You can save at most 20 views. Remove one first."]


def test_it_marks_several_cases_as_read(desk: Desk) -> None:
    one, two = desk.receive().reference, desk.receive().reference
    bram = desk.staff(desk.cast.bram)
    page = bram.get("/desk/?view=all")
    assert page.text.count(" new ") == 2
    page = press(bram, page, "read", one)
    assert "1 case is marked as read" in page.text
    (unread,) = [row.text for row in page.root.all("tr") if row.attributes.get("class") == "unread"]
    assert two in unread
    assert "Tick one or more cases first" in press(bram, page, "read").text


def test_it_prints_several_cases_each_on_its_sheet(desk: Desk) -> None:
    one, two = desk.receive(), desk.receive()
    bram = desk.staff(desk.cast.bram)
    page = press(bram, bram.get("/desk/?view=all"), "print", one.reference, two.reference)
    assert len(list(page.root.all("article"))) == 2


def test_it_hands_over_what_the_rules_allow_and_says_why_the_rest_stays(desk: Desk) -> None:
    """Femke handles what is about Els, and nobody else may; a case that nobody handles yet cannot be handed over."""
    assigned, fresh = desk.receive(), desk.receive()
    desk.do(assigned.case_id, Complete("assign"), desk.cast.bram)
    bram = desk.staff(desk.cast.bram)
    form = press(bram, bram.get("/desk/?view=all"), "hand-over", assigned.reference, fresh.reference)
    missing = bram.send(form, action="/hand-over", status=422)
    assert len(missing.errors()) == 2
    page = bram.send(form, {"to": str(desk.cast.hugo), "note": "Kijk ernaar."}, action="/hand-over")
    assert page.heading == "0 cases were handed over"
    whys = [each.text for each in page.root.one("main").all("li")]
    assert {why.partition(":")[0].strip() for why in whys} == {assigned.reference, fresh.reference}
    assert all(len(why.partition(":")[2]) > 10 for why in whys)


def test_it_keeps_a_case_from_who_is_involved_whatever_is_marked_or_asked(desk: Desk) -> None:
    kept = desk.receive(facts={"about": desk.cast.bram})
    bram = desk.staff(desk.cast.bram)
    for view in ("all", "overdue", "today", "week", "waiting", "closed"):
        page = bram.get(f"/desk/?view={view}")
        assert kept.reference not in page.text
    assert "0 In the next 7 days" in page.text
    csrf = token(bram)
    ids = {"case": [str(kept.case_id)], "csrf_token": csrf}
    for do in ("read", "print", "hand-over"):
        assert kept.reference not in bram.post("/desk/marked", {**ids, "do": do}).text
    assert kept.reference not in bram.get(f"/desk/print?case={kept.case_id}").text
    gone = bram.post("/desk/marked/hand-over", {**ids, "to": str(desk.cast.dewi), "note": "x"})
    assert gone.heading == "0 cases were handed over"
    assert kept.reference not in gone.text


def test_it_asks_the_database_little_however_narrow(desk: Desk) -> None:
    for _ in range(3):
        desk.receive()
    bram = desk.staff(desk.cast.bram)
    later = (today() + timedelta(days=40)).isoformat()
    for path in ("/desk/?view=all", f"/desk/?view=all&phase=received&handler={desk.cast.femke}&due-to={later}"):
        bram.get(path)
        with counted(desk.app) as asked:
            bram.get(path)
        assert len([each for each in asked if "set_config" not in each]) <= 8, asked


def test_it_speaks_dutch(desk: Desk) -> None:
    desk.receive()
    page = desk.staff(desk.cast.bram, "nl").get("/desk/?view=all")
    for word in ("Te laat", "Vandaag", "Wacht op anderen", "Verder beperken", "Nieuwste eerst", "Markeer"):
        assert word in page.text, word

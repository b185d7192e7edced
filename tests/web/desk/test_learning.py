"""Learning at the desk: a report through its whole cycle, duties, recommendations, register and publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.cast import SMALL
from tests.learning.conftest import FACT, KEEPING, RULES, STAFF
from tests.web.desk.conftest import Desk, today
from tests.web.pages import Page, Reader
from weerklank.learning.counting import count_up
from weerklank.learning.model import LogEntry, Recommendation, Report
from weerklank.learning.place import place_of
from weerklank.web.forms import day_fields
from weerklank.web.parts import NAME

BY_HAND = RULES.replace("    every: 1 years\n    within: 2 months\n    remind: 2 weeks\n    tell: board\n", "", 1)
TEXT = SMALL.replace("\nfacts:\n", FACT).replace("\nroles:\n", STAFF).replace("keeping:\n", KEEPING) + BY_HAND
OpenDesk = Callable[[str], Desk]


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk(TEXT)


def begun(desk: Desk) -> tuple[Reader, str]:
    """The quality officer began the report; his browser and the report's address."""
    bram = desk.staff(desk.cast.bram)
    days = day_fields("first", today() - timedelta(days=1)) | day_fields("last", today())
    page = bram.send(bram.get("/desk/reports/begin/annual"), days)
    assert "Write and release the report: annual report" in page.text
    assert "The numbers are being counted" in bram.get(f"/desk/reports/{the(desk, Report)}").text
    worker_counts(desk)
    return bram, f"/desk/reports/{the(desk, Report)}"


def worker_counts(desk: Desk) -> None:
    """What the worker does with every report whose numbers are asked for."""
    with desk.session() as session:
        place = place_of(session, desk.app.extensions[NAME].engine, desk.organisation.id, datetime.now(UTC))
        for report_id in session.scalars(select(Report.id).where(Report.counting == "counting")).all():
            count_up(place, report_id)
        session.commit()


def test_its_page_tells_how_far_counting_is_and_that_it_failed(desk: Desk) -> None:
    bram, path = begun(desk)
    bram.send(bram.get(path), action="/count")
    with desk.session() as session:
        session.execute(update(Report).values(done=250, total=1_000))
        session.commit()
    page = bram.get(path)
    assert "The numbers are being counted: 250 of 1000 complaints" in page.text
    assert page.root.one("main").one("progress").attributes["value"] == "250"
    assert "In all" in page.text  # those of before stand as long as there are no others
    assert not any(form.attributes["action"].endswith(("/release", "/count")) for form in page.root.all("form"))
    with desk.session() as session:
        session.execute(update(Report).values(counting="failed"))
        session.commit()
    page = bram.get(path)
    assert "The numbers could not be counted" in page.text
    assert "is being counted anew" in bram.send(page, action="/count").text
    worker_counts(desk)
    assert "could not be counted" not in bram.get(path).text


def test_a_long_list_shows_its_first_lines_and_the_spreadsheet_has_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    references = [desk.receive(facts={"about": desk.cast.els}).reference for _ in range(3)]
    monkeypatch.setattr("weerklank.web.desk.reports.LINES_SHOWN", 2)
    bram, path = begun(desk)
    page = bram.get(path)
    assert [reference in page.text for reference in references] == [True, True, False]
    assert "These are the first 2 of 3." in page.text
    sheet = bram.client.get(f"{bram.base}{path}/figures.csv").get_data(as_text=True)
    assert all(reference in sheet for reference in references)


def the(desk: Desk, model: type[Report | Recommendation | LogEntry]) -> UUID:
    with desk.session() as session:
        return session.scalars(select(model.id).order_by(model.id.desc())).first() or UUID(int=0)


def test_a_report_goes_round_at_the_desk(desk: Desk) -> None:
    reference = desk.receive(facts={"about": desk.cast.els, "about_what": "price"}).reference
    bram, path = begun(desk)
    dewi, gijs = desk.staff(desk.cast.dewi), desk.staff(desk.cast.gijs)
    dewi.get(path, status=404)
    page = bram.send(bram.get(path), action="/release", status=422)
    assert "analysis" in page.text
    assert "art-9" in page.text
    bram.send(bram.get(f"{path}/write"), {"section-analysis": "De prijs was onduidelijk."})
    page = bram.send(bram.get(path), action="/release")
    assert "released" in page.text
    assert "De prijs was onduidelijk." in page.text
    assert [each.text for each in page.root.all("caption")][:1] == ["In all"]
    assert all(each.attributes.get("scope") for each in page.root.all("th"))
    bram.get(f"{path}/write", status=404)
    page = dewi.send(dewi.get(f"{path}/decide"), {"measure1": "Prijzen op de site."}, status=422)
    assert page.errors() == ["Choose who carries it out.", "Fill in by which day."]
    measure = {"measure1": "Prijzen op de site.", "owner1": str(desk.cast.gijs), "cases1": reference}
    dewi.send(page, measure | day_fields("by1", today() + timedelta(days=30)))
    gijs.get(path, status=404)
    bram.send(bram.get(f"{path}/present"))
    page = gijs.get(path)
    assert "Prijzen op de site." in page.text
    assert "De prijs was onduidelijk." in page.text
    assert "In all" not in page.text  # the numbers stay with those the report is for
    assert "recorded in the archive" in bram.get(path).text
    done = gijs.send(gijs.get("/desk/measures"), {"text": "Zie de site."}, action="/done")
    assert "carried out" in done.text
    checked = bram.send(bram.get("/desk/measures"), action="/check")
    assert "checked" in checked.text


def test_it_stands_in_the_worklist_of_who_has_to_do_it(desk: Desk) -> None:
    bram, path = begun(desk)
    page = bram.get("/desk/")
    link = next(each for each in page.root.all("a") if "Write and release the report" in each.text)
    assert link.attributes["href"].endswith(path)
    assert "Write and release" not in desk.staff(desk.cast.gijs).get("/desk/").text


def test_its_numbers_go_into_a_spreadsheet_for_those_it_is_for(desk: Desk) -> None:
    desk.receive(facts={"about": desk.cast.els, "about_what": "tone"})
    bram, path = begun(desk)
    answer = bram.client.get(f"{bram.base}{path}/figures.csv", headers={"Accept-Language": "nl"})
    assert "onderwerp;toon;1" in answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert desk.staff(desk.cast.gijs).client.get(f"{bram.base}{path}/figures.csv").status_code == 404


def test_who_is_kept_out_of_a_counted_case_is_told_so_and_sees_no_small_number(desk: Desk) -> None:
    desk.receive(facts={"about": desk.cast.dewi, "about_what": "tone"})
    bram, path = begun(desk)
    bram.send(bram.get(f"{path}/write"), {"section-analysis": "Zie de cijfers."})
    bram.send(bram.get(path), action="/release")
    page = desk.staff(desk.cast.dewi).get(path)
    assert "You are kept out of one of the complaints" in page.text
    assert "not shown" in page.text
    assert page.root.one("main").text.count("OWN-") == 0


def test_it_counts_again_while_it_is_a_draft(desk: Desk) -> None:
    bram, path = begun(desk)
    desk.receive(facts={"about": desk.cast.els, "about_what": "price"})
    assert "price" not in bram.get(path).text
    bram.send(bram.get(path), action="/count")
    worker_counts(desk)
    assert "price" in bram.get(path).text


def test_a_recommendation_is_made_talked_over_and_answered(desk: Desk) -> None:
    bram, dewi = desk.staff(desk.cast.bram), desk.staff(desk.cast.dewi)
    bram.send(bram.get("/desk/duties/advise"), {"to": "board", "text": "Bel eerder terug."})
    page = dewi.send(dewi.get("/desk/recommendations"), action="/accept", status=422)
    assert "art-10" in page.text
    bram.send(bram.get("/desk/recommendations"), {"text": "Met het team besproken."}, action="/consult")
    assert "Met het team besproken." in dewi.get("/desk/recommendations").text
    page = dewi.send(dewi.get("/desk/recommendations"), {"text": ""}, action="/reject", status=422)
    page = dewi.send(dewi.get("/desk/recommendations"), {"text": "Geen geld."}, action="/reject")
    assert "Not taken over: Geen geld." in page.text
    assert "Bel eerder" not in desk.staff(desk.cast.gijs).get("/desk/recommendations").text


def test_a_duty_is_noted_and_leaves_the_list(desk: Desk) -> None:
    dewi = desk.staff(desk.cast.dewi)
    assert "Do this, and note it: discuss" in dewi.get("/desk/learning").text
    page = dewi.send(dewi.get("/desk/duties/talk"), {"text": ""}, status=422)
    assert page.errors() == ["Write what it is."]
    page = dewi.send(dewi.get("/desk/duties/talk"), {"text": "Wij bespraken de klachten.", "who": "Het kantoor"})
    assert "Wij bespraken de klachten." in page.text
    assert "Do this, and note it: discuss" not in dewi.get("/desk/learning").text
    desk.staff(desk.cast.gijs).get("/desk/duties/talk", status=404)


def test_what_was_registered_can_be_struck_with_a_reason(desk: Desk) -> None:
    bram = desk.staff(desk.cast.bram)
    page = bram.send(bram.get("/desk/duties/note"), {"kind": "incident", "text": "Een dossier lag open."})
    assert "Een dossier lag open." in page.text
    bram.send(page, {"reason": "Niet nodig."}, action="/strike")
    page = bram.get("/desk/duties/note")
    assert "Een dossier lag open." not in page.text
    assert "Niet nodig." in page.text


def test_the_register_is_for_who_may_see_the_cases_and_without_names(desk: Desk) -> None:
    reference = desk.receive(facts={"about": desk.cast.els, "about_what": "tone"}).reference
    bram = desk.staff(desk.cast.bram)
    page = bram.get("/desk/quality")
    assert reference in page.text
    assert "Anna" not in page.text
    assert "tone" in page.text
    exported = bram.client.get(f"{bram.base}/desk/quality/register.csv").get_data(as_text=True)
    assert reference in exported
    assert "Anna" not in exported
    for other in (desk.cast.els, desk.cast.gijs):
        assert reference not in desk.staff(other).get("/desk/quality").text
    wrong = bram.send(bram.get("/desk/quality/strike"), {"reference": "", "fact": "cause"}, status=422)
    assert wrong.errors() == ["Fill in the reference.", "Give a reason."]
    bram.send(wrong, {"reference": reference, "fact": "cause", "reason": "Niet nodig."})
    assert "struck" in bram.get("/desk/quality").text


def test_places_are_looked_at_and_clients_told(desk: Desk) -> None:
    bram, gijs = desk.staff(desk.cast.bram), desk.staff(desk.cast.gijs)
    assert "counts as made known once" in bram.get("/desk/publication").text
    page = bram.send(bram.get("/desk/publication"), action="/site/check")
    assert "Somebody looked at every place" in page.text
    page = gijs.send(gijs.get("/desk/publication"), {"text": "Dossier 12"}, action="/start/announce")
    assert "not yet" in told(page, "Dossier 12")
    entry = {"entry": str(the(desk, LogEntry)), "text": "", "csrf_token": token(page)}
    page = gijs.post("/desk/publication/start/tell", entry)
    assert "Gijs Groot" in told(page, "Dossier 12")


def told(page: Page, who: str) -> str:
    return next(each.text for each in page.root.all("tr") if who in each.text)


def token(page: Page) -> str:
    return next(page.root.all("input", name="csrf_token")).attributes["value"]


def test_another_organisations_report_is_not_there(desk: Desk, open_desk: OpenDesk) -> None:
    bram, path = begun(desk)
    other = open_desk(TEXT)
    stranger = other.staff(other.cast.bram)
    stranger.get(path, status=404)
    stranger.get(f"{path}/write", status=404)
    page = stranger.get("/desk/learning")
    assert "draft" not in page.text
    for step in ("release", "count", "decide"):
        stranger.post(f"{path}/{step}", {"csrf_token": token(stranger.get("/desk/absence"))}, 404)
    assert "draft" in bram.get("/desk/learning").text

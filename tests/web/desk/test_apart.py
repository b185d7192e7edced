"""What is kept apart for some roles, by every door; the page of who only carries out a measure; agreed days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.cast import SMALL
from tests.web.desk.conftest import STORY, Desk, today
from weerklank.cases.actions.complete import Complete
from weerklank.cases.actions.measures import PlanMeasure
from weerklank.kernel.ids import new_id
from weerklank.web.forms import day_fields

APART = SMALL.replace("    message: acknowledgement\n", "    message: acknowledgement\n    visible: quality_officer\n")


def links(page: object, part: str) -> list[str]:
    return [each.attributes["href"] for each in page.root.all("a") if part in each.attributes["href"]]  # type: ignore[attr-defined]  # a Page


def test_it_shows_by_no_door_what_is_written_sent_and_attached_in_a_step_that_is_kept_apart(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(APART)
    case_id = desk.receive().case_id
    path = f"/desk/cases/{case_id}"
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    bram, femke = desk.staff(desk.cast.bram), desk.staff(desk.cast.femke)

    form = bram.get(f"{path}/note")
    assert "Only quality officer, with: acknowledge receipt" in form.text
    bram.send(form, {"text": "Zij klonk bang.", "step": "acknowledge"})
    bram.send(bram.get(f"{path}/note"), {"text": "Gebeld om tien uur."})
    bram.send(bram.get(f"{path}/files"), {"step": "acknowledge"}, files=[(b"%PDF-1.4 kladje", "kladje.pdf")])
    page = bram.get(path)
    assert "only for: quality officer" in page.text
    bram.send(page, {"acknowledge-text": "Mevrouw Prins belt u morgen."}, action="/steps/acknowledge")
    desk.write_out()

    seen = bram.get(path)
    for words in ("Zij klonk bang.", "kladje.pdf", "Mevrouw Prins belt u morgen.", "Gebeld om tien uur."):
        assert words in seen.text
    hidden = femke.get(path)
    assert "Gebeld om tien uur." in hidden.text
    assert STORY in hidden.text
    for words in ("Zij klonk bang.", "kladje", "Prins", "Sent: acknowledgement"):
        assert words not in hidden.text
        assert words not in femke.get("/desk/").text
    (file,), (letter, *_) = links(seen, "/file/"), links(seen, f"{case_id}/messages/")
    for address in (file, letter):
        bram.client.get(address)
        femke.get(address.removeprefix(femke.base), 404)
    assert "Only" not in femke.get(f"{path}/note").text


def test_it_shows_a_measure_and_nothing_else_to_who_only_carries_it_out(desk: Desk) -> None:
    received = desk.receive()
    path = f"/desk/cases/{received.case_id}"
    desk.do(received.case_id, Complete("assign"), desk.cast.bram)
    measure = new_id()
    planned = PlanMeasure(measure, desk.cast.gijs, today() + timedelta(days=9), "De bel repareren.")
    desk.do(received.case_id, planned, desk.cast.femke)

    gijs = desk.staff(desk.cast.gijs)
    listed = gijs.get("/desk/")
    assert received.reference in listed.text
    assert "Anna" not in listed.text
    assert "All open cases 0" in listed.text
    page = gijs.get(path)
    assert "De bel repareren." in page.text
    for words in (STORY, "Anna", "Femke"):
        assert words not in page.text
    for door in ("note", "plan", "files", f"carry-out/{measure}", "archive"):
        gijs.get(f"{path}/{door}", 404)
    gijs.get(f"{path}/measure/{new_id()}", 404)
    assert gijs.send(gijs.get(f"{path}/measure/{measure}"), {"text": ""}, status=422).text.count("Say what shows") >= 1
    done = gijs.send(gijs.get(f"{path}/measure/{measure}"), {"text": "De bel doet het."})
    assert "The measure is reported as carried out." in done.text
    assert "De bel doet het." in desk.staff(desk.cast.femke).get(path).text


def test_it_records_who_agreed_to_a_later_day_and_how(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(SMALL.replace("      in_all: 4 weeks\n", "      in_all: 4 weeks\n      further: true\n"))
    case_id = desk.receive().case_id
    path = f"/desk/cases/{case_id}"
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    femke = desk.staff(desk.cast.femke)
    later: date = today() + timedelta(days=200)
    lacking = femke.send(femke.get(f"{path}/agree/decide"), day_fields("until", later), status=422)
    assert "Say who agreed in writing." in lacking.errors()
    given = {"consented": "complainant", "words": "Per e-mail van vandaag.", "reason": "Wij wachten op een rapport."}
    page = femke.send(femke.get(f"{path}/agree/decide"), given | day_fields("until", later))
    assert "The agreed day is recorded." in page.text
    assert "Per e-mail van vandaag." in page.text
    assert not links(page, "/extend/decide")

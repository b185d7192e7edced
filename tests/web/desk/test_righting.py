"""What reached nobody is undone; what did is put right beside it, with a reason, and stays."""

from __future__ import annotations

from tests.web.desk.conftest import Desk
from tests.web.pages import Element, Page, Reader
from weerklank.cases.actions.complete import Complete


def handled(desk: Desk) -> tuple[str, Reader, Reader]:
    """A case that Femke handles; Bram sees it too."""
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    return f"/desk/cases/{case_id}", desk.staff(desk.cast.femke), desk.staff(desk.cast.bram)


def entry(page: Page, words: str) -> Element:
    return next(each for each in page.root.one("main").all("li") if words in each.text and "done" in
                each.attributes.get("class", ""))


def ways(page: Page, words: str) -> list[str]:
    return [each.attributes["href"].split("/desk/")[1] for each in entry(page, words).all("a")]


def test_it_takes_back_a_note_of_ones_own_only(desk: Desk) -> None:
    path, femke, bram = handled(desk)
    femke.send(femke.get(f"{path}/note"), {"text": "Verkeerde zaak, excuses."})
    (way,) = ways(femke.get(f"{path}/history"), "Verkeerde zaak")
    assert "/take-back/" in way
    assert "/correct/" in ways(bram.get(f"{path}/history"), "Verkeerde zaak")[0]
    bram.get(f"/desk/{way}", status=404)
    done = femke.send(femke.get(f"/desk/{way}"), {"do": "check"})
    assert "The note is taken back." in done.text
    for reader in (femke, bram):
        history = reader.get(f"{path}/history")
        assert "Verkeerde zaak" not in history.text
        assert "This note was taken back." in history.text
    femke.get(f"/desk/{way}", status=404)


def test_it_puts_a_correction_with_its_reason_beside_what_cannot_be_undone(desk: Desk) -> None:
    path, femke, bram = handled(desk)
    decision = {"decision-fact-judgement": "upheld", "decision-text": "U heeft gelijk."}
    femke.send(femke.get(path), decision, action="/steps/decision")
    (way,) = ways(femke.get(f"{path}/history"), "Sent:")
    form = femke.get(f"/desk/{way}")
    assert "cannot be undone" in form.text
    assert "Give a reason." in femke.send(form, {"reason": " "}, status=422).errors()
    femke.send(form, {"reason": "De datum in de brief klopt niet."})
    assert "De datum in de brief klopt niet." in entry(bram.get(f"{path}/history"), "Sent:").text


def test_it_undoes_a_change_of_what_was_filled_in(desk: Desk) -> None:
    path, femke, _ = handled(desk)
    femke.send(femke.get(f"{path}/facts/about"), {"facts-fact-about": str(desk.cast.gijs)})
    way = next(each for each in ways(femke.get(f"{path}/history"), "Filled in") if "/put-back/" in each)
    assert "It is as it was before." in femke.send(femke.get(f"/desk/{way}")).text
    femke.get(f"/desk/{way}", status=404)

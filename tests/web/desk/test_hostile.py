"""Whatever is typed at the desk, the answer is clear and never an error of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.desk.conftest import Desk
from tests.web.pages import Reader
from weerklank.cases.actions.complete import Complete

ODD = ("", "\0", "x" * 30_000, "🙂" * 200, "<script>alert(1)</script>", "' OR 1=1 --", "-1", "9" * 14, "{0}%s")
NOT_THERE = ("move/x", "carry-out/x", "verify/x", "release/x", "extend/x", "extend", "facts/x", "steps/x/y")
PLACES = ("?after=~~~", "?after=2026-01-01~x~y", "?after=%00", f"?view=all&after={'9' * 500}", "?view=x")
FOUND = ("find", "find?reference=%00", "find?reference=%F0%9F%99%82", "registered")


def token(reader: Reader) -> str:
    return next(iter(reader.get("/desk/absence").root.all("input", name="csrf_token"))).attributes["value"]


def send(reader: Reader, path: str, typed: dict[str, Any]) -> int:
    answer = reader.client.post(reader.base + path, data={"csrf_token": token(reader), **typed})
    assert "<script>alert(1)</script>" not in answer.get_data(as_text=True)
    return answer.status_code


@pytest.mark.parametrize("odd", ODD)
def test_it_answers_every_form_whatever_is_typed(desk: Desk, odd: str) -> None:
    case_id = desk.receive().case_id
    desk.do(case_id, Complete("assign"), desk.cast.bram)
    path, femke = f"/desk/cases/{case_id}", desk.staff(desk.cast.femke)
    fields = ("text", "reason", "person", "owner", "relation", "amount", "unit", "seq", "on-day", "on-month", "on-year",
              "day-day", "day-month", "day-year", "facts-fact-about", "decision-text", "decision-fact-judgement",
              "decision-on-day", "decision-on-year", "decision-person", "decision-outcome")  # fmt: skip
    acts = ("note", "ask", "answered", "involve", "step-back", "withdraw", "plan", "extend/decide", "facts/about",
            "facts/judgement", "steps/decision", "files")  # fmt: skip
    for act in acts:
        assert send(femke, f"{path}/{act}", dict.fromkeys(fields, odd)) in (302, 404, 409, 422), act
    names = ("channel", "name", "email", "phone", "address", "way", "tongue", "story", "time", "receiver", "form-id",
             "received-day", "received-month", "received-year", "register-fact-about", "helper-email")  # fmt: skip
    assert send(femke, "/desk/register", dict.fromkeys(names, odd)) == 422
    assert send(femke, "/desk/absence", dict.fromkeys(("first-day", "first-month", "first-year"), odd)) == 422


@pytest.mark.parametrize("day", [("31", "2", "2026"), ("1", "1", "0001"), ("1", "1", "9999"), ("a", "b", "c")])
def test_it_takes_no_day_that_cannot_be(desk: Desk, day: tuple[str, str, str]) -> None:
    case_id = desk.receive().case_id
    path, bram = f"/desk/cases/{case_id}", desk.staff(desk.cast.bram)
    typed = dict(zip(("day-day", "day-month", "day-year"), day, strict=True))
    plan = {"seq": "99", "text": "x", "owner": str(desk.cast.gijs)}
    assert send(bram, f"{path}/plan", {**plan, **typed}) == 422
    acknowledge = {f"acknowledge-on-{part}": value for part, value in zip(("day", "month", "year"), day, strict=True)}
    assert send(bram, f"{path}/steps/acknowledge", {"seq": "99", "acknowledge-text": "x", **acknowledge}) == 422
    received = {f"received-{part}": value for part, value in zip(("day", "month", "year"), day, strict=True)}
    letter = {"channel": "letter", "name": "Anna", "story": "Mis.", **received}
    assert send(bram, "/desk/register", letter) == 422


@pytest.mark.parametrize("path", [*PLACES, *FOUND])
def test_it_answers_odd_addresses(desk: Desk, path: str) -> None:
    desk.staff(desk.cast.bram).get(f"/desk/{path}")


@pytest.mark.parametrize("path", NOT_THERE)
def test_it_knows_no_thing_that_is_not_in_the_case(desk: Desk, path: str) -> None:
    desk.staff(desk.cast.bram).get(f"/desk/cases/{desk.receive().case_id}/{path}", 404)


def test_it_goes_back_to_the_case_for_a_step_that_is_not_open(desk: Desk) -> None:
    received = desk.receive()
    page = desk.staff(desk.cast.bram).get(f"/desk/cases/{received.case_id}/steps/close")
    assert page.heading.startswith(received.reference)
    assert "This step is not open to you now." in page.text

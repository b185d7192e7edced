"""Cases that belong together, restrictions, who acts for the complainant, lost codes and letters, at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.cast import SMALL
from tests.web.desk.conftest import Desk, today
from tests.web.pages import Reader
from weerklank.cases.doors import Received

MORE = """
combining:
  by: quality_officer
  links:
    underlying: {label: {nl: onderliggende zaak, en: underlying case}, rests: true, source: art-9}
  merge: {message: merged, source: art-9}
  split: {message: merged, source: art-9}
  source: art-9

restrictions:
  letters_only:
    label: {nl: alleen per brief, en: by letter only}
    by: quality_officer
    most: 3 months
    message: merged
    closes: portal
    source: art-9

messages:
  merged:
    label: {nl: verder, en: goes on}
    to: complainant
    body: {nl: "Zie {other}. {text}", en: "See {other}. {text}"}
    source: art-9
"""


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    text = SMALL.replace("\nmessages:\n", MORE).replace("\ncontact:\n", "\ncontact:\n  several: true\n")
    return open_desk(text)


def officer(desk: Desk) -> Reader:
    return desk.staff(desk.cast.bram)


def two(desk: Desk) -> tuple[Received, Received]:
    return desk.receive(), desk.receive(contact={"name": "Piet Post", "email": "piet@voorbeeld.example"}, facts={})


def day_of(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def test_it_links_a_case_that_then_rests_and_takes_the_link_away(desk: Desk) -> None:
    (first, second), browser = two(desk), officer(desk)
    form = browser.get(f"/desk/cases/{first.case_id}/link")
    wrong = browser.send(form, {"link": "underlying", "number": "ABC-2026-9999"}, status=422)
    assert wrong.errors() == ["There is no case with this reference that you can see."]
    page = browser.send(form, {"link": "underlying", "number": second.reference})
    assert second.reference in page.text
    assert "this case rests" in browser.get(f"/desk/cases/{second.case_id}").text


def test_it_merges_a_case_into_another(desk: Desk) -> None:
    (first, second), browser = two(desk), officer(desk)
    form = browser.get(f"/desk/cases/{first.case_id}/merge")
    page = browser.send(form, {"number": second.reference, "text": "Same event."})
    assert "merged" in page.text
    assert "Complains along: Anna de Wit" in browser.get(f"/desk/cases/{second.case_id}").text


def test_it_splits_off_a_part(desk: Desk) -> None:
    received, browser = desk.receive(facts={}), officer(desk)
    form = browser.get(f"/desk/cases/{received.case_id}/split")
    page = browser.send(form, {"story": "The bill was wrong too."})
    assert "split" in page.text


def test_it_restricts_contact_and_lifts_that(desk: Desk) -> None:
    received, browser = desk.receive(facts={}), officer(desk)
    form = browser.get(f"/desk/cases/{received.case_id}/restrict")
    values = {"restriction": "letters_only", "reason": "Forty mails a day", **day_of("until", today() + timedelta(30))}
    page = browser.send(form, values)
    assert "Contact is restricted" in page.text
    lift = browser.get(f"/desk/cases/{received.case_id}/lift/letters_only")
    lifted = browser.send(lift, {"reason": "Apologies"}).root.one("main").text
    assert "Contact is restricted" not in lifted


def test_it_registers_who_acts_for_the_complainant_and_who_complains_along(desk: Desk) -> None:
    received, browser = desk.receive(facts={}), officer(desk)
    form = browser.get(f"/desk/cases/{received.case_id}/represent")
    page = browser.send(form, {"acting": "acts", "party-name": "Ben Berg", "party-email": "b@example.nl"})
    assert "gets the letters: Ben Berg" in page.text
    form = browser.get(f"/desk/cases/{received.case_id}/join")
    page = browser.send(form, {"party-name": "Kees Kok", "party-address": "Kade 1"})
    assert "Complains along: Kees Kok" in page.text


def test_it_replaces_a_lost_code_and_the_old_one_opens_nothing(desk: Desk) -> None:
    received, browser = desk.receive(facts={}), officer(desk)
    form = browser.get(f"/desk/cases/{received.case_id}/code")
    unchecked = browser.send(form, {"reason": "Called back"}, status=422)
    assert unchecked.errors() == ["Tick this box once you have checked who it is."]
    browser.send(form, {"reason": "Called back", "checked": "yes"})
    outside = Reader(desk.app.test_client(), f"/{desk.organisation.slug}", "en")
    outside.send(outside.get("/status"), {"code": received.code}, status=422)


def test_it_lists_letters_until_they_are_posted(desk: Desk) -> None:
    assert "No letter waits for the printer." in officer(desk).get("/desk/letters").text

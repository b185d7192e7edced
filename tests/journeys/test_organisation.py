"""An organisation of its own: it signs up, is approved, sets itself up, takes a complaint, and is suspended."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.house import House, until, words
from tests.journeys.portal import Made, give_code, read_confirmation
from tests.journeys.visitor import PASSWORD, Visitor
from weerklank.identity.operators import make_operator_link
from weerklank.kernel.database import open_session, without_tenant

pytestmark = pytest.mark.browser

SLUG = "buurtzorg-oost"
REGISTRATION = {
    "organisation": "Buurtzorg Oost",
    "address": "Parkweg 1\n1234 AB Oosterdam",
    "slug": SLUG,
    "prefix": "BZO",
    "template": "general",
    "name": "Ada Admin",
    "email": "ada@buurtzorg.example",
    "terms": "yes",
}
LINK = re.compile(r"http://\S+/link/\S+")


def link_in(house: House, address: str, subject: str) -> str:
    found = LINK.search(words(house.post.wait_for(address, subject)))
    assert found
    return found.group()


def choose_password(visitor: Visitor, address: str) -> None:
    visitor.open(address)
    visitor.fill({"password": PASSWORD, "password-again": PASSWORD})
    visitor.press("Set password")
    assert visitor.status == 200, visitor.text


def become_operator(house: House, operator: Visitor) -> None:
    """By the one-time link that a new installation prints."""
    with open_session(house.platform.database) as session, without_tenant(session, "operators are the platform's"):
        token = make_operator_link(session, house.platform.now())
        session.commit()
    operator.open(f"/console/link/{token}")
    operator.fill({"username": "otto", "password": PASSWORD, "password-again": PASSWORD})
    operator.press("Become operator")
    operator.fill({"username": "otto", "password": PASSWORD})
    operator.press("Log in")
    operator.follow("Buurtzorg Oost")


def log_in(visitor: Visitor, email: str, path: str) -> None:
    visitor.open(path)
    visitor.fill({"email": email, "password": PASSWORD})
    visitor.press("Log in")


def appoint(ada: Visitor, name: str, post: str) -> None:
    """Somebody new, invited, with a post."""
    ada.open("/office/people/new")
    ada.fill({"name": name, "email": f"{name.split()[0].lower()}@buurtzorg.example", "invite": "yes"})
    ada.press("Add")
    assert ada.heading == name
    ada.fill({"post": post})
    ada.press("Appoint")
    ada.see("Appointed.", post)


def publish(ada: Visitor) -> None:
    """The procedure, with eight weeks where the template has six; a mistake is shown with its line first."""
    ada.open("/office/procedure/new")
    text = ada.page.locator("#text").input_value()
    ada.fill({"text": text.replace("owner: handler", "owner: handeler")})
    ada.press("Check")
    ada.see("This cannot be published before they are gone.", "handeler")
    ada.fill({"text": text.replace("within: 6 weeks", "within: 8 weeks")})
    ada.press("Publish")
    ada.see("Version 2 is published")


def complain(visitor: Visitor) -> Made:
    visitor.open("/complain")
    visitor.fill({"story": "The nurse came two hours late, three days in a row."})
    visitor.press("Continue")
    visitor.press("Continue")
    visitor.press("Continue")
    visitor.fill({"way": "email", "name": "Carla Kok", "email": "carla@kok.example", "tongue": "en"})
    visitor.press("Continue")
    visitor.press("Send my complaint")
    return read_confirmation(visitor)


def test_it_goes_from_signing_up_to_a_complaint_and_its_status_stays_when_suspended(
    house: House, visitor: OpenVisitor
) -> None:
    house.move_clock("2026-05-11 10:00")
    ada = visitor()
    ada.open("/sign-up")
    ada.fill({**REGISTRATION, "slug": "console"})
    ada.press("Sign up")
    assert ada.status == 422
    ada.fill({"slug": SLUG})
    ada.press("Sign up")
    ada.see("ada@buurtzorg.example")
    here = visitor(SLUG)
    choose_password(here, link_in(house, "ada@buurtzorg.example", "Confirm your e-mail address"))
    here.see("We now look at your registration.")

    operator = visitor()
    become_operator(house, operator)
    operator.press("Approve")
    operator.see("Approved: the trial begins.")

    until(lambda: is_open(here), "the organisation is open")
    log_in(here, "ada@buurtzorg.example", "/office/")
    here.see("Nobody holds these posts")
    appoint(here, "Cora Coster", "complaints coordinator")
    appoint(here, "Dirk Dam", "board")
    publish(here)
    carla = visitor(SLUG, phone=True)
    made = complain(carla)
    carla.see("Monday 6 July 2026")
    cora = visitor(SLUG)
    choose_password(cora, link_in(house, "cora@buurtzorg.example", "access"))
    log_in(cora, "cora@buurtzorg.example", "/desk/")
    cora.see(made.reference, "Carla Kok")

    operator.fill({"reason-suspend": "The invoice was not paid."})
    operator.press("Suspend")
    until(lambda: is_suspended(carla), "no new complaints are taken")
    carla.see("You can complain in another way. It counts just the same.", "Parkweg 1, 1234 AB Oosterdam")
    give_code(carla, made.code)
    carla.see(made.reference, "Monday 6 July 2026")
    cora.open("/desk/")
    cora.see(made.reference)


def is_open(visitor: Visitor) -> bool:
    visitor.open("/login")
    return visitor.status == 200


def is_suspended(visitor: Visitor) -> bool:
    visitor.open("/complain")
    return "You cannot complain through this page now" in visitor.text

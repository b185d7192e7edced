"""Pages of trouble in Chromium, as whoever meets them sees them: each status, a form that is too old, a busy moment,
a session that ended while one wrote, and two people at one field."""

from __future__ import annotations

from typing import NoReturn

import pytest
from flask import Flask, abort

from tests.gates.conftest import OpenEyes
from tests.gates.ground import FULL, Ground
from tests.gates.look import DESK, PHONE, Eyes
from tests.gates.rare import RARE
from weerklank.web.access import Access, access
from weerklank.web.errors import WORDS
from weerklank.web.turns import BUSY

pytestmark = pytest.mark.browser

PLACE = f"/{FULL}/status"


def served(own: Eyes, url: str, status: int, headers: dict[str, str], body: bytes) -> None:
    """Have the browser get this page in the place of the one that is there; all else comes from the server."""
    own.page.route(url, lambda route: route.fulfill(status=status, headers=headers, body=body))
    assert own.open(url) == status
    own.page.unroute(url)


@pytest.mark.parametrize("status", WORDS)
def test_its_page_of_trouble_can_be_used_by_everybody(
    status: int, ground: Ground, gates_app: Flask, eyes: OpenEyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    @access(Access.PUBLIC)
    def trouble() -> NoReturn:
        abort(status)

    monkeypatch.setitem(gates_app.view_functions, "portal.status", trouble)
    answer = gates_app.test_client().get(PLACE, headers={"Accept-Language": "nl"})
    own = eyes("everybody")
    served(own, f"{ground.url}{PLACE}", status, dict(answer.headers), answer.data)
    assert list(own.look(PHONE)) == []


def test_a_busy_moment_is_told_to_everybody(ground: Ground, eyes: OpenEyes) -> None:
    own, policy = eyes("everybody"), "default-src 'none'; style-src 'unsafe-inline'"
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
    served(own, f"{ground.url}{PLACE}", 503, headers, BUSY)
    assert list(own.look(PHONE)) == []


def test_nothing_is_sent_and_nothing_lost_without_a_connection(ground: Ground, eyes: OpenEyes) -> None:
    own = eyes("everybody")
    own.open(f"{ground.url}/{FULL}/complain/story")
    own.page.fill("[name=story]", "Mijn brief kwam niet aan.")
    own.context.set_offline(True)
    try:
        own.page.locator("main form .button").first.click()
        assert "Er is nu geen verbinding." in own.page.get_by_role("alert").inner_text()
        assert own.page.input_value("[name=story]") == "Mijn brief kwam niet aan."
        assert list(own.look(PHONE)) == []
    finally:
        own.context.set_offline(False)
    with own.page.expect_navigation(wait_until="load"):
        own.page.locator("main form .button").first.click()
    assert own.page.url.endswith("/complain/details")


def test_a_form_that_is_too_old_is_given_back(ground: Ground, eyes: OpenEyes) -> None:
    own = eyes("everybody")
    own.open(f"{ground.url}/{FULL}/complain/story")
    own.context.clear_cookies(name=f"weerklank-{FULL}-form")
    assert own.send({"story": "Mijn brief kwam niet aan."}) == 400
    assert list(own.look(PHONE)) == []
    with own.page.expect_navigation(wait_until="load") as coming:
        own.page.locator("main form button").last.click()
    assert coming.value.status == 200
    own.open(f"{ground.url}/{FULL}/complain/story")
    assert own.page.input_value("[name=story]") == "Mijn brief kwam niet aan."


def test_what_was_typed_outlasts_the_session(ground: Ground, eyes: OpenEyes) -> None:
    bram, words = eyes("bram"), "Teruggebeld, en niemand nam op."
    bram.open(f"{ground.url}/{RARE}/desk/cases/{ground.things['asked']}/note")
    bram.context.clear_cookies(name=f"weerklank-{RARE}-staff")
    assert bram.send({"text": words}) == 401
    assert list(bram.look(DESK)) == []
    bram.context.add_cookies(ground.cookies["bram"])  # type: ignore[arg-type]  # dicts as it wants them
    with bram.page.expect_navigation(wait_until="load"):
        bram.page.locator("main form button").last.click()
    assert words in bram.page.locator("main").inner_text()


def test_two_people_at_one_field_see_what_each_filled_in(ground: Ground, eyes: OpenEyes) -> None:
    femke, case_id = eyes("femke"), ground.things["asked"]
    femke.open(f"{ground.url}/{RARE}/desk/cases/{case_id}/facts/judgement")
    ground.rare.record(case_id, {"judgement": "not_upheld"})
    assert femke.send({"facts-fact-judgement": "upheld"}) == 409
    assert list(femke.look(DESK)) == []
    assert list(femke.mirrored(DESK)) == []

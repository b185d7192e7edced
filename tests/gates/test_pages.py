"""Every page there is, in Chromium: its words, its names, its colours and its widths."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.gates.conftest import SLUGS, OpenEyes
from tests.gates.ground import FULL, Ground
from tests.gates.look import DESK, PHONE, Eyes
from tests.gates.places import Places, crawl
from tests.gates.table import NO_PAGES, PAGES, STARTS, Look

pytestmark = pytest.mark.browser

FORCED = ("shared.front", "portal.fill_in", "portal.overview", "desk.worklist", "desk.case")
FindPlaces = Callable[[str], Places]


@pytest.fixture(scope="package")
def places(ground: Ground, eyes: OpenEyes, gates_app: Flask) -> FindPlaces:
    found: dict[str, Places] = {}

    def of(who: str) -> Places:
        if who not in found:
            slug, starts = STARTS[who]
            whole = [start.format(**ground.things) for start in starts]
            found[who] = crawl(gates_app, eyes(who).context.request, ground.url + SLUGS[slug], whole)
        return found[who]

    return of


def named(endpoint: str, look: Look) -> str:
    return " ".join(part for part in (endpoint, look.who, look.state) if part)


@pytest.mark.parametrize(
    ("endpoint", "look"), [pytest.param(e, each, id=named(e, each)) for e, looks in PAGES.items() for each in looks]
)
def test_it_can_be_used_by_everybody(
    endpoint: str, look: Look, ground: Ground, eyes: OpenEyes, places: FindPlaces
) -> None:
    own, base = eyes(look.who), ground.url + SLUGS[STARTS[look.who][0]]
    paths = [look.path.format(**ground.things)] if look.path else found(endpoint, look, places)
    wrong = [f"{path}: {each}" for path in paths for each in seen(endpoint, look, own, base, path)]
    assert not wrong, "\n".join(["", *wrong])


def found(endpoint: str, look: Look, places: FindPlaces) -> list[str]:
    """The addresses that links lead to, one of each kind."""
    others = places(look.beside).of(endpoint) if look.beside else {}
    mine = {kind: path for kind, path in places(look.who).of(endpoint).items() if kind not in others}
    assert mine or look.beside, "no link leads here: let the ground have one, or tell the path"
    return list(mine.values())


def seen(endpoint: str, look: Look, own: Eyes, base: str, path: str) -> list[str]:
    """What is wrong with one address, in each of its directions."""
    is_portal = endpoint.startswith("portal.") or endpoint == "shared.front"
    size = PHONE if is_portal else DESK
    own.page.set_viewport_size(size)  # type: ignore[arg-type]  # a dict with two numbers
    status = come(own, f"{base}{path}", look)
    if status != look.status:
        return [f"answered with {status}, not {look.status}"]
    found = list(own.look(size, shows_parts=look.shows_parts))
    if endpoint in FORCED and not look.state:
        found += own.forced()
    if is_portal:
        found += own.weight()
        come(own, f"{base}{path}?lang=ar", look)
    found += (f"from right to left: {each}" for each in (own.turned(size) if is_portal else own.mirrored(size)))
    own.context.clear_cookies(name=f"weerklank-{FULL}-language")
    return found


def come(own: Eyes, address: str, look: Look) -> int:
    """Open a page; fill in its form where that is asked."""
    status = own.open(address)
    return status if look.filled is None else own.send(look.filled)


def test_every_route_is_in_the_table(gates_app: Flask) -> None:
    reads = {rule.endpoint for rule in gates_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert reads == set(PAGES) | NO_PAGES

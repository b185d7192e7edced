"""The pictures of the key pages, in the manual and beside this test, show the pages as they are: `make pictures`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.gates.album import (
    KEPT,
    MANUAL,
    MOST_APART,
    MOST_BYTES,
    PICTURES,
    Picture,
    apart,
    keep,
    place_of,
    read_outlines,
    take,
)
from tests.gates.conftest import SLUGS, OpenEyes
from tests.gates.ground import FULL, Ground
from tests.gates.table import STARTS

pytestmark = pytest.mark.browser

RENEW = bool(os.environ.get("PICTURES"))
NEW = "the page has changed: look at it, and let `make pictures` take its picture anew"


@pytest.fixture(scope="module")
def easel(chromium: Browser) -> Iterator[Page]:
    """An empty page to paint in."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_its_picture_shows_the_page_as_it_is(picture: Picture, ground: Ground, eyes: OpenEyes, easel: Page) -> None:
    own = eyes(picture.who)
    own.wear(picture.size, "dark" if picture.dark else "light")
    base = ground.url + SLUGS[STARTS[picture.who][0]]
    own.open(f"{base}{picture.path.format(**ground.things)}?lang={picture.language}")
    if picture.filled is not None:
        own.send(picture.filled)
    assert own.page.locator("html").get_attribute("lang") == picture.language
    png, outline = take(own.page)
    own.context.clear_cookies(name=f"weerklank-{FULL}-language")
    if RENEW:
        keep(easel, picture.name, png, outline)
    assert place_of(picture.name).exists(), NEW
    assert outline == read_outlines()[picture.name], NEW
    assert apart(easel, png, place_of(picture.name).read_bytes()) < MOST_APART, NEW


def test_the_manual_shows_pictures_that_are_kept_current() -> None:
    for page in MANUAL.parent.glob("*.md"):
        shown = set(re.findall(r"pictures/([\w-]+)\.png", page.read_text("utf-8")))
        assert shown <= {picture.name for picture in PICTURES}, page.name


def test_no_picture_is_kept_that_nobody_takes_and_all_are_small() -> None:
    kept = [*KEPT.glob("*.png"), *MANUAL.glob("*.png")]
    assert sorted(kept) == sorted(place_of(picture.name) for picture in PICTURES)
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES


def test_pictures_of_different_pages_are_far_apart(easel: Page) -> None:
    one, other = (place_of(name).read_bytes() for name in ("werklijst", "zaak"))
    assert apart(easel, one, one) == 0
    assert apart(easel, one, other) > MOST_APART

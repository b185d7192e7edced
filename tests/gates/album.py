"""Pictures of the key pages: which there are, how they are taken, and whether one that is kept still shows the page.

Kept are a small picture for people and an outline for the test: what stands on the page by role and name. The outline
must be the same; the picture, made small and grey, must be nearly so, since letters differ from machine to machine.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.gates.look import DESK, PHONE
from tests.journeys.portal import CODE
from weerklank.kernel.settings import ROOT

KEPT = Path(__file__).parent / "pictures"
MANUAL = ROOT / "docs" / "manual" / "pictures"
OUTLINES = KEPT / "outlines.json"
PAINT = (Path(__file__).parent / "paint.js").read_text()
MOST_APART = 0.03  # of what black and white differ, on the average over the picture
MOST_BYTES = 3_000_000  # of all pictures together
TIME = re.compile(r"\d\d:\d\d")  # the clock goes on while pictures are taken
EXAMPLE = "7KQ4M-2XDPA-9TRHE-5WBNZ"  # stands for the code, which is new each time
SITE = "https://klachten.example"  # for the address of the server
HIDE = f"""() => {{
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(/{CODE.pattern}/, '{EXAMPLE}')
        .replaceAll(location.origin, '{SITE}');
    scrollTo(0, 0);
}}"""

# Everything on the page that has a role and a name, in order; wherever it falls, as that depends on the letters.
OUTLINE = """() => [...document.querySelectorAll(
    'h1, h2, h3, a[href], button, summary, label, legend, dt')].filter(each => {
    const box = each.getBoundingClientRect();
    return each.checkVisibility() && box.width > 2 && box.height > 2;
}).map(each => `${each.tagName.toLowerCase()} ${each.innerText.replace(/\\s+/g, ' ').trim()}`)"""


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it. `slides` brings something further down into sight."""

    name: str
    who: str
    path: str
    wide: bool = False
    dark: bool = False
    language: str = "nl"
    filled: Mapping[str, str] | None = None
    slides: str = ""

    @property
    def size(self) -> dict[str, int]:
        return DESK if self.wide else PHONE


STATES = ("received", "triage", "decided", "closed")  # beside the one of the manual

PICTURES = (
    Picture("voorpagina", "everybody", "/"),
    Picture("voorpagina-donker", "everybody", "/", wide=True, dark=True),
    Picture("voorpagina-arabisch", "everybody", "/", language="ar"),
    Picture("formulier", "fills in", "/complain/story"),
    Picture("formulier-vragen", "fills in", "/complain/details"),
    Picture("formulier-bestanden", "fills in", "/complain/files"),
    Picture("formulier-gegevens", "fills in", "/complain/you"),
    Picture("formulier-gegevens-arabisch", "fills in", "/complain/you", language="ar", dark=True),
    Picture("formulier-fout", "everybody", "/complain/story", filled={"story": ""}),
    Picture("formulier-nakijken", "fills in", "/complain/check"),
    Picture("statuspagina", "follows treatment", "/status/complaint"),
    *(Picture(f"status-{phase}", f"follows {phase}", "/status/complaint") for phase in STATES),
    Picture("status-arabisch", "follows treatment", "/status/complaint", language="ar"),
    Picture("status-breed-donker", "follows treatment", "/status/complaint", wide=True, dark=True),
    Picture("werklijst", "prins", "/desk/", wide=True),
    Picture("werklijst-telefoon", "prins", "/desk/", dark=True),
    Picture("zaak", "prins", "/desk/cases/{treatment}", wide=True),
    Picture("zaak-donker", "prins", "/desk/cases/{treatment}", wide=True, dark=True),
    Picture("zaak-telefoon", "prins", "/desk/cases/{treatment}"),
    Picture("stap", "prins", "/desk/cases/{treatment}/steps/investigate", wide=True),
    Picture("over-mij", "bos", "/desk/about-me", wide=True),
    Picture("bord", "prins", "/desk/board", wide=True),
    Picture("agenda", "prins", "/desk/calendar", wide=True),
    Picture("onderdelen", "operator", "/console/gallery", wide=True),
    Picture("registreren", "prins", "/desk/register", wide=True),
    Picture("zoeken", "prins", "/desk/search", wide=True, filled={"words": "contactpersoon"}),
    Picture("leren", "prins", "/desk/learning", wide=True),
    Picture("verslag", "prins", "/desk/reports/{report}", wide=True),
    Picture("regeling", "prins", "/office/procedure", wide=True),
    Picture("beheer", "prins", "/office/", wide=True),
    Picture("beheer-uiterlijk", "prins", "/office/look", wide=True),
    Picture("bevestiging", "sent it", "/complain/check", filled={}),  # last: from then on there is a complaint more
)


def place_of(name: str) -> Path:
    """Where a picture is kept: with the manual when that shows it."""
    told = "".join(page.read_text("utf-8") for page in sorted(MANUAL.parent.glob("*.md")))
    return (MANUAL if f"pictures/{name}.png" in told else KEPT) / f"{name}.png"


def take(page: Page) -> tuple[bytes, list[str]]:
    """What stands on the screen now: a picture and an outline."""
    page.evaluate("document.activeElement.blur(); document.fonts.ready")
    page.evaluate(HIDE)
    shown: list[str] = page.evaluate(OUTLINE)
    return page.screenshot(animations="disabled"), [TIME.sub("00:00", line) for line in shown]


def keep(page: Page, name: str, png: bytes, outline: list[str]) -> None:
    """Put a picture in the place of the one that was there, in at most 256 colours. `page` is one to paint in."""
    painted = page.evaluate(f"({PAINT}).few('{b64encode(png).decode()}')")
    for place in (KEPT, MANUAL):
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.png").unlink(missing_ok=True)
    place_of(name).write_bytes(indexed(painted))
    outlines = {**read_outlines(), name: outline}
    OUTLINES.write_text(json.dumps(dict(sorted(outlines.items())), indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_outlines() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(OUTLINES.read_text("utf-8")) if OUTLINES.exists() else {}
    return found


def apart(page: Page, one: bytes, other: bytes) -> float:
    """How far two pictures are apart, from 0 to 1; 1 for those of another size."""
    far: float = page.evaluate(f"({PAINT}).apart('{b64encode(one).decode()}', '{b64encode(other).decode()}')")
    return far


def indexed(painted: dict[str, Any]) -> bytes:
    """A PNG of a palette and one byte for each point."""
    width, points = painted["width"], b64decode(painted["points"])
    rows = b"".join(b"\0" + points[start : start + width] for start in range(0, len(points), width))
    head = struct.pack(">IIBBBBB", width, len(points) // width, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", bytes(painted["colours"])), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

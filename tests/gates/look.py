"""Looking at a page as it stands in the browser, by everything that is asked of one; answers what is wrong, in words.

A page is loaded once for each language; themes and widths change under it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, Request

PROBES = (Path(__file__).parent / "probes.js").read_text()
CATCH_VIOLATIONS = """window.violations = []; document.addEventListener('securitypolicyviolation',
    event => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`))"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "rules => axe.run(document, rules).then(found => found.violations)"
QUICK = {"resultTypes": ["violations"], "preload": False, "iframes": False}  # a frame holds somebody's file
FULL = {"runOnly": TAGS, "rules": {"target-size": {"enabled": True}}, **QUICK}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, **QUICK}
TARGETS = {"runOnly": {"type": "rule", "values": ["target-size"]}, **QUICK}

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}  # 1280 wide at 400 %
HALF = {"width": 640, "height": 450}  # 1280 wide at 200 %
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"
AS_IT_WAS = "document.documentElement.style.fontSize = ''"

MOST_BYTES = 60_000  # of all that a complainant's page fetches, compressed
OF_THE_BROWSER = ("chrome", "chrome-extension")  # its own way to show a PDF
CONTROLS = {
    "button", "checkbox", "combobox", "link", "listbox", "menuitem", "radio", "searchbox", "slider", "spinbutton",
    "switch", "tab", "textbox", "DisclosureTriangle",
}  # fmt: skip
GROUPS = {"group", "radiogroup", "region", "form", "article", "listitem", "navigation", "main", "banner",
          "contentinfo", "complementary", "dialog"}  # fmt: skip


class Eyes:
    """A tab in which pages are looked at. `url` is the only place that anything may be fetched from."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.add_init_script(f"{CATCH_VIOLATIONS};{PROBES}")
        self.page.add_init_script(AXE_SCRIPT)
        self.browser: CDPSession = context.new_cdp_session(self.page)
        self.browser.send("Network.enable")
        self.browser.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.browser.on("Network.loadingFinished", self.loaded)
        self.said: list[str] = []
        self.bytes = 0
        self.page.on("console", lambda said: self.said.append(said.text) if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", self.asked)

    def loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def asked(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.netloc != urlsplit(self.url).netloc and asked.scheme not in OF_THE_BROWSER:
            self.said.append(f"asks somebody else: {request.url}")

    def open(self, address: str) -> int:
        """Go there; answers the status."""
        self.forget()
        response = self.page.goto(address, wait_until="load")
        assert response is not None
        return response.status

    def send(self, filled: Mapping[str, str]) -> int:
        """Write this into the form that has the most fields, and send it; answers the status of what comes."""
        form = self.page.locator("main form").nth(self.page.evaluate("window.gates.largest()"))
        for name, value in filled.items():
            fill(form.locator(f'[name="{name}"]').first, value)
        self.forget()
        with self.page.expect_navigation(wait_until="load") as coming:
            form.locator("button:not(.second, .link)").first.click()
        return coming.value.status

    def forget(self) -> None:
        self.said.clear()
        self.bytes = 0

    # --- All there is to see ---

    def look(self, size: dict[str, int], *, shows_parts: bool = False) -> Iterator[str]:
        """Everything about the page that stands there, in the light and in the dark, wide and narrow."""
        self.wear(size, "light")
        yield from self.heard()
        yield from self.probe("blocking")
        yield from self.axe(FULL)
        if not shows_parts:
            yield from self.names()
            yield from self.probe("focus")
        yield from self.probe("cut", "motion")
        self.wear(size, "dark")
        yield from (f"in the dark: {each}" for each in self.axe(COLOURS))
        self.wear(NARROW, "light")
        yield from (f"at 320 px: {each}" for each in [*self.probe("wide", "cut"), *self.axe(TARGETS)])
        yield from self.zoomed()
        self.wear(size, "light")

    def zoomed(self) -> Iterator[str]:
        self.page.set_viewport_size(HALF)  # type: ignore[arg-type]  # a dict with two numbers
        self.page.evaluate(TWICE_AS_LARGE)
        yield from (f"with letters twice as large: {each}" for each in self.probe("wide", "cut"))
        self.page.evaluate(AS_IT_WAS)

    def turned(self, size: dict[str, int]) -> Iterator[str]:
        """The page from right to left: what may differ then."""
        self.wear(size, "light")
        direction = self.page.locator("html").get_attribute("dir")
        yield from [] if direction == "rtl" else [f"its direction is {direction}"]
        yield from self.heard()
        yield from self.axe(FULL)
        yield from self.names()
        yield from self.sideways(size)

    def mirrored(self, size: dict[str, int]) -> Iterator[str]:
        """The page as it would stand from right to left: of those who speak no such language."""
        self.wear(size, "light")
        self.page.evaluate("document.documentElement.dir = 'rtl'")
        yield from self.axe(TARGETS)
        yield from self.sideways(size)
        self.page.evaluate("document.documentElement.dir = 'ltr'")

    def sideways(self, size: dict[str, int]) -> Iterator[str]:
        """What may go wrong by the direction: dark and narrow too."""
        yield from self.probe("focus", "cut")
        self.wear(size, "dark")
        yield from (f"in the dark: {each}" for each in self.axe(COLOURS))
        self.wear(NARROW, "light")
        yield from (f"at 320 px: {each}" for each in self.probe("wide", "cut"))
        self.wear(size, "light")

    def forced(self) -> Iterator[str]:
        """For who has chosen colours of his own, or asks for more contrast."""
        for media in ({"forced_colors": "active"}, {"contrast": "more"}):
            self.page.emulate_media(**media)  # type: ignore[arg-type]  # one of its own words
            yield from (f"{media}: {each}" for each in [*self.axe(COLOURS), *self.probe("focus")])
        self.page.emulate_media(forced_colors="none", contrast="no-preference")

    def wear(self, size: dict[str, int], scheme: str) -> None:
        self.page.set_viewport_size(size)  # type: ignore[arg-type]  # a dict with two numbers
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # light or dark

    # --- One by one ---

    def heard(self) -> Iterator[str]:
        """What the browser complained of. That a page has a status of its own is no complaint."""
        yield from (f"said: {each}" for each in self.said if "Failed to load resource" not in each)
        yield from (f"broke its own rule: {each}" for each in self.page.evaluate("window.violations"))

    def axe(self, rules: dict[str, Any]) -> Iterator[str]:
        for violation in self.page.evaluate(RUN, rules):
            for node in violation["nodes"][:3]:
                why = "; ".join(each["message"] for each in [*node["any"], *node["all"], *node["none"]])[:160]
                yield f"{violation['id']}: {node['target'][0]} {node['html'][:120]} ({why})"

    def probe(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self.page.evaluate(f"window.gates.{name}()")

    def names(self) -> Iterator[str]:
        """What a screen reader calls each control: something, and no two things the same in one place."""
        nodes = self.browser.send("Accessibility.getFullAXTree")["nodes"]
        by_id = {node["nodeId"]: node for node in nodes}
        seen: Counter[tuple[str, ...]] = Counter()
        places: dict[tuple[str, str], set[str]] = {}
        for node in nodes:
            role, name = word(node, "role"), " ".join(word(node, "name").split())
            if role not in CONTROLS or node.get("ignored"):
                continue
            if not name:
                yield f"a {role} without a name in {place(node, by_id)}"
            elif role == "link":
                places.setdefault((name, place(node, by_id)), set()).add(property_of(node, "url"))
            else:
                seen[role, name, word(node, "description"), place(node, by_id)] += 1
        for (role, name, _, where), count in seen.items():
            yield from [f"{count} x {role} {name!r} in {where}"] if count > 1 else []
        for (name, where), to in places.items():
            yield from [f"{len(to)} places are called {name!r} in {where}"] if len(to) > 1 else []

    def weight(self) -> Iterator[str]:
        """What a complainant on a telephone has to fetch."""
        if self.bytes > MOST_BYTES:
            yield f"it weighs {self.bytes} bytes"


def fill(field: Locator, value: str) -> None:
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    elif field.get_attribute("type") in ("radio", "checkbox"):
        field.check()
    else:
        field.fill(value)


def word(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", ""))


def property_of(node: dict[str, Any], name: str) -> str:
    values = (each["value"] for each in node.get("properties", []) if each["name"] == name)
    return next((str(value.get("value", "")) for value in values), "")


def place(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> str:
    """The groups with a name that a control stands in; a row of a table is called after its header."""
    found, here = [], by_id.get(node.get("parentId", ""))
    while here is not None:
        name = word(here, "name") if word(here, "role") in GROUPS else row_header(here, by_id)
        found += [name[:40]] if name else []
        here = by_id.get(here.get("parentId", ""))
    return " / ".join(reversed(found)) or "the page"


def row_header(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> str:
    if word(node, "role") != "row":
        return ""
    cells = (by_id[each] for each in node.get("childIds", []) if each in by_id)
    return next((word(cell, "name") for cell in cells if word(cell, "role") == "rowheader"), "")

"""Somebody with a browser. Each page he comes to is looked at: it fits the screen, and axe finds nothing wrong.

With `SCREENSHOTS` set to a folder, each page is kept there too, at both widths and in both languages.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from babel.support import Translations
from playwright.sync_api import BrowserContext, Locator, Page, Response

from tests.journeys.house import House
from weerklank.web.texts import ROOT, compile_catalogues

PASSWORD = "vier losse eenden roeien"
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = (390, 1280)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
# What a page is made of: each kind of element with its classes, role and type, within what kind of element.
PARTS = """[...document.querySelectorAll("body *")].map(each => [each.parentElement, each].map(
    one => `${one.tagName}.${one.className}.${one.getAttribute("role")}.${one.type || ""}`).join(" "))"""
LOOKED_AT: defaultdict[tuple[str, int, str], set[str]] = defaultdict(set)
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/link/)[^/]+")


@cache
def catalogue(language: str) -> Translations:
    """All words of the program in a language."""
    merged = Translations()
    for area in compile_catalogues(ROOT):
        found = Translations.load(area, [language])
        if isinstance(found, Translations):
            merged.merge(found)
    return merged


class Visitor:
    """A browser profile with one tab, at the pages of one organisation."""

    def __init__(self, house: House, context: BrowserContext, slug: str, journey: str, *, scripts: bool = True) -> None:
        self.house = house
        self.context = context
        self.base = f"{house.url}/{slug}" if slug else house.url
        self.journey = journey
        self.scripts = scripts
        self.password = PASSWORD
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.status = 0

    def close(self) -> None:
        self.context.close()
        unexpected = [said for said in self.complaints if "Failed to load resource" not in said]
        assert unexpected == []

    # --- What one does ---

    def open(self, path: str) -> None:
        """Go to a page below the organisation's address, or to a whole address."""
        self.came(self.page.goto(path if path.startswith("http") else f"{self.base}{path}"))

    def fill(self, values: Mapping[str, str | list[str]]) -> None:
        """Fill in fields by their names: words, an option's value, `yes` for a box, `2026-03-02` for a day."""
        for name, value in values.items():
            self.fill_one(name, value)

    def fill_one(self, name: str, value: str | list[str]) -> None:
        main = self.page.locator("main")
        if main.locator(f'[name="{name}-day"]').count():
            year, month, day = str(value).split("-")
            for part, typed in (("day", str(int(day))), ("month", str(int(month))), ("year", year)):
                main.locator(f'[name="{name}-{part}"]').fill(typed)
            return
        field = main.locator(f'[name="{name}"]')
        assert field.count(), f"no field {name} on {self.page.url}: {self.fields()}"
        self.uncover(field.first)
        kind = field.first.evaluate("field => field.type")
        if kind in ("radio", "checkbox"):
            for each in [value] if isinstance(value, str) else value:
                main.locator(f'[name="{name}"][value="{each}"]').check()
        elif kind == "select-one":
            self.choose(field, str(value))
        else:
            field.fill(str(value))

    def fields(self) -> list[str]:
        """The names of all fields there are."""
        found: list[str] = self.page.locator("main [name]").evaluate_all("all => all.map(each => each.name)")
        return sorted(set(found))

    def choose(self, field: Locator, value: str) -> None:
        """An option by its value, or by how it is called."""
        values = field.locator("option").evaluate_all("options => options.map(option => option.value)")
        field.select_option(value if value in values else None, label=None if value in values else value)

    def uncover(self, field: Locator) -> None:
        """Open what the field is folded into."""
        if not field.is_visible():
            for summary in field.locator("xpath=ancestor::details[not(@open)]/summary").all():
                summary.click()

    def unfold(self, name: str) -> None:
        """Open what is folded under these words."""
        summary = self.page.locator("summary", has_text=self.called(name))
        if summary.locator("xpath=parent::details[not(@open)]").count():
            summary.click()

    def press(self, name: str, *, form: str = "") -> None:
        """Press a button and come to the next page. `form`: of the form that writes to an address with this in it."""
        place = self.page.locator(f'form[action*="{form}"]') if form else self.page.locator("body")
        self.go(place.get_by_role("button", name=self.called(name), exact=True))

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.go(self.page.get_by_role("link", name=self.called(name), exact=True).first)

    def called(self, name: str) -> str:
        """What a button with this English name is called on the page."""
        return catalogue(self.language).gettext(name)

    def go(self, what: Locator) -> None:
        with self.page.expect_navigation(wait_until="load") as coming:
            what.click()
        self.came(coming.value)

    # --- What one sees ---

    @property
    def text(self) -> str:
        """The words of the page itself, blanks put together."""
        return " ".join(self.page.locator("main").inner_text().split())

    @property
    def heading(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def language(self) -> str:
        return self.page.locator("html").get_attribute("lang") or ""

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def see(self, *words: str) -> None:
        """These words stand on the page."""
        text = self.text
        missing = [each for each in words if each not in text]
        assert not missing, f"{missing} is not on {self.page.url}: {text}"

    def miss(self, *words: str) -> None:
        """None of these words stands on the page."""
        text = self.text
        found = [each for each in words if each in text]
        assert not found, f"{found} is on {self.page.url}: {text}"

    # --- Looking at each page ---

    def came(self, response: Response | None) -> None:
        assert response is not None
        self.status = response.status
        assert self.status < 500, self.text
        self.keep_picture(response)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"
        if self.scripts and self.is_new():
            found = Axe().run(self.page, options=RULES)
            assert found.violations_count == 0, f"{self.page.url}: {found.generate_report()}"

    def is_new(self) -> bool:
        """Whether something on this page stood on no page of its place that was looked at before."""
        parts = set(self.page.evaluate(PARTS))
        seen = LOOKED_AT[IDS.sub("x", self.path), self.status, str(self.page.viewport_size)]
        is_new = not parts <= seen
        seen |= parts
        return is_new

    def keep_picture(self, response: Response) -> None:
        """The page as it is; where it can simply be opened again, in the other language too."""
        if not SCREENSHOTS:
            return
        self.picture(self.page, self.language)
        if response.request.method == "GET" and self.status == 200:
            own, tab = self.language, self.context.new_page()
            for language in ("en" if own == "nl" else "nl", own):
                tab.goto(f"{self.page.url.split('?')[0]}?lang={language}")
                if language != own:
                    self.picture(tab, language)
            tab.close()

    def picture(self, page: Page, language: str) -> None:
        """Keep it in both widths."""
        folder = Path(str(SCREENSHOTS)) / self.journey.removeprefix("test_it_")[:40]
        folder.mkdir(parents=True, exist_ok=True)
        place = IDS.sub("x", self.path).strip("/").replace("/", "_") or "home"
        own, number = self.page.viewport_size, len(list(folder.glob("*.png")))
        assert own is not None
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": own["height"]})
            page.screenshot(path=folder / f"{number:03}-{place}-{self.status}-{language}-{width}.png", full_page=True)
        page.set_viewport_size(own)

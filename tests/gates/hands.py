"""Somebody with a keyboard and nothing else: Tab, Enter, Space, arrows and letters, each of them counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page, Response

from tests.journeys.visitor import catalogue

MOST_TABS = 120
# What has the focus: what it is called, and the name by which a form sends it.
FOCUS = """() => {
    const it = document.activeElement, label = it.labels && it.labels.length ? it.labels[0].innerText : '';
    const words = it.getAttribute('aria-label') || label || it.innerText || '';
    return [words.replace(/\\s+/g, ' ').trim(), it.name || '', it.matches(':focus-visible')];
}"""


@dataclass
class Hands:
    """On the keys of one tab. `keys` counts what was pressed, a letter for one."""

    page: Page
    keys: int = 0
    said: list[str] = field(default_factory=list)

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
        self.keys += times

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.keys += len(words)

    def to(self, wanted: str) -> None:
        """Tab until a control that is called so, or that sends this name, has the focus; it must be seen to have it."""
        called = {wanted, catalogue(self.language).gettext(wanted)}
        for _ in range(MOST_TABS):
            self.press("Tab")
            words, name, visible = self.page.evaluate(FOCUS)
            if name == wanted or any(f"{words} ".startswith(f"{each} ") for each in called):
                assert visible, f"the focus on {wanted!r} cannot be seen"
                return
        raise AssertionError(f"Tab does not come to {wanted!r} on {self.page.url}: {self.text[:500]}")

    def write(self, name: str, words: str) -> None:
        """Into the next field of this name."""
        self.to(name)
        self.type(words)

    def choose(self, name: str, steps: int) -> None:
        """The first of some options, or by the arrows one further on."""
        self.to(name)
        self.press("Space")
        self.press("ArrowDown", steps)

    def go(self, wanted: str) -> Response:
        """To a link or a button, and on to the page it leads to."""
        self.to(wanted)
        return self.enter()

    def send(self) -> Response:
        """On to the button that sends the form one is in."""
        for _ in range(MOST_TABS):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.matches('.actions button')"):
                return self.enter()
        raise AssertionError(f"Tab does not come to a button on {self.page.url}")

    def enter(self) -> Response:
        with self.page.expect_navigation(wait_until="load") as coming:
            self.press("Enter")
        assert coming.value.status < 400 or coming.value.status == 422, f"{coming.value.status} on {self.page.url}"
        return coming.value

    @property
    def language(self) -> str:
        return self.page.locator("html").get_attribute("lang") or ""

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    def see(self, *words: str) -> None:
        text = self.text
        missing = [each for each in words if each not in text]
        assert not missing, f"{missing} is not on {self.page.url}: {text[:1500]}"

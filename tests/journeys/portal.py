"""What a complainant does on an organisation's pages: fill in the form, give the code, answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.journeys.visitor import Visitor

CODE = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){3}")
REFERENCE = re.compile(r"[A-Z]{2,8}-\d{4}-\d{4,}")


@dataclass(frozen=True)
class Made:
    """A complaint that was made: its number, and the code that opens it."""

    reference: str
    code: str


def complain(visitor: Visitor, story: str, facts: Mapping[str, str], you: Mapping[str, str]) -> Made:
    """All pages of the form, from the organisation's first page; answers what the confirmation says."""
    visitor.open("/")
    visitor.follow("Make a complaint")
    visitor.fill({"story": story})
    visitor.press("Continue")
    visitor.fill({f"fact-{name}": value for name, value in facts.items()})
    visitor.press("Continue")
    visitor.press("Continue")
    if visitor.page.locator("#acting").count():
        visitor.press("Continue")
    visitor.fill(you)
    visitor.press("Continue")
    visitor.see(story, you["name"])
    visitor.press("Send my complaint")
    return read_confirmation(visitor)


def read_confirmation(visitor: Visitor) -> Made:
    reference, code = REFERENCE.search(visitor.text), CODE.search(visitor.text)
    assert reference and code, visitor.text
    return Made(reference.group(), code.group())


def give_code(visitor: Visitor, code: str) -> None:
    """Come to where the complaint stands. Small letters without dashes will do."""
    visitor.open("/status")
    if visitor.page.locator("#code").count():
        visitor.fill({"code": code.lower().replace("-", "")})
        visitor.press("Show my complaint")
    assert visitor.path.endswith("/status/complaint"), visitor.text


def read_all(visitor: Visitor, code: str) -> str:
    """The words of the complaint's page, unfolded, and of every message that it leads to."""
    give_code(visitor, code)
    for summary in visitor.page.locator("main summary").all():
        summary.click()
    words = [visitor.text]
    found = visitor.page.locator('main a[href*="/status/messages/"]')
    for address in found.evaluate_all("all => all.map(each => each.href)"):
        visitor.open(address)
        words.append(visitor.text)
    return " ".join(words)


def answer(visitor: Visitor, code: str, step: str, outcome: str) -> None:
    """Go from the complaint to the question, press one of its buttons, and come back by the receipt."""
    give_code(visitor, code)
    visitor.follow("Give your answer")
    assert visitor.path.endswith(f"/status/answer/{step}"), visitor.text
    form = visitor.page.locator("main form").filter(has=visitor.page.locator(f'input[name=step][value="{step}"]'))
    assert form.count() == 1, visitor.text
    visitor.go(form.locator(f'button[name=outcome][value="{outcome}"]'))
    assert visitor.status == 200, visitor.text
    assert visitor.path.endswith("/status/receipt"), visitor.text
    visitor.follow("Back to your complaint")

"""What staff do beside the steps of a case: reports, duties, advice and measures; files, letters and the archive."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.desk import Answers, Desk
from tests.journeys.house import until


def open_report(desk: Desk) -> None:
    """The report that is first on this colleague's page of learning, once its numbers were counted."""
    desk.open("/learning")
    links = desk.visitor.page.locator('main a[href*="/reports/"]:not([href*="/begin/"])')
    assert links.count(), desk.visitor.text
    desk.visitor.go(links.first)
    expect(desk.visitor.page.locator("[data-under-way]")).to_have_count(0, timeout=30_000)


def take_step(desk: Desk, step: str, values: Answers) -> None:
    """One step of the cycle of a report, in its form."""
    open_report(desk)
    desk.visitor.go(desk.visitor.page.locator(f'main a[href$="/{step}"]'))
    desk.visitor.fill(values)
    send(desk)


def begin_report(desk: Desk, key: str, first: str, last: str) -> None:
    desk.open(f"/reports/begin/{key}")
    desk.visitor.fill({"first": first, "last": last})
    send(desk)


def release(desk: Desk) -> None:
    open_report(desk)
    desk.visitor.press("Release")
    desk.visitor.see("The report is released.")


def note_duty(desk: Desk, key: str, values: Answers) -> None:
    """That a duty was done, what was registered, or what is recommended."""
    desk.open(f"/duties/{key}")
    desk.visitor.fill(values)
    send(desk)


def send(desk: Desk) -> None:
    desk.visitor.go(desk.visitor.page.locator("main form div.actions button").last)
    desk.done()


def answer_advice(desk: Desk, step: str, text: str = "") -> None:
    """`consult`, `accept`, `reject` or `done`, of the first recommendation where that can be."""
    press_there(desk, "/recommendations", step, text)


def improve(desk: Desk, step: str, text: str = "") -> None:
    """A measure of a report is `done`, or looked at: `check`."""
    press_there(desk, "/measures", step, text)


def press_there(desk: Desk, path: str, step: str, text: str) -> None:
    desk.open(path)
    form = desk.visitor.page.locator(f'main form[action$="/{step}"]').first
    if text:
        form.locator("textarea").fill(text)
    desk.visitor.go(form.locator("button"))
    desk.done()


def make_file(desk: Desk, to: str, reason: str) -> None:
    """Ask for the whole file of the case, and await the ZIP and the PDF."""
    desk.open(f"/cases/{desk.case}/dossier")
    desk.visitor.fill({"to": to, "reason": reason})
    send(desk)

    def ready() -> bool:
        desk.open(f"/cases/{desk.case}/dossier")
        return desk.visitor.page.locator('a[href$="/pdf"]').count() > 0

    until(ready, "the file is made up")


def post_letters(desk: Desk) -> int:
    """Print each letter that waits and say that it was posted; answers how many there were."""
    for number in range(20):
        desk.open("/letters")
        links = desk.visitor.page.locator('main a[href*="/messages/"]')
        if not links.count():
            return number
        desk.visitor.go(links.first)
        desk.visitor.press("It has been posted")
    raise AssertionError("the letters do not end")


def look_why(desk: Desk) -> None:
    """Every `why?` on the case's page says something when it is opened."""
    desk.open(f"/cases/{desk.case}")
    found = desk.visitor.page.locator("main details.why")
    assert found.count() > 1, desk.visitor.text
    for said in found.locator("> ul").all_text_contents():
        assert said.strip()
    desk.visitor.miss("None", "{{")


def archive(desk: Desk, until_day: str) -> None:
    """Put the closed case away, and find it on its shelf."""
    desk.act("archive", {"until": until_day})
    desk.open("/archive?shelf=kept")
    assert desk.visitor.page.locator(f'a[href$="/cases/{desk.case}"]').count(), desk.visitor.text

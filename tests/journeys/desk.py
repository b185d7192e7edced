"""What staff do at the desk: find a case, do a step of it, fill in one of its other forms, register a complaint."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.journeys.people import email_of
from tests.journeys.visitor import Visitor

Answers = Mapping[str, str | list[str]]


class Desk:
    """A colleague with a browser, at one case after another."""

    def __init__(self, visitor: Visitor, slug: str, who: str) -> None:
        self.visitor = visitor
        self.email = email_of(who, slug)
        self.case = ""

    def open(self, path: str) -> None:
        """A page of the desk, logged in first where need be: nobody stays so for days."""
        self.visitor.open(f"/desk{path}")
        if self.visitor.path.endswith("/login"):
            self.visitor.fill({"email": self.email, "password": self.visitor.password})
            self.visitor.press("Log in")

    def find(self, reference: str) -> None:
        """To the case with this reference."""
        self.open("/")
        self.visitor.page.fill("#reference", reference)
        self.visitor.press("Find")
        assert self.visitor.heading.startswith(reference), self.visitor.text
        self.case = urlsplit(self.visitor.page.url).path.split("/cases/")[1]

    def steps(self) -> set[str]:
        """The steps that are open to this colleague now."""
        self.open(f"/cases/{self.case}")
        panels = self.visitor.page.locator("details.step")
        return {(panel.get_attribute("id") or "").removeprefix("step-") for panel in panels.all()}

    def fill_step(self, step: str, facts: Answers, *, outcome: str, text: str, person: str, reason: str) -> None:
        given = {f"{step}-fact-{name}": value for name, value in facts.items()}
        rest = {"outcome": outcome, "text": text, "person": person, "reason": reason}
        self.visitor.fill({f"{step}-outcome": outcome} if outcome else {})
        self.visitor.fill({**given, **{f"{step}-{name}": value for name, value in rest.items() if value}})

    def do(
        self,
        step: str,
        facts: Answers | None = None,
        *,
        outcome: str = "",
        text: str = "",
        person: str = "",
        reason: str = "",
        refused: str = "",
    ) -> None:
        """Do a step in its form on the case's page. `refused`: the words by which a rule says no.

        While nothing that can be filled in there would help, the step says so itself and has no form.
        """
        self.open(f"/cases/{self.case}")
        panel = self.visitor.page.locator(f"#step-{step}")
        if refused and panel.count() and not panel.locator("form").count():
            panel.locator("> summary").click()
            self.visitor.see(refused)
            return
        form = self.visitor.page.locator(f'form[action$="/steps/{step}"]')
        assert form.count(), f"no step {step} on {self.visitor.page.url}: {self.visitor.text}"
        self.visitor.uncover(form.locator("button").first)
        self.fill_step(step, facts or {}, outcome=outcome, text=text, person=person, reason=reason)
        self.visitor.go(form.locator("div.actions button"))
        self.confirm()
        if refused:
            assert self.visitor.status == 422
            self.visitor.see(refused)
        else:
            self.done()

    def act(self, act: str, values: Answers | None = None, *, about: str = "") -> None:
        """Fill in one of the forms that stand beside the steps."""
        self.open(f"/cases/{self.case}/{act}" + (f"/{about}" if about else ""))
        self.visitor.fill(values or {})
        self.visitor.go(self.visitor.page.locator("main form div.actions button"))
        self.confirm()
        self.done()

    def confirm(self) -> None:
        """Having read what follows, where anything does: save it."""
        save = self.visitor.page.locator('main button[name="do"][value="save"]')
        if save.count():
            self.visitor.go(save)

    def done(self) -> None:
        assert self.visitor.status == 200, self.visitor.text

    def measure(self) -> str:
        """The id of the measure that something can be done with, as its link on the case's page has it."""
        self.open(f"/cases/{self.case}")
        links = self.visitor.page.locator('a[href*="/measure/"], a[href*="/carry-out/"], a[href*="/verify/"]')
        found = re.search(r"/(?:measure|carry-out|verify)/([0-9a-f-]+)", links.first.get_attribute("href") or "")
        assert found
        return found.group(1)

    def register(self, values: Answers, facts: Answers | None = None) -> tuple[str, str]:
        """Take in a complaint that came by letter, mail, telephone or at the counter; answers reference and code."""
        self.open("/register")
        self.visitor.fill(values)
        self.visitor.fill({f"register-fact-{name}": value for name, value in (facts or {}).items()})
        self.visitor.press("Register the complaint")
        reference = re.search(r"[A-Z]+-\d{4}-\d{4,}", self.visitor.heading)
        assert reference, self.visitor.text
        code = self.visitor.page.locator(".secret").inner_text()
        self.visitor.follow("To the case")
        self.case = self.visitor.path.split("/cases/")[1]
        return reference.group(), code

    def sees(self, *words: str) -> None:
        """The case's page says this, be it folded in."""
        self.open(f"/cases/{self.case}")
        self.visitor.page.locator("main details").evaluate_all("all => all.forEach(each => each.open = true)")
        self.visitor.see(*words)

    def is_shut_out_of(self, case: str) -> None:
        """The case is not there for this colleague, not even on the list."""
        self.open("/?view=all")
        assert self.visitor.page.locator(f'a[href*="{case}"]').count() == 0
        self.open(f"/cases/{case}")
        assert self.visitor.status == 404

"""Every form, filled in wrongly: what was typed stays, and each mistake is told with a way to it.

The forms are found by walking all pages, as `test_every_door` does; a new one is walked by itself. What is sent is
nothing at all, far too much, and what no field of ours would send.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from tests.cases.walking import POLICIES
from tests.conftest import Database
from tests.web.complaining import follow
from tests.web.console.operators import an_operator
from tests.web.pages import FIELDS, Element, OpenReader, Reader, check, parse, values_of
from tests.web.test_every_door import Wandering, addresses, doors_of, keys_of, organisation, reference_of, wander
from weerklank.policy.roles import is_walled

LONG = "Zo lang is dit. " * 1_600
ODD = "a\x01b"
TYPED = ("text", "email", "tel", "search", "number", "url")


@dataclass(frozen=True)
class Found:
    """A form on a page: where it is sent to, and as whom."""

    reader: Reader
    page: str
    target: str
    form: Element

    def visible(self) -> Iterator[Element]:
        """What one can fill in."""
        for each in self.form.all():
            if each.tag in FIELDS and each.attributes.get("type") not in ("hidden", "submit", "file") and named(each):
                yield each

    def typed(self, words: str) -> dict[str, Any]:
        """These words in every field, whatever it asks."""
        hidden = {each.attributes["name"] for each in self.form.all("input", type="hidden") if named(each)}
        kept = {name: value for name, value in values_of(self.form).items() if name in hidden and name != "once"}
        return kept | {each.attributes["name"]: words for each in self.visible()}

    def send(self, words: str) -> TestResponse:
        kind = self.form.attributes.get("enctype")
        answer = self.reader.client.post(self.target, data=self.typed(words), content_type=kind)
        answer.request.environ["wsgi.input"].close()
        return answer


def named(each: Element) -> bool:
    return bool(each.attributes.get("name"))


def is_words(each: Element) -> bool:
    return each.tag == "textarea" or (each.tag == "input" and each.attributes.get("type", "text") in TYPED)


def forms_of(app: Flask, walk: Wandering, reader: Reader) -> Iterator[tuple[str, Found]]:
    """The forms of all pages of who works here, with what they are called in the program."""
    keys = keys_of(walk, reference_of(walk))
    for rule in doors_of(app, "GET"):
        yield from forms_at(app, reader, *addresses(rule, keys))


def forms_at(app: Flask, reader: Reader, *pages: str) -> Iterator[tuple[str, Found]]:
    known = app.url_map.bind("localhost")
    for page in pages:
        answer = reader.client.get(reader.base + page, follow_redirects=True)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            answer.close()
            continue
        here = answer.request.path
        for form in parse(answer.get_data(as_text=True)).one("main").all("form", method="post"):
            target = urlsplit(urljoin(here, form.attributes.get("action") or here)).path.removeprefix(reader.base)
            endpoint, given = known.match(target, method="POST")
            name = " ".join([endpoint, *(str(given[key]) for key in ("act", "name", "page") if given.get(key))])
            yield name, Found(reader, page, reader.base + target, form)


def insider(walk: Wandering) -> UUID:
    """Somebody with a part in the case, who is kept out of nothing."""
    assert walk.index is not None
    return next(person for person in sorted(walk.index.parties) if not is_walled(walk.case, person))


def mistake_in(found: Found, answer: TestResponse, words: str) -> str | None:
    """What is wrong with an answer to a form that was filled in wrongly; None: it is as it should be."""
    if answer.status_code in (302, 303):
        return None
    if answer.status_code not in (200, 409, 422):
        return f"it answers {answer.status_code}"
    root = parse(answer.get_data(as_text=True))
    try:
        check(root)  # also that every link of the summary leads to a field that is there
    except AssertionError as lacking:
        return str(lacking).partition("\n")[0]
    if answer.status_code != 422:
        return None
    boxes = [each for each in root.all("div") if each.attributes.get("class") == "summary"]
    invalid = [each for each in root.all() if each.attributes.get("aria-invalid")]
    if not boxes or (invalid and not [link for box in boxes for link in box.all("a")]):
        return "no summary with links"
    kept = {each.attributes["name"]: value_of(each) for each in root.all() if each.tag in FIELDS and named(each)}
    typed = [each.attributes["name"] for each in found.visible() if is_words(each) and words]
    lost = [name for name in typed if kept.get(name, "").strip() != words.strip()]
    return f"not given back: {lost}" if lost else None


def value_of(each: Element) -> str:
    if each.tag == "textarea":
        return "".join(part for part in each.inside if isinstance(part, str)).removeprefix("\n")
    return each.attributes.get("value", "")


def mistakes(every: Iterable[tuple[str, Found]], seen: set[str]) -> Iterator[str]:
    """Each form once, filled in with nothing, with what we cannot keep, and with far too much."""
    for name, found in every:
        if name not in seen and list(found.visible()):
            seen.add(name)
            for words in ("", ODD, LONG):
                mistake = mistake_in(found, found.send(words), words)
                if mistake:
                    yield f"{name} at {found.page}, filled in with {words[:8]!r}: {mistake}"


def test_every_form_gives_back_what_was_typed_and_links_to_what_is_wrong(app: Flask, web_database: Database) -> None:
    chance, path, seen = random.Random(1), POLICIES[1], set[str]()  # the same organisation in every run
    walk = wander(organisation(app, web_database, path, chance), path, chance)
    assert list(mistakes(forms_of(app, walk, walk.desk.staff(insider(walk))), seen)) == []
    assert len(seen) > 25, seen


def test_so_does_every_form_of_who_comes_from_outside(app: Flask, web_database: Database, reader: OpenReader) -> None:
    complainant = reader("staatvandienst", language="nl")
    follow(complainant)
    stranger, operator = reader("staatvandienst"), an_operator(app, web_database)
    seen = set[str]()
    every = [
        *forms_at(app, complainant, "/status", "/status/add", "/status/withdraw", "/status/satisfied", "/status/lost"),
        *forms_at(app, stranger, "/complain", "/complain/go-on", "/login", "/login/forgotten"),
        *forms_at(app, operator, "/console/login", "/sign-up"),
    ]
    assert list(mistakes(every, seen)) == []
    assert len(seen) > 6, seen

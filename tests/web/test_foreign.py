"""What a complainant reads is in his language, or says in which other one: every organisation, every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Database
from tests.web.pages import Element as OfPage
from tests.web.pages import OpenReader, Page, Reader, parse
from tests.web.test_tongues import PLACEHOLDER, TENANTS, catalogues, counts, texts_of
from tests.web.test_tongues import told_below_the_pages as english_sentences
from weerklank.cases.doors import Intake, receive_complaint
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.policy.events import COMPLAINANT
from weerklank.policy.model import Asked, ChannelState, Element, Policy, Role, Strength
from weerklank.policy.parties import LODGERS
from weerklank.policy.reader import read_policy
from weerklank.policy.words import Text
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import find_by_slug
from weerklank.web import texts
from weerklank.web.parts import NAME

SLUGS = ["staatvandienst", "team-keizer", "gelukwerkt", "mep", "nationale-ombudsman"]
TONGUES = list(texts.TONGUES)
STORY = "0123456789"  # in no language
SENTENCE = re.compile(r"(?:\S+\s+){3,}\S+")


def policy_of(slug: str) -> Policy:
    policy = read_policy((TENANTS / slug / "policy.yaml").read_bytes(), name=slug).policy
    assert policy is not None
    return policy


def elements(policy: Policy) -> Iterator[Element]:
    """What has words for a complainant: by its label, its help, its question."""
    yield from policy.roles.values()
    yield from policy.bodies.values()
    yield from (one for one in policy.channels.values() if one.state is not ChannelState.OFF)
    yield from (one for one in policy.facts.values() if one.at_intake is not Asked.NO)
    yield from (one for one in policy.terms.values() if one.strength is not Strength.HOUSE)


def his_words(policy: Policy) -> Iterator[Text | None]:
    """The texts of a procedure that a complainant comes across, whatever happens to his complaint."""
    scope = policy.scope
    yield from (policy.procedure.purpose, scope.complaint, scope.not_a_complaint, scope.examples)
    yield from (scope.complainants, scope.representation)
    for element in elements(policy):
        several: dict[str, Any] = vars(element)
        yield several.get("question") or element.label
        yield from (several.get(name) for name in ("help", "notice", "evidence") if not isinstance(element, Role))
        yield from several.get("options", {}).values()
    his = {name for name, role in policy.roles.items() if role.kind in LODGERS}
    for step in policy.steps.values():
        asks_him = step.by in his
        yield step.help or step.label
        yield step.label if asks_him else None
        yield from (way.label for way in step.outcomes.values() if asks_him or way.closes)
    yield from (message.subject for message in policy.messages.values() if his & {*message.to})


@pytest.mark.parametrize("slug", SLUGS)
def test_it_says_what_a_complainant_reads_of_a_procedure_in_every_language(slug: str) -> None:
    found = [text for text in his_words(policy_of(slug)) if text]
    assert len(found) > 40
    assert not [text.in_("nl") for text in found if text.languages and not {*TONGUES} <= text.languages]


@cache
def sentences(language: str) -> frozenset[str]:
    """Every sentence of the pages in a language, of four words or more; of one to fill in, what is around it."""
    areas = ("portal", "shared", *(["complaint"] if language not in texts.LANGUAGES else []))
    messages = [message for found in catalogues("nl" if language == "en" else language, *areas) for message in found]
    said = [message.id if language == "en" else message.string for message in messages if message.id]
    every = [one for each in said for one in ([each] if isinstance(each, str) else each)]
    every += english_sentences() if language == "en" else []
    every += counts("nl") if language == "nl" else []
    return frozenset(of_words(every))


def of_words(every: list[str]) -> Iterator[str]:
    for one in every:
        yield from (part for piece in PLACEHOLDER.split(one) if SENTENCE.fullmatch(part := " ".join(piece.split())))


@cache
def own_sentences(slug: str, language: str) -> frozenset[str]:
    """The same of an organisation's procedure."""
    said = [text for text in his_words(policy_of(slug)) if text]
    return frozenset(of_words([dict(text.by_language)[language] for text in said if language in text.languages]))


def foreign(root: OfPage, slug: str, language: str) -> set[str]:
    """Sentences in another language that the page says are in this one."""
    html = root.one("html")
    said = [each for here, each in (*texts_of(html, language), *names_in(html)) if here == language]
    page_says = " ".join(" ".join(said).split())
    own = sentences(language) | own_sentences(slug, language)
    others = {one for code in TONGUES if code != language for one in sentences(code) | own_sentences(slug, code)}
    return {one for one in others - own if one in page_says}


def names_in(html: OfPage) -> Iterator[tuple[str, str]]:
    """What is said to who does not see the page, with the language it is said to be in."""
    for each in html.all():
        within: OfPage | None = each
        while within and "lang" not in within.attributes:
            within = within.parent
        within = within or html
        for name in ("aria-label", "alt", "title", "placeholder"):
            yield within.attributes["lang"], each.attributes.get(name, "")


def in_each_language(browser: Reader, slug: str, path: str, status: int = 200) -> None:
    """The page says nothing in another language than it tells, whichever it is read in."""
    for language in TONGUES:
        browser.language = language
        page = browser.get(path, status)
        assert page.root.one("html").attributes["lang"] == language
        assert not foreign(page.root, slug, language), (path, language)
    browser.language = "nl"


def test_it_notices_what_is_in_another_language_unless_it_says_so() -> None:
    said = "Nobody handles a complaint about himself."
    for words, found in ((said, {said}), (f'<span lang="en" dir="ltr">{said}</span>', set())):
        root = parse(f'<html lang="ar"><body><p>{words}</p></body></html>')
        assert foreign(root, "mep", "ar") == found
    assert foreign(parse(f'<html lang="ar"><nav aria-label="{said}"></nav></html>'), "mep", "ar") == {said}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_first_page_says_anything_unmarked_in_another_language(reader: OpenReader, slug: str) -> None:
    in_each_language(reader(slug, "nl"), slug, "/")


def test_no_other_page_says_anything_unmarked_in_another_language(reader: OpenReader) -> None:
    for path in ("/status", "/status/lost", "/complain/go-on", "/privacy", "/accessibility", "/terms"):
        in_each_language(reader("staatvandienst", "nl"), "staatvandienst", path)
    in_each_language(reader("staatvandienst", "nl"), "staatvandienst", "/nothing", 404)


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "mep"])  # whose form is shut
def test_no_page_of_the_form_says_anything_unmarked_in_another_language(reader: OpenReader, slug: str) -> None:
    browser = reader(slug, "nl")
    page = browser.get("/complain")
    seen = []
    while not page.path.endswith("/sent"):
        seen.append(page.path)
        in_each_language(browser, slug, page.path.removeprefix(browser.base))
        page = browser.send(page, first_of_all(page), button=("do", "next"))
        assert page.path not in seen
    assert len(seen) > 3
    in_each_language(browser, slug, page.path.removeprefix(browser.base))


def first_of_all(page: Page) -> dict[str, str]:
    """The first answer to each question with a choice, and what one has to type."""
    chosen = dict[str, str]()
    for each in page.form().all("input", type="radio"):
        chosen.setdefault(each.attributes["name"], each.attributes["value"])
    typed = {"story": STORY, "name": "Anna Achterberg", "email": "anna@example.nl", "fact-on_behalf_of": "Ben Berg"}
    fields = {each.attributes.get("name") for each in page.form().all()}
    return chosen | {name: value for name, value in typed.items() if name in fields}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_page_of_a_complaint_says_anything_unmarked_in_another_language(
    app: Flask, web_database: Database, reader: OpenReader, slug: str
) -> None:
    browser = reader(slug, "nl")
    browser.post("/status", {"code": received(app, web_database, slug), "csrf_token": token(browser)})
    for path in ("complaint", "add", "disagree", "withdraw", "copy"):
        in_each_language(browser, slug, f"/status/{path}")


def received(app: Flask, database: Database, slug: str) -> str:
    """The secret code of a complaint that came in just now."""
    engine = app.extensions[NAME].engine
    with open_session(database.engine) as session:
        found = find_by_slug(session, slug).id
        with tenant_scope(session, found):
            tenant = session.get_one(Tenant, found)
            policy = policy_of(slug)
            channel = next(name for name, one in policy.channels.items() if one.state is ChannelState.OPEN)
            intake = Intake(channel, contact={"name": "Anna Achterberg", "email": "anna@example.nl"}, story=STORY)
            code = receive_complaint(session, engine, tenant, intake, COMPLAINANT, datetime.now(UTC)).code
            session.commit()
    return code


def token(browser: Reader) -> str:
    return browser.get("/status").root.one("main").one("input", name="csrf_token").attributes["value"]

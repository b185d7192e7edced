"""A complainant's pages in the languages that only they have: complete, right to left, and nothing unmarked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import c2py
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from markupsafe import Markup, escape

from tests.conftest import Database
from tests.web.complaining import fill_in, follow
from tests.web.own import make_own
from tests.web.pages import Element, OpenReader, Page
from tests.web.test_texts import KEYWORDS, SOURCES, WEB
from weerklank.cases.labels import YES
from weerklank.cases.status import DOING, WAITING
from weerklank.cases.telling import TELLINGS
from weerklank.cases.timeline import ANSWERED, BY, CLOSED, CLOSED_AS, COMBINED, DONE, PASSED, RATINGS
from weerklank.correspondence.drafts import WAY_BACK
from weerklank.correspondence.notices import CODE, CONFIRMED, GIVEN, OWN, WAY_IN
from weerklank.deadlines.explain import LANGUAGES as COUNTS
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.policy.phrases import PHRASES, UNITS
from weerklank.policy.reader import read_policy
from weerklank.policy.refusals import REFUSALS
from weerklank.policy.sentences import SENTENCES
from weerklank.policy.tongues import CATALOGUES, counted, spoken
from weerklank.tenancy.model import Tenant
from weerklank.web import texts

TENANTS = texts.ROOT.parent / "tenants"
FOUR = [code for code in texts.TONGUES if code not in texts.LANGUAGES]
# What a complainant can come across: his own pages, what all pages share, and errors. Not the mail of a demo.
HIS = re.compile(r"(portal/|templates/(?!mailbox)|(errors|forms|shared|uploads|answers)\.py)")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
LIMITS = ("within", "back", "day", "of_measures", "not_before", "repeats", "first_of", "latest_of")
PARTICULARS = ("name", "email", "phone", "address_")
BODIES = ("body_within", "body_only", "fee", "free", "only", "retention", "retention_open")
# Refusals of what only a complainant does, or does too.
MEETS = (
    "answered_before not_open unknown_outcome outcome_not_on_offer not_anonymous not_several not_represented "
    "no_address not_asked restricted missing_fact bad_fact out_of_bounds guard already_closed archived "
    "nothing_to_withdraw not_yours channel_shut unknown_channel in_the_future file_empty file_too_large "
    "file_not_allowed file_unpacks_too_large file_held file_infected too_many_files words_needed suspended"
).split()
WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{3,}")
# Names, addresses and signs that are the same everywhere.
SAME = re.compile(
    r"https?://\S+|\S+@\S+|\S+\.(nl|pdf)\b\S*|[0-9A-Z]{5}(-[0-9A-Z]{5}){3}|[A-Z]+-\d{4}-\d+|"
    r"Weerklank|Autoriteit Persoonsgegevens|PDF|ZIP|Word|WCAG|cookie|Staatvandienst|Anna Achterberg|Els Evers|"
    r"Ombudsplein|\bKlacht\b"  # a desk's name, and what has to stand on an envelope
)


def his_texts() -> set[str]:
    found = extract_from_dir(str(WEB), SOURCES, keywords=KEYWORDS)
    return {words if isinstance(words, str) else words[0] for name, _, words, _, _ in found if HIS.match(name)}


def catalogues(language: str, *areas: str) -> list[Catalog]:
    paths = [texts.ROOT / area / language / "LC_MESSAGES" / "messages.po" for area in areas]
    return [read_po(BytesIO(path.read_bytes()), locale=language) for path in paths]


def translated(language: str, *areas: str) -> dict[str, Message]:
    every = (message for catalogue in catalogues(language, *areas) for message in catalogue if message.id)
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in every}


@pytest.mark.parametrize("language", FOUR)
def test_it_says_every_text_of_a_complainants_pages(language: str) -> None:
    known = translated(language, "portal", "shared")
    dutch = translated("nl", "portal")
    assert not sorted(text for text in his_texts() | dutch.keys() if text not in known)
    assert not sorted(text for text, message in known.items() if not message.string)


def told_below_the_pages() -> set[str]:
    """The platform's sentences for complainants that stand beside the rules, in English."""
    said = {telling.shown_en for telling in TELLINGS.values() if telling.shown_en}
    closing = (ANSWERED, CLOSED, CLOSED_AS)
    said |= {words["en"] for words in (DONE, PASSED, OWN, WAITING, *closing, *RATINGS.values(), *DOING.values())}
    said |= {*CODE["en"], *CONFIRMED["en"], *GIVEN["en"], WAY_IN["en"], *WAY_BACK["en"]}
    said |= {*BY["en"].values(), *YES["en"], *(english for _, english in COMBINED.values())}
    said |= {words for key, words in PHRASES["en"].items() if not key.startswith(("if_", "not_", "one_of"))}
    said |= {SENTENCES["en"][key] for key in (*LIMITS, *PARTICULARS, *BODIES)}
    said |= set(counts("en"))
    return said | {REFUSALS[code]["en"] for code in MEETS}


def counts(language: str) -> Iterator[str]:
    """Everything that tells why a day is the last one."""
    words = COUNTS[language]
    yield from (*words.steps.values(), *words.holidays.values(), words.act, words.paragraph, words.at, words.joined)


@pytest.mark.parametrize("language", FOUR)
def test_it_says_every_sentence_of_the_rules_that_a_complainant_reads(language: str) -> None:
    known = translated(language, "complaint")
    assert not sorted(text for text in told_below_the_pages() if text not in known or not known[text].string)
    units = {f"%(num)d {one}" for one, _ in UNITS["en"].values()}
    assert not sorted(units - known.keys())


@pytest.mark.parametrize("language", FOUR)
def test_a_translation_fills_in_the_same_things_in_every_plural_form(language: str) -> None:
    for area in ("portal", "shared", "complaint"):
        for english, message in translated(language, area).items():
            if isinstance(message.string, str):
                assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(message.string)), english
        for catalogue in catalogues(language, area):
            forms = {c2py(catalogue.plural_expr)(number) for number in range(200)}
            assert forms == set(range(catalogue.num_plurals)), "a plural form that no number has, or one too many"
            for message in catalogue:
                if message.id and message.pluralizable:
                    assert len(message.string) == catalogue.num_plurals and all(message.string), message.id


def test_it_counts_as_the_language_does() -> None:
    weeks = {code: units["weeks"] for code, units in UNITS.items()}
    assert [counted(weeks, number, "pl") for number in (1, 2, 5, 22)] == [
        "1 tydzień", "2 tygodnie", "5 tygodni", "22 tygodnie",
    ]  # fmt: skip
    assert [counted(weeks, number, "uk") for number in (1, 6, 21)] == ["1 тиждень", "6 тижнів", "21 тиждень"]
    assert [counted(weeks, number, "ar") for number in (2, 6, 11)] == ["أسبوعين", "6 أسابيع", "11 أسبوعًا"]
    assert escape(counted(weeks, 2, "fr")) == Markup('<span lang="en" dir="ltr">2 weeks</span>')


def test_a_sentence_that_a_language_lacks_is_marked_as_english() -> None:
    assert not (CATALOGUES / "fr").exists()
    assert spoken({"nl": "Wij wachten.", "en": "We wait."}, "nl") == "Wij wachten."
    said = spoken({"nl": "Wij wachten.", "en": "We wait & see."}, "fr")
    assert said == "We wait & see."
    assert escape(said) == Markup('<span lang="en" dir="ltr">We wait &amp; see.</span>')


def unmarked(page: Page, language: str) -> set[str]:
    """Words in Latin letters that are said to be in this language, and are no name or address."""
    every = (words for words in texts_of(page.root.one("body"), "") if words[0] == language)
    left = (SAME.sub(" ", words) for _, words in every)
    return {word for words in left for word in WORD.findall(words)}


def texts_of(element: Element, language: str) -> Iterator[tuple[str, str]]:
    """Every text of the page with the language it is said to be in; what one types is nobody's."""
    here = element.attributes.get("lang") or language or "ar"
    for each in element.inside:
        if isinstance(each, str):
            yield here, each
        elif each.tag not in ("textarea", "script"):
            yield from texts_of(each, here)


def names_of(slug: str) -> set[str]:
    """Words of names and addresses in an organisation's policy, which are the same in every language."""
    policy = read_policy((TENANTS / slug / "policy.yaml").read_bytes(), name=slug).policy
    assert policy is not None
    addresses = [one.address for one in (*policy.channels.values(), *policy.bodies.values())]
    named = [policy.procedure.organisation, *(body.name for body in policy.bodies.values()), *addresses]
    return {word for words in named if words for word in WORD.findall(words)}


@pytest.mark.parametrize("slug", ["staatvandienst", "team-keizer", "gelukwerkt", "mep", "nationale-ombudsman"])
def test_it_speaks_arabic_from_right_to_left_on_every_organisations_pages(reader: OpenReader, slug: str) -> None:
    browser = reader(slug, "ar")
    for path in ("/", "/procedure", "/complain", "/status", "/privacy", "/accessibility", "/terms"):
        page = browser.get(path)
        html = page.root.one("html").attributes
        assert (html["lang"], html["dir"]) == ("ar", "rtl")
        assert unmarked(page, "ar") <= names_of(slug), path
        assert "spoken" in {each.attributes.get("class") for each in page.root.all("p")}


def test_it_takes_a_complaint_in_arabic_and_follows_it(reader: OpenReader) -> None:
    browser = reader("staatvandienst", "ar")
    checked = fill_in(browser, "لم يتصل بي أحد.")
    sent = browser.send(checked)
    page = browser.send(sent)
    for each in (checked, sent, page):
        assert each.root.one("html").attributes["dir"] == "rtl"
        assert not unmarked(each, "ar") - {"Achterberg"}
    assert "ننظر في شكواك" in page.text or "نبدأ" in page.text or "نعالج" in page.text
    for each in (sent, page):
        reasons = [one.text for why in each.root.all("details") if is_why(why) for one in why.all("li")]
        assert any(one.startswith("تستمر المهلة لمدة") for one in reasons)
        assert not [one for why in each.root.all("details") if is_why(why) for one in why.all("span", lang="nl")]


def is_why(details: Element) -> bool:
    return details.attributes.get("class") == "why"


@pytest.mark.parametrize("language", ["de", "pl", "uk"])
def test_it_takes_a_complaint_in_each_language_and_says_what_is_wrong_in_it(reader: OpenReader, language: str) -> None:
    browser = reader("staatvandienst", language)
    page = browser.send(browser.get("/complain"), {"story": ""}, status=422)
    known = translated(language, "portal")["Tell us what happened and why you are not satisfied."]
    assert page.errors() == [known.string]
    assert follow(browser).root.one("html").attributes["lang"] == language


def test_staff_read_their_pages_in_the_two_languages_of_staff(app: Flask) -> None:
    answer = app.test_client().get("/staatvandienst/account?lang=ar", headers={"Accept-Language": "ar,en;q=0.5"})
    assert answer.headers["Content-Language"] == "en"
    assert "العربية" not in answer.get_data(as_text=True)


def test_it_offers_each_language_by_its_own_name(reader: OpenReader) -> None:
    page = reader("staatvandienst", "de").get("/")
    chooser = next(nav for nav in page.root.all("nav") if nav.attributes.get("class") == "tongues")
    links = [(each.attributes["hreflang"], each.attributes["lang"], each.text) for each in chooser.all("a")]
    assert links == [(code, code, name) for code, name in texts.TONGUES.items() if code != "de"]
    assert chooser.one("summary").text.endswith("Deutsch")


def test_it_offers_only_what_an_organisation_wants_to_offer(app: Flask, web_database: Database) -> None:
    here = make_own(app, web_database)
    with open_session(here.database.engine) as session, tenant_scope(session, here.id):
        tenant = session.get_one(Tenant, here.id)
        tenant.branding = {**tenant.branding, "languages": ["ar"]}
        session.commit()
    asked = {language: here.reader(language).get("/").root.one("html").attributes["lang"] for language in ("ar", "pl")}
    assert asked == {"ar": "ar", "pl": "nl"}


def test_it_tells_days_as_each_language_does(app: Flask) -> None:
    expected = {
        "de": "Freitag, 27. November 2026",
        "pl": "piątek, 27 listopada 2026",
        "ar": "الجمعة، 27 نوفمبر 2026",
        "uk": "пʼятниця, 27 листопада 2026",
    }
    for language, words in expected.items():
        with app.test_request_context("/staatvandienst/", headers={"Accept-Language": language}):
            assert texts.day(texts.date(2026, 11, 27)) == words

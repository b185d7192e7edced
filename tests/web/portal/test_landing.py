"""An organisation's first page: the course of a complaint drawn from its policy, the ways in with their state, help."""

from __future__ import annotations

import pytest

from tests.web.pages import Element, OpenReader, Page

ORGANISATIONS = ("gelukwerkt", "mep", "nationale-ombudsman", "staatvandienst", "team-keizer")


def drawn(page: Page) -> list[Element]:
    """What is on the line, from top to bottom."""
    return list(page.root.one("ol", **{"class": "course"}).all("li"))


@pytest.mark.parametrize("slug", ORGANISATIONS)
def test_it_draws_the_course_of_a_complaint_for_every_organisation(reader: OpenReader, slug: str) -> None:
    course = drawn(reader(slug, "nl").get("/"))
    assert course[0].text.startswith("Vandaag U dient uw klacht in")
    assert len(course) >= 5
    assert any("Binnen" in stage.text for stage in course)


def test_it_says_with_the_term_how_it_can_be_made_longer(reader: OpenReader) -> None:
    course = drawn(reader("staatvandienst").get("/"))
    (decision,) = [stage.text for stage in course if "Within 4 weeks" in stage.text]
    assert "At most 4 weeks longer, and you hear why before the last day." in decision


def test_it_ends_with_where_somebody_can_go_outside(reader: OpenReader) -> None:
    last = drawn(reader("staatvandienst").get("/"))[-1]
    assert last.text.startswith("Not satisfied with how we dealt with it? Then you can go to Oval.")
    assert [link.attributes["href"] for link in last.all("a")] == ["https://www.klachtregeling.nl"]


def test_it_shows_which_way_is_shut_and_what_to_do_instead(reader: OpenReader) -> None:
    page = reader("mep", "nl").get("/")
    ways = page.root.one("dl", **{"class": "ways"})
    shut = next(way for way in ways.all("div") if "Nu niet" in way.text)
    assert shut.text.startswith("Met het formulier op de website Nu niet")
    assert "Gebruik zolang: per brief, per e-mail." in shut.text


def test_it_offers_help_and_links_to_the_statements(reader: OpenReader) -> None:
    page = reader("staatvandienst").get("/")
    for words in ("Somebody may help you to fill in the form", "Do you need an interpreter?", "A letter counts"):
        assert words in page.text
    footer = [link.attributes["href"].rpartition("/")[2] for link in page.root.one("footer").all("a")]
    assert {"privacy", "accessibility", "terms"} <= set(footer)

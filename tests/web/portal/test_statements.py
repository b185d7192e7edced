"""Privacy, accessibility and the rules of the pages, each from what is known of the organisation."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tests.web.pages import OpenReader
from weerklank.kernel.database import without_tenant
from weerklank.tenancy.model import Tenant

ORGANISATIONS = ("gelukwerkt", "mep", "nationale-ombudsman", "staatvandienst", "team-keizer")


@pytest.mark.parametrize("path", ["/privacy", "/accessibility", "/terms"])
def test_it_has_every_statement_in_both_languages(reader: OpenReader, path: str) -> None:
    for slug in ORGANISATIONS:
        assert reader(slug, "nl").get(path).heading != reader(slug, "en").get(path).heading


def test_it_says_who_answers_for_the_particulars_who_reads_them_and_how_long(reader: OpenReader) -> None:
    text = reader("staatvandienst", "nl").get("/privacy").text
    for words in (
        "Staatvandienst bepaalt wat er met uw gegevens gebeurt",
        "Kwaliteitsfunctionaris",
        "Hoe lang wij een dossier bewaren, bepaalt een medewerker.",
        "gooien wij weg na 24 uur",
        "Dan na 14 dagen.",
        "Autoriteit Persoonsgegevens",
    ):
        assert words in text


def test_it_says_who_outside_gets_a_copy(reader: OpenReader) -> None:
    assert "Directie Bestuurszaken van het Ministerie van Justitie" in reader("mep", "nl").get("/privacy").text
    assert "Buiten de organisatie" not in reader("team-keizer", "nl").get("/privacy").text


def test_it_tells_what_was_not_tested_and_where_to_say_that_something_does_not_work(reader: OpenReader) -> None:
    page = reader("staatvandienst").get("/accessibility")
    assert "No independent bureau has judged these pages yet" in page.text
    assert "klachten@staatvandienst.nl" in page.text


def test_it_shows_the_organisations_own_words(reader: OpenReader, session: Session, staatvandienst: UUID) -> None:
    own = {"nl": "Vraag naar onze functionaris.", "en": "Ask for our officer."}
    with without_tenant(session, "a test gives an organisation a text"):
        tenant = session.get_one(Tenant, staatvandienst)
        tenant.branding = {**tenant.branding, "privacy": own}
        session.commit()
    assert "Ask for our officer." in reader("staatvandienst").get("/privacy").text
    assert "Vraag naar onze functionaris." in reader("staatvandienst", "nl").get("/privacy").text
    assert "Ask for our officer." not in reader("team-keizer").get("/privacy").text

"""A complainant makes a complaint and follows it."""

from tests.web.pages import OpenReader


def test_it_tells_what_happens_when_you_complain(reader: OpenReader) -> None:
    page = reader("staatvandienst", "nl").get("/")
    assert "2 werkdagen" in page.text

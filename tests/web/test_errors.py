"""When something goes wrong, people read what happened, what is kept and what they can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from errno import ENOSPC
from io import StringIO

import pytest
import structlog
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from tests.web.conftest import running
from tests.web.pages import OpenReader, Reader, values_of
from weerklank.kernel.errors import Conflict, NotFound, Refused
from weerklank.kernel.settings import Settings
from weerklank.web.access import Access, access

SECRET = "Anna Achterberg, anna@example.nl"


@pytest.fixture
def failing(web_settings: Settings, app: Flask) -> Iterator[Reader]:
    """A browser at an application with pages on which things go wrong."""
    troubles = {
        "surprise": ValueError(SECRET),
        "database": OperationalError("SELECT 1", {"name": SECRET}, Exception(SECRET)),
        "room": OSError(ENOSPC, SECRET),
        "missing": NotFound("case"),
        "race": Conflict("somebody else was first"),
        "rule": Refused("unheard_of"),
    }

    @access(Access.PUBLIC)
    def fail(what: str) -> str:
        if what.isdigit():
            abort(int(what))
        raise troubles[what]

    with running(replace(web_settings, log_level="info")) as made:
        made.add_url_rule("/fail/<what>", "fail", fail, methods=["GET", "POST"])
        yield Reader(made.test_client(), "/staatvandienst")


@pytest.mark.parametrize(
    ("what", "status", "heading"),
    [
        ("400", 400, "We could not read this"),
        ("403", 403, "You cannot open this page"),
        ("404", 404, "This page is not here"),
        ("409", 409, "Somebody else was just before you"),
        ("413", 413, "This is too much at once"),
        ("418", 418, "We could not read this"),
        ("429", 429, "Too many tries"),
        ("503", 503, "We cannot be reached for a moment"),
        ("missing", 404, "This page is not here"),
        ("race", 409, "Somebody else was just before you"),
        ("rule", 422, "This is not possible"),
        ("database", 503, "We cannot be reached for a moment"),
        ("room", 503, "We cannot be reached for a moment"),
        ("surprise", 500, "Something went wrong on our side"),
    ],
)
def test_it_says_what_happened_in_plain_words(failing: Reader, what: str, status: int, heading: str) -> None:
    page = failing.get(f"/fail/{what}", status=status)
    assert page.heading == heading
    assert SECRET not in page.response.get_data(as_text=True)
    assert len(page.text.split()) > 15


HERE = {"Sec-Fetch-Site": "same-origin"}


def test_it_leads_back_to_the_page_with_the_form_but_to_no_other_host(failing: Reader) -> None:
    token = {"csrf_token": failing.get("/status").root.one("input", name="csrf_token").attributes["value"]}
    for host, leads in (("localhost", ["/status"]), ("elsewhere.example", [])):
        came_from = {**HERE, "Referer": f"http://{host}/status"}
        page = failing.post("/fail/race", token, status=409, headers=came_from)
        back = [link for link in page.root.all("a") if link.text == "Back to the page you came from"]
        assert [link.attributes["href"] for link in back] == leads


TYPED = {"story": 'Nobody "called".\r\n<b>Nobody</b>', "password": "geheim"}


@pytest.mark.parametrize("what", ["database", "room"])
def test_it_keeps_what_was_typed_when_a_part_is_away_or_full(failing: Reader, what: str) -> None:
    token = failing.get("/status").root.one("input", name="csrf_token").attributes["value"]
    page = failing.post(f"/fail/{what}", {"csrf_token": token, **TYPED}, status=503, headers=HERE)
    kept = {name: value for name, (value,) in values_of(page.form()).items()}
    assert kept.pop("csrf_token")
    assert kept.pop("once"), "by which the form is known, should it have been carried out all the same"
    assert kept == {"story": TYPED["story"]}
    again = failing.send(page, status=503)
    assert again.path == page.path, "and it was sent to where it was first"


def test_it_keeps_what_was_typed_even_without_a_frame_and_for_no_other_site(
    failing: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = failing.get("/status").root.one("input", name="csrf_token").attributes["value"]
    other = failing.post("/fail/room", {"csrf_token": token, **TYPED}, status=503, headers={"Sec-Fetch-Site": "none"})
    assert list(other.root.all("input", name="story")) == []

    def broken(*given: object, **more: object) -> str:
        raise ValueError("no frame")

    monkeypatch.setattr("weerklank.web.errors.render_template", broken)
    page = failing.post("/fail/room", {"csrf_token": token, **TYPED}, status=503, headers=HERE)
    assert values_of(page.form()) == {"csrf_token": [""], "story": [TYPED["story"]]}
    monkeypatch.undo()
    again = failing.send(page, status=400)
    assert again.heading == "We could not read this", "this browser does not say that it was here"


@pytest.fixture
def log(failing: Reader) -> Iterator[StringIO]:
    """What is written into the log, as it comes out of all that keeps personal data from it."""
    before, stream = structlog.get_config(), StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream))
    yield stream
    structlog.configure(**before)


def test_it_gives_a_number_by_which_a_failure_is_found_in_the_log(failing: Reader, log: StringIO) -> None:
    page = failing.get("/fail/surprise", status=500)
    number = page.response.headers["X-Request-Id"]
    assert number in page.text
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    found = [line for line in lines if line.get("request_id") == number and line["event"] == "unexpected"]
    assert [line["error"] for line in found] == ["ValueError"]


def test_it_logs_nothing_that_somebody_typed(failing: Reader, log: StringIO) -> None:
    failing.client.post("/staatvandienst/complain/story?name=Anna", data={"story": SECRET})
    failing.client.get("/staatvandienst/Anna-Achterberg", headers={"User-Agent": SECRET})
    failing.client.get("/staatvandienst/fail/database")
    written = log.getvalue()
    assert '"event": "request"' in written
    for part in ("Anna", "anna@", "Achterberg"):
        assert part not in written


def test_it_says_by_which_way_a_page_can_be_asked(reader: OpenReader) -> None:
    page = reader("staatvandienst").get("/status/answer", status=405)
    assert page.heading == "This cannot be opened this way"
    assert "POST" in page.response.headers["Allow"]


def test_it_says_so_when_the_database_is_away(web_settings: Settings) -> None:
    with running(replace(web_settings, database_url="postgresql://nobody@127.0.0.1:1/nothing")) as away:
        client = away.test_client()
        answer = client.get("/staatvandienst/")
        assert answer.status_code == 503
        assert "Wij zijn even niet bereikbaar" in answer.get_data(as_text=True)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_it_has_a_page_even_when_the_frame_of_all_pages_is_broken(
    reader: OpenReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **more: object) -> str:
        raise ValueError("no frame")

    monkeypatch.setattr("weerklank.web.errors.render_template", broken)
    page = reader("staatvandienst", "nl").get("/nothing", status=404)
    assert page.heading == "Deze pagina is er niet"
    assert "Controleer het adres" in page.text



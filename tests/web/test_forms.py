"""Reading what was typed: the value, or what is wrong with it, and always what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from weerklank.web.forms import Form, day_fields, read_day


@pytest.fixture(autouse=True)
def _reading(app: Flask) -> Iterator[None]:
    """Sentences need a language."""
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def test_it_reads_a_line_and_several_lines() -> None:
    form = Form({"one": "  a\tb\r\nc  ", "more": " a\r\nb\r "})
    assert form.text("one") == "a b c"
    assert form.text("more", lines=True) == "a\nb"
    assert not form.errors


def test_it_composes_letters_so_that_equal_words_are_equal() -> None:
    assert Form({"name": "Rene\N{COMBINING ACUTE ACCENT}"}).text("name") == "René"


def test_it_says_the_first_thing_that_is_wrong_with_a_field() -> None:
    form = Form({"name": ""})
    form.text("name", required="Fill in your name.")
    form.fail("name", "Something else.")
    assert form.errors == {"name": "Fill in your name."}


@pytest.mark.parametrize("typed", ["anna@example.nl", "a.b+c@sub.example.co", "anna@example.amsterdam"])
def test_it_reads_an_address(typed: str) -> None:
    form = Form({"email": f" {typed} "})
    assert form.email("email") == typed
    assert not form.errors


@pytest.mark.parametrize(
    "typed", ["anna", "anna@", "@example.nl", "a b@example.nl", "a@b", "a@b@c.nl", "a@example.nl\nBcc: x@y.nl"]
)
def test_it_refuses_what_is_no_address(typed: str) -> None:
    form = Form({"email": typed})
    form.email("email")
    assert form.errors


def test_it_reads_a_telephone_number_as_people_write_it() -> None:
    for typed in ("06 12345678", "+31 (0)20 123 45 67", "020-1234567"):
        assert Form({"phone": typed}).phone("phone") == typed
    for typed in ("12", "call me", "+" * 10, "06 1234 5678; rm"):
        form = Form({"phone": typed})
        form.phone("phone")
        assert form.errors, typed


def test_it_reads_a_day_and_knows_its_bounds() -> None:
    today = date(2026, 11, 20)
    form = Form(day_fields("born", today))
    assert form.day("born", latest=today) == today
    assert not form.errors
    form.day("born", latest=date(2026, 11, 19))
    assert form.errors == {"born": "This day lies in the future."}
    assert Form({}).day("born") is None
    assert read_day("29", "2", "2028") == date(2028, 2, 29)


def test_it_takes_only_what_was_offered() -> None:
    form = Form(MultiDict([("one", "b"), ("many", "c"), ("many", "a"), ("many", "z"), ("yes", "yes")]))
    assert form.choice("one", ["a", "b"]) == "b"
    assert form.choices("many", ["a", "b", "c"]) == ("a", "c")
    assert form.errors == {"many": "Choose one of the answers."}
    assert form.yes_no("yes") is True
    mine, other = uuid4(), uuid4()
    assert Form({"id": str(mine)}).id("id", [mine]) == mine
    wrong = Form({"id": str(other)})
    assert wrong.id("id", [mine]) is None
    assert wrong.errors


@pytest.mark.parametrize("typed", ["", "x", "1.5", "1e9", "٣", "99999999999", "-1"])
def test_it_refuses_what_is_no_whole_number(typed: str) -> None:
    form = Form({"count": typed})
    assert form.number("count", required="How many?") is None
    assert form.errors


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_nothing_that_is_typed_breaks_a_form(text: str, day: str, month: str, year: str) -> None:
    form = Form({"text": text, "day-day": day, "day-month": month, "day-year": year})
    read = [form.text("text", most=100), form.email("text"), form.phone("text"), form.number("text"), form.day("day")]
    read += [form.choice("text", ["a"]), form.choices("text", ["a"]), form.yes_no("text")]
    assert "\0" not in str(read)
    assert form.value("text") == text

"""Words as they are searched: forms of a word find each other, what everybody writes finds nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weerklank.cases.search.words import best_excerpts, excerpt, question_of, tokens_of


def finds(asked: str, written: str) -> bool:
    return bool(question_of(asked).things) and question_of(asked).is_answered_by(tokens_of([written]))


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("klacht", "Mijn KLACHTEN gaan over het loket"),
        ("fiets", "Mijn fietsen zijn weg"),
        ("fietsen", "Mijn fiets is weg"),
        ("complaint", "All my complaints were ignored"),
        ("Jose", "José van den Berg"),
        ("josé", "jose"),
        ("0612345678", "bel mij op 06-1234 5678"),
        ("06 12345678", "(06) 12345678"),
        ("1234ab", "Dorpsstraat 1, 1234 AB Ergens"),
        ("svd-2026-0042", "zie ook SVD-2026-0042"),
        ("Anna@Voorbeeld.example", "anna@voorbeeld.example"),
        ("wachten lang loket", "Aan het loket moest ik lang wachten"),
        ("2026", "in 2026 al"),
    ],
)
def test_it_finds_a_word_in_another_form(asked: str, written: str) -> None:
    assert finds(asked, written)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("klacht loket", "Mijn klacht gaat over de telefoon"),
        ("0612345678", "06-1234 5679"),
        ("lach", "klacht"),
        ("de het een van", "de het een van"),
        ("", "iets"),
        ("!!", "!!"),
    ],
)
def test_it_does_not_find_what_is_not_there(asked: str, written: str) -> None:
    assert not finds(asked, written)


def test_it_marks_what_was_asked_and_shortens_what_stands_around_it() -> None:
    text = "Een lang begin dat niemand zoekt. " * 9 + "Mijn klachten over het loket." + " En een lang einde." * 20
    pieces = excerpt(text, question_of("klacht"))
    assert [piece.text for piece in pieces if piece.hit] == ["klachten"]
    assert len("".join(piece.text for piece in pieces)) < 250
    assert pieces[0].text == "… "


def test_it_shows_each_thing_that_was_asked_in_as_few_places_as_possible() -> None:
    texts = ["Een klacht.", "De telefoon.", "Een klacht over de telefoon.", "Nog een klacht."]
    shown = best_excerpts(texts, question_of("klacht telefoon"))
    assert ["".join(piece.text for piece in pieces) for pieces in shown] == ["Een klacht over de telefoon."]


@given(st.text(max_size=300), st.text(max_size=60))
def test_it_takes_any_text_and_never_loses_a_letter_of_what_it_shows(written: str, asked: str) -> None:
    question = question_of(asked)
    tokens_of([written])
    assert len(question.things) <= 8
    pieces = excerpt(written, question)
    shown = "".join(piece.text for piece in pieces).removeprefix("… ").removesuffix(" …")
    assert shown in written
    assert not pieces or any(piece.hit for piece in pieces)


@given(
    st.lists(st.sampled_from(["klacht", "loket", "Anna", "fiets", "06-12345678", "wachten"]), min_size=1, max_size=8)
)
def test_it_finds_a_text_by_each_of_its_own_words(words: list[str]) -> None:
    assert all(finds(word, " ".join(words)) for word in words)

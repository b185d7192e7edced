"""Words as they are searched: folded, without what everybody writes, by their Dutch and English stems. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import local
from typing import Any

import snowballstemmer

LANGUAGES = ("dutch", "english")
SHORTEST, LONGEST = 3, 40  # letters of a word
MOST_ASKED = 8  # words of a question
WORD = re.compile(r"[^\W_]+")
# What is written in parts and typed without them: references, telephone numbers, postcodes.
WHOLE = re.compile(
    r"\b[A-Z]{2,8}-\d{4}-\d{4,}\b"
    r"|(?<!\d)0(?:[ ().-]{0,2}\d){9}(?!\d)"
    r"|\+\d(?:[ ().-]{0,2}\d){8,13}(?!\d)"
    r"|\b\d{4} ?[A-Z]{2}\b",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")
# fmt: off
STOP = frozenset(
    """
    aan als bij dan dat de den deze die dit door een en er haar had hebben heb heeft hem het hier hij hoe hun ik in is
    ja je kan kon maar me meer men met mij mijn naar niet nog nu of om omdat onder ons ook op over te tegen toch toen
    tot uit uw van veel voor want waren was wat we wel werd wie wij wil worden wordt zal ze zich zij zijn zo zou
    about after all also and any are because been but can could did does for from get had has have her him his how its
    just not now out she should some than that the their them then there they this was were what when which who will
    with would you your
    """.split()
)
# fmt: on
STEMMERS = local()  # a stemmer keeps the word it is busy with


@dataclass(frozen=True)
class Word:
    """A word where it stands in a text, and the stems by which it is found."""

    start: int
    end: int
    stems: frozenset[str]


def words_of(text: str) -> Iterator[Word]:
    """The words of a text that can be searched for, in its order."""
    for found in WORD.finditer(text):
        if stems := stems_of(found.group()):
            yield Word(found.start(), found.end(), stems)


@lru_cache(maxsize=20_000)
def stems_of(word: str) -> frozenset[str]:
    """The stems of a word in both languages; none for what is too short or too common. A number is its own."""
    folded = fold(word)[:LONGEST]
    if folded.isdigit():
        return frozenset({folded}) if len(folded) >= SHORTEST else frozenset()
    if len(folded) < SHORTEST or folded in STOP:
        return frozenset()
    return frozenset(stem for language in LANGUAGES for stem in _stems(language, folded))


def _stems(language: str, word: str) -> Iterator[str]:
    """The stem, and the stem of that as long as it is another: `fietsen` and `fiets` meet in the second."""
    stem = stemmer(language).stemWord(word)
    yield stem
    if stem != word and len(stem) >= SHORTEST:
        yield from _stems(language, stem)


def fold(text: str) -> str:
    """Without capitals and accents, in one form whatever it was typed in."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def stemmer(language: str) -> Any:
    kept: dict[str, Any] = STEMMERS.__dict__
    if language not in kept:
        kept[language] = snowballstemmer.stemmer(language)
    return kept[language]


def wholes_of(text: str) -> Iterator[str]:
    """What is found as a whole: references, numbers, postcodes and addresses, without what stands between."""
    for found in (*WHOLE.finditer(text), *EMAIL.finditer(text)):
        yield "=" + (fold(found.group()) if "@" in found.group() else re.sub(r"[^\w]", "", fold(found.group())))


def tokens_of(texts: Iterable[str]) -> frozenset[str]:
    """Everything by which these texts are found."""
    found: set[str] = set()
    for text in texts:
        found.update(wholes_of(text))
        for word in words_of(text):
            found |= word.stems
    return frozenset(found)


@dataclass(frozen=True)
class Question:
    """What somebody looks for: for each thing all the tokens that will do, all things to be there."""

    things: tuple[frozenset[str], ...]

    def is_answered_by(self, tokens: frozenset[str]) -> bool:
        """Whether a text with these tokens has everything that is asked."""
        return all(not thing.isdisjoint(tokens) for thing in self.things)


def question_of(typed: str) -> Question:
    """What was typed, as things to find; at most eight."""
    wholes = [frozenset({whole}) for whole in wholes_of(typed)]
    rest = EMAIL.sub(" ", WHOLE.sub(" ", typed))
    things = [*wholes, *(word.stems for word in words_of(rest))]
    return Question(tuple(dict.fromkeys(things))[:MOST_ASKED])


@dataclass(frozen=True)
class Piece:
    """Part of a text that is shown; `hit`: it is one of the words that were asked for."""

    text: str
    hit: bool


AROUND = 60  # characters beside the first hit
MOST_EXCERPTS = 3


def excerpt(text: str, question: Question) -> tuple[Piece, ...]:
    """The text around the first word that was asked for, with every such word marked; nothing when there is none."""
    asked = frozenset().union(*question.things)
    hits = [word for word in words_of(text) if not word.stems.isdisjoint(asked)]
    if not hits:
        return ()
    start = max(0, hits[0].start - AROUND)
    start = text.find(" ", start, hits[0].start) + 1 or start if start else 0
    end = min(len(text), hits[0].end + 2 * AROUND)
    pieces, at = [Piece("… ", False)] if start else [], start
    for word in (one for one in hits if one.end <= end):
        pieces += [Piece(text[at : word.start], False), Piece(text[word.start : word.end], True)]
        at = word.end
    pieces.append(Piece(text[at:end] + (" …" if end < len(text) else ""), False))
    return tuple(piece for piece in pieces if piece.text)


def best_excerpts(texts: Iterable[str], question: Question) -> tuple[tuple[Piece, ...], ...]:
    """Excerpts that show each thing that was asked, of as few texts as that takes; three at most."""
    left, chosen = set(range(len(question.things))), list[tuple[Piece, ...]]()
    shown = [(pieces, things_in(pieces, question)) for text in texts if (pieces := excerpt(text, question))]
    while left and shown and len(chosen) < MOST_EXCERPTS:
        pieces, things = max(shown, key=lambda each: len(each[1] & left))
        if not things & left:
            break
        chosen.append(pieces)
        left -= things
    return tuple(chosen)


def things_in(pieces: Iterable[Piece], question: Question) -> set[int]:
    """Which of the things that were asked are marked here."""
    stems = frozenset().union(*(stems_of(piece.text) for piece in pieces if piece.hit))
    return {number for number, thing in enumerate(question.things) if not thing.isdisjoint(stems)}

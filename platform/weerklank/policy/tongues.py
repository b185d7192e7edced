"""The platform's own sentences for complainants, in the languages that only they have.

Dutch and English stand beside the rule that says them; the others in `translations/complaint/<language>`, by the
English sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from weerklank.policy.words import in_tongue

CATALOGUES = Path(__file__).resolve().parents[3] / "translations" / "complaint"


def spoken(words: Mapping[str, str], language: str) -> str:
    """One of the platform's sentences (`nl` and `en`) in any language; marked as English where there is none."""
    if language in words:
        return words[language]
    found = catalogue(language).get(words["en"])
    return str(found.string) if found and found.string else in_tongue(words["en"], "en")


def all_spoken(words: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """Several of the platform's sentences that belong together, such as a subject line and what stands below it."""
    by_sentence = zip(*words.values(), strict=True)
    return tuple(spoken(dict(zip(words, each, strict=True)), language) for each in by_sentence)


def counted(words: Mapping[str, tuple[str, str]], number: int, language: str) -> str:
    """`3 weken`: a number of something, by the plural forms of the language; `words`: one and more, `nl` and `en`."""
    if language in words:
        one, more = words[language]
        return f"{number} {one if number == 1 else more}"
    known, (one, more) = catalogue(language), words["en"]
    found = known.get(f"%(num)d {one}")
    if found is None or not found.string:
        return in_tongue(counted(words, number, "en"), "en")
    return str(found.string[c2py(known.plural_expr)(number)]) % {"num": number}


@cache
def catalogue(language: str) -> Catalog:
    """The sentences in this language by the English ones; empty for a language that we do not have."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not (language.isalpha() and path.is_file()):
        return Catalog()
    with path.open("rb") as lines:
        return read_po(lines, locale=language)

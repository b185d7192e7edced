"""Texts in several languages: what a policy says to people, and in which language it can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One text in one or more languages, as `{nl: ..., en: ...}` or a plain string that serves for all."""

    by_language: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, value: str | Mapping[str, str]) -> Text:
        """Take the YAML form: a string (any language) or a mapping language -> string."""
        if isinstance(value, str):
            return cls((("", value),))
        return cls(tuple(value.items()))

    def in_(self, language: str) -> str:
        """The text in `language`, else the language-less one, else the first that was written."""
        texts = dict(self.by_language)
        return texts.get(language) or texts.get("") or self.by_language[0][1]

    @property
    def languages(self) -> frozenset[str]:
        """Languages this text is written in; empty when one plain string serves for all."""
        return frozenset(code for code, _ in self.by_language if code)


def listed(texts: Iterable[Text]) -> Text:
    """Several texts as one, with commas, in every language that one of them has."""
    parts = tuple(texts)
    codes = sorted({code for part in parts for code in part.languages}) or [""]
    return Text(tuple((code, ", ".join(part.in_(code) for part in parts)) for code in codes))


class Said(str):
    """A sentence of the platform's own in English that can also be said in another language.

    It is the English string itself; `template` is its key in the catalogues, `values` are what fills it in.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def in_(self, translate: Callable[[str], str]) -> str:
        """The sentence by a catalogue: `translate` answers a template in the reader's language, or the same."""
        values = {
            name: value.in_(translate) if isinstance(value, Said) else value for name, value in self.values.items()
        }
        return translate(self.template).format(**values)


def said(template: str, **values: object) -> Said:
    """`there is no {what} {name!r}`, filled in; the template is what translators see."""
    sentence = Said(template.format(**values))
    sentence.template, sentence.values = template, values
    return sentence


def in_words(message: str, translate: Callable[[str], str]) -> str:
    """Any message in the reader's language; one that is not the platform's own stays as it is."""
    return message.in_(translate) if isinstance(message, Said) else message

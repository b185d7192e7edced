"""Texts in several languages: what a policy says to people, and in which language it can say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class Marked(str):
    """A text of which a page says in which language it, or a part of it, is, when that is not the page's own.

    It is the plain text itself; a template that puts it in a page gets the same with `lang` and `dir` around the parts.
    """

    __slots__ = ("html",)
    html: str

    def __html__(self) -> str:
        return self.html


def in_tongue(text: str, language: str) -> str:
    """A text marked as being in this language."""
    marked = Marked(text)
    marked.html = f'<span lang="{escape(language)}" dir="{direction(language)}">{escape(text)}</span>'
    return marked


def written_in(text: str, language: str, reader: str) -> str:
    """A text of which the language is known, for a reader: marked when it is not his."""
    return in_tongue(text, language) if language and language != reader else text


def filled(template: str, /, *parts: str, **values: str) -> str:
    """`{0} answers {who}`, filled in; what is marked stays so."""
    text = template.format(*parts, **values)
    if not any(isinstance(each, Marked) for each in (template, *parts, *values.values())):
        return text
    marked, named = Marked(text), {name: _html(value) for name, value in values.items()}
    marked.html = _html(template).format(*map(_html, parts), **named)
    return marked


def joined(parts: Sequence[str]) -> str:
    """The parts with commas, each in its own language."""
    return filled(", ".join(f"{{{number}}}" for number in range(len(parts))), *parts)


def direction(language: str) -> str:
    """How it is written: `ltr` or `rtl`."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def changed(text: str, change: Callable[[str], str]) -> str:
    """The same text after a change of blanks or capitals, still marked as it was."""
    if not isinstance(text, Marked):
        return change(text)
    marked, plain = Marked(change(text)), escape(text)
    whole = plain in text.html
    marked.html = text.html.replace(plain, escape(marked)) if whole else change(text.html)
    return marked


def _html(text: str) -> str:
    return text.html if isinstance(text, Marked) else escape(text)


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
        """The text in `language`, else the language-less one, else the first that was written, marked as such."""
        texts = dict(self.by_language)
        return texts.get(language) or texts.get("") or in_tongue(self.by_language[0][1], self.by_language[0][0])

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

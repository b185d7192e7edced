"""Why a term ends on a day, in the reader's language: Dutch and English by `explain`, the others by the catalogues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from babel.dates import format_date

from weerklank.cases.labels import day_text
from weerklank.deadlines import Duration, Label, Reason, explain
from weerklank.deadlines.explain import ENGLISH, LANGUAGES, step_of
from weerklank.policy.phrases import capital
from weerklank.policy.tongues import counted, spoken
from weerklank.policy.words import filled, in_tongue, written_in
from weerklank.policy.world import World


def reason_text(world: World, reason: Reason, language: str) -> str:
    """One step of a count as a sentence; what the organisation wrote in another language is marked as such."""
    if language in LANGUAGES:
        return explain(reason, language, world.zone)
    own = next((code for code in world.policy.procedure.languages if code in LANGUAGES), "en")
    return Teller(language, own, world.zone).sentence(reason)


@dataclass(frozen=True)
class Teller:
    """Says the steps of a count in a language of the catalogues; `own` is what the organisation writes in."""

    language: str
    own: str
    zone: tzinfo

    def sentence(self, reason: Reason) -> str:
        words = {name: self.value(value) for name, value in reason.values.items()}
        words["day"] = self.value(reason.day)
        words["why"] = self.together([self.label(each) for each in reason.said])
        if "closed" in reason.values:
            words["closed"] = self.closed(reason)
        told = filled(self.said(ENGLISH.steps[step_of(reason)]), **words)
        return filled("{0}{1}.", capital(told), self.article(reason.article))

    def said(self, english: str) -> str:
        return spoken({"en": english}, self.language)

    def value(self, value: Any) -> str:
        if isinstance(value, datetime):
            local = value.astimezone(self.zone)
            return self.said(ENGLISH.at).format(day=day_text(local.date(), self.language), clock=local)
        if isinstance(value, date):
            return day_text(value, self.language)
        if isinstance(value, Duration):
            return counted({"en": ENGLISH.units[value.unit]}, value.amount, self.language)
        if isinstance(value, tuple):
            return self.together([self.value(each) for each in value])
        return str(value)

    def together(self, parts: Sequence[str]) -> str:
        return filled(self.said(ENGLISH.joined).join(["{}"] * len(parts)), *parts)

    def label(self, label: Label) -> str:
        """The policy's words in this language, else those of no language, else the first."""
        words = dict(label)
        code = next((each for each in (self.language, "") if each in words), label[0][0])
        return written_in(words[code], code or self.own, self.language)

    def closed(self, reason: Reason) -> str:
        holiday, label = ENGLISH.holidays.get(str(reason.values["closed"])), reason.values.get("label")
        name = self.said(holiday) if holiday else str(format_date(reason.day, "EEEE", locale=self.language))
        return filled("{0} ({1})", name, in_tongue(str(label), self.own)) if label else name

    def article(self, article: str | None) -> str:
        if article is None:
            return ""
        number, _, paragraph = article.partition(":")
        worded = filled(self.said(ENGLISH.paragraph), article=number, paragraph=paragraph) if paragraph else number
        return filled(" ({0})", filled(self.said(ENGLISH.act), article=worded))

"""The reasons of a count in words: one table per language, nothing else differs.

Complainants read them in more languages: `weerklank.cases.reasons` says the English sentences by the catalogues.
"""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from weerklank.deadlines.durations import Duration, Unit
from weerklank.deadlines.holidays import Holiday
from weerklank.deadlines.terms import Label, Reason

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class _Language(NamedTuple):
    steps: Mapping[str, str]
    holidays: Mapping[str, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    units: Mapping[Unit, tuple[str, str]]
    act: str
    paragraph: str
    at: str
    joined: str


DUTCH = _Language(
    steps={
        "starts": "De termijn is {term}. De eerste dag is de dag na {day}",
        "starts_hours": "De termijn is {term} en loopt vanaf {day}",
        "counts_back": "Er wordt teruggeteld: {term} voor {day}",
        "counted": "{term} later is {day}",
        "counted_back": "{term} eerder is {day}",
        "ends_hours": "De termijn eindigt op {day}",
        "closed": "{day}: {closed}, geen werkdag",
        "closed_weekday": "{day} is geen werkdag",
        "extended": "Verlengd met {by}, tot en met {day}",
        "stood_still": "De termijn stond stil van {day} tot en met {last}: {lost}. Het einde wordt {until}",
        "stood_still_for": "De termijn stond stil van {day} tot en met {last} ({why}): {lost}. Het einde wordt {until}",
        "stands_still_for": "De termijn staat stil sinds {day} ({why}). Nog over: {left}",
        "stood_still_no_day": "Gevraagd en beantwoord zonder dat er een dag van de termijn stilstond",
        "stands_still": "De termijn staat stil sinds {day}. Nog over: {left}",
        "suspended_too_late": "Stilzetten vanaf {day} heeft geen gevolg: de termijn eindigt op {end}",
        "runs_on": "Valt op {closed}; loopt door tot en met {until}",
        "too_few_working_days": "Te weinig werkdagen in de termijn ({held}); loopt door tot en met {until}",
        "outside_the_act": "Een termijn van {term} schuift niet op, ook niet naar een werkdag",
        "stays": "Valt op {closed} en blijft zo: er wordt in kalenderdagen geteld",
        "stays_back": "Valt op {closed} en blijft zo: er wordt teruggeteld",
        "agreed": "Afgesproken met wie de klacht indiende: uiterlijk {day}",
        "stated": "De dag is genoemd of afgesproken: uiterlijk {day}",
        "provisional": "Voorlopig: welke extra vrije dagen er na {horizon} komen, is nog niet bekend",
    },
    holidays={
        Holiday.NEW_YEAR: "Nieuwjaarsdag",
        Holiday.GOOD_FRIDAY: "Goede Vrijdag",
        Holiday.EASTER_MONDAY: "tweede paasdag",
        Holiday.KINGS_DAY: "Koningsdag",
        Holiday.LIBERATION_DAY: "Bevrijdingsdag",
        Holiday.ASCENSION_DAY: "Hemelvaartsdag",
        Holiday.WHIT_MONDAY: "tweede pinksterdag",
        Holiday.CHRISTMAS_DAY: "eerste kerstdag",
        Holiday.BOXING_DAY: "tweede kerstdag",
        Holiday.DECREE: "een dag die bij besluit als feestdag telt",
        "own": "een eigen sluitingsdag",
    },
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    # fmt: off
    months=(
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    # fmt: on
    units={
        Unit.HOURS: ("uur", "uur"),
        Unit.DAYS: ("dag", "dagen"),
        Unit.WORKING_DAYS: ("werkdag", "werkdagen"),
        Unit.WEEKS: ("week", "weken"),
        Unit.MONTHS: ("maand", "maanden"),
        Unit.YEARS: ("jaar", "jaar"),
    },
    act="Algemene termijnenwet, artikel {article}",
    paragraph="{article}, lid {paragraph}",
    at="{day} om {clock:%H.%M} uur",
    joined=" en ",
)

ENGLISH = _Language(
    steps={
        "starts": "The term is {term}. Its first day is the day after {day}",
        "starts_hours": "The term is {term} and runs from {day}",
        "counts_back": "Counted back: {term} before {day}",
        "counted": "{term} later is {day}",
        "counted_back": "{term} earlier is {day}",
        "ends_hours": "The term ends on {day}",
        "closed": "{day}: {closed}, no working day",
        "closed_weekday": "{day} is no working day",
        "extended": "Extended by {by}, up to and including {day}",
        "stood_still": "The term stood still from {day} to {last} included: {lost}. The end becomes {until}",
        "stood_still_for": "The term stood still from {day} to {last} included ({why}): {lost}."
        " The end becomes {until}",
        "stands_still_for": "The term has stood still since {day} ({why}). Left: {left}",
        "stood_still_no_day": "Asked and answered without a day on which the term stood still",
        "stands_still": "The term has stood still since {day}. Left: {left}",
        "suspended_too_late": "Standing still from {day} has no effect: the term ends on {end}",
        "runs_on": "Falls on {closed}; runs on up to and including {until}",
        "too_few_working_days": "Too few working days in the term ({held}); runs on up to and including {until}",
        "outside_the_act": "A term of {term} does not move, not even to a working day",
        "stays": "Falls on {closed} and stays there: calendar days are counted",
        "stays_back": "Falls on {closed} and stays there: it is counted back",
        "agreed": "Agreed with the complainant: {day} at the latest",
        "stated": "The day was stated or agreed: {day} at the latest",
        "provisional": "Provisional: which extra days off there will be after {horizon} is not known yet",
    },
    holidays={
        Holiday.NEW_YEAR: "New Year's Day",
        Holiday.GOOD_FRIDAY: "Good Friday",
        Holiday.EASTER_MONDAY: "Easter Monday",
        Holiday.KINGS_DAY: "King's Day",
        Holiday.LIBERATION_DAY: "Liberation Day",
        Holiday.ASCENSION_DAY: "Ascension Day",
        Holiday.WHIT_MONDAY: "Whit Monday",
        Holiday.CHRISTMAS_DAY: "Christmas Day",
        Holiday.BOXING_DAY: "Boxing Day",
        Holiday.DECREE: "a day that counts as a holiday by decree",
        "own": "a day on which the organisation is closed",
    },
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    # fmt: off
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    # fmt: on
    units={
        Unit.HOURS: ("hour", "hours"),
        Unit.DAYS: ("day", "days"),
        Unit.WORKING_DAYS: ("working day", "working days"),
        Unit.WEEKS: ("week", "weeks"),
        Unit.MONTHS: ("month", "months"),
        Unit.YEARS: ("year", "years"),
    },
    act="General Extension of Time Limits Act, article {article}",
    paragraph="{article}, paragraph {paragraph}",
    at="{day} at {clock:%H:%M}",
    joined=" and ",
)

LANGUAGES: Mapping[str, _Language] = {"nl": DUTCH, "en": ENGLISH}


def explain(reason: Reason, locale: str, zone: tzinfo = AMSTERDAM) -> str:
    """One step of a count as a sentence in `nl` or `en`; instants are shown as the clocks of `zone` do.

    Raises KeyError for another language.
    """
    language = LANGUAGES[locale]
    words = {name: _worded(value, language, zone) for name, value in reason.values.items()}
    words["day"] = _worded(reason.day, language, zone)
    words["why"] = language.joined.join(_labelled(label, locale) for label in reason.said)
    if "closed" in reason.values:
        words["closed"] = _closed(reason, language)
    sentence = language.steps[step_of(reason)].format_map(words)
    return sentence[0].upper() + sentence[1:] + _article(reason.article, language) + "."


def step_of(reason: Reason) -> str:
    """Which sentence of a language's `steps` tells it; a weekday needs no name beside its date."""
    is_plain = reason.code == "closed" and reason.values["closed"] == "weekday"
    return "closed_weekday" if is_plain else reason.code


def _worded(value: Any, language: _Language, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return language.at.format(day=_worded(local.date(), language, zone), clock=local)
    if isinstance(value, date):
        weekday, month = language.weekdays[value.weekday()], language.months[value.month - 1]
        return f"{weekday} {value.day} {month} {value.year}"
    if isinstance(value, Duration):
        return f"{value.amount} {language.units[value.unit][value.amount != 1]}"
    if isinstance(value, tuple):
        return language.joined.join(_worded(each, language, zone) for each in value)
    return str(value)


def _labelled(label: Label, locale: str) -> str:
    """The policy's words in this language, else those of no language, else the first."""
    words = dict(label)
    return words.get(locale) or words.get("") or label[0][1]


def _closed(reason: Reason, language: _Language) -> str:
    assert reason.day is not None
    label = reason.values.get("label")
    name = language.holidays.get(str(reason.values["closed"]))
    return (name or language.weekdays[reason.day.weekday()]) + (f" ({label})" if label else "")


def _article(article: str | None, language: _Language) -> str:
    if article is None:
        return ""
    number, _, paragraph = article.partition(":")
    worded = language.paragraph.format(article=number, paragraph=paragraph) if paragraph else number
    return f" ({language.act.format(article=worded)})"

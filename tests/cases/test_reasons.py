"""Why a day is the last one, in every language a complainant reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from string import Formatter

import pytest
from markupsafe import Markup, escape

from tests.cast import SMALL
from tests.policy.test_why import world_of
from weerklank.cases.reasons import Teller, reason_text
from weerklank.deadlines import Calendar, ClosedPeriod, Counting, Duration, Extension, Suspension, Term, compute, on_day
from weerklank.deadlines.explain import AMSTERDAM, DUTCH, ENGLISH
from weerklank.deadlines.terms import Due, Reason, Value
from weerklank.policy.reader import load_version
from weerklank.policy.tongues import catalogue

FOUR = ["de", "pl", "ar", "uk"]
MOVED = ClosedPeriod(date(2026, 6, 8), date(2026, 6, 8), "verhuizing")
COURT = (("nl", "de zaak lag bij de rechter"), ("de", "die Sache lag beim Gericht"))


def counted(term: str, start: date | datetime, counting: Counting = Counting.CALENDAR, **more: object) -> Due:
    calendar = Calendar(closed=(MOVED,))
    return compute(Term(Duration.parse(term), counting), start, calendar, **more)  # type: ignore[arg-type]  # keywords


def told(due: Due, language: str) -> list[str]:
    return [Teller(language, "nl", AMSTERDAM).sentence(reason) for reason in due.why]


def each_sentence() -> Iterator[tuple[str, str]]:
    """Every text of a count in Dutch and in English."""
    for name in ("steps", "holidays"):
        dutch, english = getattr(DUTCH, name), getattr(ENGLISH, name)
        assert dutch.keys() == english.keys()
        yield from ((dutch[key], english[key]) for key in english)
    yield from ((getattr(DUTCH, name), getattr(ENGLISH, name)) for name in ("act", "paragraph", "joined", "at"))


def blanks(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(sentence) if name is not None)


def test_it_has_every_sentence_in_six_languages_with_the_same_to_fill_in() -> None:
    for dutch, english in each_sentence():
        assert blanks(dutch) == blanks(english)
        for language in FOUR:
            found = catalogue(language).get(english)
            assert found and isinstance(found.string, str) and found.string, (language, english)
            assert blanks(found.string) == blanks(english), (language, english)
            assert found.string != english, (language, english)


def test_it_tells_in_german_how_the_act_moved_the_day() -> None:
    assert told(counted("6 weeks", date(2026, 11, 13), Counting.STATUTORY), "de") == [
        "Die Frist beträgt 6 Wochen. Der erste Tag ist der Tag nach Freitag, 13. November 2026.",
        "6 Wochen später ist Freitag, 25. Dezember 2026.",
        "Dieser Tag ist 1. Weihnachtstag; die Frist läuft weiter bis einschließlich Montag, 28. Dezember 2026"
        " (Allgemeines Fristengesetz der Niederlande, Artikel 1, Absatz 1).",
        "Samstag, 26. Dezember 2026: 2. Weihnachtstag, kein Arbeitstag"
        " (Allgemeines Fristengesetz der Niederlande, Artikel 3, Absatz 1).",
        "Sonntag, 27. Dezember 2026 ist kein Arbeitstag (Allgemeines Fristengesetz der Niederlande, Artikel 1).",
    ]


def test_it_tells_in_polish_and_ukrainian_without_a_weekday_in_a_wrong_case() -> None:
    longer = [Extension(Duration.parse("1 week")), Extension(Duration.parse("3 days"))]
    due = counted("2 weeks", date(2026, 6, 1), extensions=longer)
    assert told(due, "pl") == [
        "Długość terminu: 2 tygodnie. Liczymy od następnego dnia po tej dacie: poniedziałek, 1 czerwca 2026.",
        "2 tygodnie później to poniedziałek, 15 czerwca 2026.",
        "Termin przedłużono: 1 tydzień i 3 dni więcej, nowy ostatni dzień: czwartek, 25 czerwca 2026.",
    ]
    assert told(due, "uk") == [
        "Строк триває 2 тижні. Рахуємо з наступного дня після дати: понеділок, 1 червня 2026.",
        "Через 2 тижні буде: понеділок, 15 червня 2026.",
        "Строк продовжено на 1 тиждень і 3 дні, новий останній день: четвер, 25 червня 2026.",
    ]
    assert told(counted("21 working_days", date(2026, 9, 1)), "uk")[-1].startswith("Через 21 робочий день буде: ")


def test_it_begins_with_a_capital_where_a_day_stands_first() -> None:
    due = counted("1 working_day", date(2026, 6, 5))
    assert "Sobota, 6 czerwca 2026: to nie jest dzień roboczy." in told(due, "pl")


def test_it_counts_in_arabic_as_people_do() -> None:
    pauses = [Suspension(date(2026, 6, 3), date(2026, 6, 6)), Suspension(date(2026, 6, 10))]
    assert told(counted("2 weeks", date(2026, 6, 1), suspensions=pauses), "ar") == [
        "تستمر المهلة لمدة أسبوعين. واليوم الأول هو اليوم التالي ليوم الاثنين، 1 يونيو 2026.",
        "بعد أسبوعين يأتي يوم الاثنين، 15 يونيو 2026.",
        "توقفت المهلة من يوم الخميس، 4 يونيو 2026 حتى نهاية يوم الجمعة، 5 يونيو 2026، أي لمدة يومين."
        " وأصبح آخرها يوم الأربعاء، 17 يونيو 2026.",
        "المهلة متوقفة منذ يوم الخميس، 11 يونيو 2026. وتستمر بعد ذلك لمدة 7 أيام.",
    ]


def test_it_shows_hours_on_the_clocks_of_the_zone() -> None:
    due = counted("72 hours", datetime(2026, 10, 23, 14, tzinfo=UTC))
    assert told(due, "de")[-1] == "Die Frist endet am Montag, 26. Oktober 2026 um 15:00 Uhr."
    assert told(due, "pl")[-1] == "Koniec terminu: poniedziałek, 26 października 2026, godz. 15:00."


def test_it_says_which_words_of_the_organisation_are_in_another_language() -> None:
    pause = Suspension(date(2026, 6, 3), date(2026, 6, 6), COURT)
    due = counted("2 weeks", date(2026, 6, 1), suspensions=[pause])
    assert "(die Sache lag beim Gericht)" in escape(told(due, "de")[2])
    assert '(<span lang="nl" dir="ltr">de zaak lag bij de rechter</span>)' in escape(told(due, "ar")[2])
    closed = told(counted("1 working_day", date(2026, 6, 5), Counting.WORKING_DAYS), "ar")
    assert 'يوم تكون فيه المؤسسة مغلقة (<span lang="nl" dir="ltr">verhuizing</span>)' in escape(closed[3])


@pytest.mark.parametrize("code", list(ENGLISH.steps))
def test_it_says_no_step_in_another_language_than_the_readers(code: str) -> None:
    span, day = Duration.parse("3 days"), date(2026, 6, 8)
    values: dict[str, Value] = {"term": span, "by": (span,), "lost": span, "left": span, "held": 1, "horizon": 2028}
    values |= {"last": day, "until": day, "end": day, "closed": "weekday", "label": None}
    reason = Reason(day, code, "1:1", values)
    for language in FOUR:
        said = reason_text(world_of(load_version(SMALL)), reason, language)
        assert said.endswith(".") and "{" not in said
        assert escape(said) == Markup.escape(str(said)), "nothing in it is marked as another language"


def test_it_tells_a_language_without_a_catalogue_in_english_marked_as_such() -> None:
    (said,) = [Teller("fr", "nl", AMSTERDAM).sentence(one) for one in on_day(date(2026, 6, 1), Calendar()).why]
    assert '<span lang="en" dir="ltr">' in escape(said)

"""The reasons in words, in both languages."""

from datetime import UTC, date, datetime

import pytest

from weerklank.deadlines import (
    Calendar,
    ClosedPeriod,
    Counting,
    Duration,
    Extension,
    Reason,
    Suspension,
    Term,
    compute,
    explain,
    on_day,
)
from weerklank.deadlines.explain import LANGUAGES

VERHUIZING = ClosedPeriod(date(2026, 6, 8), date(2026, 6, 8), "verhuizing")


def told(term: str, counting: Counting, start: str, locale: str, **more: object) -> list[str]:
    due = compute(
        Term(Duration.parse(term), counting),
        date.fromisoformat(start),
        Calendar(closed=(VERHUIZING,)),
        **more,  # type: ignore[arg-type]  # the keywords of compute
    )
    return [explain(reason, locale) for reason in due.why]


def test_it_tells_in_dutch_how_the_act_moved_the_day() -> None:
    assert told("6 weeks", Counting.STATUTORY, "2026-11-13", "nl") == [
        "De termijn is 6 weken. De eerste dag is de dag na vrijdag 13 november 2026.",
        "6 weken later is vrijdag 25 december 2026.",
        "Valt op eerste kerstdag; loopt door tot en met maandag 28 december 2026"
        " (Algemene termijnenwet, artikel 1, lid 1).",
        "Zaterdag 26 december 2026: tweede kerstdag, geen werkdag (Algemene termijnenwet, artikel 3, lid 1).",
        "Zondag 27 december 2026 is geen werkdag (Algemene termijnenwet, artikel 1).",
    ]


def test_it_tells_in_english_which_days_were_skipped_and_cites_no_act_that_does_not_apply() -> None:
    assert told("1 working_day", Counting.WORKING_DAYS, "2026-06-05", "en") == [
        "The term is 1 working day. Its first day is the day after Friday 5 June 2026.",
        "Saturday 6 June 2026 is no working day.",
        "Sunday 7 June 2026 is no working day.",
        "Monday 8 June 2026: a day on which the organisation is closed (verhuizing), no working day.",
        "1 working day later is Tuesday 9 June 2026.",
    ]


def test_it_tells_what_happened_on_the_way() -> None:
    pauses = [
        Suspension(date(2026, 6, 3), date(2026, 6, 5)),
        Suspension(date(2026, 6, 10), date(2026, 6, 10)),
        Suspension(date(2026, 9, 1)),
    ]
    longer = [Extension(Duration.parse("1 week")), Extension(Duration.parse("1 month"))]
    assert told("2 weeks", Counting.CALENDAR, "2026-06-01", "nl", suspensions=pauses, extensions=longer) == [
        "De termijn is 2 weken. De eerste dag is de dag na maandag 1 juni 2026.",
        "2 weken later is maandag 15 juni 2026.",
        "Verlengd met 1 maand en 1 week, tot en met woensdag 22 juli 2026.",
        "Gevraagd en beantwoord zonder dat er een dag van de termijn stilstond.",
        "De termijn stond stil van donderdag 4 juni 2026 tot en met donderdag 4 juni 2026: 1 dag."
        " Het einde wordt donderdag 23 juli 2026.",
        "Stilzetten vanaf woensdag 2 september 2026 heeft geen gevolg: de termijn eindigt op donderdag 23 juli 2026.",
    ]


def test_it_tells_why_a_term_stood_still_in_the_words_of_the_policy() -> None:
    lawsuit = (("nl", "de zaak lag bij de rechter"), ("en", "the case was in court"))
    pauses = [Suspension(date(2026, 6, 3), date(2026, 6, 6), lawsuit)]
    due = compute(
        Term(Duration.parse("2 weeks"), rests=True),
        date(2026, 6, 1),
        Calendar(closed=(VERHUIZING,)),
        suspensions=pauses,
    )
    assert explain(due.why[2], "nl") == (
        "De termijn stond stil van donderdag 4 juni 2026 tot en met vrijdag 5 juni 2026 (de zaak lag bij de rechter):"
        " 2 dagen. Het einde wordt woensdag 17 juni 2026."
    )
    assert explain(due.why[3], "en") == (
        "The term stood still from Monday 8 June 2026 to Monday 8 June 2026 included (verhuizing): 1 day."
        " The end becomes Thursday 18 June 2026."
    )
    still = compute(
        Term(Duration.parse("2 weeks")),
        date(2026, 6, 1),
        Calendar(),
        suspensions=[Suspension(date(2026, 6, 3), None, lawsuit)],
    )
    assert explain(still.why[-1], "en") == (
        "The term has stood still since Thursday 4 June 2026 (the case was in court). Left: 12 days."
    )


def test_it_shows_hours_on_the_clocks_of_the_zone() -> None:
    due = compute(Term(Duration.parse("72 hours")), datetime(2026, 10, 23, 14, tzinfo=UTC), Calendar())
    assert [explain(reason, "nl") for reason in due.why] == [
        "De termijn is 72 uur en loopt vanaf vrijdag 23 oktober 2026 om 16.00 uur.",
        "De termijn eindigt op maandag 26 oktober 2026 om 15.00 uur.",
    ]
    assert explain(due.why[-1], "en", UTC) == "The term ends on Monday 26 October 2026 at 14:00."


def test_it_tells_of_a_promised_day_beyond_the_decrees() -> None:
    assert [explain(reason, "nl") for reason in on_day(date(2029, 6, 1), Calendar()).why] == [
        "De dag is genoemd of afgesproken: uiterlijk vrijdag 1 juni 2029.",
        "Voorlopig: welke extra vrije dagen er na 2028 komen, is nog niet bekend"
        " (Algemene termijnenwet, artikel 3, lid 3).",
    ]


def test_it_says_the_same_things_in_every_language() -> None:
    dutch, english = LANGUAGES["nl"], LANGUAGES["en"]
    assert dutch.steps.keys() == english.steps.keys()
    assert dutch.holidays.keys() == english.holidays.keys()
    assert dutch.units.keys() == english.units.keys()


def test_it_refuses_a_language_that_it_does_not_speak() -> None:
    with pytest.raises(KeyError):
        explain(Reason(date(2026, 6, 1), "agreed"), "fr")

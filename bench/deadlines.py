"""How long 100,000 due dates take in one process, without and with reasons: `python bench/deadlines.py`.

Terms, counting, extensions and suspensions are mixed as in a year of complaints; the start days are spread over
three years. Prints seconds; it asserts nothing, because a timed test fails on a busy machine.
"""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice

from weerklank.deadlines import (
    Calendar,
    ClosedPeriod,
    Counting,
    Due,
    Duration,
    Extension,
    Reason,
    Suspension,
    Term,
    compute,
)

AMOUNT = 100_000
TERMS = (
    ("6 weeks", Counting.STATUTORY),
    ("2 working_days", Counting.WORKING_DAYS),
    ("4 weeks", Counting.CALENDAR),
    ("10 weeks", Counting.STATUTORY),
    ("10 working_days", Counting.WORKING_DAYS),
    ("1 months", Counting.CALENDAR),
    ("48 hours", Counting.CALENDAR),
    ("3 days", Counting.STATUTORY),
)


def main() -> None:
    closed = ClosedPeriod(date(2026, 12, 24), date(2026, 12, 31), "kerstvakantie")
    calendar = Calendar(closed=(closed,))
    terms = [Term(Duration.parse(text), counting) for text, counting in TERMS]
    began = datetime(2025, 1, 1, 9, tzinfo=UTC)
    more = (Extension(Duration.parse("4 weeks")),)
    cases = [
        (term, began + timedelta(minutes=13 * number), number)
        for number, term in enumerate(islice(cycle(terms), AMOUNT))
    ]
    for what, wanted in (("due dates", _due), ("due dates with their reasons", _reasons)):
        started, used = time.perf_counter(), time.process_time()
        answers = [wanted(*case, more, calendar) for case in cases]
        seconds, processor = time.perf_counter() - started, time.process_time() - used
        print(f"{len(answers):,} {what} in {seconds:.2f} s ({processor:.2f} s of processor time)")


def _due(term: Term, start: datetime, number: int, more: tuple[Extension, ...], calendar: Calendar) -> Due:
    """Every fifth is extended; every seventh stood still for a week."""
    asked = start.date() + timedelta(3)
    paused = (Suspension(asked, asked + timedelta(8)),) if number % 7 == 0 else ()
    extended = more if number % 5 == 0 else ()
    return compute(term, start, calendar, extensions=extended, suspensions=paused)


def _reasons(
    term: Term, start: datetime, number: int, more: tuple[Extension, ...], calendar: Calendar
) -> tuple[Reason, ...]:
    return _due(term, start, number, more, calendar).why


if __name__ == "__main__":
    main()

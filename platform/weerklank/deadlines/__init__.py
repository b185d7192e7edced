"""Deadlines: terms, holidays, working days, the Act on time limits; a due date and its reasons.

Pure: no database, settings, network or clock. See docs/deadlines.md.
"""

from weerklank.deadlines.calendars import MONDAY_TO_FRIDAY, Calendar, Closed, ClosedPeriod, legal_day
from weerklank.deadlines.counting import between, compute, older_than, on_day, repeats
from weerklank.deadlines.durations import CountingError, Duration, Unit, shift
from weerklank.deadlines.explain import explain
from weerklank.deadlines.holidays import Decrees, Holiday, holidays_of, known_decrees
from weerklank.deadlines.terms import Counting, Due, Extension, Label, Reason, Suspension, Term, Window

__all__ = [
    "MONDAY_TO_FRIDAY",
    "Calendar",
    "Closed",
    "ClosedPeriod",
    "Counting",
    "CountingError",
    "Decrees",
    "Due",
    "Duration",
    "Extension",
    "Holiday",
    "Label",
    "Reason",
    "Suspension",
    "Term",
    "Unit",
    "Window",
    "between",
    "compute",
    "explain",
    "holidays_of",
    "known_decrees",
    "legal_day",
    "older_than",
    "on_day",
    "repeats",
    "shift",
]

"""Amounts of money and bounds: a policy writes euro (`250` or "12.50"), the engine counts whole cents."""

from __future__ import annotations

import re
from datetime import date

from weerklank.policy.case import Value
from weerklank.policy.model import Fact, FactType, Scalar
from weerklank.policy.words import Text

MOST_CENTS = 10**9
WRITTEN = re.compile(r"(\d{1,7})(?:[.,](\d{2}))?")


def cents(written: Scalar) -> int | None:
    """Whole cents of an amount in euro as people and policies write it: 12, "12.50", "12,50"; None: not an amount."""
    if isinstance(written, (bool, date)):
        return None
    found = WRITTEN.fullmatch(str(written).strip().removeprefix("€").strip())
    return int(found[1]) * 100 + int(found[2] or 0) if found else None


def in_euro(amount: int, language: str) -> str:
    """An amount of cents as people read it: € 12,50 or €12.50."""
    sign, point = ("€ ", ",") if language == "nl" else ("€", ".")
    return f"{sign}{amount // 100}{point}{amount % 100:02}"


def in_units(fact: Fact, written: Scalar | None) -> Scalar | None:
    """A value as a policy writes it, in the units the engine holds this fact in."""
    return cents(written) if fact.type is FactType.AMOUNT and written is not None else written


def reaches(value: Value | Scalar, bound: Value | Scalar) -> bool:
    """Whether a number is not below another, or a day not before another."""
    if isinstance(value, int) and isinstance(bound, int):
        return value >= bound
    return isinstance(value, date) and isinstance(bound, date) and value >= bound


def within(fact: Fact, value: Value) -> bool:
    """Whether a value lies between the fact's bounds; what has no order always does."""
    low, high = in_units(fact, fact.at_least), in_units(fact, fact.at_most)
    return (low is None or reaches(value, low)) and (high is None or reaches(high, value))


def bounds_said(fact: Fact) -> Text:
    """The bounds of a fact in words: minstens 1, hoogstens € 250,00."""
    return Text.of({language: _bounds_in(fact, language) for language in ("nl", "en")})


def _bounds_in(fact: Fact, language: str) -> str:
    dutch = language == "nl"
    said = [
        f"{word} {bound_in(fact, bound, language)}"
        for word, bound in (
            ("minstens" if dutch else "at least", fact.at_least),
            ("hoogstens" if dutch else "at most", fact.at_most),
        )
        if bound is not None
    ]
    return ", ".join(said)


def bound_in(fact: Fact, bound: Scalar, language: str) -> str:
    """One bound as people read it."""
    held = in_units(fact, bound)
    if fact.type is FactType.AMOUNT and isinstance(held, int):
        return in_euro(held, language)
    return f"{held.day}-{held.month}-{held.year}" if isinstance(held, date) else str(held)

"""The names and addresses of the complainant's side, as last written in a case's events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from weerklank.policy.events import Event, Kind

Person = Mapping[str, str]


def received(events: Sequence[Event]) -> Mapping[str, Any]:
    """The words the case began with."""
    return next((event.sealed for event in events if event.kind is Kind.RECEIVED and event.sealed), {})


def complainants(events: Sequence[Event]) -> tuple[Person, ...]:
    """Everybody who complains, the one who speaks for all first; who stays anonymous has no particulars."""
    first = received(events)
    joined = (dict((event.sealed or {}).get("contact", {})) for event in events if event.kind is Kind.JOINED)
    return (dict(first.get("contact", {})), *(dict(other) for other in first.get("others", ())), *joined)


def representative(events: Sequence[Event]) -> Person:
    """Who acts for the complainant or helps him; empty: nobody."""
    changed = [event for event in events if event.kind is Kind.REPRESENTED]
    words = (changed[-1].sealed or {}) if changed else received(events)
    return dict(words.get("representative") or {})


def addressee(events: Sequence[Event], number: int, *, acting: bool) -> Person:
    """Who a message to the complainant's side goes to: complainant `number`, or whoever acts for him."""
    every = complainants(events)
    return representative(events) if acting else every[number] if number < len(every) else {}

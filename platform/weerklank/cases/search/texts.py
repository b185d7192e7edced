"""What is written in a case: everything, for its index; or what somebody may read of it, for what he is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from weerklank.cases.timeline import shown_of
from weerklank.policy.apart import Reads, may_read_fact
from weerklank.policy.case import Case
from weerklank.policy.events import Event
from weerklank.policy.world import World

BY_FACT = ("texts", "named")  # what of an event's sealed part holds a text for each fact
NOT_WORDS = ("language", "way")


def all_texts(events: Sequence[Event]) -> Iterator[str]:
    """Every text that people wrote in these events."""
    for event in events:
        yield from strings(event.sealed or {})


def readable_texts(world: World, case: Case, events: Sequence[Event], reader: Reads) -> Iterator[str]:
    """Every text of these events that this reader may see."""
    for event in events:
        if event.sealed and shown_of(world, case, event, reader):
            yield from strings(_readable(world, case, event.sealed, reader))


def _readable(world: World, case: Case, sealed: Mapping[str, Any], reader: Reads) -> dict[str, Any]:
    kept = dict(sealed)
    for key in BY_FACT:
        if isinstance(sealed.get(key), dict):
            facts = {name: text for name, text in sealed[key].items() if name in world.policy.facts}
            kept[key] = {name: text for name, text in facts.items() if may_read_fact(world, case, name, reader)}
    return kept


def strings(value: Any) -> Iterator[str]:
    """The texts in what JSON can hold, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in NOT_WORDS:
                yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)

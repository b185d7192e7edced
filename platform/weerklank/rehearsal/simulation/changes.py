"""Where a case stands as far as two versions of a policy can differ about it, and the differences in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from weerklank.policy.case import Case
from weerklank.policy.clocks import clocks, last_day
from weerklank.policy.conditions import holds
from weerklank.policy.events import Event, Kind
from weerklank.policy.words import Said, in_words, said
from weerklank.policy.world import World

Named = Callable[[UUID], str]


@dataclass(frozen=True)
class Standing:
    """A case under one version. Everything is by its name in the policy; `handlers` as `named` calls them."""

    phase: str
    handlers: tuple[str, ...]
    steps: frozenset[str]
    due: Mapping[str, str]
    sent: Mapping[str, int]
    grounds: Mapping[str, bool]
    refused: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise under the new version: what sort of thing, which one, and both values in words."""

    kind: str
    name: str
    old: str | Said
    new: str | Said

    def sentence(self) -> Said:
        return sentence_of(self.kind, name=self.name, old=self.old or said("none"), new=self.new or said("none"))

    def as_data(self, translate: Callable[[str], str]) -> dict[str, Any]:
        words = {"old": in_words(self.old, translate), "new": in_words(self.new, translate)}
        return {"kind": self.kind, "name": self.name, **words, "message": in_words(self.sentence(), translate)}


def sentence_of(kind: str, **values: object) -> Said:
    """The sentence for one sort of change."""
    match kind:
        case "handler":
            return said("handled by {new}, not by {old}", **values)
        case "phase":
            return said("the phase is {new}, not {old}", **values)
        case "due":
            return said("the last day of {name} is {new}, not {old}", **values)
        case "step":
            return said("step {name}: {new} (was: {old})", **values)
        case "message":
            return said("message {name} is sent {new} times, not {old}", **values)
        case "admissibility":
            return said("ground {name} for not handling: {new}, not {old}", **values)
        case "refused":
            return said("{name} would be refused by {new}", **values)
        case _:
            return said("{name} would no longer be refused by {old}", **values)


def standing(world: World, case: Case, events: Iterable[Event], named: Named, refused: Iterable[str] = ()) -> Standing:
    """How a case stands. Pure; instants are told as legal days."""
    due = {clock.term: last_day(world, clock.due) for clock in clocks(world, case)}
    return Standing(
        phase=case.phase.value,
        handlers=tuple(sorted(named(person) for person in case.handlers)),
        steps=frozenset(case.open),
        due={term: day.isoformat() if day else "" for term, day in due.items()},
        sent=Counter(event.open["message"] for event in events if event.kind is Kind.SENT),
        grounds={name: one.must for name, one in world.policy.grounds.items() if holds(world, case, one.when)},
        refused=tuple(refused),
    )


def changes(old: Standing, new: Standing) -> Iterator[Change]:
    """Everything that differs, in the order in which people ask for it."""
    if old.handlers != new.handlers:
        yield Change("handler", "", ", ".join(old.handlers), ", ".join(new.handlers))
    if old.phase != new.phase:
        yield Change("phase", "", old.phase, new.phase)
    for name in names(old.due, new.due):
        if old.due.get(name) != new.due.get(name):
            yield Change("due", name, old.due.get(name, ""), new.due.get(name, ""))
    for name in sorted(old.steps ^ new.steps):
        before, after = (said("open") if name in one.steps else said("not open") for one in (old, new))
        yield Change("step", name, before, after)
    for name in names(old.sent, new.sent):
        if old.sent.get(name, 0) != new.sent.get(name, 0):
            yield Change("message", name, str(old.sent.get(name, 0)), str(new.sent.get(name, 0)))
    for name in names(old.grounds, new.grounds):
        if old.grounds.get(name) != new.grounds.get(name):
            yield Change("admissibility", name, ground(old, name), ground(new, name))
    for what, _, rule in (one.partition(": ") for one in new.refused if one not in old.refused):
        yield Change("refused", what, "", rule)
    for what, _, rule in (one.partition(": ") for one in old.refused if one not in new.refused):
        yield Change("allowed", what, rule, "")


def names(*many: Iterable[str]) -> list[str]:
    return sorted({name for one in many for name in one})


def ground(one: Standing, name: str) -> Said:
    if name not in one.grounds:
        return said("does not hold")
    return said("not handled") if one.grounds[name] else said("may be left")

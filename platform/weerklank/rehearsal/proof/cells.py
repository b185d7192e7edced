"""The finite space of a policy: for everything its conditions look at, one value for each way they can tell apart.

A number that is compared with 5 has two cells (4 and 5), a choice of which one option is named has three (that one,
another one, not known). Facts that no condition looks at have none: they cannot change anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import combinations

from weerklank.deadlines import Term, compute
from weerklank.policy.amounts import in_units
from weerklank.policy.case import Case, Value
from weerklank.policy.conditions import holds
from weerklank.policy.model import Condition, Fact, FactType, Policy
from weerklank.policy.world import World
from weerklank.rehearsal.proof.cast import NAMES, RESPONDENT

RECEIVED = datetime(2026, 6, 1, 10, tzinfo=UTC)
NOBODY = NAMES
WORDS = "..."  # what stands for any words, names of files included
MOST_OPTIONS = 6  # of a fact with several values at once, so many are taken apart


@dataclass(frozen=True)
class Atom:
    """A part of a condition that looks at one thing only (`about`: a fact, the channel, a step ...)."""

    about: tuple[str, str]
    condition: Condition


@dataclass(frozen=True, eq=False)
class Looked:
    """Everything a number of conditions look at, in as large parts as look at one thing each."""

    atoms: tuple[Atom, ...]

    @cached_property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys(atom.about for atom in self.atoms))

    def names(self, kind: str) -> tuple[str, ...]:
        """The facts, steps, moments, roles ... that are looked at."""
        return tuple(name for found, name in self.subjects if found == kind)

    def of(self, about: tuple[str, str]) -> tuple[Condition, ...]:
        return tuple(atom.condition for atom in self.atoms if atom.about == about)

    def __or__(self, other: Looked) -> Looked:
        return Looked(tuple({id(atom.condition): atom for atom in (*self.atoms, *other.atoms)}.values()))


def looked_at(policy: Policy, conditions: Iterable[Condition | None]) -> Looked:
    """What these conditions look at; a ground looks at what its own condition does, a fact at what its preset does."""
    found: dict[int, Atom] = {}
    waiting = [one for one in conditions if one is not None]
    facts: set[str] = set()
    while waiting:
        one = waiting.pop()
        about = subjects(policy, one)
        if len(about) == 1:
            found[id(one)] = Atom(next(iter(about)), one)
        else:
            waiting += parts(policy, one)
        for kind, name in about:
            if kind == "fact" and name not in facts:
                facts.add(name)
                waiting += list(by_itself(policy.facts[name], name))
    return Looked(tuple(found.values()))


def subjects(policy: Policy, one: Condition) -> set[tuple[str, str]]:
    """What a condition looks at. Channel and form are one thing: a channel has its form."""
    inner = parts(policy, one)
    if inner:
        return {about for part in inner for about in subjects(policy, part)}
    if one.channel or one.form:
        return {("channel", "")}
    keys = ("fact", "involved", "received_by", "step", "happened", "measures")
    return {(key, "" if key == "measures" else str(getattr(one, key))) for key in keys if getattr(one, key) is not None}


def parts(policy: Policy, one: Condition) -> list[Condition]:
    """The conditions this one is made of."""
    made = [*(one.all or ()), *(one.any or ()), *((one.not_,) if one.not_ else ())]
    return made + [policy.grounds[name].when for name in one.ground or ()]


def by_itself(fact: Fact, name: str) -> Iterator[Condition]:
    """What decides whether a fact is filled in without anybody doing so."""
    if fact.preset:
        yield Condition(fact=name, known=True)
        yield from (one for one in (fact.when, *(preset.when for preset in fact.preset)) if one is not None)


def leaves(policy: Policy, one: Condition) -> Iterator[Condition]:
    inner = parts(policy, one)
    yield from (leaf for part in inner for leaf in leaves(policy, part)) if inner else (one,)


def told_apart(world: World, name: str, looked: Looked) -> tuple[Value | None, ...]:
    """One value of a fact for every way in which these conditions can judge it, first of all not known (None)."""
    conditions = looked.of(("fact", name))
    kept: dict[tuple[bool, ...], Value | None] = {}
    for value in cells(world, name, [leaf for one in conditions for leaf in leaves(world.policy, one)]):
        case = with_fact(name, value)
        kept.setdefault((value is not None, *(holds(world, case, one) for one in conditions)), value)
    return tuple(kept.values())


def with_fact(name: str, value: Value | None) -> Case:
    """A case that just came in and of which this is known."""
    case = Case(NOBODY, received_at=RECEIVED, moments={"received": (RECEIVED,)})
    if value is None:
        return case
    return replace(case, filled=frozenset({name})) if value == WORDS else replace(case, facts={name: value})


def channels(world: World, looked: Looked) -> tuple[str, ...]:
    """One channel for every way in which these conditions can judge channel and form."""
    conditions, kept = looked.of(("channel", "")), dict[tuple[bool, ...], str]()
    for name, channel in world.policy.channels.items():
        case = Case(NOBODY, channel=name, form=channel.form)
        kept.setdefault(tuple(holds(world, case, one) for one in conditions), name)
    return tuple(kept.values())


def cells(world: World, name: str, leaves: Sequence[Condition]) -> tuple[Value | None, ...]:
    """The values of a fact on either side of everything it is compared with, first of all not known (None)."""
    fact = world.policy.facts[name]
    match fact.type:
        case FactType.YES_NO:
            return (None, True, False)
        case FactType.CHOICE:
            return (None, *options(fact, leaves))
        case FactType.CHOICES:
            return (None, *several(fact, leaves))
        case FactType.NUMBER | FactType.AMOUNT:
            return (None, *numbers(fact, leaves))
        case FactType.DAY:
            return (None, *days(world, leaves))
        case FactType.PERSON:
            return (None, RESPONDENT)
        case _:
            return (None, WORDS)


def options(fact: Fact, leaves: Iterable[Condition]) -> tuple[str, ...]:
    """Every option that is named, and one of the others."""
    named = {str(value) for one in leaves for value in (one.is_, *(one.in_ or ())) if value is not None}
    others = [option for option in fact.options if option not in named]
    return (*(option for option in fact.options if option in named), *others[:1])


def several(fact: Fact, leaves: Iterable[Condition]) -> Iterator[tuple[str, ...]]:
    told = options(fact, leaves)[:MOST_OPTIONS]
    for count in range(1, len(told) + 1):
        yield from combinations(told, count)


def numbers(fact: Fact, leaves: Iterable[Condition]) -> tuple[int, ...]:
    """Both sides of every bound, within the bounds of the fact itself."""
    near = set[int]()
    for one in leaves:
        for written, shift in (
            (one.at_least, -1),
            (one.at_most, 1),
            *((value, 1) for value in (one.is_, *(one.in_ or ()))),
        ):
            bound = in_units(fact, written)
            if isinstance(bound, int):
                near |= {bound, bound + shift}
    low, high = in_units(fact, fact.at_least), in_units(fact, fact.at_most)
    lowest = low if isinstance(low, int) else 0
    fit = {each for each in near if each >= lowest and not (isinstance(high, int) and each > high)}
    return tuple(sorted(fit)) or (lowest,)


def days(world: World, leaves: Iterable[Condition]) -> tuple[date, ...]:
    """Both sides of every bound, and of every age counted back from receipt."""
    received = world.day_of(RECEIVED)
    near = {received}
    for one in leaves:
        for bound, shift in ((one.at_least, -1), (one.at_most, 1), (one.is_, 1)):
            near |= {bound, bound + timedelta(days=shift)} if isinstance(bound, date) else set()
        if one.older_than:
            edge = compute(Term(one.older_than), received, world.calendar, backward=True).due
            near |= {edge + timedelta(days=shift) for shift in (-8, 8)} if edge else set()
    return tuple(sorted(near))


def any_value(world: World, name: str) -> Value:
    """A value this fact can have, where none is looked at; words for a fact in words."""
    fact = world.policy.facts[name]
    match fact.type:
        case FactType.YES_NO:
            return True
        case FactType.CHOICE:
            return next(iter(fact.options))
        case FactType.CHOICES:
            return (next(iter(fact.options)),)
        case FactType.NUMBER | FactType.AMOUNT:
            return numbers(fact, ())[0]
        case FactType.DAY:
            low, high = fact.at_least, fact.at_most
            return next((each for each in (low, high) if isinstance(each, date)), world.day_of(RECEIVED))
        case FactType.PERSON:
            return RESPONDENT
        case _:
            return WORDS

"""The terms of a case as its page shows them: each with its day and why, and the ledger of days agreed in writing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weerklank.cases.actions.extend import consenting
from weerklank.cases.labels import label_of, role_label
from weerklank.deadlines import explain
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, clocks
from weerklank.policy.events import Event, Kind
from weerklank.policy.offers import extendable
from weerklank.policy.world import World


@dataclass(frozen=True)
class ConsentView:
    """A later last day that was agreed: who agreed to it on which legal day, and in what words."""

    until: date
    who: tuple[str, ...]
    on: date
    words: str


@dataclass(frozen=True)
class DeadlineView:
    """A term: state, last legal day or instant (hours), whose it is, and why that day.

    `can_extend`: by this reader; with `consent` only to an agreed day, to which `consenting` (roles: name and label)
    all agree in writing; with `further` also to such a day. `ledger` is what was agreed before, oldest first.
    """

    term: str
    label: str
    state: str
    due_on: date | None
    due_at: datetime | None
    remaining: int | None
    overdue: bool
    late: bool
    provisional: bool
    strength: str
    owner: str
    owners: tuple[str, ...]
    why: tuple[str, ...]
    source: tuple[str, ...]
    can_extend: bool
    consent: bool
    further: bool
    consenting: tuple[tuple[str, str], ...]
    ledger: tuple[ConsentView, ...]
    most: str


def deadline_views(
    world: World, case: Case, events: Sequence[Event], names: Mapping[UUID, str], person_id: UUID, language: str,
    now: datetime,
) -> Iterable[DeadlineView]:
    """Every term that has started, nearest day first."""
    mine = extendable(world, case, person_id)
    for clock in sorted(clocks(world, case), key=lambda each: (each.ended is not None, each.due.due or date.max)):
        agreed = tuple(consent_views(world, events, clock.term, language))
        yield _deadline_view(world, clock, agreed, names, language, now, can_extend=clock.term in mine)


def consent_views(world: World, events: Iterable[Event], term: str, language: str) -> Iterable[ConsentView]:
    """The ledger of a term: every later day that was agreed, with who agreed when and how."""
    for event in events:
        if event.kind is Kind.AGREED and event.open["term"] == term:
            who = tuple(role_label(world, role, language) for role in event.open.get("consented", ()))
            on = date.fromisoformat(event.open["on"]) if "on" in event.open else world.day_of(event.at)
            words = str((event.sealed or {}).get("consent", ""))
            yield ConsentView(date.fromisoformat(event.open["until"]), who, on, words)


def _deadline_view(
    world: World, clock: Clock, agreed: tuple[ConsentView, ...], names: Mapping[UUID, str], language: str,
    now: datetime, *, can_extend: bool,
) -> DeadlineView:
    term, due = world.policy.terms[clock.term], clock.due
    asked = consenting(world, term.extend) if term.extend else ()
    return DeadlineView(
        term=clock.term,
        label=label_of(world.policy.terms, clock.term, language),
        state=clock.state.value,
        due_on=due.due,
        due_at=due.due_at,
        remaining=due.remaining,
        overdue=clock.ended is None and due.bound is not None and now >= due.bound,
        late=clock.late,
        provisional=due.provisional is not None,
        strength=term.strength.value,
        owner=role_label(world, term.owner, language),
        owners=tuple(names.get(person, "") for person in clock.owners),
        why=tuple(explain(each, language, world.zone) for each in due.why),
        source=term.source,
        can_extend=can_extend,
        consent=bool(term.extend and (term.extend.consent or agreed)),
        further=bool(term.extend and term.extend.further),
        consenting=tuple((role, role_label(world, role, language)) for role in asked),
        ledger=agreed,
        most=str(term.extend.in_all) if term.extend and term.extend.in_all else "",
    )

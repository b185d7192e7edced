"""The terms of a case as its page shows them: each with its day and why, and what was asked and agreed about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from weerklank.cases.actions.consent import his_consent, of_complainant, waits_for_consent
from weerklank.cases.actions.extend import consenting
from weerklank.cases.labels import label_of, role_label
from weerklank.deadlines import explain
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, clocks, last_day
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
class LaterView:
    """A later last day that the complainant was asked to agree to on his page, on which legal day and why.

    `seq`: the number of the event. `now`: the last day as it is.
    """

    seq: int
    term: str
    label: str
    now: date | None
    until: date
    on: date
    reason: str


@dataclass(frozen=True)
class DeadlineView:
    """A term: state, last legal day or instant (hours), whose it is, and why that day.

    `can_extend`: by this reader; with `consent` only to an agreed day, to which `consenting` (roles: name and label)
    all agree in writing; with `further` also to such a day. `can_ask`: the complainant can be asked for it on his page,
    with the roles that have to agree beside him (`beside`). `asked` waits for his answer. `ledger` is what was agreed
    before, oldest first.
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
    can_ask: bool
    beside: tuple[tuple[str, str], ...]
    asked: LaterView | None
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
        asked = later_view(world, case, events, clock, language, now)
        yield _deadline_view(world, case, clock, agreed, asked, names, language, now, can_extend=clock.term in mine)


def consent_views(world: World, events: Iterable[Event], term: str, language: str) -> Iterable[ConsentView]:
    """The ledger of a term: every later day that was agreed, with who agreed when and how."""
    for event in events:
        if event.kind is Kind.AGREED and event.open["term"] == term:
            who = tuple(role_label(world, role, language) for role in event.open.get("consented", ()))
            on = date.fromisoformat(event.open["on"]) if "on" in event.open else world.day_of(event.at)
            words = str((event.sealed or {}).get("consent", ""))
            yield ConsentView(date.fromisoformat(event.open["until"]), who, on, words)


def later_view(
    world: World, case: Case, events: Sequence[Event], clock: Clock, language: str, now: datetime
) -> LaterView | None:
    """The later day that waits for the complainant's answer, as it was asked."""
    waits = waits_for_consent(world, case, clock.term, now)
    if waits is None:
        return None
    asked, label = events[waits.seq - 1], label_of(world.policy.terms, clock.term, language)
    reason = str((asked.sealed or {}).get("reason", ""))
    last = last_day(world, clock.due)
    return LaterView(waits.seq, clock.term, label, last, waits.until, world.day_of(asked.at), reason)


def _deadline_view(
    world: World, case: Case, clock: Clock, agreed: tuple[ConsentView, ...], later: LaterView | None,
    names: Mapping[UUID, str], language: str, now: datetime, *, can_extend: bool,
) -> DeadlineView:
    term, due = world.policy.terms[clock.term], clock.due
    asked = consenting(world, term.extend) if term.extend else ()
    his = of_complainant(world, term.extend) if term.extend else ()
    by_him = bool(term.extend and his_consent(world, case, clock.term, term.extend))
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
        can_ask=can_extend and by_him and not case.is_closed,
        beside=tuple((role, role_label(world, role, language)) for role in asked if role not in his),
        asked=later,
        ledger=agreed,
        most=str(term.extend.in_all) if term.extend and term.extend.in_all else "",
    )

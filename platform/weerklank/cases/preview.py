"""What an action is about to bring about, told before it is saved, from the very consequences that saving writes down.

Pure: `doors.foretell` says what would follow, and this puts it in the words of the procedure for whoever acts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from uuid import UUID

from weerklank.cases.act import Acted, Engine, Opened
from weerklank.cases.labels import label_of, role_label
from weerklank.cases.messages import OWN_MESSAGES, sent_rows
from weerklank.deadlines import explain
from weerklank.policy.apart import may_know, reader_in
from weerklank.policy.case import Case
from weerklank.policy.clocks import Clock, ClockState, last_day
from weerklank.policy.consequences import Index, Task, consequences
from weerklank.policy.events import Kind
from weerklank.policy.model import Phase
from weerklank.policy.post import way_of
from weerklank.policy.world import World

# What reaches somebody, or ends something, and is never taken back: only put right by a new action, with a reason.
FINAL = frozenset({Kind.SENT, *OWN_MESSAGES, Kind.SHARED, Kind.WITHDRAWN, Kind.ARCHIVED})


@dataclass(frozen=True)
class PostView:
    """A message that goes out: its name, what it is called, to whom, by which way (`email`, `post`, `page`, ...).

    `seq` is the event that sends it. A message of the platform's own has no label.
    """

    seq: int
    name: str
    label: str
    role: str
    person: UUID | None
    to: str
    way: str
    copy: bool
    number: int
    language: str


@dataclass(frozen=True)
class TermView:
    """What happens to a term: `begins`, `moves`, `still` (stands still), `goes_on`, `met`, `lapses`, or `gone`.

    `day` is the last legal day from now on, `before` the one until now; `why` how that day is counted.
    """

    term: str
    label: str
    change: str
    day: date | None
    before: date | None
    late: bool
    why: tuple[str, ...]


@dataclass(frozen=True)
class TurnView:
    """A step that somebody is to do from now on, or (`gone`) no longer has to; nobody at all is an alarm."""

    step: str
    label: str
    people: tuple[str, ...]
    by_complainant: bool
    gone: bool
    due_on: date | None


@dataclass(frozen=True)
class Preview:
    """All that follows. `phase` is the one that comes, None while it stays; so with `handlers` (empty: nobody).

    `final` says that it cannot be undone; `unsent` are messages that reach nobody; `mark` is the same only for the
    same consequences.
    """

    messages: tuple[PostView, ...]
    terms: tuple[TermView, ...]
    turns: tuple[TurnView, ...]
    phase: Phase | None
    handlers: tuple[str, ...] | None
    unsent: tuple[str, ...]
    final: bool
    mark: str = field(default="", compare=False)

    @property
    def says_something(self) -> bool:
        """Whether anything follows for anybody."""
        lists = (self.messages, self.terms, self.turns, self.unsent)
        return any(lists) or self.phase is not None or self.handlers is not None


def preview(
    engine: Engine, tenant_id: UUID, opened: Opened, acted: Acted, follows: Index, person_id: UUID, language: str
) -> Preview:
    """What follows from what was foretold, as far as this person may know of it."""
    world, before, after = opened.world, opened.case, acted.case
    was = consequences(world, before, ())
    people = {*after.handlers, *(person for index in (was, follows) for task in index.tasks for person in task.people)}
    people |= {UUID(to["person"]) for event in acted.events for to in event.open.get("to", ()) if _has_person(to)}
    names = opened.chart.names(engine.keyring, tenant_id, people)
    found = Preview(
        messages=tuple(posts(world, after, acted, names, person_id, language)),
        terms=tuple(term_changes(world, was.clocks, follows.clocks, language)),
        turns=tuple(turns(world, was.tasks, follows.tasks, just_done(acted), names, language)),
        phase=after.phase if after.phase is not before.phase else None,
        handlers=_named(after.handlers, names) if after.handlers != before.handlers else None,
        unsent=tuple(
            label_of(world.policy.messages, event.open["message"], language)
            for event in acted.events
            if event.kind is Kind.UNSENT
        ),
        final=after.is_closed > before.is_closed or any(event.kind in FINAL for event in acted.events),
    )
    return replace(found, mark=mark_of(found))


def _has_person(to: object) -> bool:
    return isinstance(to, dict) and bool(to.get("person"))


def mark_of(found: Preview) -> str:
    """The same for the same consequences, another one for others; says nothing of what they are."""
    return hashlib.sha256(repr(astuple(found)).encode()).hexdigest()[:32]


def posts(
    world: World, after: Case, acted: Acted, names: Mapping[UUID, str], person_id: UUID, language: str
) -> Iterable[PostView]:
    """Every message that goes out, as its rows will be, but for those that are kept from whoever acts."""
    reader, first = reader_in(world, after, person_id), after.seq - len(acted.events) + 1
    for row in sent_rows(world, after, acted.events):
        event, role = acted.events[row["seq"] - first], world.policy.roles[row["role"]]
        if not may_know(world, after, event, reader):
            continue
        own = event.kind in OWN_MESSAGES
        message = None if own else world.policy.messages[row["name"]]
        yield PostView(
            seq=row["seq"],
            name=row["name"],
            label="" if own else label_of(world.policy.messages, row["name"], language),
            role=row["role"],
            person=row["person_id"],
            to=names.get(row["person_id"], "") or role_label(world, row["role"], language),
            way=way_of(after, message, role, row["number"]),
            copy=row["copy"],
            number=row["number"],
            language=row["language"],
        )


def term_changes(
    world: World, before: Iterable[Clock], after: Iterable[Clock], language: str
) -> Iterable[TermView]:
    """Every term that begins, ends, stands still, goes on or gets another day."""
    known, now = {clock.term: clock for clock in before}, {clock.term: clock for clock in after}
    for name, clock in now.items():
        was = known.get(name)
        change = _change(world, was, clock)
        if change:
            why = tuple(explain(each, language, world.zone) for each in clock.due.why)
            earlier = last_day(world, was.due) if was else None
            label = label_of(world.policy.terms, name, language)
            yield TermView(name, label, change, last_day(world, clock.due), earlier, clock.late, why)
    for name in known.keys() - now.keys():
        yield TermView(name, label_of(world.policy.terms, name, language), "gone", None, None, False, ())


def _change(world: World, was: Clock | None, now: Clock) -> str:
    ended = {ClockState.MET: "met", ClockState.LAPSED: "lapses"}
    if was is None or (was.ended is not None and now.ended is None):
        return ended.get(now.state, "begins")
    if was.state is not now.state:
        states = {**ended, ClockState.SUSPENDED: "still", ClockState.RUNNING: "goes_on"}
        return states[now.state]
    return "moves" if last_day(world, was.due) != last_day(world, now.due) else ""


def just_done(acted: Acted) -> frozenset[str]:
    """The steps that are done by this itself: nobody has to hear that he no longer has to do what he is doing."""
    return frozenset(event.open["step"] for event in acted.events if event.kind is Kind.STEP_DONE)


def turns(
    world: World, before: Iterable[Task], after: Iterable[Task], done: Collection[str], names: Mapping[UUID, str],
    language: str,
) -> Iterable[TurnView]:
    """Steps that come to somebody, first those to do, then those that nobody has to do any more."""
    known, now = {task.step: task for task in before}, {task.step: task for task in after}
    for name, task in now.items():
        was = known.get(name)
        if was is None or was.people != task.people:
            yield _turn(world, task, names, language, gone=False)
    for name, task in known.items():
        if name not in now and name not in done:
            yield _turn(world, task, names, language, gone=True)


def _turn(world: World, task: Task, names: Mapping[UUID, str], language: str, *, gone: bool) -> TurnView:
    label = label_of(world.policy.steps, task.step, language)
    return TurnView(task.step, label, _named(task.people, names), task.by_complainant, gone, task.due_on)


def _named(people: Iterable[UUID], names: Mapping[UUID, str]) -> tuple[str, ...]:
    return tuple(names.get(person, "") for person in people)

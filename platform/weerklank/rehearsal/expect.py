"""Holding what a story expects against what is there. Each difference is one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from weerklank.cases.act import Opened, read_words, sight_of
from weerklank.cases.clocks import verify
from weerklank.cases.messages import ADMINISTRATORS, read_body
from weerklank.cases.model import CaseFile, CaseTask, Measure, Message, MessageState
from weerklank.cases.publishing import published
from weerklank.cases.status import status_view
from weerklank.cases.view import case_view
from weerklank.cases.walls import Sight
from weerklank.correspondence.letters import day_in_words
from weerklank.deadlines import explain
from weerklank.kernel.errors import NotFound
from weerklank.policy.assignment import find_handler
from weerklank.policy.clocks import Clock, clock_of
from weerklank.policy.events import Kind
from weerklank.policy.model import RoleKind
from weerklank.policy.offers import extendable, offers
from weerklank.policy.refusals import Refusal
from weerklank.rehearsal.joining import belonging
from weerklank.rehearsal.model import COMPLAINANT_NAME, NOBODY, Deadline, Expect, Mail, Refused
from weerklank.rehearsal.player import Stage, names_of
from weerklank.rehearsal.reported import learning

SIGHTS = {Sight.FULL: "all", Sight.GLIMPSE: "part", Sight.MEASURES: "part", Sight.NONE: "nothing"}
Differs = tuple[str, str]
Check = Callable[[Stage, Opened, Expect, datetime], Iterator[Differs]]


def differences(stage: Stage, expect: Expect, case: str | None, now: datetime) -> Iterator[Differs]:
    """Every difference as (key of the format, sentence), and whether stored deadlines still add up."""
    opened = stage.opened(case, now)
    for check in CHECKS:
        yield from check(stage, opened, expect, now)
    for found in verify(stage.session, stage.tenant.id, now):
        yield "", f"the stored deadline {found.term}.{found.column} is {found.stored}, computed {found.computed}"


def refusal_differs(expected: Refused | None, refused: Refusal | None) -> Iterator[str]:
    """What is different about a refusal: missing, unexpected, by another rule, from another source, in other words."""
    if expected is None and refused is not None:
        yield f"refused by {refused.rule} ({', '.join(refused.source) or 'no source'}): {refused.text('nl')}"
    if expected is None or refused is None:
        if expected is not None:
            yield "this was not refused"
        return
    if expected.rule and not refused.rule.startswith(expected.rule):
        yield f"refused by {refused.rule}, not by {expected.rule}"
    if expected.source and expected.source not in refused.source:
        yield f"the refusal cites {', '.join(refused.source) or 'nothing'}, not {expected.source}"
    if expected.says and expected.says.lower() not in refused.text("nl").lower():
        yield f"the refusal says: {refused.text('nl')}"


def _state(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    case = opened.case
    if expect.phase and expect.phase != case.phase:
        yield "phase", f"the phase is {case.phase}"
    if expect.closed is not None and expect.closed != case.is_closed:
        yield "closed", f"the case is {'closed' if case.is_closed else 'open'}"
    if expect.rule and expect.rule != case.rule:
        yield "rule", f"the handler was found by rule {case.rule}"
    for step in expect.open:
        if step not in case.open:
            yield "open", f"step {step} is not open; open are {', '.join(case.open) or 'none'}"
    for step in expect.not_open:
        if step in case.open:
            yield "not_open", f"step {step} is open"


def _handler(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    if expect.handler is not None:
        found = names_of(stage, opened.case.handlers)
        if set(found) != set(expect.handler) - {NOBODY}:
            yield "handler", f"the handler is {', '.join(found) or 'nobody'}"
    for name in expect.not_choosable:
        choice = find_handler(opened.world, opened.case, (stage.person(name),))
        if not isinstance(choice, Refusal):
            yield "not_choosable", f"{name} can be made handler"


def _terms(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    for name, wanted in expect.due.items():
        clock = clock_of(opened.world, opened.case, name)
        if clock is None:
            yield "due", f"term {name} does not run"
        else:
            yield from _term_differs(stage, opened, name, wanted, clock)
    for name in expect.no_term:
        if clock_of(opened.world, opened.case, name) is not None:
            yield "no_term", f"term {name} runs"


def _term_differs(stage: Stage, opened: Opened, name: str, wanted: Deadline, clock: Clock) -> Iterator[Differs]:
    if wanted.day and wanted.day != clock.due.due:
        yield "due", f"term {name} is due on {clock.due.due}"
    owners = owners_of(stage, opened, name, clock)
    if wanted.owner and owners != set(wanted.owner) - {NOBODY}:
        yield "due", f"term {name} belongs to {', '.join(sorted(owners)) or 'nobody'}"
    strength = opened.world.policy.terms[name].strength
    if wanted.strength and wanted.strength != strength:
        yield "due", f"term {name} is {strength}"
    missed = f"missed.{name}" in opened.case.moments and clock.state == "running"
    state = "missed" if missed else clock.state.value
    if wanted.state and wanted.state != state:
        yield "due", f"term {name} is {state}"
    if wanted.late is not None and wanted.late != clock.late:
        yield "due", f"term {name} was met {'late' if clock.late else 'in time'}"
    told = " ".join(explain(reason, "nl") for reason in clock.due.why)
    for words in wanted.why:
        if words.lower() not in told.lower():
            yield "due", f"the reasons of term {name} do not say {words!r}: {told}"


def owners_of(stage: Stage, opened: Opened, name: str, clock: Clock) -> set[str]:
    """Who has to meet a term, by their names in the story; it may bind the complainant."""
    role = opened.world.policy.roles[opened.world.policy.terms[name].owner]
    if role.kind is RoleKind.COMPLAINANT:
        return {COMPLAINANT_NAME}
    return set(names_of(stage, clock.owners))


def _messages(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    rows = _rows(stage, opened)
    for mail in expect.sent:
        found = [row for row in rows if _is(stage, opened, row, mail)]
        if not found or (mail.times is not None and len(found) != mail.times):
            yield "sent", f"{_described(mail)} was sent {len(found)} times; sent: {_listed(rows)}"
        yield from _content_differs(stage, opened, mail, found)
    for mail in expect.not_sent:
        if any(_is(stage, opened, row, mail) for row in rows):
            yield "not_sent", f"{_described(mail)} was sent"
    if expect.alarm is not None and expect.alarm != any(row.role == ADMINISTRATORS for row in rows):
        yield "alarm", "the administrators were not alarmed" if expect.alarm else "the administrators were alarmed"


def _rows(stage: Stage, opened: Opened) -> list[Message]:
    query = select(Message).where(Message.tenant_id == stage.tenant.id, Message.case_id == opened.case.id)
    return list(stage.session.scalars(query.order_by(Message.created_at, Message.id)))


def _is(stage: Stage, opened: Opened, row: Message, mail: Mail) -> bool:
    if mail.message and row.name != mail.message:
        return False
    if mail.via and mail.via != _via(row):
        return False
    if mail.to in stage.people:
        return row.person_id == stage.people[mail.to]
    if mail.to == COMPLAINANT_NAME:
        return row.person_id is None and row.role in _complainant_roles(opened)
    return mail.to is None or row.role == mail.to


def _via(row: Message) -> str:
    if row.state == MessageState.PRINTED:
        return "letter"
    return "email" if row.address else "page"


def _complainant_roles(opened: Opened) -> set[str]:
    return {name for name, role in opened.world.policy.roles.items() if role.kind == "complainant"}


def _content_differs(stage: Stage, opened: Opened, mail: Mail, found: list[Message]) -> Iterator[Differs]:
    sealer = stage.engine.keyring.for_case(stage.tenant.id, opened.case.id)
    for row in found[-1:]:
        written = read_body(sealer, row)
        text = "\n".join((written.subject, *written.paragraphs)) if written else ""
        for words in mail.contains:
            if words.lower() not in text.lower():
                yield "sent", f"{_described(mail)} does not hold {words!r}: {text}"
        for words in mail.lacks:
            if words.lower() in text.lower():
                yield "sent", f"{_described(mail)} holds {words!r}"


def _described(mail: Mail) -> str:
    return f"message {mail.message or 'of any kind'} to {mail.to or 'anybody'}"


def _listed(rows: list[Message]) -> str:
    return ", ".join(f"{row.name} ({row.role or row.kind})" for row in rows) or "nothing"


def _work(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    tasks = select(CaseTask).where(CaseTask.tenant_id == stage.tenant.id, CaseTask.case_id == opened.case.id)
    todo = list(stage.session.scalars(tasks))
    for name in expect.nothing_to:
        person = stage.person(name)
        got = [row.name for row in _rows(stage, opened) if row.person_id == person]
        got += [task.what for task in todo if task.person_id == person]
        if got:
            yield "nothing_to", f"{name} got {', '.join(got)}"
    for name, wanted in expect.tasks.items():
        his = {task.what for task in todo if task.person_id == stage.person(name) and not task.measure}
        if his != set(wanted):
            yield "tasks", f"the tasks of {name} are {', '.join(sorted(his)) or 'none'}"


def _on_offer(stage: Stage, opened: Opened, name: str) -> set[str]:
    actor = stage.actor(name)
    steps = offers(opened.world, opened.case, actor)
    found = {offer.step for offer in steps} | {f"{offer.step}.{way.outcome}" for offer in steps for way in offer.ways}
    terms = extendable(opened.world, opened.case, actor.id) if actor.id else ()
    return found | {f"extend.{term}" for term in terms}


def _offers(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    for name, wanted in expect.offers.items():
        found = _on_offer(stage, opened, name)
        if not set(wanted) <= found:
            lacking = ", ".join(sorted(set(wanted) - found))
            yield "offers", f"{name} can do {', '.join(sorted(found)) or 'nothing'}, not {lacking}"
    for name, unwanted in expect.no_offer.items():
        found = _on_offer(stage, opened, name) & set(unwanted)
        if found:
            yield "no_offer", f"{name} can do {', '.join(sorted(found))}"


def _sight(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    for name, wanted in expect.sees.items():
        found = SIGHTS[sight_of(opened, stage.person(name))]
        if found != wanted:
            yield "sees", f"{name} sees {found}"


def _reads(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    for key, held in (("reads", True), ("not_reads", False)):
        for name, wanted in getattr(expect, key).items():
            text = _page_of(stage, opened, name, now)
            for words in wanted:
                if (words.lower() in text) is not held:
                    yield key, f"the case as {name} sees it {'lacks' if held else 'shows'} {words!r}"


def _page_of(stage: Stage, opened: Opened, name: str, now: datetime) -> str:
    """All the words of the case as this person sees it; none when he may not know of it."""
    person, language = stage.person(name), stage.policy.procedure.languages[0]
    try:
        view = case_view(stage.session, stage.engine, stage.tenant.id, opened.case.id, person, language, now)
    except NotFound:
        return ""
    return "\n".join(_shown(view, language)).lower()


def _published(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    items = published(stage.session, stage.tenant.id) if expect.everybody_reads else ()
    text = "\n".join(line for item in items for line in (item.subject, *item.paragraphs)).lower()
    for words in expect.everybody_reads:
        if words.lower() not in text:
            yield "everybody_reads", f"the page for everybody does not hold {words!r}"


def _page(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    if not (expect.page or expect.not_page):
        return
    view = status_view(stage.session, stage.engine, stage.tenant.id, opened.case.id, opened.case.language, now)
    text = "\n".join(_shown(view, opened.case.language)).lower()
    for words in expect.page:
        if words.lower() not in text:
            yield "page", f"the complainant's page does not show {words!r}"
    for words in expect.not_page:
        if words.lower() in text:
            yield "not_page", f"the complainant's page shows {words!r}"


def _shown(part: Any, language: str) -> Iterator[str]:
    """The words of a part of the page, days as people write them."""
    if isinstance(part, date):
        yield day_in_words(part, language)
    elif isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _shown(each, language)
    elif isinstance(part, Mapping):
        yield from _shown(tuple(part.values()), language)
    elif is_dataclass(part):
        yield from _shown(tuple(getattr(part, each.name) for each in fields(part)), language)


def _dossier(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    if not expect.dossier:
        return
    held = {each.open["message"] for each in opened.stored if each.kind == Kind.SENT}
    held |= {done.step for done in opened.case.done} | set(opened.case.facts) | set(opened.case.filled)
    held |= {str((event.sealed or {}).get("name")) for event in read_words(stage.engine, stage.tenant.id, opened)}
    for wanted in expect.dossier:
        if wanted not in held:
            yield "dossier", f"the file does not hold {wanted}; it holds {', '.join(sorted(held - {'None'}))}"


def _report(stage: Stage, opened: Opened, expect: Expect, now: datetime) -> Iterator[Differs]:
    if not expect.report:
        return
    cases = list(stage.session.scalars(select(CaseFile).where(CaseFile.tenant_id == stage.tenant.id)))
    measures = list(stage.session.scalars(select(Measure).where(Measure.tenant_id == stage.tenant.id)))
    counted: dict[str, int] = {
        "received": len(cases),
        "running": sum(case.closed_at is None for case in cases),
        "closed": sum(case.closed_at is not None for case in cases),
        "measures": len(measures),
        "measures_open": sum(not measure.verified for measure in measures),
    }
    for name, wanted in expect.report.items():
        if counted[name] != wanted:
            yield "report", f"the report counts {counted[name]} for {name}"


CHECKS: tuple[Check, ...] = (
    _state, _handler, _terms, _messages, _work, _offers, _sight, _reads, _published, _page, _dossier, _report, learning,
    belonging,
)  # fmt: skip


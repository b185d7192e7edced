"""The checker: what was acknowledged is there, what is there was asked for, and everybody was told exactly once.

It looks only at what came since it began, by what the platform's own rules say of the events: it replays each case and
compares rows, jobs, files and mails with that. It trusts the oracle and the mail sink, which are outside.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from faults.ground import Ground
from faults.people import Fact, Plan, digest
from weerklank.audit.verify import verify as verify_trail
from weerklank.cases import clocks
from weerklank.cases.act import Opened, open_case, read_words
from weerklank.cases.messages import sent_rows
from weerklank.cases.model import CaseTask, Deadline, Message, MessageKind, MessageState
from weerklank.documents.files import known_names
from weerklank.documents.model import Document
from weerklank.kernel.keys import sweep_orphan_keys
from weerklank.policy.case import replay
from weerklank.policy.events import Kind

SAME = ("seq", "name", "role", "person_id", "copy", "number")


@dataclass
class Findings:
    """What is wrong, in words, by its sort; and how many mails came again."""

    lost: list[str] = field(default_factory=list)
    phantom: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    repeats: int = 0
    states: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class Before:
    """What was there before, and is nobody's concern now: cases, mails, and what was given up."""

    cases: frozenset[UUID]
    mails: Counter[str]
    given_up: frozenset[tuple[str, ...]]


# What waits for a person: messages that cannot be delivered, jobs that cannot be done, terms that cannot be kept.
GIVEN_UP = """
    SELECT 'a message ' || name || ' has failed', id::text FROM message WHERE state = 'failed'
    UNION ALL SELECT 'a job ' || kind || ' was given up: ' || error_class, id::text FROM outbox WHERE state = 'dead'
    UNION ALL SELECT 'the term ' || term || ' was set aside', case_id::text FROM deadline WHERE set_aside_at IS NOT NULL
"""


def look(ground: Ground) -> Before:
    """What there is now."""
    cases = frozenset(row[0] for row in ground.ask("SELECT id FROM case_file"))
    with ground.sink.lock:
        return Before(cases, Counter(ground.sink.counts), given_up(ground))


def given_up(ground: Ground) -> frozenset[tuple[str, ...]]:
    return frozenset((str(what), str(whose)) for what, whose in ground.ask(GIVEN_UP))


def check(ground: Ground, before: Before, plans: Sequence[Plan], facts: Sequence[Fact]) -> Findings:
    """Everything, once the system is at rest."""
    found = Findings()
    new = [row[0] for row in ground.ask("SELECT id FROM case_file ORDER BY id") if row[0] not in before.cases]
    marks: dict[str, list[UUID]] = defaultdict(list)
    mails = ground.sink.counts - before.mails
    found.repeats = sum(count - 1 for count in mails.values())
    explained = {row[0] for row in ground.ask("SELECT message_id FROM message WHERE message_id IS NOT NULL")}
    by_mark = {plan.mark: plan for plan in plans}
    for case_id in new:
        mark = check_case(ground, case_id, by_mark, mails, found)
        marks[mark].append(case_id)
    check_facts(ground, by_mark, facts, marks, found)
    check_mails(ground, mails, explained, found)
    check_files(ground, found)
    check_keys(ground, found)
    check_house(ground, before, found)
    return found


def check_case(ground: Ground, case_id: UUID, plans: Mapping[str, Plan], mails: Counter[str], found: Findings) -> str:
    """One case against its plan, its history and the mails; answers its mark."""
    with ground.tenant() as session:
        opened = open_case(session, ground.tenant_id, case_id, ground.platform.now())
        events = read_words(ground.platform.engine, ground.tenant_id, opened)
        story = str((events[0].sealed or {}).get("story", ""))
        plan = plans.get(story.split(" ")[0])
        rows = session.scalars(select(Message).where(Message.case_id == case_id)).all()
        check_messages(opened, events, rows, mails, found)
        if plan is None:
            found.phantom.append(f"a case that nobody made: {opened.file.reference}")
            return ""
        if story != plan.story:
            found.wrong.append(f"{plan.mark}: its story is not what was written")
        files = list(contents(ground, session, case_id))
        if files != plan.files():
            (found.lost if len(files) < len(plan.files()) else found.phantom).append(f"{plan.mark}: files {files}")
        kinds = [event.kind for event in events]
        if kinds.count(Kind.INFORMATION_ADDED) > bool(plan.addition):
            found.phantom.append(
                f"{plan.mark}: what was added stands there {kinds.count(Kind.INFORMATION_ADDED)} times"
            )
        found.states[plan.shape].add(json.dumps(state_of(session, opened, rows, files), default=str))
        return plan.mark


def contents(ground: Ground, session: Any, case_id: UUID) -> Iterator[str]:
    """The checksums of a case's files, in order."""
    files, keyring = ground.platform.files, ground.platform.keyring
    ids = session.scalars(select(Document.id).where(Document.case_id == case_id)).all()
    yield from sorted(digest(files.read(session, keyring, ground.tenant_id, case_id, each).data) for each in ids)


def check_messages(
    opened: Opened,
    events: Sequence[Any],
    rows: Sequence[Message],
    mails: Counter[str],
    found: Findings,
) -> None:
    """Each message that the history says was sent has its row, each row its mail, and no other has."""
    expected = Counter[tuple[Any, ...]]()
    for seq, event in enumerate(events, 1):
        case = replay(opened.case.id, list(events[:seq]))
        expected.update(tuple(row[name] for name in SAME) for row in sent_rows(opened.world, case, [event]))
    written = [row for row in rows if row.kind == MessageKind.POLICY]
    there = Counter(tuple(getattr(row, name) for name in SAME) for row in written)
    reference = opened.file.reference
    found.lost += [f"{reference}: no message {each}" for each in expected - there]
    found.phantom += [f"{reference}: a message that nothing sent {each}" for each in there - expected]
    for row in rows:
        came = mails[row.message_id or ""]
        if row.state == MessageState.SENT and row.address and not came:
            found.lost.append(f"{reference}: {row.name} counts as sent, and no mail came")


def state_of(session: Any, opened: Opened, rows: Sequence[Message], files: Sequence[str]) -> dict[str, Any]:
    """A case without what differs between two that went the same way: its words, names, ids and instants."""
    file = opened.file
    terms = session.scalars(select(Deadline).where(Deadline.case_id == file.id))
    tasks = session.scalars(select(CaseTask).where(CaseTask.case_id == file.id))
    return {
        "phase": file.phase, "seq": file.seq, "waiting": file.waiting, "next": file.next_due_on, "files": len(files),
        "events": sorted(each.kind for each in opened.stored),
        "messages": sorted((row.kind, row.name, row.role, row.about, row.state, row.number) for row in rows),
        "terms": sorted((row.term, row.state, row.due_on, row.attempts, row.set_aside_at) for row in terms),
        "tasks": sorted((row.what, row.due_on) for row in tasks),
    }  # fmt: skip


def check_facts(
    ground: Ground,
    plans: Mapping[str, Plan],
    facts: Sequence[Fact],
    marks: Mapping[str, Sequence[UUID]],
    found: Findings,
) -> None:
    """What was acknowledged is there, once."""
    known = {row[0]: row[1] for row in ground.ask("SELECT id, reference FROM case_file")}
    for mark, cases in marks.items():
        if mark and len(cases) > 1:
            found.phantom.append(f"{mark} made {len(cases)} cases")
        found.wrong += [f"{mark}: a case without a reference" for case in cases if known[case] is None]
    for fact in facts:
        cases = [case for case in marks.get(fact.mark, ()) if known[case] == fact.reference]
        if not cases:
            found.lost.append(f"{fact.mark}: {fact.what} {fact.reference} is not there")
        elif fact.what != "complaint" and not has(ground, cases[0], fact):
            found.lost.append(f"{fact.mark}: {fact.what} in {fact.reference} is not there")


def has(ground: Ground, case_id: UUID, fact: Fact) -> bool:
    """Whether the words that were acknowledged stand in the case."""
    with ground.tenant() as session:
        opened = open_case(session, ground.tenant_id, case_id, ground.platform.now())
        events = read_words(ground.platform.engine, ground.tenant_id, opened)
    kind = {"addition": Kind.INFORMATION_ADDED, "acknowledged": Kind.SENT}[fact.what]
    return any(event.kind is kind and fact.mark in json.dumps(dict(event.sealed or {})) for event in events)


def check_mails(ground: Ground, mails: Counter[str], explained: set[str], found: Findings) -> None:
    """Each mail that came is a message of a case, new or old, or a job's letter; and no message still waits."""
    for (name,) in ground.ask("SELECT name FROM message WHERE state = 'queued'"):
        found.lost.append(f"a message {name} waits for nobody")
    jobs = {str(row[0]) for row in ground.ask("SELECT id FROM outbox")}
    for message_id in mails:
        name = message_id.strip("<>").partition("@")[0].partition(".")[0]
        if (
            message_id not in explained
            and f"<{name}@{message_id.partition('@')[2]}" not in explained
            and name not in jobs
        ):
            found.phantom.append(f"a mail that nothing sent: {message_id}")


def check_files(ground: Ground, found: Findings) -> None:
    """After sweeping, the store holds what a row knows, and nothing else."""
    later = datetime.now(UTC) + timedelta(minutes=1)
    with ground.tenant() as session:
        ground.platform.files.sweep(session, ground.tenant_id, later)
        session.commit()
        known = known_names(session, ground.tenant_id)
    there = set(ground.platform.files.store.older_than(ground.tenant_id, later))
    found.lost += [f"the file {name} is gone" for name in known - there]
    found.phantom += [f"the file {name} is nobody's" for name in there - known]


def check_keys(ground: Ground, found: Findings) -> None:
    """After sweeping, each case has its key, and there is no other key."""
    keyring = ground.platform.keyring
    with ground.tenant() as session:
        sweep_orphan_keys(keyring, session, timedelta())
    with keyring.keystore.connect() as connection:
        kept = "SELECT case_id FROM keystore.case_key WHERE tenant_id = :tenant"
        keys = set(connection.scalars(text(kept), {"tenant": ground.tenant_id}))
    cases = {row[0] for row in ground.ask("SELECT id FROM case_file WHERE tenant_id = %s", ground.tenant_id)}
    found.lost += [f"the key of case {case} is gone" for case in cases - keys]
    found.phantom += [f"the key {case} is of no case" for case in keys - cases]


def check_house(ground: Ground, before: Before, found: Findings) -> None:
    """No chain is broken, no deadline is other than its events say, and nothing more was given up."""
    settings = ground.platform.settings
    with ground.tenant() as session:
        report = verify_trail(session, settings.audit_key, settings.audit_folder, ground.tenant_id)
        found.wrong += [f"the trail: {each.fault.value} ({each.case_id})" for each in report.findings]
        differences = clocks.verify(session, ground.tenant_id, ground.platform.now())
        found.wrong += [f"a deadline: {each.term}.{each.column} {each.stored} {each.computed}" for each in differences]
    found.lost += [what for what, _ in sorted(given_up(ground) - before.given_up)]


def hash_of(states: Mapping[str, set[str]]) -> str:
    """One value for how all cases stand, by shape; cases of one shape must stand alike."""
    whole = json.dumps({shape: sorted(every) for shape, every in sorted(states.items())})
    return hashlib.sha256(whole.encode()).hexdigest()[:16]

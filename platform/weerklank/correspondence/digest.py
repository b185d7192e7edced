"""One mail for all that was held back: by which cases there is something, and how much there is to do. Never content.

A day's mail goes on each working day, a week's on the first working day of the week, from seven o'clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from weerklank.cases.agenda import MOST_TASKS, my_tasks
from weerklank.cases.model import CaseFile, CaseTask
from weerklank.cases.walls import may_see, reader
from weerklank.correspondence.letters import Letter
from weerklank.correspondence.notices import NOTICES
from weerklank.correspondence.wishes import NOTICES as SORTS
from weerklank.correspondence.wishes import About, HeldNotice, How, wishes_of
from weerklank.deadlines import Calendar
from weerklank.identity.model import Person
from weerklank.identity.people import email_of, names
from weerklank.kernel import outbox
from weerklank.kernel.keys import Keyring
from weerklank.policy.world import calendar_of
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.policies import in_force_query, policy_of

DIGEST = "digest"  # the kind of job; its args are {"person": id}
FROM_HOUR = 7
MOST_LINES = 50
WORDS = {
    "nl": (
        "{organisation}: wat er voor u is",
        "Beste {name},",
        "Dit kwam erbij:",
        "En nog {count}.",
        "U hebt nu {count} taken. Te laat: {late}.",
        "Log in en kijk bij Mijn taken: {address}",
        "Hoe vaak u deze mail krijgt, kiest u bij Mijn account.",
    ),
    "en": (
        "{organisation}: what there is for you",
        "Dear {name},",
        "This was added:",
        "And {count} more.",
        "You have {count} tasks now. Too late: {late}.",
        "Log in and look at My tasks: {address}",
        "How often you get this mail, you choose at My account.",
    ),
}


@dataclass(frozen=True)
class Digest:
    """The mail to one person, and the notices that go by it or need not go any more."""

    to: str
    letter: Letter | None
    told: tuple[UUID, ...]


def ask_for_digests(session: Session, tenant_id: UUID, now: datetime) -> None:
    """A job for everybody for whom something is held whose mail is due today. The caller commits."""
    found = session.scalar(in_force_query(tenant_id, now.date()))
    if found is None:
        return
    calendar = calendar_of(policy_of(found).calendar)
    today = calendar.day_of(now)
    if now.astimezone(calendar.zone).hour < FROM_HOUR:
        return
    held = select(HeldNotice.person_id).where(HeldNotice.tenant_id == tenant_id).distinct()
    for person_id in session.scalars(held).all():
        hows = set(wishes_of(session, tenant_id, person_id).values())
        if any(is_due(how, calendar, today) for how in hows):
            key, args = f"digest:{person_id}:{today}", {"person": str(person_id)}
            outbox.enqueue(session, DIGEST, dedupe_key=key, args=args, max_attempts=outbox.FIVE_DAYS)


def is_due(how: How, calendar: Calendar, today: date) -> bool:
    """Whether what is held by this wish goes today. Who wishes each mail again, or none, waits no longer."""
    if how in (How.EACH, How.NONE):
        return True
    earlier = range(today.weekday()) if how is How.WEEKLY else range(0)
    before = [today - timedelta(days=n + 1) for n in earlier]
    return calendar.is_working_day(today) and not any(calendar.is_working_day(day) for day in before)


def digest_of(
    session: Session, keyring: Keyring, tenant: Tenant, person_id: UUID, home: str, now: datetime
) -> Digest | None:
    """The mail for this person today; None for who has left, or for whom nothing is held that is due."""
    person = session.get(Person, (tenant.id, person_id))
    found = session.scalar(in_force_query(tenant.id, now.date()))
    if person is None or found is None:
        return None
    calendar = calendar_of(policy_of(found).calendar)
    today = calendar.day_of(now)
    to = None if person.active_to and person.active_to <= today else email_of(keyring, person)
    due = due_sorts(session, tenant.id, person_id, calendar, today)
    query = select(HeldNotice).where(HeldNotice.tenant_id == tenant.id, HeldNotice.person_id == person_id)
    held = [row for row in session.scalars(query.order_by(HeldNotice.held_at, HeldNotice.id)) if SORTS[row.name] in due]
    wanted = [row for row in held if due[SORTS[row.name]] is not How.NONE]
    language = "nl" if person.locale == "nl" else "en"
    lines = list(dict.fromkeys(lines_of(session, tenant.id, person_id, wanted, language, today)))
    letter = None
    if to and lines:
        called = names(session, keyring, tenant.id, [person_id])[person_id]
        letter = write(session, tenant, person_id, called, lines, language, home, today)
    return Digest(to or "", letter, tuple(row.id for row in held))


def due_sorts(session: Session, tenant_id: UUID, person_id: UUID, calendar: Calendar, today: date) -> dict[About, How]:
    """The sorts of mail that go today, with what is wished of each."""
    wishes = wishes_of(session, tenant_id, person_id)
    return {about: how for about, how in wishes.items() if is_due(how, calendar, today)}


def lines_of(
    session: Session, tenant_id: UUID, person_id: UUID, held: list[HeldNotice], language: str, today: date
) -> Iterator[str]:
    """A line for each notice of a case that this person may still know of."""
    who = reader(session, tenant_id, person_id, today)
    his = exists().where(
        CaseTask.tenant_id == tenant_id, CaseTask.case_id == CaseFile.id, CaseTask.person_id == person_id
    )
    query = select(CaseFile.id, CaseFile.reference).where(CaseFile.tenant_id == tenant_id)
    query = query.where(CaseFile.id.in_({row.case_id for row in held}), or_(may_see(tenant_id, who), his))
    references = {row.id: row.reference for row in session.execute(query)}
    for row in held:
        if row.case_id in references:
            yield NOTICES[row.name][language][0].format(reference=references[row.case_id])


def write(
    session: Session,
    tenant: Tenant,
    person_id: UUID,
    called: str,
    lines: list[str],
    language: str,
    home: str,
    today: date,
) -> Letter:
    """These lines, and how much there is to do."""
    subject, dear, added, more, todo, look, choose = WORDS[language]
    tasks = my_tasks(session, tenant.id, person_id)
    late = sum(task.day is not None and task.day < today for task in tasks)
    count = f"{MOST_TASKS}+" if len(tasks) >= MOST_TASKS else str(len(tasks))
    rest = [more.format(count=len(lines) - MOST_LINES)] if len(lines) > MOST_LINES else []
    paragraphs = (
        dear.format(name=called),
        added,
        *lines[:MOST_LINES],
        *rest,
        todo.format(count=count, late=late),
        look.format(address=f"{home}/desk/tasks"),
        choose,
    )
    return Letter(subject.format(organisation=tenant.name), paragraphs, language)


def told(session: Session, tenant_id: UUID, person_id: UUID, ids: tuple[UUID, ...]) -> None:
    """These went, or need not go any more. The caller commits."""
    mine = (HeldNotice.tenant_id == tenant_id, HeldNotice.person_id == person_id, HeldNotice.id.in_(ids))
    session.execute(delete(HeldNotice).where(*mine))

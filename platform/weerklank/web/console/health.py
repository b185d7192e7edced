"""How the platform does: numbers for each organisation, and the beats of the clock. No name of anybody, no case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from flask import abort, render_template, request
from flask_babel import format_timedelta, lazy_gettext
from sqlalchemy.exc import SQLAlchemyError

from weerklank.assembly import parts_of
from weerklank.audit.seals import last_sealed
from weerklank.cases.clocks import set_aside
from weerklank.doctor.house import BEATS_WITHIN
from weerklank.doctor.queues import Queue, queues
from weerklank.kernel.database import db, open_session, tenant_scope
from weerklank.kernel.health import PATIENCE, Part
from weerklank.kernel.outbox import COUNT_TO, Backlog, backlog
from weerklank.kernel.ticks import beats
from weerklank.tenancy.model import Tenant
from weerklank.tenancy.organisations import all_organisations
from weerklank.web.access import Access, access
from weerklank.web.console import blueprint
from weerklank.web.parts import parts

PAGE = 100
LATE = timedelta(minutes=5)  # a job that waits longer than this, or a seal that was missed so long, deserves a look


PARTS = {
    "database": lazy_gettext("Database"),
    "keys": lazy_gettext("Key store"),
    "queue": lazy_gettext("Queue (Redis)"),
    "store": lazy_gettext("Store of files"),
    "scanner": lazy_gettext("Virus scanner"),
    "reports": lazy_gettext("Copy of the database, for reports"),
}
JOBS = {
    "check_up": lazy_gettext("Looking for what was forgotten"),
    "count_report": lazy_gettext("Counting reports"),
    "deliver_message": lazy_gettext("Messages of the procedure"),
    "doctor_alarm": lazy_gettext("Warnings about what was forgotten"),
    "erase_case": lazy_gettext("Destroying what need not be kept"),
    "export": lazy_gettext("Exports of an organisation"),
    "index_words": lazy_gettext("Making words findable"),
    "learning_notice": lazy_gettext("Mail about reports and measures"),
    "link": lazy_gettext("Links to log in"),
    "lost_code": lazy_gettext("Another code for who lost it"),
    "make_dossier": lazy_gettext("Making files to download"),
    "digest": lazy_gettext("One mail of a day or a week about somebody's work"),
    "own_post": lazy_gettext("Mail about a post that somebody gave himself"),
    "read_mailbox": lazy_gettext("Reading mailboxes"),
    "refresh_cases": lazy_gettext("Letting open work follow who works there"),
    "rehearse": lazy_gettext("Trying out procedures"),
    "saved_form": lazy_gettext("Links to go on with a form"),
    "scan": lazy_gettext("Looking for viruses"),
    "sweep": lazy_gettext("Cleaning up"),
    "tell_of_mail": lazy_gettext("Mail about mail that came in"),
}
BEATS = {
    "seal": lazy_gettext("Sealing the trail, every minute"),
    "mail": lazy_gettext("Asking to read mailboxes, every minute"),
    "words": lazy_gettext("Asking to make words findable, every minute"),
    "house": lazy_gettext("Looking after the platform itself, every minute"),
    "doctor": lazy_gettext("Asking to look for what was forgotten, every ten minutes"),
    "scan": lazy_gettext("Asking to look for viruses again, every ten minutes"),
    "refresh": lazy_gettext("Letting open work follow who works there, every hour"),
    "learn": lazy_gettext("Reports and measures that are due, every hour"),
    "digest": lazy_gettext("Telling in one mail who chose so, every hour"),
    "thorough": lazy_gettext("Asking to check everything, every day"),
    "sweep": lazy_gettext("Cleaning up, every day"),
    "sign_ups": lazy_gettext("Forgetting requests that nobody confirmed, every day"),
}


@dataclass(frozen=True)
class Health:
    """One organisation in numbers. `sealed` is the moment of its newest seal, if it has one."""

    tenant: Tenant
    jobs: Backlog
    aside: int
    sealed: datetime | None

    @property
    def is_late(self) -> bool:
        """Whether its oldest job waits too long."""
        return self.jobs.overdue is not None and self.jobs.overdue > LATE


@blueprint.get("/health")
@access(Access.OPERATOR)
def health() -> str:
    """A page of organisations, each looked at in its own scope, and the platform's beats."""
    everybody = all_organisations(db.session())
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= max(1, -(-len(everybody) // PAGE)):
        abort(404)
    before = (page - 1) * PAGE
    rows = [health_of(tenant) for tenant in everybody[before : before + PAGE]]
    has_scanner = parts().files.scanner is not None
    stands_on, waiting, beaten = parts_now(), queues_now(), beats(db.session())
    return render_template(
        "console/health.html",
        worries=worries(stands_on, waiting, beaten, rows, has_scanner=has_scanner),
        rows=rows,
        parts=stands_on,
        part_names=PARTS,
        queues=waiting,
        job_names=JOBS,
        beats=beaten,
        beat_names=BEATS,
        within=BEATS_WITHIN,
        late=LATE,
        has_scanner=has_scanner,
        ago=ago,
        count=count,
        page=page,
        total=len(everybody),
        before=before,
    )


def worries(
    stands_on: Mapping[str, str],
    waiting: Sequence[Queue] | None,
    beaten: Mapping[str, timedelta],
    rows: Sequence[Health],
    *,
    has_scanner: bool,
) -> list[str]:
    """The sections of the page in which something deserves a look."""
    late = [one for one in waiting or () if one.expired or (one.overdue or LATE) > LATE]
    missed = [name for name, since in beaten.items() if since > BEATS_WITHIN.get(name, since)]
    found = {
        "parts": set(stands_on.values()) != {"ok"} or not has_scanner,
        "queues": waiting is None or bool(late),
        "clock": "seal" not in beaten or bool(missed),
        "rows": any(row.is_late or row.jobs.dead or row.aside for row in rows),
    }
    return [section for section, is_worry in found.items() if is_worry]


def parts_now() -> dict[str, str]:
    """What the platform stands on, and what each part says of itself within a second."""
    asked = {name: Part(check) for name, check in parts_of(parts()).items()}
    until = monotonic() + PATIENCE
    for part in asked.values():
        part.ask()
    return {name: part.answer(until) for name, part in asked.items()}


def queues_now() -> Sequence[Queue] | None:
    """What waits of all organisations together; None when the clock's role cannot be asked."""
    try:
        with open_session(parts().clock) as session:
            return queues(session)
    except SQLAlchemyError:
        return None


def health_of(tenant: Tenant) -> Health:
    """What an organisation's own rows say, counted in its scope."""
    with open_session(db.engine) as session, tenant_scope(session, tenant.id):
        aside = len(set_aside(session, tenant.id))
        return Health(tenant, backlog(session), aside, last_sealed(session, tenant.id))


def ago(length: timedelta) -> str:
    """`5 minutes`, `2 days`."""
    return str(format_timedelta(length))


def count(number: int) -> str:
    """A number that was counted to a limit."""
    return f"{number}+" if number >= COUNT_TO else str(number)

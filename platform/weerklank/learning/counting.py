"""Counting the numbers of a report: asked for in a row, done by a worker, to be left and found again."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from weerklank.kernel import outbox
from weerklank.kernel.errors import NotFound
from weerklank.learning.counts import Figures
from weerklank.learning.gather import Tell, count, unheard
from weerklank.learning.model import CountState, Report
from weerklank.learning.periods import Period
from weerklank.learning.place import Place

COUNT = "count_report"  # the kind of job; its args are {"report": id}
NOTHING: Figures = {"cases": [], "totals": {}, "tables": [], "lists": []}


def ask_to_count(place: Place, report: Report) -> None:
    """Let a worker count it, in the transaction of whoever asks."""
    outbox.forget_dead(place.session, COUNT, {"report": str(report.id)})
    report.counting, report.done, report.total = CountState.RUNNING.value, 0, 0
    report.count_asked_at = place.now
    place.session.flush()
    enqueue(place, report)


def enqueue(place: Place, report: Report) -> None:
    """The job; once for each time that somebody asked."""
    assert report.count_asked_at is not None
    key = f"count:{report.id}:{report.count_asked_at.astimezone(UTC).isoformat()}"
    outbox.enqueue(place.session, COUNT, dedupe_key=key, args={"report": str(report.id)}, max_attempts=3)


def ask_what_was_lost(place: Place) -> None:
    """Ask anew for what nobody will count any more: jobs do not come along when an organisation is moved."""
    running = (Report.tenant_id == place.tenant_id, Report.counting == CountState.RUNNING.value)
    for report in place.session.scalars(select(Report).where(*running)):
        enqueue(place, report)


def count_up(place: Place, report_id: UUID, tell: Tell = unheard) -> None:
    """Count a report that is not released; doing it twice does no harm. `tell` hears how far it is.

    NotFound for a report that is not there, or that the policy does not know any more.
    """
    mine = (Report.tenant_id == place.tenant_id, Report.id == report_id)
    report = place.session.scalar(select(Report).where(*mine))
    rules = place.world.policy.reports.get(report.name) if report else None
    if report is None or rules is None:
        raise NotFound("report")
    found = count(place, rules.contains, Period(report.first_day, report.last_day), tell)
    kept = update(Report).where(*mine, Report.released_at.is_(None)).values(figures=found, counted_at=place.now)
    place.session.execute(kept)
    place.session.execute(update(Report).where(*mine).values(counting=CountState.READY.value))


def tell_progress(session: Session, tenant_id: UUID, report_id: UUID, done: int, total: int) -> None:
    """Keep how far it is. The caller commits."""
    session.execute(
        update(Report).where(Report.tenant_id == tenant_id, Report.id == report_id).values(done=done, total=total)
    )


def mark_not_counted(session: Session, tenant_id: UUID, report_id: UUID) -> None:
    """The job was given up. The caller commits."""
    mine = (Report.tenant_id == tenant_id, Report.id == report_id, Report.counting == CountState.RUNNING.value)
    session.execute(update(Report).where(*mine).values(counting=CountState.FAILED.value))

"""How much waits and since when, over all organisations: what the clock's role sees, asked when somebody wants to know.

Counted up to a limit, the oldest first: an age is always the true one, also when a queue is longer than that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from weerklank.assembly import Platform
from weerklank.doctor.queues import COUNT_TO, Queue, queues
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.ticks import beats

KEPT = 5.0  # seconds, for when several ask

DEAD = text(
    """
    SELECT kind, count(*) AS dead FROM (SELECT kind FROM outbox WHERE state = 'dead' LIMIT :limit) AS given_up
    GROUP BY kind
    """
)
TERMS = text(
    """
    SELECT count(*) AS due, max(:now - next_at) AS lag,
        (SELECT count(*) FROM deadline WHERE set_aside_at IS NOT NULL) AS aside
    FROM (
        SELECT next_at FROM deadline WHERE next_at <= :now AND set_aside_at IS NULL ORDER BY next_at LIMIT :limit
    ) AS due
    """
)
MESSAGES = text(
    """
    SELECT count(*) AS waiting, max(:now - created_at) AS age
    FROM (SELECT created_at FROM message WHERE state = 'queued' LIMIT :limit) AS queued
    """
)
MAILBOXES = text(
    """
    SELECT count(*) AS read, count(failed_at) AS failing, max(:now - coalesce(read_at, changed_at)) AS age
    FROM mailbox WHERE active
    """
)
TENANTS = text("SELECT state, count(*) AS number FROM tenant GROUP BY state")


class Figures(Collector):
    """Asks the database when the figures are asked; without an answer it says only that there is none."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.lock = Lock()
        self.kept: list[Metric] = []
        self.until = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked when it is registered."""
        return []

    def collect(self) -> Iterable[Metric]:
        with self.lock:
            if monotonic() > self.until:
                self.kept = self.ask()
                self.until = monotonic() + KEPT
            return self.kept

    def ask(self) -> list[Metric]:
        try:
            with open_session(self.platform.clock) as session, without_tenant(session, "the clock sees due moments"):
                found = list(figures(session, self.platform.now()))
        except SQLAlchemyError:
            found = []
        return [gauge("weerklank_figures_up", "1 when the figures below could be asked.", float(bool(found))), *found]


def figures(session: Session, now: datetime) -> Iterator[Metric]:
    """Everything that waits. For the role of the clock."""
    values = {"limit": COUNT_TO, "now": now}
    yield from job_figures(queues(session))
    yield by("weerklank_jobs_dead", "Jobs given up, for a person to look at.", "kind", session.execute(DEAD, values))
    term = session.execute(TERMS, values).one()
    yield gauge("weerklank_terms_due", "Terms that are due and have not acted yet.", term.due)
    yield gauge("weerklank_term_lag_seconds", "Since when the longest due term is due.", seconds(term.lag))
    yield gauge("weerklank_terms_set_aside", "Terms that failed three times, for a person to look at.", term.aside)
    message = session.execute(MESSAGES, values).one()
    yield gauge("weerklank_messages_waiting", "Messages to people that did not go out yet.", message.waiting)
    yield gauge("weerklank_message_age_seconds", "Age of the oldest of these.", seconds(message.age))
    mailbox = session.execute(MAILBOXES, values).one()
    yield gauge("weerklank_mailboxes", "Mailboxes that are to be read.", mailbox.read)
    yield gauge("weerklank_mailboxes_failing", "Mailboxes that cannot be read.", mailbox.failing)
    yield gauge("weerklank_mailbox_age_seconds", "Since when the longest unread one is unread.", seconds(mailbox.age))
    yield by("weerklank_tenants", "Organisations, by state.", "state", session.execute(TENANTS))
    ages = ((name, seconds(ago)) for name, ago in beats(session).items())
    yield by("weerklank_tick_age_seconds", "How long ago repeating work was last begun.", "name", ages)


def job_figures(found: Sequence[Queue]) -> Iterator[Metric]:
    columns = {
        "weerklank_queue_length": ("Jobs that are due and that nobody has in hand.", "due"),
        "weerklank_queue_age_seconds": ("Since when the longest due job is due.", "overdue"),
        "weerklank_outbox_length": ("Jobs that are not done, later attempts included.", "waiting"),
        "weerklank_outbox_age_seconds": ("Age of the oldest of these.", "age"),
        "weerklank_jobs_leased": ("Jobs that a worker has in hand.", "leased"),
        "weerklank_leases_expired": ("Jobs whose worker fell silent and that nobody took up yet.", "expired"),
    }
    for name, (meaning, column) in columns.items():
        yield by(name, meaning, "kind", ((each.kind, seconds(getattr(each, column))) for each in found))


def gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def by(name: str, meaning: str, label: str, values: Iterable[Any]) -> Metric:
    """One figure for each value of a label."""
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for key, value in values:
        family.add_metric([key], value)
    return family


def seconds(length: timedelta | float | None) -> float:
    """A length of time in seconds, none as 0; a number stays as it is."""
    return length.total_seconds() if isinstance(length, timedelta) else float(length or 0)

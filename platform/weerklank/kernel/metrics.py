"""What this process counts, for Prometheus. docs/metrics.md tells what each figure means; a test compares the two.

No figure names anybody: an organisation shows as one of a hundred groups, by a hash of its id, so that one that asks
for much is seen and the number of series stays what it is. Every process has its own figures and is asked by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from uuid import UUID

import psycopg
from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from weerklank.kernel.health import OK

GROUPS = 100
SHORT = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds of a request
LONG = (0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0)  # seconds of a job or a beat

REQUESTS = Counter(
    "weerklank_requests", "Requests answered, by route, method and status.", ("route", "method", "status")
)
REQUEST_SECONDS = Histogram(
    "weerklank_request_seconds", "How long a request took in its place, by route.", ("route",), buckets=SHORT
)
WAIT_SECONDS = Histogram(
    "weerklank_request_wait_seconds", "How long a request waited for its turn, after it came in whole.", buckets=SHORT
)
REFUSED = Counter("weerklank_requests_refused", "Requests refused before a page was made, by reason.", ("reason",))
TENANT_REQUESTS = Counter("weerklank_tenant_requests", "Requests by group of organisations.", ("group",))
TENANT_SECONDS = Counter("weerklank_tenant_request_seconds", "Seconds of places held, by group.", ("group",))
IN_HAND = Gauge("weerklank_requests_in_hand", "Requests that hold a place.")
WAITING = Gauge("weerklank_requests_waiting", "Requests that wait for their turn.")

JOBS = Counter(
    "weerklank_jobs", "Jobs tried, by kind and result: done, failed, given_up, parked, lost_lease.", ("kind", "result")
)
JOB_SECONDS = Histogram("weerklank_job_seconds", "How long a try took, by kind.", ("kind",), buckets=LONG)
TENANT_JOBS = Counter("weerklank_tenant_jobs", "Jobs tried, by group of organisations.", ("group",))

BEAT_AGE = Gauge("weerklank_clock_beat_age_seconds", "How long ago this clock last came by. Only of a clock.")
BEAT_SECONDS = Histogram("weerklank_clock_beat_seconds", "How long a beat took.", buckets=LONG)
TICKS = Counter("weerklank_clock_ticks", "Slots of repeating work that this clock took, by name.", ("name",))
TERMS = Counter("weerklank_terms", "Due terms that this clock let act, by result: acted, failed.", ("result",))

FAILURES = Counter("weerklank_part_failures", "Calls of a part that failed: database, queue, smtp, scanner.", ("part",))
SAID = Counter("weerklank_log_lines", "Warnings and errors logged, by their text in the code.", ("level", "event"))


@lru_cache(4096)
def group_of(tenant_id: UUID) -> str:
    """`00` to `99`: always the same for an organisation, and shared with others."""
    return f"{int.from_bytes(hashlib.sha256(tenant_id.bytes).digest()[:8]) % GROUPS:02}"


@event.listens_for(Engine, "handle_error")
def count_failure(context: ExceptionContext) -> None:
    """A statement that failed because of the server or the way to it, not because of what it said."""
    if context.is_disconnect or isinstance(context.original_exception, psycopg.OperationalError):
        FAILURES.labels("database").inc()


class Parts(Collector):
    """Whether each part of the surroundings answers, asked at the moment somebody wants to know."""

    def __init__(self, ask: Callable[[], Mapping[str, str]]) -> None:
        self.ask = ask

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("weerklank_part_up", "1 while this part of the surroundings answers.", labels=["part"])
        for part, state in self.ask().items():
            up.add_metric([part], float(state == OK))
        yield up

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked when it is registered."""
        return []


def collect_from(collector: Collector) -> None:
    """Ask this one too whenever somebody wants the figures of this process."""
    REGISTRY.register(collector)

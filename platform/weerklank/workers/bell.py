"""The bell: dramatiq carries ids of due jobs to free threads, over Redis or within the worker process.

What it carries may be lost at any time: the outbox is polled, and a row is claimed before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import dramatiq
from dramatiq import Broker, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from weerklank.assembly import Platform
from weerklank.workers.jobs import run_job

QUEUE = "weerklank"
DEAD_AFTER_MS = 10_000  # a worker that says nothing this long is taken for dead and its messages come back

Ring = Callable[[UUID, UUID], None]


def make_broker(redis_url: str | None) -> Broker:
    """Redis where there is one, else the memory of this process."""
    if redis_url is None:
        return StubBroker(middleware=[])
    make: Callable[..., Broker] = RedisBroker  # dramatiq leaves its signature untyped
    return make(url=redis_url, middleware=[], heartbeat_timeout=DEAD_AFTER_MS, maintenance_chance=1000)


def hang(broker: Broker, platform: Platform) -> Ring:
    """Declare the one actor there is on this broker; answers the function that rings for a job."""

    def carry_out(tenant_id: str, job_id: str) -> None:
        run_job(platform, UUID(tenant_id), UUID(job_id), platform.now())

    actor = dramatiq.actor(actor_name="carry_out", queue_name=QUEUE, broker=broker)(carry_out)

    def ring(tenant_id: UUID, job_id: UUID) -> None:
        actor.send(str(tenant_id), str(job_id))

    return ring


def start_threads(broker: Broker, threads: int) -> Worker:
    """The threads that carry out what rings."""
    worker = Worker(broker, queues={QUEUE}, worker_threads=threads, worker_timeout=500)
    worker.start()
    return worker

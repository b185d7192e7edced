"""The bell: dramatiq carries ids of due jobs to a worker process, over Redis or within this one.

Whoever hears it looks for the fairest job that is due, which need not be the one that was rung for. What it carries
may be lost at any time: without it a crew looks by itself, and a row is claimed before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import dramatiq
import redis
from dramatiq import Broker, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from redis.backoff import NoBackoff
from redis.retry import Retry

QUEUE = "weerklank"
DEAD_AFTER_MS = 5_000  # a process that says nothing this long is taken for dead and its messages come back
ALWAYS = 1_000_000  # each command sees to that, where dramatiq's default is one in a thousand
SECONDS = 2.0  # for Redis to connect, and to answer

Ring = Callable[[UUID, UUID], None]


def make_broker(redis_url: str | None) -> Broker:
    """Redis where there is one, else the memory of this process. Nothing is opened before it is needed."""
    if redis_url is None:
        return StubBroker(middleware=[])
    limits = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": Retry(NoBackoff(), 0)}
    client = redis.Redis.from_url(redis_url, **limits)
    make: Callable[..., Broker] = RedisBroker  # dramatiq leaves its signature untyped
    return make(
        client=client,
        namespace=QUEUE,
        middleware=[],  # no retries, results or time limits: those are the outbox's
        heartbeat_timeout=DEAD_AFTER_MS,
        maintenance_chance=ALWAYS,
    )


def hang(broker: Broker, hear: Callable[[], None]) -> Ring:
    """Declare the one actor there is on this broker, which has `hear` called; answers the function that rings.

    It raises when Redis does not take the message.
    """

    def due(tenant_id: str, job_id: str) -> None:
        hear()

    actor = dramatiq.actor(actor_name="due", queue_name=QUEUE, broker=broker)(due)

    def ring(tenant_id: UUID, job_id: UUID) -> None:
        actor.send(str(tenant_id), str(job_id))

    return ring


def nobody(tenant_id: UUID, job_id: UUID) -> None:
    """Rings for nobody: there is no Redis, and no crew in this process."""


def listen(broker: Broker) -> Worker:
    """Hear what is rung, from now on; a Redis that went away is asked for again every few seconds."""
    worker = Worker(broker, queues={QUEUE}, worker_threads=1, worker_timeout=500)
    worker.start()
    return worker

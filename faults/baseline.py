"""The platform with its outbox switched off, as it would often be built: jobs go straight to the broker.

Only a campaign's process does this to itself. A job is sent once its transaction has been committed, so that there are
no jobs for what never was; a worker carries out what it receives. Whoever dies in between loses it, and so does a
Redis that is emptied. A campaign that sees no loss here is blind.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import dramatiq
from sqlalchemy import event
from sqlalchemy.orm import Session

from faults.campaign import Campaign
from faults.ground import Ground, until
from faults.table import Row, Size
from weerklank.assembly import assemble
from weerklank.kernel import outbox
from weerklank.kernel.crash import crash_point
from weerklank.kernel.database import current_tenant
from weerklank.kernel.outbox import Job, JobDraft
from weerklank.kernel.settings import load
from weerklank.workers import bell
from weerklank.workers.jobs import HANDLERS

KILLS = 20
PATIENCE = 180.0
SENT = "jobs to be sent after the commit"


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Web processes killed between commit and send, and Redis emptied: both must be seen to lose."""
    row = Row("no outbox: web killed", 17)
    campaign = Campaign(ground, seed, "WEB", size.of(30, 60))
    for name in ground.named("web"):
        ground.arm(name, [f"web.after_commit:{seed.choice([1, 3, 5])}" for _ in range(KILLS)])
        ground.kill(name)
    campaign.begin()
    finish(ground, campaign, row)
    yield row
    for name in ground.named("web"):
        ground.arm(name, [])
        ground.kill(name)
    row = Row("no outbox: Redis flushed", 18)
    campaign = Campaign(ground, seed, "FLUSH", size.of(30, 60))
    campaign.begin()
    while campaign.going():
        time.sleep(seed.uniform(0.02, 0.2))
        ground.redis.flush()
    finish(ground, campaign, row)
    yield row


def finish(ground: Ground, campaign: Campaign, row: Row) -> None:
    """Wait until the broker has nothing left, and check."""
    until(lambda: not campaign.going(), "everybody has handed in", PATIENCE)
    until(lambda: waiting(ground) == 0, "the broker has nothing left", PATIENCE)
    campaign.finish(row)


def waiting(ground: Ground) -> int:
    """How many messages the broker has, fetched ones included."""
    with ground.redis.client() as client:
        held = sum(int(client.scard(key)) for key in client.keys(f"{bell.QUEUE}:__acks__*"))
        return held + int(client.llen(f"{bell.QUEUE}:{bell.QUEUE}"))


class Straight:
    """What stands in for the outbox in a process that writes jobs."""

    def __init__(self) -> None:
        self.broker = bell.make_broker(load().redis_url)
        self.send = actor(self.broker, None)

    def enqueue_all(self, session: Session, drafts: Sequence[JobDraft]) -> int:
        """Send these jobs as soon as they are committed."""
        waiting = session.info.setdefault(SENT, [])
        waiting += [(str(current_tenant(session)), draft.kind, draft.args) for draft in drafts]
        if not event.contains(session, "after_commit", self.send_all):
            event.listen(session, "after_commit", self.send_all)
        return len(drafts)

    def send_all(self, session: Session) -> None:
        """Send what this session wrote. Between the commit and this stands nothing that remembers."""
        waiting = session.info.pop(SENT, [])
        if waiting:
            crash_point("web.after_commit")
        for tenant_id, kind, args in waiting:
            self.send(tenant_id, kind, args)


def actor(broker: dramatiq.Broker, carry_out: Any) -> Any:
    """Declare the actor on this broker; answers what sends to it."""

    def nothing(tenant_id: str, kind: str, args: dict[str, Any]) -> None:
        """A process that only sends."""

    made = dramatiq.actor(actor_name="job", queue_name=bell.QUEUE, broker=broker)(carry_out or nothing)
    return made.send


def switch_off() -> None:
    """From now on nothing of this process gets into the outbox."""
    outbox.enqueue_all = Straight().enqueue_all  # the seam: everything that writes a job does it through this


def work() -> None:
    """A worker that carries out what the broker brings. Nothing is claimed, renewed or marked."""
    switch_off()
    for name in ("done", "retry", "bury", "mark_handed"):
        setattr(outbox, name, lambda *_, **__: True)
    platform, stop = assemble(load()), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def carry_out(tenant_id: str, kind: str, args: dict[str, Any]) -> None:
        job = Job(UUID(tenant_id), uuid4(), kind, "", None, args, 1, 1, uuid4())
        HANDLERS[kind](platform, job, platform.now())

    broker = bell.make_broker(platform.settings.redis_url)
    actor(broker, carry_out)
    worker = dramatiq.Worker(broker, queues={bell.QUEUE}, worker_threads=platform.settings.worker_threads)
    worker.start()
    stop.wait()
    worker.stop(timeout=int(timedelta(seconds=1).total_seconds() * 1000))

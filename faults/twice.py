"""Everything comes twice: each form is sent two times, and each ring of the bell three times, in any order."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from faults.campaign import Campaign
from faults.checker import hash_of
from faults.ground import Ground
from faults.table import Row, Size
from weerklank.workers import bell

TIMES = 3


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """The end must be as if everything had come once."""
    number, start = size.of(15, 100), seed.random()
    row = Row("each form sent twice", 17)
    once = ended(ground, row, start, "ONCE", number)
    twice = ended(ground, row, start, "TWICE", number, twice=True)
    row.wrong += [] if once == twice else ["the cases do not stand as when each form is sent once"]
    yield row
    row = Row("each message three times, shuffled", 17)
    with shuffled(ground):
        thrice = ended(ground, row, start, "THRICE", number)
    row.wrong += [] if once == thrice else ["the cases do not stand as when each message comes once"]
    yield row


def ended(ground: Ground, row: Row, start: float, label: str, number: int, *, twice: bool = False) -> str:
    """How the same complaints stand in the end."""
    campaign = Campaign(ground, random.Random(start), label, number, twice=twice)
    campaign.begin()
    return hash_of(campaign.finish(row).states)


@contextmanager
def shuffled(ground: Ground) -> Iterator[None]:
    """Ring three times for every job there is, done or not, in any order, all the time."""
    broker = bell.make_broker(ground.redis.url)
    ring, over, chance = bell.hang(broker, lambda: None), threading.Event(), random.Random(0)

    def work() -> None:
        rung = set[tuple[UUID, UUID]]()
        while not over.wait(0.1):
            jobs = [job for job in ground.ask("SELECT tenant_id, id FROM outbox") if job not in rung]
            rung |= {(tenant_id, job_id) for tenant_id, job_id in jobs}
            many = jobs * TIMES
            chance.shuffle(many)
            for tenant_id, job_id in many:
                ring(tenant_id, job_id)

    thread = threading.Thread(target=work, name="bells", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        broker.close()

"""Processes that stand still longer than their lease and go on as if nothing had happened: somebody else did their work
by then, and what they still had in mind is refused."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from faults.campaign import Campaign, advance
from faults.ground import Ground
from faults.table import Row, Size
from weerklank.cases import clocks
from weerklank.workers.jobs import LEASE

PAGES = timedelta(seconds=20)  # longer than anybody waits for a page
LONGER = 3.0  # seconds than a lease
PATIENCE = 10.0  # seconds, to catch somebody over his work
JOBS = "SELECT id FROM outbox WHERE state = 'pending' AND lease_until > now()"
TERMS = "SELECT case_id FROM deadline WHERE lease_until > now()"


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """A web server and a worker while people hand in, then a clock while terms are due."""
    row = Row("frozen web, worker and clock", 17)
    held = sum(frozen(ground, seed, row, number, size.of(8, 30)) for number in range(size.of(1, 8)))
    row.note = f"{held} jobs and terms in hand"
    if row.repeats > held:
        row.wrong.append(f"{row.repeats} mails came again, and {held} jobs and terms were in hand")
    if not held:
        row.wrong.append("nobody had anything in hand")
    yield row


def frozen(ground: Ground, seed: random.Random, row: Row, number: int, count: int) -> int:
    """Freeze them over their work, wake them, and see what became of it; how much was in their hands."""
    ground.sink.answer = dawdle
    campaign = Campaign(ground, seed, f"ICE{number}", count)
    ground.remove("worker-2", "clock-2")
    campaign.begin()
    asleep = [stop(ground, "web-1", always), stop(ground, "worker-1", lambda: ground.ask(JOBS))]
    held = len(ground.ask(JOBS))
    ground.worker("worker-2")
    ground.clock("clock-2")
    wake(ground, asleep, max(PAGES, LEASE))
    while campaign.going():
        time.sleep(0.1)
    ground.remove("clock-2")
    advance(ground, timedelta(days=1))
    asleep = [stop(ground, "clock-1", lambda: ground.ask(TERMS))]
    held += len(ground.ask(TERMS))
    ground.clock("clock-2")
    wake(ground, asleep, clocks.LEASE)
    campaign.finish(row, since=time.monotonic())
    ground.sink.answer = None
    return held


def dawdle(envelope: object) -> None:
    """Take a mail, slowly, so that workers have something in hand."""
    time.sleep(0.3)


def always() -> bool:
    return True


def stop(ground: Ground, name: str, busy: Callable[[], object]) -> str:
    """Stop this one while it has something in hand, if it can be caught at that."""
    give_up_by = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_by:
        if busy():
            ground.kill(name, signal.SIGSTOP)
            if busy():
                return name
            ground.kill(name, signal.SIGCONT)
    ground.kill(name, signal.SIGSTOP)
    return name


def wake(ground: Ground, asleep: Sequence[str], lease: timedelta) -> None:
    """Let them go on when their lease has long been over."""
    time.sleep(lease.total_seconds() + LONGER)
    for name in asleep:
        ground.kill(name, signal.SIGCONT)

"""Processes killed by SIGKILL: web, worker, relay and clock, at every named point and at any moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from faults.campaign import Campaign, advance
from faults.checker import hash_of
from faults.ground import Ground, until
from faults.table import Row, Size
from weerklank.kernel.crash import POINTS

BURST = 12.0  # seconds; shorter than a lease, so that no job loses its worker three times and is set aside for that


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    same = Same(ground, seed.getrandbits(64), size.of(30, 60))
    assert same.calm
    yield web(ground, seed, size, same)
    yield worker(ground, seed, size, same)
    yield clock(ground, seed, size)
    missed = sorted(POINTS.keys() - ground.hits.keys())
    yield Row("every crash point hit", 17, note=f"{len(POINTS) - len(missed)} of {len(POINTS)}", wrong=missed)


def points(*kinds: str) -> list[str]:
    return [name for name in POINTS if name.partition(".")[0] in kinds]


def arms(seed: random.Random, names: list[str], most: int, count: int = 60) -> list[str]:
    """So many lives, each of which ends at one of these points, at one of its first passes."""
    order = list(names)
    seed.shuffle(order)
    return [f"{order[number % len(order)]}:{seed.randint(1, most)}" for number in range(count)]


@dataclass(frozen=True)
class Same:
    """Complaints that are the same ones in every run, but for their marks; and how they end when nothing breaks."""

    ground: Ground
    start: int
    count: int

    def campaign(self, label: str) -> Campaign:
        return Campaign(self.ground, random.Random(self.start), label, self.count)

    @cached_property
    def calm(self) -> dict[str, set[str]]:
        row, campaign = Row("nothing broken", 17), self.campaign("CALM")
        campaign.begin()
        found = campaign.finish(row)
        assert row.passed, row.wrong
        return found.states

    def compare(self, row: Row, campaign: Campaign) -> None:
        """Wait, check, and hold how all cases stand against how they stood when nothing broke."""
        found = campaign.finish(row, since=time.monotonic())
        if hash_of(found.states) != hash_of(self.calm):
            other = [shape for shape in self.calm if found.states[shape] != self.calm[shape]]
            row.wrong.append(f"cases do not stand as they do when nothing breaks: {', '.join(other) or 'other shapes'}")


def disarm(ground: Ground, kind: str) -> None:
    """Whoever is armed dies once more, for good measure, and lives unarmed."""
    for name in ground.named(kind):
        ground.arm(name, [])
        if ground.processes[name].armed:
            ground.kill(name)


def web(ground: Ground, seed: random.Random, size: Size, same: Same) -> Row:
    """Web processes die at their points and, killed from outside with all they have, at any moment."""
    row = Row("web killed", 17)
    for number in range(size.of(1, 16)):
        campaign = same.campaign(f"WEB{number}")
        for name in ground.named("web"):
            ground.arm(name, arms(seed, points("web"), 5))
            ground.kill(name)
        campaign.begin()
        while campaign.going():
            until(lambda one=campaign: ground.some_serve() or not one.going(), "a page is served")  # type: ignore[misc]  # bound at once
            time.sleep(seed.uniform(0.1, 1.0))
            ground.kill(seed.choice(ground.named("web")))
        disarm(ground, "web")
        same.compare(row, campaign)
    until(ground.all_serve, "the pages are served")
    return row


def worker(ground: Ground, seed: random.Random, size: Size, same: Same) -> Row:
    """Workers and relays die while there is work: the effects inside happen once, a mail may come again."""
    row, gap = Row("worker and relay killed", 17), "worker.after_250"
    before, exposed = ground.hits[gap], 0
    for number in range(size.of(1, 16)):
        campaign = same.campaign(f"WORK{number}")
        for kind, names in (("worker", points("worker")), ("clock", points("relay"))):
            for name in ground.named(kind):
                ground.arm(name, arms(seed, names, 3))
                ground.kill(name)
        campaign.begin()
        began = time.monotonic()
        while campaign.going():
            time.sleep(seed.uniform(0.3, 0.9))
            if time.monotonic() - began < BURST:
                ground.kill(seed.choice([*ground.named("worker"), *ground.named("clock")]))
                exposed += in_gap(ground)
            else:
                disarm(ground, "worker")
                disarm(ground, "clock")
        disarm(ground, "worker")
        disarm(ground, "clock")
        same.compare(row, campaign)
    hit = ground.hits[gap] - before
    row.note = f"kills between 250 and commit: {hit} at the point, {exposed} at random"
    if row.repeats > hit + exposed:
        row.wrong.append(f"{row.repeats} repeats, and {hit} + {exposed} mails whose sender may have died in the gap")
    return row


def in_gap(ground: Ground) -> int:
    """How many mails the mail server has of which the database does not know it yet."""
    written = ground.ask("SELECT message_id FROM message WHERE state = 'queued' AND message_id IS NOT NULL")
    with ground.sink.lock:
        return sum(message_id in ground.sink.counts for (message_id,) in written)


def clock(ground: Ground, seed: random.Random, size: Size) -> Row:
    """Clocks die while terms are due day after day: each reminds once and is missed once."""
    row = Row("clock killed", 17)
    for number in range(size.of(1, 12)):
        campaign = Campaign(ground, seed, f"CLOCK{number}", size.of(12, 30))
        campaign.begin()
        until(lambda one=campaign: not one.going(), "everybody has handed in")  # type: ignore[misc]  # bound at once
        for name in ground.named("clock"):
            ground.arm(name, arms(seed, points("clock"), 4))
            ground.kill(name)
        for _ in range(size.of(8, 12)):
            advance(ground, timedelta(days=seed.choice([1, 1, 2, 5])))
            time.sleep(seed.uniform(0.7, 1.5))
            ground.kill(seed.choice(ground.named("clock")))
        disarm(ground, "clock")
        campaign.finish(row, since=time.monotonic())
    return row

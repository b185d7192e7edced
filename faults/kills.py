"""Processes killed by SIGKILL: web, worker, relay and clock, at every named point and at any moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta

from faults.campaign import Campaign, advance
from faults.checker import hash_of
from faults.ground import Ground, until
from faults.table import Row, Size
from weerklank.kernel.crash import POINTS

BURST = 12.0  # seconds; shorter than a lease, so that no job loses its worker three times and is set aside for that


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    calm = calm_hash(ground, seed, size)
    yield web(ground, seed, size, calm)
    yield worker(ground, seed, size, calm)
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


def same(ground: Ground, seed: random.Random, label: str, count: int) -> Campaign:
    """Complaints that are the same ones in every run of this seed, but for their marks."""
    return Campaign(ground, random.Random(seed.getstate()[1][0]), label, count)


def calm_hash(ground: Ground, seed: random.Random, size: Size) -> str:
    """How these complaints end when nothing breaks."""
    row = Row("nothing broken", 17)
    campaign = same(ground, seed, "CALM", size.of(40, 60))
    campaign.begin()
    found = campaign.finish(row)
    assert row.passed, row.wrong
    return hash_of(found.states)


def compare(row: Row, campaign: Campaign, calm: str) -> None:
    """Wait, check, and hold how all cases stand against how they stood when nothing broke."""
    found = campaign.finish(row, since=time.monotonic())
    if hash_of(found.states) != calm:
        row.wrong.append("the cases do not stand as they do when nothing breaks")


def disarm(ground: Ground, kind: str) -> None:
    """Whoever is armed dies once more, for good measure, and lives unarmed."""
    for name in ground.named(kind):
        ground.arm(name, [])
        if ground.processes[name].armed:
            ground.kill(name)


def web(ground: Ground, seed: random.Random, size: Size, calm: str) -> Row:
    """Web processes die at their points and, killed from outside with all they have, at any moment."""
    row = Row("web killed", 17)
    for number in range(size.of(1, 16)):
        campaign = same(ground, seed, f"WEB{number}", size.of(40, 60))
        for name in ground.named("web"):
            ground.arm(name, arms(seed, points("web"), 3))
            ground.kill(name)
        campaign.begin()
        while campaign.going():
            until(lambda one=campaign: ground.some_serve() or not one.going(), "a page is served")  # type: ignore[misc]  # bound at once
            time.sleep(seed.uniform(0.1, 1.0))
            ground.kill(seed.choice(ground.named("web")))
        disarm(ground, "web")
        compare(row, campaign, calm)
    until(ground.all_serve, "the pages are served")
    return row


def worker(ground: Ground, seed: random.Random, size: Size, calm: str) -> Row:
    """Workers and relays die while there is work: the effects inside happen once, a mail may come again."""
    row, gap = Row("worker and relay killed", 17), "worker.after_250"
    before, random_kills = ground.hits[gap], 0
    for number in range(size.of(1, 16)):
        campaign = same(ground, seed, f"WORK{number}", size.of(40, 60))
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
                random_kills += 1
            else:
                disarm(ground, "worker")
                disarm(ground, "clock")
        disarm(ground, "worker")
        disarm(ground, "clock")
        compare(row, campaign, calm)
    hit = ground.hits[gap] - before
    row.note = f"{hit} kills between 250 and commit"
    if row.repeats > hit + random_kills:
        row.wrong.append(f"{row.repeats} repeats, and {hit} + {random_kills} kills that may have hit the gap")
    return row


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

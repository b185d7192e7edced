"""Processes killed by SIGKILL: web, worker, relay and clock, at every named point and at any moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from faults.campaign import Campaign
from faults.ground import Ground
from faults.table import Row, Size
from weerklank.kernel.crash import POINTS


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    yield web(ground, seed, size)


def points(kind: str) -> list[str]:
    return [name for name in POINTS if name.startswith(f"{kind}.")]


def arms(seed: random.Random, names: list[str], count: int, most: int) -> list[str]:
    """So many lives, each of which ends at one of these points, at one of its first passes."""
    return [f"{names[number % len(names)]}:{seed.randint(1, most)}" for number in range(count)]


def web(ground: Ground, seed: random.Random, size: Size) -> Row:
    """Web processes die at their points and, killed from outside with all they have, at any moment."""
    row = Row("web killed", 17)
    for number in range(size.of(1, 20)):
        campaign = Campaign(ground, seed, f"WEB{number}", size.of(40, 60))
        for name in ground.named("web"):
            ground.arm(name, arms(seed, points("web"), 40, 4))
        campaign.begin()
        while campaign.going():
            time.sleep(seed.uniform(0.5, 1.5))
            ground.kill(seed.choice(ground.named("web")))
        for name in ground.named("web"):
            ground.arm(name, [])
        campaign.finish(row)
    return row

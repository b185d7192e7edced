"""Processes killed by SIGKILL: web, worker, relay and clock, at every named point and at any moment."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from faults.campaign import Campaign, advance
from faults.checker import hash_of
from faults.ground import Ground, until
from faults.table import Row, Size
from weerklank.kernel.crash import POINTS

BURST = 12.0  # seconds; shorter than a lease, so that no job loses its worker three times and is set aside for that
HIT_WITHIN = 30.0  # seconds, for a process to come to a point while there is work
MOST_ROUNDS = 12
GAP = "worker.after_250"


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """A row for each sort of process, and one for the points that were hit."""
    same = Same(ground, seed.getrandbits(64), size.of(20, 60))
    assert same.calm
    yield web(same, seed, size.of(40, 500))
    yield worker(same, seed, size.of(30, 450))
    yield clock(ground, seed, size.of(15, 200))
    missed = sorted(POINTS.keys() - ground.hits.keys())
    yield Row("every crash point hit", 17, note=f"{len(POINTS) - len(missed)} of {len(POINTS)}", wrong=missed)


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


def web(same: Same, seed: random.Random, kills: int) -> Row:
    """Web servers die at their points and, with all they have, at any moment."""
    row, ground, left = Row("web killed", 17), same.ground, points("web")
    while left or row.kills < kills:
        campaign = same.campaign(f"WEB{row.runs}x")
        campaign.begin()
        left = strike(ground, left, "web", campaign.going)
        while campaign.going():
            until(lambda one=campaign: ground.some_serve() or not one.going(), "a page is served")  # type: ignore[misc]  # bound at once
            time.sleep(seed.uniform(0.1, 1.0))
            if row.kills + campaign.killed < kills:
                ground.kill(seed.choice(ground.named("web")))
        same.compare(row, campaign)
        if row.runs == MOST_ROUNDS and left:
            break
    until(ground.all_serve, "the pages are served")
    return row


def worker(same: Same, seed: random.Random, kills: int) -> Row:
    """Workers and relays die while there is work: the effects inside happen once, a mail may come again."""
    row, ground = Row("worker and relay killed", 17), same.ground
    hits, exposed, came = ground.hits[GAP], len(ground.exposed), repeated(ground)
    left = [*points("worker"), *points("relay")]
    while left or row.kills < kills:
        campaign, began = same.campaign(f"WORK{row.runs}x"), time.monotonic()
        campaign.begin()
        left = strike(ground, left, "worker", lambda one=campaign: one.going() or ground.waiting() > 0)  # type: ignore[misc]  # bound at once
        while campaign.going():
            time.sleep(seed.uniform(0.2, 0.7))
            if time.monotonic() - began < BURST:
                ground.kill(seed.choice([*ground.named("worker"), *ground.named("clock")]))
        same.compare(row, campaign)
        if row.runs == MOST_ROUNDS and left:
            break
    row.note = (
        f"{ground.hits[GAP] - hits} kills at {GAP}; {len(ground.exposed) - exposed} mails were between 250 and commit"
        " when a worker died"
    )
    if again := repeated(ground) - came - ground.exposed:
        row.wrong.append(f"{len(again)} mails came again, and no worker died over them")
    return row


def clock(ground: Ground, seed: random.Random, kills: int) -> Row:
    """Clocks die while terms are due day after day: each is reminded of once and missed once."""
    row, left = Row("clock killed", 17), points("clock")
    while left or row.kills < kills:
        campaign = Campaign(ground, seed, f"CLOCK{row.runs}x", 8)
        campaign.begin()
        until(lambda one=campaign: not one.going(), "everybody has handed in")  # type: ignore[misc]  # bound at once
        days = iter(DAYS)
        for point in list(left):
            advance(ground, timedelta(days=next(days)))
            left = [*strike(ground, [point], "clock", always), *(one for one in left if one != point)]
        for some in days:
            advance(ground, timedelta(days=some))
            time.sleep(seed.uniform(0.5, 1.5))
            ground.kill(seed.choice(ground.named("clock")))
        campaign.finish(row, UNTIL_ALL_IS_MAILED, since=time.monotonic())
        if row.runs == MOST_ROUNDS and left:
            break
    return row


# Seconds: a day later every complaint that was ever handed in on this ground is reminded of.
UNTIL_ALL_IS_MAILED = 900.0
# On which days terms of a complaint are due: the acknowledgement's reminder and end, and so on until after the last.
DAYS = (1, 1, 1, 4, 7, 3, 4, 3, 4, 3)


def always() -> bool:
    return True


def points(kind: str) -> list[str]:
    return [name for name in POINTS if name.startswith(f"{kind}.")]


def repeated(ground: Ground) -> set[str]:
    """The messages of which a mail came more than once; one to several people is a mail to each, numbered."""
    with ground.sink.lock:
        again = [message_id for message_id, count in ground.sink.counts.items() if count > 1]
    return {re.sub(r"\.\d+@", "@", message_id) for message_id in again}


def strike(ground: Ground, wanted: Sequence[str], kind: str, works: Callable[[], bool]) -> list[str]:
    """Let all processes of the kind die at each of these points while there is work; those that nobody came to."""
    missed = list(wanted)
    for point in wanted:
        if not works():
            break
        names, before = ground.named("clock" if point.startswith("relay") else kind), ground.hits[point]
        for name in names:
            ground.arm(name, [f"{point}:1"])
            ground.kill(name)
        with suppress(TimeoutError):
            until(lambda: ground.hits[point] > before or not works(), point, HIT_WITHIN)  # noqa: B023  # bound at once
        if ground.hits[point] > before:
            missed.remove(point)
        disarm(ground, names)
    return missed


def disarm(ground: Ground, names: Sequence[str]) -> None:
    """Who is still armed is killed, and lives on unarmed."""
    for name in names:
        ground.arm(name, [])
        if ground.processes[name].note is not None:
            ground.kill(name)

"""Machines whose clocks are wrong by minutes, an hour or a day, all of them or one, and then right again; and both
changes of the clock. Nobody gets anything twice, nothing is missed, and leases go by the database's clock.

Whole processes are misled, by libfaketime and a file that says by how much. Web servers are not: who fills in a form
while his server jumps a day ahead is rightly asked to begin again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faults.campaign import Campaign, advance
from faults.ground import Ground
from faults.table import Row, Size

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How far who is off: everybody, or the first worker alone.
JUMPS: Sequence[tuple[str, timedelta]] = (
    ("all", HOUR), ("all", -HOUR), ("worker-off-1", timedelta(minutes=10)), ("all", DAY), ("all", -DAY),
    ("worker-off-1", -timedelta(minutes=10)), ("clock-off-1", DAY), ("clock-off-1", -DAY), ("worker-off-1", DAY),
    ("worker-off-1", -HOUR), ("clock-off-1", HOUR), ("clock-off-1", -HOUR),
)  # fmt: skip
SHORT_JUMPS = (JUMPS[0], JUMPS[2], JUMPS[3], JUMPS[7])
CHANGES = {"March": datetime(2027, 3, 26, 8, 0, tzinfo=UTC), "October": datetime(2027, 10, 29, 8, 0, tzinfo=UTC)}
STEPS = (*[timedelta(hours=8)] * 2, *[timedelta(minutes=30)] * 4, timedelta(hours=8), timedelta(days=1))


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    if LIBRARY is None:
        yield Row("clocks that jump", 24, wrong=["not run: there is no libfaketime (see .ci/packages)"])
        return
    with misled(ground):
        yield jumps(ground, seed, size)
    yield changes(ground, seed, size)


@contextmanager
def misled(ground: Ground) -> Iterator[None]:
    """Two workers and two clocks whose time is what a file says, in place of the usual ones."""
    ground.remove(*ground.named("worker"), *ground.named("clock"))
    for number in (1, 2):
        for start, kind in ((ground.worker, "worker"), (ground.clock, "clock")):
            name = f"{kind}-off-{number}"
            set_off(ground, name, timedelta())
            process = start(name, **deceit(ground, name))
            process.fresh = True
            ground.kill(name)
            ground.kills -= 1
    try:
        yield
    finally:
        ground.remove(*ground.named("worker"), *ground.named("clock"))
        ground.start_all()


def deceit(ground: Ground, name: str) -> dict[str, str]:
    return {
        "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(ground.folder / "off" / name),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


def set_off(ground: Ground, name: str, by: timedelta) -> None:
    """From now on this process's machine is so far ahead."""
    file = ground.folder / "off" / name
    file.parent.mkdir(exist_ok=True)
    aside = file.with_suffix(".new")
    aside.write_text(f"{by.total_seconds():+.0f}\n")
    aside.replace(file)


def jumps(ground: Ground, seed: random.Random, size: Size) -> Row:
    """There and back again, while people hand in; by a day when they have, and terms are due early. Then they are."""
    row, off = Row("clocks that jump", 24), [*ground.named("worker"), *ground.named("clock")]
    for number, (who, by) in enumerate(size.of(SHORT_JUMPS, JUMPS)):
        campaign = Campaign(ground, seed, f"JUMP{number}", size.of(3, 10))
        campaign.begin()
        time.sleep(seed.uniform(0.5, 1.5))
        while campaign.going() and abs(by) >= DAY:
            time.sleep(0.1)
        for name in off if who == "all" else [who]:
            set_off(ground, name, by)
        while campaign.going():
            time.sleep(0.1)
        time.sleep(seed.uniform(1.5, 2.5))
        advance(ground, DAY)
        time.sleep(seed.uniform(1.0, 2.0))
        for name in off:
            set_off(ground, name, timedelta())
        campaign.finish(row, since=time.monotonic())
    row.wrong += [f"{row.repeats} mails came twice"] if row.repeats else []
    return row


def changes(ground: Ground, seed: random.Random, size: Size) -> Row:
    """The nights of 23 and 25 hours, passed by the half hour, with terms that run over them."""
    row = Row("both changes of the clock", 24)
    for name, begin in CHANGES.items():
        ground.move_clock(begin - datetime.now(UTC))
        campaign = Campaign(ground, seed, name.upper(), size.of(3, 20))
        campaign.begin()
        while campaign.going():
            time.sleep(0.1)
        for step in STEPS:
            advance(ground, step)
            time.sleep(seed.uniform(0.5, 1.0))
        campaign.finish(row, since=time.monotonic())
    row.wrong += [f"{row.repeats} mails came twice"] if row.repeats else []
    return row

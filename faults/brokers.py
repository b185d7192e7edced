"""Redis emptied, killed and gone: it only rings, so nothing may be lost with it, and people notice nothing."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator

from faults.browser import Asked
from faults.campaign import Campaign
from faults.ground import Ground
from faults.table import Row, Size, percentile

SLOW = 0.5  # seconds, for 95 of 100 forms that are sent
DRAINED = 60.0  # seconds after it is back


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Emptied, killed, and gone for a while."""
    yield flushed(ground, seed, size)
    yield killed(ground, seed, size)
    yield gone(ground, seed, size)


def flushed(ground: Ground, seed: random.Random, size: Size) -> Row:
    """FLUSHALL, again and again, while people hand in."""
    row, emptied = Row("Redis flushed", 18), 0
    campaign = Campaign(ground, seed, "FLUSH", size.of(15, 120))
    campaign.begin()
    while campaign.going():
        time.sleep(seed.uniform(0.2, 0.6))
        ground.redis.flush()
        emptied += 1
    finish(campaign, row, size)
    row.note = f"{emptied} x FLUSHALL; {row.note}"
    return row


def killed(ground: Ground, seed: random.Random, size: Size) -> Row:
    """SIGKILL, and started again at once."""
    row, deaths = Row("Redis killed", 18), 0
    campaign = Campaign(ground, seed, "REDIS", size.of(15, 120))
    campaign.begin()
    while campaign.going():
        time.sleep(seed.uniform(0.3, 1.0))
        ground.redis.kill()
        time.sleep(seed.uniform(0.0, 0.3))
        ground.redis.start()
        deaths += 1
    finish(campaign, row, size)
    row.kills += deaths
    return row


def gone(ground: Ground, seed: random.Random, size: Size) -> Row:
    """Away for a minute (seconds in the short form): mail goes out all the same, since workers look by themselves."""
    away = size.of(5.0, 60.0)
    row = Row(f"Redis gone for {away:.0f} s", 18)
    for number in range(size.of(1, 5)):
        campaign = Campaign(ground, seed, f"GONE{number}", size.of(10, 60))
        ground.redis.kill()
        until = time.monotonic() + away
        campaign.begin()
        while time.monotonic() < until:
            time.sleep(0.1)
        ground.redis.start()
        finish(campaign, row, size)
        row.kills += 1
    return row


def finish(campaign: Campaign, row: Row, size: Size) -> None:
    """Wait and check, and judge how people were served meanwhile."""
    campaign.finish(row, since=time.monotonic())
    sent = [asked for asked in campaign.log if asked.method == "POST"]
    judge(row, sent, size)
    if max(row.recovery, default=0.0) > DRAINED:
        row.wrong.append(f"it took {max(row.recovery):.0f} s until all was done")


def judge(row: Row, sent: list[Asked], size: Size) -> None:
    """Of the forms that were sent: how many were answered, and how fast. The short form only tells the speed."""
    failed = [asked for asked in sent if not 0 < asked.status < 500]
    slow = percentile([asked.ended - asked.began for asked in sent], 0.95)
    row.note = f"{len(sent) - len(failed)} of {len(sent)} forms answered, p95 {slow * 1000:.0f} ms"
    if slow > size.of(math.inf, SLOW):
        row.wrong.append(f"of 100 forms 5 took more than {slow:.1f} s")
    if len(failed) > len(sent) / 1000:
        row.wrong.append(f"{len(failed)} of {len(sent)} forms were not answered: {sorted({a.status for a in failed})}")

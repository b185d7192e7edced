"""PostgreSQL started anew under everybody: in its fast way, and in its immediate one, which is a crash."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator

from faults.campaign import Campaign
from faults.ground import WORKERS, Ground, until
from faults.table import Row, Size

WAYS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
BACK_AFTER = 5.0  # seconds after it is up; from then on nobody meets an error


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Both ways, several times each, while people hand in."""
    for way, times in (("fast", size.of(2, 20)), ("immediate", size.of(1, 5))):
        yield restarted(ground, seed, size, way, times)


def restarted(ground: Ground, seed: random.Random, size: Size, way: str, times: int) -> Row:
    row = Row(f"PostgreSQL restarted, {way}", 19)
    threads = WORKERS * int(ground.environ["WORKER_THREADS"])
    for number in range(times):
        campaign = Campaign(ground, seed, f"{way.upper()[:4]}{number}", size.of(12, 25))
        campaign.begin()
        time.sleep(seed.uniform(0.3, 1.5))
        ground.postgres.stop(WAYS[way])
        time.sleep(seed.uniform(0.0, 0.5))
        ground.postgres.start()
        up = time.monotonic()
        until(ground.all_serve, "the pages are served")
        row.note = f"pages {time.monotonic() - up:.1f} s after it was up"
        campaign.finish(row, since=up)
        late = [a for a in campaign.log if a.began > up + BACK_AFTER and not 0 < a.status < 500]
        if late:
            row.wrong.append(f"{len(late)} errors more than {BACK_AFTER:.0f} s after it was up")
    if row.repeats > times * threads:
        row.wrong.append(f"{row.repeats} repeats, with {times} x {threads} mails that may have been on their way")
    return row

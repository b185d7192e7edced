"""The lines to what the platform stands on: slow, cut, refused, and such as swallow everything. Nobody waits for a page
longer than ten seconds, no worker is held by it, the probes say which part it is, and nothing is lost."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from faults.between import Line, Way
from faults.campaign import Campaign
from faults.ground import Ground, free_port, until
from faults.table import Row, Size

LONGEST = 10.0  # seconds, for a page
HELD = 30.0  # seconds, for a worker
BROKEN = 12.0  # seconds that a line is bad: longer than a page may take
PARTS = {"database": "PostgreSQL", "keys": "the key store", "queue": "Redis", "mail": "SMTP"}
BAD = (Way.SLOW, Way.DRIP, Way.SILENT, Way.CUT, Way.REFUSED)


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Each line in each way; in the short form each that swallows, and one that drips."""
    with lines(ground) as (every, probes):
        for part, name in PARTS.items():
            for way in size.of((Way.SILENT, *((Way.DRIP,) if part == "database" else ())), BAD):
                row = Row(f"{name} {way.value}", 24)
                campaign = Campaign(ground, seed, f"LINE{part[0]}{way.name[:2]}".upper(), size.of(4, 12))
                said = spoil(ground, row, campaign, every[part], way, part, probes, size.of(BROKEN / 2, BROKEN))
                judge(row, campaign, said, size.of(1.5 * LONGEST, LONGEST))
                if way in (Way.SILENT, Way.REFUSED) and part != "mail" and not said:
                    row.wrong.append(f"no probe said that {part} is away")
                yield row


@contextmanager
def lines(ground: Ground) -> Iterator[tuple[dict[str, Line], Sequence[int]]]:
    """A web server and a worker that reach everything over lines, in place of all others, and where they are probed."""
    socket = str(ground.postgres.var / "postgres" / "socket" / ".s.PGSQL.5432")
    ends: tuple[int | str, ...] = (socket, socket, ground.redis.port, ground.sink.port)
    probes = [free_port(), free_port()]
    with ExitStack() as stack:
        every = {part: stack.enter_context(Line(end)) for part, end in zip(PARTS, ends, strict=True)}
        ground.remove(*list(ground.processes))
        ground.web("web-line", PROBE_PORT=str(probes[0]), **over(every))
        ground.worker("worker-line", PROBE_PORT=str(probes[1]), **over(every))
        ground.clock("clock-line", **over(every))
        try:
            until(ground.all_serve, "the pages are served")
            yield every, probes
        finally:
            ground.remove(*list(ground.processes))
            ground.start_all()


def over(every: dict[str, Line]) -> dict[str, str]:
    """Where the platform finds everything."""
    database = f"127.0.0.1:{every['database'].port}/weerklank"
    return {
        "DATABASE_APP_URL": f"postgresql://weerklank_app@{database}",
        "DATABASE_CLOCK_URL": f"postgresql://weerklank_clock@{database}",
        "KEYSTORE_URL": f"postgresql://weerklank_keys@127.0.0.1:{every['keys'].port}/weerklank_keys",
        "REDIS_URL": f"redis://127.0.0.1:{every['queue'].port}/0",
        "SMTP_URL": f"smtp://127.0.0.1:{every['mail'].port}",
    }


def spoil(
    ground: Ground, row: Row, campaign: Campaign, line: Line, way: Way, part: str, probes: Sequence[int], lasts: float
) -> set[str]:
    """A line that is bad for a while, under people who hand in, and then fine; what probes say of it meanwhile."""
    campaign.begin()
    time.sleep(0.5)
    line.be(way)
    bad, said = time.monotonic(), set[str]()
    while time.monotonic() - bad < lasts:
        said |= {told(port).get(part, "ok") for port in probes}
        time.sleep(0.5)
    line.be(Way.FINE)
    fine = time.monotonic()
    until(ground.all_serve, "the pages are served")
    campaign.finish(row, since=fine)
    return said - {"ok"}


def judge(row: Row, campaign: Campaign, said: set[str], longest: float) -> None:
    """How long people waited for one answer, and how long mail lay with a worker that waited itself."""
    slowest = max((asked.ended - asked.began for asked in campaign.log), default=0.0)
    row.note = f"longest page {slowest:.1f} s; probes said {', '.join(sorted(said)) or 'nothing'}"
    row.wrong += [f"somebody waited {slowest:.0f} s for a page"] if slowest > longest else []
    row.wrong += [f"work was held {row.recovery[-1]:.0f} s"] if row.recovery and row.recovery[-1] > HELD else []


def told(port: int) -> dict[str, str]:
    """What a process says of what it stands on."""
    with suppress(OSError, ValueError):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as refused:
            found = json.load(refused)
        return {str(name): str(state) for name, state in found.get("parts", found).items()}
    return {}

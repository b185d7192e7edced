"""One organisation asks twenty times what it usually does; the others are to notice little of it.

Everybody asks at a steady rate, whatever the answers: an open loop, as people are who do not know of one another.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from faults.ground import SLUG, Ground, serves, until
from faults.slow import PATIENCE, Seen
from faults.table import Row, Size, percentile
from weerklank.kernel.database import open_session
from weerklank.kernel.errors import Conflict, Refused
from weerklank.kernel.settings import ROOT
from weerklank.tenancy.folder import import_folder

OTHERS = ("mep", "gelukwerkt", "team-keizer")
HOUR, LEAD = 4.0, 3.0  # seconds; for so long it asks much already before the others are looked at
USUAL = 6.0  # requests a second of one organisation: twenty times that is more than two processors can serve
TIMES = 20
MOST_SLOWER = 2.0
SHORT_GRACE = 0.15  # seconds that a busy machine may add in the short form, where few requests make a p95


@dataclass(frozen=True)
class Sight:
    """What the others saw, and what became of the busy one's requests."""

    others: Seen = field(default_factory=Seen)
    busy: Seen = field(default_factory=Seen)
    refused: Seen = field(default_factory=Seen)


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """Quiet and flood in turn, so that whatever else this machine does weighs on both."""
    quiet, flood = Sight(), Sight()
    with neighbours(ground) as port:
        for slug in (SLUG, *OTHERS):  # everything is loaded
            asyncio.run(visitors(port, slug, 20.0, 0.5, Seen(), Seen(), seed))
        for _ in range(size.of(2, 8)):
            asyncio.run(hour(port, 1.0, quiet, seed))
            asyncio.run(hour(port, TIMES, flood, seed))
    row = Row(f"one organisation at {TIMES} times its rate", 26, runs=1)
    asked = len(flood.busy.seconds) + len(flood.refused.failed)
    ratio = flood.others.p95 / quiet.others.p95
    row.note = (
        f"the others p95 {quiet.others.p95 * 1000:.0f} -> {flood.others.p95 * 1000:.0f} ms ({ratio:.1f} times), p50 "
        f"{percentile(quiet.others.seconds, 0.5) * 1000:.0f} -> {percentile(flood.others.seconds, 0.5) * 1000:.0f} ms; "
        f"the busy one p95 {quiet.busy.p95 * 1000:.0f} -> {flood.busy.p95 * 1000:.0f} ms, "
        f"{len(flood.refused.failed)} of {asked} told to come back"
    )
    if flood.others.failed or quiet.others.failed:
        row.wrong.append(f"others were not served: {[*quiet.others.failed, *flood.others.failed][:3]}")
    if flood.others.p95 > MOST_SLOWER * quiet.others.p95 + size.of(SHORT_GRACE, 0.0):
        row.wrong.append(f"the others became {ratio:.1f} times as slow")
    yield row


@contextmanager
def neighbours(ground: Ground) -> Iterator[int]:
    """A web of two processes that serves more organisations; its port."""
    for slug in OTHERS:
        with open_session(ground.platform.database) as session, suppress(Conflict, Refused):
            import_folder(session, ground.platform.keyring, ROOT / "tenants" / slug, datetime.now(UTC))
            session.commit()
    ground.web("web-busy", WEB_PROCESSES="2", LOG_LEVEL="error")
    port = int(ground.processes["web-busy"].environ["PORT"])
    try:
        until(lambda: serves(port), "the pages are served")
        yield port
    finally:
        ground.remove("web-busy")


async def hour(port: int, times: float, sight: Sight, seed: random.Random) -> None:
    """Some seconds in which the others ask as usual, and one organisation so many times as often, from before on."""
    asked = asyncio.create_task(visitors(port, SLUG, USUAL * times, LEAD + HOUR, sight.busy, sight.refused, seed))
    await asyncio.sleep(LEAD)
    await asyncio.gather(
        asked, *(visitors(port, slug, USUAL, HOUR, sight.others, sight.others, seed) for slug in OTHERS)
    )


async def visitors(
    port: int, slug: str, rate: float, length: float, seen: Seen, lost: Seen, seed: random.Random
) -> None:
    """Ask for pages at this rate, at moments that nobody plans, whether or not the last one came."""
    end, asked = perf_counter() + length, list[asyncio.Task[None]]()
    while perf_counter() < end:
        await asyncio.sleep(seed.expovariate(rate))
        path = seed.choice(("", "procedure", "complain/story", "status"))
        asked.append(asyncio.create_task(visit(port, f"/{slug}/{path}", seen, lost)))
    await asyncio.gather(*asked)


async def visit(port: int, path: str, seen: Seen, lost: Seen) -> None:
    began, request = perf_counter(), f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(2 * PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request.encode())
            answer = await reader.read()
            writer.close()
    except (OSError, TimeoutError) as error:
        lost.failed.append(f"{path} {type(error).__name__}")
        return
    if answer[9:10] in (b"2", b"3"):
        seen.seconds.append(perf_counter() - began)
    else:
        lost.failed.append(f"{path} {answer[:40]!r}")

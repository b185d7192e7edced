"""How long the server takes for the pages that everybody waits for: `python bench/pages.py`, some minutes.

One reader at a time asks for the worklist, a case and the status page of an organisation with 100,000 cases, from the
production server on a private database that is thrown away. What counts is the time until the whole page is there:
under 50 ms for 95 of 100. Answers 1 when a page takes longer. `--small` for 1,000 cases, to see that it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ground as grounds
import load
from ground import Ground
from run import FOLDER, Work, is_page, say, server, web_settings, works

from weerklank.assembly import assemble
from weerklank.cli.main import main as weerklank
from weerklank.cli.web import web_command
from weerklank.kernel.postgres import borrowed_cluster
from weerklank.kernel.settings import ROOT
from weerklank.kernel.settings import load as load_settings

MOST_MS = 50
WARM_UP, REQUESTS = 100, 400
READ = ("worklist of mine", "case page", "status page")
LISTS = {
    "worklist of all": "/desk/?view=all",
    "board": "/desk/board",
    "calendar": "/desk/calendar",
    "my tasks": "/desk/tasks",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="1,000 cases only")
    size = 1_000 if parser.parse_args().small else 100_000
    with private_ground(size) as (ground, port):
        say(f"{f'{size:,} cases, one reader':34}{'p50 ms':>8}{'p95 ms':>8}")
        late = [work.name for work in [*works(ground, port), *lists(ground, port)] if not fast(ground, port, work)]
    say(f"slower than {MOST_MS} ms: {', '.join(late) or 'nothing'}")
    return 1 if late else 0


@contextmanager
def private_ground(size: int) -> Iterator[tuple[Ground, int]]:
    """A server on a database of its own with this many cases; both are gone afterwards."""
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    var = Path(tempfile.mkdtemp(prefix="pages-", dir=ROOT / "var"))
    os.environ.update(VAR=str(var), ENVIRONMENT="development", WEB_PROCESSES="2", WEB_THREADS="4", PROXIES="1")
    try:
        with borrowed_cluster(var) as cluster:
            weerklank(["db", "upgrade"])
            ground = grounds.lay(assemble(load_settings()), FOLDER, cluster.dsn("weerklank", "postgres"))
            ground.grow(size)
            settings = web_settings()
            with server(settings, web_command(settings), os.environ, var / "web.log") as running:
                yield ground, running.port
    finally:
        shutil.rmtree(var)


def lists(ground: Ground, port: int) -> Iterator[Work]:
    """The other lists of the desk, as far as there are such pages."""
    staff = {f"weerklank-{ground.here.slug}-staff": grounds.staff_token(ground, ground.handler)}
    for name, path in LISTS.items():
        address = f"/{ground.here.slug}{path}"
        if load.ask(port, load.get(address, staff))[0].status == 200:
            yield Work(name, lambda count, at=address: [load.get(at, staff, n) for n in range(count)], list, is_page)


def fast(ground: Ground, port: int, work: Work) -> bool:
    """Measure a page, say how long it took, and answer whether that is soon enough."""
    if work.name not in (*READ, *LISTS):
        return True
    one_reader(port, work, WARM_UP)
    ground.settle()
    taken = sorted(one_reader(port, work, REQUESTS))
    middle, late = (taken[len(taken) * part // 100] * 1000 for part in (50, 95))
    say(f"{work.name:34}{middle:8.1f}{late:8.1f}")
    return late < MOST_MS


def one_reader(port: int, work: Work, count: int) -> list[float]:
    """Seconds for each of these requests, asked one after another."""
    taken: list[float] = []
    asyncio.run(load.one_connection(port, iter(work.ours(count)), work.expected, taken))
    return taken


if __name__ == "__main__":
    sys.exit(main())

"""`make faults`: everything that can go wrong around the platform, with nothing lost. Exit code 1: something was.

SHORT=1 is the form that runs on every change (some minutes); SEED=n replays a run; ONLY=name,name runs some scenarios;
BASELINE=1 switches the outbox off, which must be seen to lose: a harness that finds nothing then is blind.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain
from pathlib import Path

import structlog

from faults.ground import Ground, laid
from faults.table import Row, Size, summary, table
from weerklank.cli.main import end_as_ctrl_c
from weerklank.kernel.settings import ROOT

# Each is a module of this package with `run`. Lanes go side by side, as much is waiting; each has its own ground.
LANES = (
    ("kills", "disk", "databases"),
    ("smtp", "poison", "brokers"),
    ("schedulers", "twice", "frozen", "clockjumps"),
)
ALONE = ("migrations", "slow", "busy")  # these measure how long others wait
BLIND = ("baseline",)

Scenario = Callable[[Ground, random.Random, Size], Iterator[Row]]


def main() -> int:
    signal.signal(signal.SIGTERM, end_as_ctrl_c)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    campaign = Campaign(
        Size.SHORT if os.environ.get("SHORT") else Size.LONG,
        int(os.environ.get("SEED") or time.time()),
        {"FAULTS_BASELINE": "1"} if os.environ.get("BASELINE") else {},
    )
    every = BLIND if os.environ.get("BASELINE") else (*chain(*LANES), *ALONE)
    chosen = os.environ["ONLY"].split(",") if os.environ.get("ONLY") else every
    say(f"faults: seed {campaign.seed}, {campaign.size.value} form")
    campaign.run(chosen)
    rows = [row for name in chosen for row in campaign.found[name]]
    say(f"\n{table(rows)}\n")
    for row in rows:
        for each in row.wrong:
            say(f"{row.fault}: {each}")
    say(summary(rows))
    return 0 if all(row.passed for row in rows) else 1


@dataclass
class Campaign:
    """All that is tried, and what came of it so far."""

    size: Size
    seed: int
    environ: dict[str, str]
    found: dict[str, list[Row]] = field(default_factory=dict)

    def run(self, chosen: Sequence[str]) -> None:
        """These scenarios, those that may go together at the same time."""
        (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="faults-", dir=ROOT / "var"))
        lanes = [lane for names in LANES if (lane := [name for name in names if name in chosen])]
        alone = [name for name in chosen if not any(name in lane for lane in lanes)]
        try:
            with ExitStack() as stack:
                grounds = [stack.enter_context(laid(folder / f"{n}", **self.environ)) for n in range(len(lanes) or 1)]
                pairs = zip(grounds, lanes, strict=False)
                threads = [threading.Thread(target=self.run_lane, args=pair, daemon=True) for pair in pairs]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.run_lane(grounds[0], alone)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def run_lane(self, ground: Ground, names: Sequence[str]) -> None:
        """One scenario after the other, on this ground."""
        for name in names:
            began = time.monotonic()
            for row in rows_of(ground, name, random.Random(f"{self.seed} {name}"), self.size):
                self.found.setdefault(name, []).append(row)
                say("  ".join(row.cells()))
            say(f"({name}: {time.monotonic() - began:.0f} s)")


def rows_of(ground: Ground, name: str, seed: random.Random, size: Size) -> Iterator[Row]:
    """What a scenario says; one that breaks is a row that failed, and the others still get their turn."""
    try:
        scenario: Scenario = import_module(f"faults.{name}").run
        yield from scenario(ground, seed, size)
        ground.put_right()
    except Exception as failure:
        say(traceback.format_exc())
        yield Row(name, 0, wrong=[f"the scenario broke: {failure!r}"])
        ground.put_right()


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

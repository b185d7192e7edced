"""`make faults`: everything that can go wrong around the platform, with nothing lost. Exit code 1: something was.

SHORT=1 is the form that runs on every change (some minutes); SEED=n replays a run; ONLY=name,name runs some scenarios;
BASELINE=1 switches the outbox off, which must be seen to lose: a harness that finds nothing then is blind.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from faults.ground import Ground, laid
from faults.table import Row, Size, summary, table
from weerklank.cli.main import end_as_ctrl_c
from weerklank.kernel.settings import ROOT

# Each is a module of this package with `run`.
SCENARIOS = ("kills", "brokers", "databases", "twice", "smtp", "poison", "slow", "busy", "migrations")

Scenario = Callable[[Ground, random.Random, Size], Iterator[Row]]


def main() -> int:
    signal.signal(signal.SIGTERM, end_as_ctrl_c)
    size = Size.SHORT if os.environ.get("SHORT") else Size.LONG
    seed = int(os.environ.get("SEED") or time.time())
    chosen = os.environ["ONLY"].split(",") if os.environ.get("ONLY") else list(SCENARIOS)
    chosen = ["baseline"] if os.environ.get("BASELINE") else chosen
    say(f"faults: seed {seed}, {size.value} form")
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=ROOT / "var"))
    rows: list[Row] = []
    switched_off = {"FAULTS_BASELINE": "1"} if chosen == ["baseline"] else {}
    try:
        with laid(folder / "ground", **switched_off) as ground:
            for name in chosen:
                began = time.monotonic()
                for row in rows_of(ground, name, random.Random(f"{seed} {name}"), size):
                    rows.append(row)
                    say("  ".join(row.cells()))
                say(f"({name}: {time.monotonic() - began:.0f} s)")
    finally:
        shutil.rmtree(folder)
    say(f"\n{table(rows)}\n")
    for row in rows:
        for each in row.wrong:
            say(f"{row.fault}: {each}")
    say(summary(rows))
    return 0 if all(row.passed for row in rows) else 1


def rows_of(ground: Ground, name: str, seed: random.Random, size: Size) -> Iterator[Row]:
    """What a scenario says; one that breaks is a row that failed, and the others still get their turn."""
    try:
        scenario: Scenario = import_module(f"faults.{name}").run
        yield from scenario(ground, seed, size)
    except Exception as failure:
        say(traceback.format_exc())
        yield Row(name, 0, wrong=[f"the scenario broke: {failure!r}"])
    ground.put_right()


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

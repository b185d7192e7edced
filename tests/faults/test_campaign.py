"""The short form of the campaign, and the proof that it is not blind. Runs by itself at the end: it takes minutes."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from weerklank.kernel.settings import ROOT

pytestmark = pytest.mark.faults

LAST = re.compile(r"faults: (\d+) runs, (\d+) kills, (\d+) lost, (\d+) phantom, (\d+) repeats")
KILLS = 100


def campaign(**environ: str) -> tuple[int, list[int], str]:
    """Exit code, the numbers of the last line, and all that was said."""
    command = [sys.executable, "-m", "faults"]
    whole = {**os.environ, "SHORT": "1", "SEED": "1", **environ}
    done = subprocess.run(
        command, cwd=ROOT, env=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    last = LAST.fullmatch(done.stdout.rstrip().rpartition("\n")[2])
    assert last, done.stdout[-10_000:]
    return done.returncode, [int(number) for number in last.groups()], done.stdout


def test_nothing_is_lost_whatever_breaks() -> None:
    code, (_, kills, lost, phantom, _), said = campaign()
    assert (code, lost, phantom) == (0, 0, 0), said[-20_000:]
    assert kills >= KILLS


def test_it_sees_what_is_lost_without_an_outbox() -> None:
    code, (_, _, lost, _, _), said = campaign(BASELINE="1")
    assert (code, lost > 0) == (1, True), said[-10_000:]

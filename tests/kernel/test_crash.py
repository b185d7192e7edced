"""Points at which a test kills a process: they exist, they are all named, and they do nothing anywhere else."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from weerklank.kernel import crash
from weerklank.kernel.settings import ROOT

PASS_FIVE_TIMES = """
from weerklank.kernel.crash import crash_point
for n in range(5):
    print(n)
    crash_point("worker.done")
"""


def called() -> Iterator[str]:
    """The names by which the program calls its points."""
    for path in (ROOT / "platform" / "weerklank").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "crash_point":
                (name,) = node.args
                assert isinstance(name, ast.Constant), f"{path}: a name that cannot be read"
                yield str(name.value)


def run(note: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    whole = {"CRASH_AT": "worker.done:3", "CRASH_NOTE": str(note), **environ}
    command = [sys.executable, "-u", "-c", PASS_FIVE_TIMES]
    return subprocess.run(command, env=whole, capture_output=True, text=True, check=False)


def test_every_point_is_listed_and_every_listed_one_is_in_the_program() -> None:
    assert set(called()) == set(crash.POINTS)


def test_it_dies_at_the_pass_that_was_asked_for_once(tmp_path: Path) -> None:
    note = tmp_path / "note"
    died = run(note, ENVIRONMENT="test")
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "0\n1\n2\n")
    assert note.exists()
    lived = run(note, ENVIRONMENT="test")
    assert (lived.returncode, lived.stdout.count("\n")) == (0, 5)


@pytest.mark.parametrize("environment", ["production", "development", ""])
def test_it_dies_nowhere_but_in_a_test(tmp_path: Path, environment: str) -> None:
    lived = run(tmp_path / "note", ENVIRONMENT=environment)
    assert (lived.returncode, lived.stdout.count("\n")) == (0, 5)


def test_it_knows_no_other_point() -> None:
    with pytest.raises(ValueError, match="no crash point"):
        crash.read({"ENVIRONMENT": "test", "CRASH_AT": "nowhere", "CRASH_NOTE": "note"})

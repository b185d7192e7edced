"""The supervisor with real processes; a pipe or a process handle tells when something happened."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SUPERVISE = """
import json, os, sys
from weerklank.cli import supervisor
given = json.loads(sys.argv[1])
supervisor.UNREADY_STOP_SECONDS = given["patience"]
children = [
    supervisor.Child(name, ["sh", "-c", script], os.environ, tier=given["tiers"].get(name, 0))
    for name, script in given["children"].items()
]
ready = lambda: os.path.exists(given["ready"])
say = lambda line: os.write(1, (line + chr(10)).encode())
sys.exit(supervisor.supervise(children, ready, lambda: say("ready"), say))
"""


class Supervised:
    """A supervisor in a process of its own, and what it and its children print, line by line."""

    def __init__(
        self, folder: Path, patience: float = 10, tiers: dict[str, int] | None = None, **children: str
    ) -> None:
        self.ready = folder / "ready"
        given = {"children": children, "ready": str(self.ready), "patience": patience, "tiers": tiers or {}}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(given)], stdout=subprocess.PIPE, text=True
        )

    def says(self, word: str) -> str:
        """The next line that holds `word`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if word in line:
                return line.strip()
        raise AssertionError(f"it ended without saying {word!r}")

    def asked_to_stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Any]:
    made: list[Supervised] = []

    def make(**given: Any) -> Supervised:
        made.append(Supervised(tmp_path, **given))
        return made[-1]

    yield make
    for one in made:
        one.process.terminate()
        one.process.communicate(timeout=15)


def is_gone(pid: int) -> bool:
    """Wait until a process has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


STAYS = "echo pid $$; while :; do sleep 60 & wait $!; done"


def test_it_says_once_that_all_is_ready(supervised: Any) -> None:
    one = supervised(web=STAYS)
    one.says("pid")
    one.ready.touch()
    one.says("ready")
    assert one.asked_to_stop() == 0


def test_it_starts_again_what_dies_and_says_so(supervised: Any) -> None:
    one = supervised(web="echo started; exit 3", worker=STAYS)
    one.says("started")
    assert one.says("web stopped") == "web stopped (exit code 3); it starts again in 0.5 s"
    one.says("started")
    assert one.says("web stopped") == "web stopped (exit code 3); it starts again in 1 s"
    assert one.asked_to_stop() == 0


def test_it_starts_again_what_was_killed(supervised: Any) -> None:
    one = supervised(web=STAYS)
    first = int(one.says("pid").split()[1])
    os.kill(first, signal.SIGKILL)
    assert one.says("web stopped").startswith("web stopped (SIGKILL)")
    assert int(one.says("pid").split()[1]) != first


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_lets_the_children_finish_what_they_do(supervised: Any, number: signal.Signals) -> None:
    one = supervised(web="trap 'echo finished; exit 0' TERM; echo waiting; while :; do sleep 60 & wait $!; done")
    one.says("waiting")
    assert one.asked_to_stop(number) == 0
    one.says("finished")


def test_it_stops_what_others_need_after_them(supervised: Any) -> None:
    says = "trap 'echo {0} stops; exit 0' TERM; echo {0} runs; while :; do sleep 60 & wait $!; done"
    one = supervised(tiers={"database": 0, "web": 1}, database=says.format("database"), web=says.format("web"))
    one.says("runs")
    one.says("runs")
    one.process.terminate()
    assert [one.says("stops"), one.says("stops")] == ["web stops", "database stops"]


def test_it_ends_a_child_that_does_not_listen_and_what_that_left_behind(supervised: Any) -> None:
    one = supervised(patience=0.5, web="trap '' TERM; sleep 60 & echo pid $!; while :; do wait; done")
    left = int(one.says("pid").split()[1])
    assert one.asked_to_stop() == 0
    assert is_gone(left)


def test_it_stops_with_two_when_a_child_finds_its_surroundings_bad(supervised: Any) -> None:
    one = supervised(web=STAYS, worker="exit 2")
    web = int(one.says("pid").split()[1])
    assert one.process.wait(15) == 2
    assert is_gone(web)


def test_it_takes_a_two_for_an_accident_once_all_was_ready(supervised: Any, tmp_path: Path) -> None:
    one = supervised(worker=f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; exit 2")
    one.ready.touch()
    one.says("ready")
    (tmp_path / "go").touch()
    assert "exit code 2" in one.says("worker stopped")
    assert one.asked_to_stop() == 0


def test_it_leaves_nobody_behind_when_it_is_killed_itself(supervised: Any) -> None:
    one = supervised(web="echo pid $$; exec sleep 60")
    web = int(one.says("pid").split()[1])
    one.process.kill()
    assert is_gone(web)


def test_it_does_not_pass_a_ctrl_c_of_the_terminal_to_its_children(supervised: Any) -> None:
    one = supervised(web="echo pid $$ $(ps -o pgid= -p $$); exec sleep 60")
    web, group = one.says("pid").split()[1:]
    assert web == group
    assert one.asked_to_stop(signal.SIGINT) == 0

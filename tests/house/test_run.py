"""`weerklank run` as it is: the database, web, worker and clock as processes of this machine, started and stopped."""

import http.client
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from weerklank.cli import run as command
from weerklank.cli.installation import at_its_address
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import server_pid
from weerklank.kernel.settings import ROOT, load

STARTS_WITHIN = 120  # on a machine that does other things as well


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """`weerklank run` in a folder of its own."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        self.lines: list[str] = []
        kept = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_KEY"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "weerklank", "run"],
            env={**kept, "ENVIRONMENT": "development", "VAR": str(var), "PORT": str(port)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until(self, word: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if word in line:
                return
        raise AssertionError("".join(self.lines))

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Any]:
    started: list[Running] = []

    def start(port: int | None = None) -> Running:
        started.append(Running(tmp_path / "var", port or free_port()))
        return started[-1]

    yield start
    for one in started:
        one.process.send_signal(signal.SIGTERM)
        one.process.communicate(timeout=30)


def data_folder(one: Running) -> Path:
    return one.var / "postgres" / "data"


def test_it_starts_all_prints_the_address_and_links_once_and_stops_all(running: Any) -> None:
    tenants = sorted(path.parent.name for path in load().tenants.glob("*/policy.yaml"))
    one = running()
    one.until("Weerklank runs at")
    for slug in tenants:
        one.until(f"/{slug}/")
    said = "".join(one.lines)
    assert f"Weerklank runs at http://localhost:{one.port} " in said
    assert said.count("/link/") == 1 + len(tenants)
    assert one.get("/readyz") == 200
    assert all(one.get(f"/{slug}/") == 200 for slug in tenants)

    second = running()
    second.until(f"already runs in {one.var}: http://localhost:{one.port}")
    assert second.process.wait(20) == 2

    assert one.stop() == 0
    assert server_pid(data_folder(one)) is None
    with pytest.raises(ConnectionRefusedError):
        one.get("/healthz")

    again = running()
    again.until("Weerklank runs at")
    assert "/link/" not in "".join(again.lines)
    assert again.get(f"/{tenants[0]}/") == 200
    kill_everything(again)

    after = running(again.port)
    after.until("Weerklank runs at")
    assert after.get("/readyz") == 200
    assert after.stop() == 0


def kill_everything(one: Running) -> None:
    """SIGKILL for the supervisor, its children, theirs, and the database."""
    pids = [one.process.pid, server_pid(data_folder(one)) or 0]
    for pid in pids:
        pids += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    handles = [os.pidfd_open(pid) for pid in pids]
    for pid in pids:
        with suppress(ProcessLookupError):  # the first ones may have taken it with them
            os.kill(pid, signal.SIGKILL)
    for handle in handles:
        assert select.select([handle], [], [], 10)[0]
        os.close(handle)
    one.process.wait(10)


def test_it_takes_the_next_port_unless_somebody_asked_for_this_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < command.free_port("127.0.0.1", port, fixed=False) < port + command.PORTS_TRIED
        with pytest.raises(BadSurroundings, match=f"Port {port} of 127.0.0.1 cannot be used: .*PORT"):
            command.free_port("127.0.0.1", port, fixed=True)


def test_it_prints_links_at_the_address_of_what_runs_unless_another_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("BASE_URL", raising=False)
    settings = load_with_keys(tmp_path, VAR=str(tmp_path))
    with command.only_run(tmp_path) as note:
        note.write("http://localhost:8003")
        note.flush()
        assert at_its_address(settings).base_url == "http://localhost:8003"
        monkeypatch.setenv("PORT", "8000")
        assert at_its_address(settings).base_url == settings.base_url
    monkeypatch.delenv("PORT")
    assert at_its_address(settings).base_url == settings.base_url


def test_it_wants_tenants_that_can_be_read(tmp_path: Path) -> None:
    settings = load({"VAR": str(tmp_path), "TENANTS": str(tmp_path / "missing")})
    with pytest.raises(BadSurroundings, match="folder of the tenants cannot be read"):
        command.check_surroundings(settings)


def test_it_wants_a_folder_for_its_data_and_room_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = str(tmp_path)
    with pytest.raises(BadSurroundings, match="cannot be used"):
        command.check_surroundings(load_with_keys(tmp_path, VAR="/dev/null/var", TENANTS=tenants))
    monkeypatch.setattr(command, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(BadSurroundings, match="the disk is full"):
        command.check_surroundings(load_with_keys(tmp_path, VAR=str(tmp_path), TENANTS=tenants))


def load_with_keys(folder: Path, **environ: str) -> Any:
    key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    return load({**dict.fromkeys(("MASTER_KEY", "AUDIT_KEY", "SECRET_KEY"), key), **environ})


def test_it_stops_with_the_sentence_of_what_could_not_be_prepared(tmp_path: Path) -> None:
    nowhere = dict.fromkeys(("DATABASE_URL", "KEYSTORE_URL"), "postgresql://nobody@127.0.0.1:1/nothing")
    done = subprocess.run(
        [sys.executable, "-m", "weerklank", "run"],
        env={**os.environ, **nowhere, "VAR": str(tmp_path), "PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("weerklank: ")
    assert done.stderr.count("\n") == 1
    assert "database" in done.stderr

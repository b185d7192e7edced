"""The probes: answered on a port of their own, whatever hangs, and one process tells of all."""

from __future__ import annotations

import http.client
import json
import select
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from weerklank.kernel.health import InHand, Part, Progress, queue_state
from weerklank.kernel.probes import AT_ONCE, Listener, Questions, open_probes

Open = Callable[..., Listener]


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture
def opened() -> Iterator[Open]:
    listeners: list[Listener] = []

    def open_one(
        ports: list[int],
        alive: Mapping[str, Callable[[], str]] | None = None,
        parts: Mapping[str, Callable[[], str]] | None = None,
        serves: Callable[[str], bool] | None = None,
    ) -> Listener:
        listener = open_probes("127.0.0.1", ports, Questions(alive or {}, parts or {}, serves))
        listeners.append(listener)
        return listener

    yield open_one
    for listener in listeners:
        listener.shutdown()
        listener.server_close()


def ask(port: int, path: str) -> tuple[int, str]:
    """The answer, also of a listener that is only just being opened."""
    for _ in range(500):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            select.select([], [], [], 0.02)
        finally:
            connection.close()
    raise AssertionError("nobody listens")


def states(port: int, path: str) -> tuple[int, dict[str, str]]:
    status, body = ask(port, path)
    return status, json.loads(body)["parts"]


def test_it_says_whether_the_process_lives_and_whether_it_can_work(opened: Open) -> None:
    (port,) = free_ports(1)
    going = Progress(patience=60)
    opened([port], {"clock": going.state}, {"database": lambda: "ok", "queue": lambda: "degraded"})
    assert states(port, "/healthz") == (200, {"clock": "ok"})
    assert states(port, "/readyz") == (200, {"database": "ok", "queue": "degraded"})
    going.at -= 61
    assert states(port, "/healthz") == (503, {"clock": "stuck"})
    going.made()
    assert states(port, "/healthz") == (200, {"clock": "ok"})
    assert ask(port, "/elsewhere")[0] == 404


def test_it_says_that_it_cannot_work_when_a_part_is_away_breaks_or_is_silent(opened: Open) -> None:
    (port,) = free_ports(1)
    for_ever = threading.Event()

    def breaks() -> str:
        raise RuntimeError("Anna Jansen")

    def silent() -> str:
        for_ever.wait()
        return "ok"

    opened([port], {}, {"database": lambda: "unreachable", "keys": breaks, "store": silent})
    assert states(port, "/readyz") == (503, {"database": "unreachable", "keys": "unknown", "store": "silent"})
    for_ever.set()


def test_it_asks_a_part_that_is_silent_once_and_not_again_for_every_question() -> None:
    asked, go_on = [], threading.Event()

    def check() -> str:
        asked.append(1)
        go_on.wait()
        return "ok"

    part = Part(check)
    for _ in range(5):
        part.ask()
        assert part.answer(until=0) == "silent"
    go_on.set()
    assert part.asking
    part.asking.join()
    part.ask()
    assert (part.answer(until=0), len(asked)) == ("ok", 1)


def test_a_process_is_stuck_when_all_it_can_hold_has_been_held_too_long() -> None:
    in_hand = InHand(places=2, patience=60)
    with in_hand.one(), in_hand.one():
        assert in_hand.state() == "ok"
        first, second = in_hand.since
        in_hand.since[first] -= 61
        assert in_hand.state() == "ok"
        in_hand.since[second] -= 61
        assert in_hand.state() == "stuck"
    assert in_hand.state() == "ok"


def test_any_process_of_a_service_tells_when_another_is_stuck_or_gone(opened: Open) -> None:
    ports = free_ports(2)
    going = Progress(patience=60)
    opened(ports, {"requests": lambda: "ok"})
    assert states(ports[0], "/healthz") == (503, {"requests": "ok", "process 1": "gone"})
    second = opened(ports, {"requests": going.state})
    assert states(ports[1], "/healthz?alone") == (200, {"requests": "ok"})
    assert states(ports[0], "/healthz") == (200, {"requests": "ok", "process 1": "ok"})
    assert states(ports[1], "/healthz") == (200, {"requests": "ok", "process 0": "ok"})
    going.at -= 61
    assert states(ports[0], "/healthz") == (503, {"requests": "ok", "process 1": "stuck"})
    assert states(ports[0], "/healthz?alone") == (200, {"requests": "ok"})
    third = opened(ports, {"requests": lambda: "ok"})
    second.shutdown()
    second.server_close()
    assert states(ports[1], "/healthz?alone") == (200, {"requests": "ok"})
    assert third.server_address[1] == ports[1]


def test_one_process_that_is_frozen_is_told_of_as_silent(opened: Open) -> None:
    ports = free_ports(2)
    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", ports[1]))
        frozen.listen()
        opened(ports)
        assert states(ports[0], "/healthz") == (503, {"process 1": "silent"})


def test_clients_that_say_nothing_keep_no_question_from_its_answer(opened: Open) -> None:
    (port,) = free_ports(1)
    opened([port], {}, {"database": lambda: "ok"})
    assert ask(port, "/healthz")[0] == 200
    with ExitStack() as held:
        for _ in range(AT_ONCE - 8):
            mute = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            mute.send(b"GET /healthz HT")
        assert [ask(port, path)[0] for path in ("/healthz", "/readyz")] == [200, 200]


def test_it_knows_the_names_under_which_pages_are_served(opened: Open) -> None:
    port, worker = free_ports(2)

    def serves(name: str) -> bool:
        if name == "broken.example":
            raise RuntimeError
        return name == "klachten.example"

    opened([port], serves=serves)
    opened([worker])
    assert ask(port, "/hosts?domain=klachten.example")[0] == 200
    assert ask(port, "/hosts?domain=elsewhere.example")[0] == 404
    assert ask(port, "/hosts")[0] == 404
    assert ask(port, "/hosts?domain=broken.example")[0] == 503
    assert ask(worker, "/hosts?domain=klachten.example")[0] == 503


def test_it_gives_figures_that_prometheus_reads(opened: Open) -> None:
    (port,) = free_ports(1)
    opened([port], {}, {"database": lambda: "ok", "queue": lambda: "degraded"})
    status, body = ask(port, "/metrics")
    found = {family.name: family.samples for family in text_string_to_metric_families(body)}
    assert status == 200
    assert found["process_resident_memory_bytes"]
    assert {sample.labels["part"]: sample.value for sample in found["weerklank_part_up"]} == {"database": 1, "queue": 0}


def test_a_queue_that_is_away_degrades_and_does_no_more(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    assert queue_state(f"redis://127.0.0.1:{port}/0") == "degraded"
    assert queue_state(f"unix://{tmp_path}/no.sock") == "degraded"

"""Requests take turns: slow clients hold no place, one organisation never all of them, and nobody waits for ever."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from weerklank.web.places import AT_ONCE, COMPANY, MOST_CHARGED, MOST_WAITING, RATE, Places
from weerklank.web.tenants import KEY
from weerklank.web.turns import BUSY, Turns

BUSY_TENANT, OTHER = uuid4(), uuid4()
SOON = 20.0  # seconds in which something that nothing hinders has happened on the slowest of machines


def waiting(places: Places, asker: UUID, count: int) -> list[threading.Thread]:
    """So many of this asker that wait for a place, and have begun to."""
    threads = [threading.Thread(target=lambda: places.take(asker, SOON), daemon=True) for _ in range(count)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        until(lambda number=number: len(places.waiting.get(asker, ())) == number)  # type: ignore[misc]  # bound at once
    return threads


def until(it_is_so: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(int(SOON / 0.01)):
        if it_is_so():
            return
        tick.wait(0.01)
    raise AssertionError("it did not happen")


def test_one_organisation_gets_at_most_half_of_the_places() -> None:
    places = Places(4)
    assert [places.take(BUSY_TENANT, 0) for _ in range(3)] == [True, True, False]
    assert [places.take(OTHER, 0), places.take(None, 0)] == [True, True]
    assert places.free == 0


def test_of_those_that_wait_each_organisation_is_next_in_turn() -> None:
    places = Places(2)
    assert places.take(BUSY_TENANT, 0) and places.take(None, 0)
    first, second = waiting(places, BUSY_TENANT, 2)
    (other,) = waiting(places, OTHER, 1)
    places.leave(None, 0.0)  # a place is free, and the busy one holds its share: the other goes first
    other.join(SOON)
    assert not other.is_alive()
    assert len(places.waiting[BUSY_TENANT]) == 2
    places.leave(BUSY_TENANT, 0.0)
    first.join(SOON)
    assert not first.is_alive()
    places.leave(BUSY_TENANT, 0.0)
    second.join(SOON)
    assert not second.is_alive()
    assert not places.waiting


def test_it_lets_only_so_many_of_one_organisation_wait_and_only_so_long() -> None:
    places = Places(2)
    places.take(BUSY_TENANT, 0)
    waiting(places, BUSY_TENANT, MOST_WAITING)
    assert not places.take(BUSY_TENANT, SOON)
    assert places.take(OTHER, SOON)
    places.leave(OTHER, 0.0)
    assert len(places.waiting[BUSY_TENANT]) == MOST_WAITING
    for _ in range(MOST_WAITING + 1):
        until(lambda: places.held[BUSY_TENANT] == 1)
        places.leave(BUSY_TENANT, 0.0)
    assert (places.free, dict(places.held), dict(places.waiting)) == (2, {}, {})


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def use(places: Places, asker: UUID | None, seconds: float) -> bool:
    """Hold a place for so long, if there is one at once."""
    got = places.take(asker, 0)
    if got:
        places.leave(asker, seconds)
    return got


def test_an_organisation_that_asks_much_waits_for_time_while_others_are_here() -> None:
    clock = Clock()
    places = Places(4, clock)
    assert use(places, OTHER, 0.01)
    used = [use(places, BUSY_TENANT, 0.1) for _ in range(40)]
    assert used.count(True) == AT_ONCE / 0.1
    assert used == sorted(used, reverse=True)
    assert use(places, OTHER, 0.01)
    clock.now += 0.3 / RATE
    assert [use(places, BUSY_TENANT, 0.1) for _ in range(5)].count(True) in (3, 4)  # as floats add up
    clock.now += COMPANY + 1
    assert [use(places, BUSY_TENANT, 0.1) for _ in range(40)].count(False) == 0, "it is alone"
    assert places.free == 4


def test_one_long_request_costs_no_more_than_a_few_short_ones() -> None:
    places = Places(4, Clock())
    assert use(places, OTHER, 0.01)
    assert [use(places, BUSY_TENANT, 30.0) for _ in range(5)].count(True) == AT_ONCE / MOST_CHARGED


def test_who_waits_for_time_gets_it_when_it_comes() -> None:
    clock = Clock()
    places = Places(4, clock)
    use(places, OTHER, 0.01)
    while use(places, BUSY_TENANT, 0.5):
        pass
    (waits,) = waiting(places, BUSY_TENANT, 1)
    assert places.free == 4
    clock.now += 0.1
    waits.join(SOON)
    assert not waits.is_alive()
    assert places.held[BUSY_TENANT] == 1


class Body:
    """What a client sends, piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = iter(pieces)
        self.go_on = threading.Event()
        self.asked = threading.Event()

    def read(self, size: int) -> bytes:
        piece = next(self.pieces, b"")
        if piece == b"wait":
            self.asked.set()
            self.go_on.wait(SOON)
            return self.read(size)
        return piece


def echo(environ: Any, start_response: Any) -> Iterable[bytes]:
    """Says what it read; `?slow` waits in its place until it is let go."""
    if hold := environ.get("test.hold"):
        hold.wait(SOON)
    start_response("200 OK", [])
    return iter([b"read ", environ["wsgi.input"].read() if "wsgi.input" in environ else b""])


def ask(turns: Turns, tenant: UUID = OTHER, **given: Any) -> tuple[str, bytes]:
    """The status and body that a request of this organisation gets."""
    environ = {**EnvironBuilder(method="POST").get_environ(), KEY: SimpleNamespace(id=tenant), **given}
    body, status, _ = run_wsgi_app(turns, environ)
    return status, b"".join(body)


def test_it_takes_a_request_in_before_it_takes_a_place() -> None:
    turns = Turns(echo, 2, lambda environ: 1000)
    slow, got = Body(b"abc", b"wait", b"def"), []
    thread = threading.Thread(
        target=lambda: got.append(ask(turns, **{"wsgi.input": slow, "CONTENT_LENGTH": "6"})), daemon=True
    )
    thread.start()
    assert slow.asked.wait(SOON)
    assert turns.places.free == 2
    slow.go_on.set()
    thread.join(SOON)
    assert got == [("200 OK", b"read abcdef")]
    assert turns.places.free == 2


def test_it_does_not_pass_on_what_a_client_broke_off() -> None:
    turns = Turns(echo, 2, lambda environ: 1000)
    assert ask(turns, **{"wsgi.input": Body(b"abc"), "CONTENT_LENGTH": "6"})[0] == "400 Bad Request"


def test_it_says_so_when_there_is_no_room_to_take_a_request_in() -> None:
    class Full:
        def read(self, size: int) -> bytes:
            raise OSError(errno.ENOSPC, "no space left")

    turns = Turns(echo, 2, lambda environ: 1000)
    assert ask(turns, **{"wsgi.input": Full(), "CONTENT_LENGTH": "6"}) == ("503 Service Unavailable", BUSY)
    assert turns.places.free == 2


def test_it_reads_nothing_of_what_says_that_it_is_too_large_and_not_all_of_what_does_not_say() -> None:
    turns = Turns(echo, 2, lambda environ: 10)
    untouched = BytesIO(b"x" * 20)
    ask(turns, **{"wsgi.input": untouched, "CONTENT_LENGTH": "20"})
    endless = BytesIO(b"x" * 1_000_000)
    chunked = {"wsgi.input": endless, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    assert ask(turns, **chunked)[0] == "200 OK"
    assert endless.tell() < 100_000


def test_who_would_wait_too_long_gets_a_page_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weerklank.web.turns.LONGEST_WAIT", 0.0)
    turns = Turns(echo, 2, lambda environ: 1000)
    hold = threading.Event()
    thread = threading.Thread(target=lambda: ask(turns, BUSY_TENANT, **{"test.hold": hold}), daemon=True)
    thread.start()
    until(lambda: turns.places.free == 1)
    environ = {**EnvironBuilder().get_environ(), KEY: SimpleNamespace(id=BUSY_TENANT)}
    body, status, headers = run_wsgi_app(turns, environ)
    assert (status, headers["Retry-After"], b"".join(body)) == ("503 Service Unavailable", "5", BUSY)
    assert ask(turns)[0] == "200 OK"
    hold.set()
    thread.join(SOON)


def test_it_gives_a_place_back_when_a_request_fails() -> None:
    def broken(environ: Any, start_response: Any) -> Iterator[bytes]:
        raise RuntimeError

    turns = Turns(broken, 2, lambda environ: 1000)
    with pytest.raises(RuntimeError):
        ask(turns)
    assert turns.places.free == 2
    assert turns.state() == "ok"

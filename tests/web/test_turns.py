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

from weerklank.web.tenants import KEY
from weerklank.web.turns import BUSY, MOST_WAITING, Places, Turns

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
    places.leave(None)  # a place is free, and the busy one holds its share: the other goes first
    other.join(SOON)
    assert not other.is_alive()
    assert len(places.waiting[BUSY_TENANT]) == 2
    places.leave(BUSY_TENANT)
    first.join(SOON)
    assert not first.is_alive()
    places.leave(BUSY_TENANT)
    second.join(SOON)
    assert not second.is_alive()
    assert not places.waiting


def test_it_lets_only_so_many_of_one_organisation_wait_and_only_so_long() -> None:
    places = Places(2)
    places.take(BUSY_TENANT, 0)
    waiting(places, BUSY_TENANT, MOST_WAITING)
    assert not places.take(BUSY_TENANT, SOON)
    assert places.take(OTHER, SOON)
    places.leave(OTHER)
    assert len(places.waiting[BUSY_TENANT]) == MOST_WAITING
    for _ in range(MOST_WAITING + 1):
        until(lambda: places.held[BUSY_TENANT] == 1)
        places.leave(BUSY_TENANT)
    assert (places.free, dict(places.held), dict(places.waiting)) == (2, {}, {})


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
    turns = Turns(echo, 2, 1000)
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
    turns = Turns(echo, 2, 1000)
    assert ask(turns, **{"wsgi.input": Body(b"abc"), "CONTENT_LENGTH": "6"})[0] == "400 Bad Request"


def test_it_says_so_when_there_is_no_room_to_take_a_request_in() -> None:
    class Full:
        def read(self, size: int) -> bytes:
            raise OSError(errno.ENOSPC, "no space left")

    turns = Turns(echo, 2, 1000)
    assert ask(turns, **{"wsgi.input": Full(), "CONTENT_LENGTH": "6"}) == ("503 Service Unavailable", BUSY)
    assert turns.places.free == 2


def test_it_reads_nothing_of_what_says_that_it_is_too_large_and_not_all_of_what_does_not_say() -> None:
    turns = Turns(echo, 2, 10)
    untouched = BytesIO(b"x" * 20)
    ask(turns, **{"wsgi.input": untouched, "CONTENT_LENGTH": "20"})
    endless = BytesIO(b"x" * 1_000_000)
    chunked = {"wsgi.input": endless, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    assert ask(turns, **chunked)[0] == "200 OK"
    assert endless.tell() < 100_000


def test_who_would_wait_too_long_gets_a_page_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weerklank.web.turns.LONGEST_WAIT", 0.0)
    turns = Turns(echo, 2, 1000)
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

    turns = Turns(broken, 2, 1000)
    with pytest.raises(RuntimeError):
        ask(turns)
    assert turns.places.free == 2
    assert turns.state() == "ok"

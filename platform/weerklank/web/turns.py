"""Requests take turns: who is slow to send holds no place, and no organisation holds all of them.

A request is first taken in whole, by one of many threads that may wait. Only then does it get one of the few places
where pages are made (`places.py`). Whoever would wait too long is told so by a page that costs nothing to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import IO, TYPE_CHECKING
from uuid import UUID

from flask import Flask
from werkzeug.wsgi import get_content_length

from weerklank.kernel import metrics, traces
from weerklank.kernel.health import InHand
from weerklank.web.places import Places
from weerklank.web.tenants import KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TURNS = "weerklank turns"
STUCK_AFTER = 60.0  # seconds, in which every limit on what a request waits for has passed
LONGEST_WAIT = 10.0  # seconds
COME_BACK_AFTER = 5  # seconds
IN_MEMORY = 512 * 1024  # bytes of a request; what is larger is kept in a file without a name
PIECE = 64 * 1024
BUSY = (Path(__file__).parent / "templates" / "busy.html").read_bytes()  # made beforehand: it costs nothing
INCOMPLETE = b"<!doctype html><title>Weerklank</title>"  # nobody is there to read it


class Turns:
    """Takes a request in, waits for its turn, and has it carried out."""

    def __init__(self, inner: WSGIApplication, places: int, most_bytes: Callable[[WSGIEnvironment], int]) -> None:
        self.inner = inner
        self.most_bytes = most_bytes
        self.places = Places(places)
        self.in_hand = InHand(places, STUCK_AFTER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with SpooledTemporaryFile(IN_MEMORY) as body:
            try:
                whole_of_it = self.take_in(environ, body)
            except OSError:  # the disk is full
                return refuse(start_response, "no_room")
            if not whole_of_it:
                return refuse(start_response, "incomplete")
            tenant = environ.get(KEY)
            asker = tenant.id if tenant else None
            began = monotonic()
            if not self.places.take(asker, LONGEST_WAIT):
                return refuse(start_response, "busy")
            placed = monotonic()
            metrics.WAIT_SECONDS.observe(placed - began)
            try:
                with self.in_hand.one(), traces.span("request"):
                    return whole(self.inner(environ, start_response))
            finally:
                held = monotonic() - placed
                self.places.leave(asker, held)
                count_tenant(asker, held)

    def take_in(self, environ: WSGIEnvironment, body: IO[bytes]) -> bool:
        """Put the request's body here; False when the client left before the end of it.

        One that says it is too large is left where it is: it is refused before any of it is read.
        """
        said, most = get_content_length(environ), self.most_bytes(environ)
        if said == 0 or (said or 0) > most or (said is None and "HTTP_TRANSFER_ENCODING" not in environ):
            return True
        got, given = 0, environ["wsgi.input"]
        while got <= most and got != said and (piece := given.read(PIECE)):
            got += body.write(piece)
        body.seek(0)
        environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(got)}
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return said is None or got == said

    def state(self) -> str:
        """Whether requests still come to an end."""
        return self.in_hand.state()


def turns_of(app: Flask) -> Turns:
    """Where the requests of this application take their turns."""
    turns: Turns = app.extensions[TURNS]
    return turns


def count_tenant(asker: UUID | None, seconds: float) -> None:
    if asker is not None:
        group = metrics.group_of(asker)
        metrics.TENANT_REQUESTS.labels(group).inc()
        metrics.TENANT_SECONDS.labels(group).inc(seconds)


def whole(answer: Iterable[bytes]) -> list[bytes]:
    """All of it at once, so that no thread has to wait for a client that is slow to read."""
    try:
        return [b"".join(answer)]
    finally:
        if hasattr(answer, "close"):
            answer.close()


def refuse(start_response: StartResponse, reason: str) -> list[bytes]:
    """Answer without making a page."""
    metrics.REFUSED.labels(reason).inc()
    status, body = ("400 Bad Request", INCOMPLETE) if reason == "incomplete" else ("503 Service Unavailable", BUSY)
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Retry-After": str(COME_BACK_AFTER),
    }
    start_response(status, list(headers.items()))
    return [body]

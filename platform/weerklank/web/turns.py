"""Which requests are carried out at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from weerklank.kernel.health import InHand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TURNS = "weerklank turns"
STUCK_AFTER = 60.0  # seconds, in which every limit on what a request waits for has passed


class Turns:
    """Counts what is in hand."""

    def __init__(self, inner: WSGIApplication, places: int) -> None:
        self.inner = inner
        self.in_hand = InHand(places, STUCK_AFTER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self.in_hand.one():
            return self.inner(environ, start_response)

    def state(self) -> str:
        """Whether requests still come to an end."""
        return self.in_hand.state()


def turns_of(app: Flask) -> Turns:
    """Where the requests of this application take their turns."""
    turns: Turns = app.extensions[TURNS]
    return turns

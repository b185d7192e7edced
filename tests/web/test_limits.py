"""How often somebody may ask: what becomes of the counting when Redis is silent or gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from socket import create_server, socket
from time import monotonic

import pytest
from flask import Flask

from tests.web.conftest import running
from tests.web.pages import Reader
from weerklank.kernel.settings import Settings
from weerklank.web.limits import SECONDS

MUCH_LONGER = 20 * SECONDS  # than these should take; without limits the first of them never ends


@pytest.fixture
def redis() -> Iterator[socket]:
    """What listens where Redis should, takes everything, and never answers."""
    with closing(create_server(("127.0.0.1", 0))) as listening:
        yield listening


def test_it_serves_and_counts_by_itself_while_redis_is_silent_or_gone(
    web_settings: Settings, app: Flask, redis: socket
) -> None:
    url = f"redis://127.0.0.1:{redis.getsockname()[1]}/0"
    with running(replace(web_settings, environment="development", redis_url=url)) as made:
        reader, began = Reader(made.test_client(), "/staatvandienst"), monotonic()
        token = reader.get("/status").root.one("input", name="csrf_token").attributes["value"]
        redis.close()
        for _ in range(10):
            reader.post("/status", {"csrf_token": token, "code": "x"}, status=422)
        assert monotonic() - began < MUCH_LONGER
        page = reader.post("/status", {"csrf_token": token, "code": "x"}, status=429)
        assert page.heading == "Too many tries"

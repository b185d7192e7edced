"""The cases' organisation serves here too; and there is an object store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from tests.cases.conftest import engine, office
from tests.workers.conftest import free_port
from weerklank.kernel.settings import BucketAddress

__all__ = ["engine", "office"]


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The address of an object store that keeps everything in memory."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket_address(object_store: str) -> BucketAddress:
    """An empty bucket of the test's own."""
    name = f"files-{uuid4().hex}"
    with closing(HTTPConnection(object_store.removeprefix("http://"), timeout=10)) as connection:
        connection.request("PUT", f"/{name}")
        assert connection.getresponse().status == 200
    return BucketAddress(object_store, name, "weerklank", "secret", "us-east-1")

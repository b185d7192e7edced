"""A platform with committed data, a mail server that can refuse, and a real Redis."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import redis
from aiosmtpd.controller import Controller

from tests.cases.conftest import Office, open_office
from tests.conftest import Database, add_tenant
from weerklank.assembly import Platform
from weerklank.cases.act import Engine
from weerklank.documents.files import Files
from weerklank.documents.store import Folder
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.keys import Keyring
from weerklank.kernel.settings import Settings


@dataclass
class Mailbox:
    """What a mail server got; `answers` are given one after the other before it accepts.

    `refuses`: what it says to whoever is named as a recipient.
    """

    url: str = ""
    answers: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address not in self.refuses:
            envelope.rcpt_tos.append(address)
        return self.refuses.get(address, "250 known")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.got.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server on a free port of this machine."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.url = f"smtp://127.0.0.1:{controller.port}"
    yield box
    controller.stop()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def platform(
    fresh_database: Database, keyring: Keyring, audit_key: bytes, settings: Settings, mailbox: Mailbox, tmp_path: Path
) -> Iterator[Platform]:
    """The platform on a database of its own, with mail to `mailbox`."""
    own = replace(
        settings,
        var=tmp_path,
        audit_folder=tmp_path / "audit",
        database_url=fresh_database.app_url,
        database_clock_url=fresh_database.clock_url,
        smtp_url=mailbox.url,
        mail_from="klachten@weerklank.example",
    )
    files = Files(Folder(tmp_path / "files"))
    made = Platform(own, Engine(keyring, audit_key, files), files)
    yield made
    made.database.dispose()
    made.clock.dispose()


@pytest.fixture
def office(platform: Platform) -> Iterator[Office]:
    """Anna's organisation with the small procedure, committed."""
    with open_session(platform.database) as session:
        organisation = add_tenant(session, platform.keyring, "anna")
    with open_session(platform.database) as session, tenant_scope(session, organisation.id):
        yield open_office(session, platform.engine, organisation.id)


@dataclass
class RedisServer:
    """A Redis of the test's own, on a port of its own, that can go away and come back."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        server = shutil.which("redis-server") or shutil.which("valkey-server")
        assert server, "these tests need redis-server (see .ci/packages)"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
        wait_for_redis(self.url)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(free_port(), tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


def wait_for_redis(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        for _ in range(200):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                select_a_moment()
    raise AssertionError("redis did not start")


def until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for what other threads or processes do; raises when it is not so in time."""
    give_up_at = monotonic() + seconds
    while not is_so():
        assert monotonic() < give_up_at, "it took too long"
        select_a_moment()


def select_a_moment() -> None:
    """Let the other process get on."""
    import select

    select.select([], [], [], 0.02)

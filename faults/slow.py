"""Slow and hostile clients, through the front and straight at the pages: probes answer, and ordinary people are served.

300 connections that never finish their headers, 100 that never finish a body, 100 that never finish reading; each that
is cut off comes again at once. Goal 26.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from faults.ground import KEPT, SLUG, Ground, free_port, serves, until
from faults.table import Row, Size, percentile
from weerklank.kernel.settings import ROOT

GOAL = 26
HEADERS, BODIES, READERS = 300, 100, 100
PROBE_P95 = 0.250
SHORT_GRACE = 4  # times as long, in the short form: it has few probes, and a busy machine answers some of them late
PAGE_P95 = 0.500  # seconds, beside twice what it was before
PATIENCE = 10.0
PAGE = f"GET /{SLUG}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
LARGE = f"GET /{SLUG}/procedure HTTP/1.1\r\nHost: localhost\r\nX-Slow: yes\r\n\r\n".encode()
PROBES = (b"GET /healthz HTTP/1.0\r\n\r\n", b"GET /readyz HTTP/1.0\r\n\r\n")
BODY = (
    f"POST /{SLUG}/complain/story HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 100000\r\n\r\nstory="
).encode()


@dataclass
class Seen:
    """Seconds of what was answered well, and what was not."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return percentile(self.seconds, 0.95)


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    """The pages alone, then behind the front, for as long as `size` says."""
    length, most = size.of(8.0, 60.0), PROBE_P95 * size.of(SHORT_GRACE, 1)
    with pages(ground) as (port, probes):
        yield attacked("slow clients, straight at the pages", port, probes, length, most)
        with front(ground, port, probes[0]) as through:
            yield attacked("slow clients, through the front", through, probes, length, most)


@contextmanager
def pages(ground: Ground) -> Iterator[tuple[int, list[int]]]:
    """A web of two processes with probes: its port, and those of the probes."""
    first = free_port(2)
    probes = [first, first + 1]
    ground.web("web-slow", PROBE_PORT=str(probes[0]), WEB_PROCESSES="2", LOG_LEVEL="error")
    port = int(ground.processes["web-slow"].environ["PORT"])
    try:
        until(lambda: serves(port), "the pages are served")
        until(lambda: all(probe_now(each) for each in probes), "the pages are probed")
        yield port, probes
    finally:
        ground.remove("web-slow")


def probe_now(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.settimeout(2)
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        return b" 200 " in connection.recv(20)
    return False


@contextmanager
def front(ground: Ground, upstream: int, probe: int) -> Iterator[int]:
    """The front as it is shipped, without certificates; its port."""
    port, folder = free_port(), ground.folder / "front"
    folder.mkdir(exist_ok=True)
    environ = {
        "HOME": str(folder), "STORAGE": str(folder / "storage"), "BASE_URL": f"http://localhost:{port}",
        "HTTP_PORT": str(port), "HTTPS_PORT": str(free_port()), "HEALTH_PORT": str(free_port()),
        "CERTIFICATES": "internal", "ASK": f"http://127.0.0.1:{probe}/hosts", "UPSTREAMS": f"to 127.0.0.1:{upstream}",
        "BUFFERS": "buffered_2_6",
    }  # fmt: skip
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    with (ground.folder / "log" / "front").open("wb") as log:
        process = subprocess.Popen(
            ["caddy", "run", "--config", str(ROOT / "deploy" / "Caddyfile")], env=kept | environ, stdout=log, stderr=log
        )
    try:
        until(lambda: serves(port), "the front serves")
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def attacked(fault: str, port: int, probes: list[int], length: float, most: float) -> Row:
    """What people and probes see before and during the attack."""
    before, during, probed, cut = asyncio.run(watch(port, probes, length))
    row = Row(fault, GOAL, runs=1)
    row.note = (
        f"{len(probed.seconds)} probes, p95 {probed.p95 * 1000:.0f} ms, "
        f"max {max(probed.seconds, default=0) * 1000:.0f} ms; "
        f"pages p95 {before.p95 * 1000:.0f} -> {during.p95 * 1000:.0f} ms, {len(during.failed)} of "
        f"{len(during.seconds) + len(during.failed)} failed; {cut} connections cut off"
    )
    if probed.failed:
        row.wrong.append(f"{len(probed.failed)} probes failed: {probed.failed[:3]}")
    if probed.p95 > most:
        row.wrong.append(f"p95 of the probes is {probed.p95:.3f} s")
    if before.failed or during.failed:
        row.wrong.append(f"pages failed: {[*before.failed, *during.failed][:3]}")
    if during.p95 > 2 * before.p95 + PAGE_P95:
        row.wrong.append(f"p95 of pages went from {before.p95:.3f} to {during.p95:.3f} s")
    return row


async def watch(port: int, probes: list[int], length: float) -> tuple[Seen, Seen, Seen, int]:
    """Pages before, pages during, probes during, and how often an attacker was cut off."""
    before, during, probed = Seen(), Seen(), Seen()
    await repeat(min(length, 10.0), 0.1, partial(ask, port, PAGE, before))
    async with attackers(port) as attack:
        await asyncio.gather(
            repeat(length, 0.2, partial(ask, port, PAGE, during)),
            *(repeat(length, 0.2, partial(ask, each, question, probed)) for each in probes for question in PROBES),
        )
    return before, during, probed, attack.cut


async def repeat(length: float, pause: float, once: Callable[[], Awaitable[None]]) -> None:
    end = perf_counter() + length
    while perf_counter() < end:
        await once()
        await asyncio.sleep(pause)


async def ask(port: int, request: bytes, seen: Seen) -> None:
    """One question, with its own connection."""
    began = perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            answer = await reader.read()
            writer.close()
    except (OSError, TimeoutError) as error:
        seen.failed.append(f"{request[:24].decode()} {type(error).__name__}")
        return
    if b" 200 " in answer[:20]:
        seen.seconds.append(perf_counter() - began)
    else:
        seen.failed.append(f"{request[:24].decode()} {answer[:60]!r}")


@dataclass
class Attack:
    """How often a server cut one of them off."""

    cut: int = 0


@asynccontextmanager
async def attackers(port: int) -> AsyncIterator[Attack]:
    """All of them at it, from now until the end."""
    attack = Attack()
    kinds = [drip_headers] * HEADERS + [drip_body] * BODIES + [sip_answer] * READERS
    tasks = [asyncio.create_task(again_and_again(kind, port, attack)) for kind in kinds]
    await asyncio.sleep(2.0)  # all are connected, and have sent what they ever will
    yield attack
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def again_and_again(kind: Callable[[int], Awaitable[None]], port: int, attack: Attack) -> None:
    while True:
        with suppress(OSError):
            await kind(port)
        attack.cut += 1
        await asyncio.sleep(0.5)


async def drip_headers(port: int) -> None:
    await drip(port, PAGE[:-4], b"\r\nX-Slow: yes")


async def drip_body(port: int) -> None:
    await drip(port, BODY, b"a")


async def drip(port: int, first: bytes, drop: bytes) -> None:
    """Send the beginning, and then so little now and then that it never ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(first)
        cut = asyncio.create_task(reader.read())
        while not (await asyncio.wait([cut], timeout=2.0))[0]:
            writer.write(drop)
            await writer.drain()
        cut.exception()  # how it was cut off is all the same
    finally:
        writer.transport.abort()


async def sip_answer(port: int) -> None:
    """Ask for a large page over and over, and read a few bytes now and then."""
    loop, small = asyncio.get_running_loop(), socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    small.setblocking(False)
    try:
        await loop.sock_connect(small, ("127.0.0.1", port))
        await loop.sock_sendall(small, LARGE)
        while await loop.sock_recv(small, 16):
            await asyncio.sleep(2.0)
    finally:
        small.close()

"""Driving a server with requests over connections that stay open, and the processor time of a tree of processes."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 8


@dataclass(frozen=True)
class Answer:
    """What came back, as far as it is looked at."""

    status: int
    location: str
    body: bytes


@dataclass(frozen=True)
class Measured:
    """How a number of requests went: latencies in ms, and processor time in ms for each request.

    `processor` is that of all servers, `database` the part of it that is the database's.
    """

    per_second: float
    median: float
    p95: float
    processor: float
    database: float


def measure(
    port: int, requests: list[bytes], expected: Callable[[Answer], bool], application: int, database: int
) -> Measured:
    """Send the requests over eight connections. Raises RuntimeError for an answer that is not as expected.

    `application` and `database` are the process ids of the servers.
    """
    before = processor_seconds(application), processor_seconds(database)
    began = time.perf_counter()
    latencies = sorted(asyncio.run(drive(port, requests, expected)))
    seconds, count = time.perf_counter() - began, len(latencies)
    used = processor_seconds(application) - before[0], processor_seconds(database) - before[1]
    return Measured(
        per_second=count / seconds,
        median=latencies[count // 2] * 1000,
        p95=latencies[min(count - 1, count * 95 // 100)] * 1000,
        processor=sum(used) * 1000 / count,
        database=used[1] * 1000 / count,
    )


async def drive(port: int, requests: list[bytes], expected: Callable[[Answer], bool]) -> list[float]:
    waiting, latencies = iter(requests), list[float]()
    await asyncio.gather(*(one_connection(port, waiting, expected, latencies) for _ in range(CONNECTIONS)))
    return latencies


async def one_connection(
    port: int, waiting: Iterator[bytes], expected: Callable[[Answer], bool], latencies: list[float]
) -> None:
    """Take the next request as soon as this connection's last one was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        answer = await read_answer(reader)
        latencies.append(time.perf_counter() - began)
        if not expected(answer):
            raise RuntimeError(f"{request[:80]!r} was answered with {answer.status} {answer.location} {answer.body!r}")
    writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(status.split()[1]), headers.get("location", ""), body)


def ask(port: int, request: bytes) -> tuple[Answer, dict[str, str]]:
    """One request of its own; with the cookies that were given."""
    return asyncio.run(ask_once(port, request))


async def ask_once(port: int, request: bytes) -> tuple[Answer, dict[str, str]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    given = [line[len("set-cookie:") :].strip() for line in lines if line.lower().startswith("set-cookie:")]
    cookies = dict(each.split(";")[0].split("=", 1) for each in given)
    replay = asyncio.StreamReader()
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    replay.feed_data(head + await reader.readexactly(length))
    writer.close()
    return await read_answer(replay), cookies


def get(path: str, cookies: dict[str, str], visitor: int = 0) -> bytes:
    """A request for a page, as a browser with these cookies sends it; every visitor comes from another address."""
    return head_of("GET", path, cookies, visitor) + b"\r\n"


def post(path: str, cookies: dict[str, str], body: str, visitor: int = 0) -> bytes:
    """A form that is sent."""
    head = head_of("POST", path, cookies, visitor)
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    return head + form + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()


def head_of(method: str, path: str, cookies: dict[str, str], visitor: int) -> bytes:
    address = f"10.{visitor >> 16 & 255}.{visitor >> 8 & 255}.{visitor & 255}"
    carried = "; ".join(f"{name}={value}" for name, value in cookies.items())
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"X-Forwarded-For: {address}", "Accept-Language: nl"]
    lines += [f"Cookie: {carried}"] if carried else []
    return ("\r\n".join(lines) + "\r\n").encode()


def processor_seconds(root: int) -> float:
    """User and system time of a process and everything it started, also of what has ended meanwhile."""
    parents: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        pid = int(stat.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        used[pid] = sum(map(int, fields[11:15]))
    tree, found = [root], list[int]()
    while tree:
        found.append(tree.pop())
        tree += parents.get(found[-1], [])
    return sum(used.get(pid, 0) for pid in found) / TICKS

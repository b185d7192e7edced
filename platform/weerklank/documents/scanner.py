"""The virus scanner: clamd, which is sent the bytes over a socket and says whether it knows them (INSTREAM)."""

from __future__ import annotations

import re
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

SECONDS = 30.0  # for everything: to reach it, to send, and to hear what it found
PIECE = 256 * 1024
LONGEST_ANSWER = 4096
FOUND = re.compile(r"stream: (.+) FOUND")
TOO_MUCH = "Heuristics.Limits.Exceeded"  # it opened as much as it may, and says so as if it had found something


class ScannerAway(Exception):
    """It cannot be reached, takes too long, or answers what we do not understand: nobody knows what the file is."""


class NotScannable(Exception):
    """It looked, and could not look at all of it: too large, too deep, or too many parts."""


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: `tcp://host:port` or `unix:/path`."""

    url: str

    def finds(self, data: bytes) -> bool:
        """Whether these bytes hold something harmful. Raises ScannerAway and NotScannable; then nobody knows."""
        answer = self.ask(b"zINSTREAM\0", data)
        found = FOUND.fullmatch(answer)
        if found and found[1].startswith(TOO_MUCH) or "size limit exceeded" in answer:
            raise NotScannable("scanner")
        if not found and answer != "stream: OK":
            raise ScannerAway("scanner")
        return bool(found)

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return self.ask(b"zPING\0") == "PONG"
        except ScannerAway:
            return False

    def ask(self, command: bytes, data: bytes | None = None) -> str:
        until = monotonic() + SECONDS
        try:
            with self.connected() as connection:
                connection.sendall(command)
                with suppress(ConnectionError):  # it hangs up on what is too large, and has said so by then
                    send(connection, data, until)
                return heard(connection, until)
        except OSError as error:
            raise ScannerAway("scanner") from error

    def connected(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SECONDS)
            connection.connect(parts.path)
            return connection
        return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=SECONDS)


def send(connection: socket.socket, data: bytes | None, until: float) -> None:
    """The bytes in pieces, each with its length before it, and an empty one at the end; nothing for None."""
    if data is None:
        return
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        connection.settimeout(left(until))
        connection.sendall(struct.pack(">I", len(piece)) + piece)
    connection.sendall(bytes(4))


def left(until: float) -> float:
    """Seconds that are left; raises TimeoutError without any."""
    seconds = until - monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def heard(connection: socket.socket, until: float) -> str:
    """The answer, which ends with a zero byte or with the connection."""
    got = b""
    while b"\0" not in got and len(got) < LONGEST_ANSWER:
        connection.settimeout(left(until))
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        got += piece
    return got.partition(b"\0")[0].decode("utf-8", "replace").strip()

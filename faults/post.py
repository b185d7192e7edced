"""A mail server that does what mail servers do on bad days, by whom a mail is for: `drop.12@klager.example` is dropped.

Every time a mail is for somebody counts as an attempt; after so many of a behaviour it takes the mail. What it took,
and how long each client was kept, is known.
"""

from __future__ import annotations

import socketserver
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import default


@dataclass(frozen=True)
class Behaviour:
    """What happens at the first `times` attempts, after `at`; `says` nothing: it hangs up, or keeps silent."""

    at: str  # RCPT or DATA
    says: str = ""
    times: int = 1
    silent: float = 0.0  # seconds
    takes: bool = False  # though the client is not told


FOR_EVER = 1_000_000
BEHAVIOURS = {
    "closing": Behaviour("RCPT", "421 closing"),
    "grey": Behaviour("RCPT", "451 come back later", times=2),
    "full": Behaviour("DATA", "452 no room now"),
    "unknown": Behaviour("RCPT", "550 no such mailbox", times=FOR_EVER),
    "refused": Behaviour("DATA", "554 not wanted", times=FOR_EVER),
    "drop": Behaviour("DATA", takes=True),
    "silent": Behaviour("RCPT", silent=60.0),
}
FINE = Behaviour("", times=0)


class Post:
    """The server. `starttls`: what it says to STARTTLS; none: it does not offer it."""

    def __init__(self, starttls: str = "") -> None:
        self.starttls = starttls
        self.lock = threading.Lock()
        self.attempts: Counter[str] = Counter()
        self.taken: dict[str, list[tuple[float, str]]] = defaultdict(list)  # address -> when, Message-ID
        self.kept: list[float] = []  # seconds that each client was there
        self.server = Server(("127.0.0.1", 0), Visit)
        self.server.post = self
        self.port = int(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Post:
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def behaviour(self, address: str) -> Behaviour:
        """What happens to this attempt."""
        found = BEHAVIOURS.get(address.partition(".")[0], FINE)
        with self.lock:
            self.attempts[address] += 1
            return found if self.attempts[address] <= found.times else FINE

    def take(self, address: str, content: bytes) -> None:
        message_id = str(BytesHeaderParser(policy=default).parsebytes(content)["Message-ID"])
        with self.lock:
            self.taken[address].append((time.monotonic(), message_id))


class Server(socketserver.ThreadingTCPServer):
    post: Post
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64


class Visit(socketserver.StreamRequestHandler):
    """One client."""

    server: Server
    timeout = 120

    def handle(self) -> None:
        began = time.monotonic()
        try:
            self.serve(self.server.post)
        except OSError:
            pass  # the client went away
        finally:
            with self.server.post.lock:
                self.server.post.kept.append(time.monotonic() - began)

    def serve(self, post: Post) -> None:
        address, now = "", FINE
        self.say("220 here")
        while line := self.rfile.readline(2000):
            match line[:4].upper():
                case b"EHLO":
                    self.say("250-here\r\n250 STARTTLS" if post.starttls else "250 here")
                case b"STAR":
                    self.say(post.starttls)
                case b"RCPT":
                    address = line.decode().partition("<")[2].partition(">")[0]
                    now = post.behaviour(address)
                    if now.at == "RCPT":
                        if not self.behave(now):
                            return
                        continue
                    self.say("250 known")
                case b"DATA":
                    self.say("354 go on")
                    content = self.content()
                    if now.takes or now.at != "DATA":
                        post.take(address, content)
                    if now.at == "DATA":
                        if not self.behave(now):
                            return
                        continue
                    self.say("250 taken")
                case b"QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def behave(self, now: Behaviour) -> bool:
        """Say or do what this behaviour is; False when the client is left then."""
        if now.silent:
            self.connection.settimeout(now.silent)
            self.connection.recv(1)  # until the client has had enough
        if now.says:
            self.say(now.says)
        return bool(now.says) and not now.says.startswith("421")

    def content(self) -> bytes:
        lines = list[bytes]()
        while (line := self.rfile.readline(100_000)) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

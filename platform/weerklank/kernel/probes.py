"""Answers to machines, on a listener of their own: does this process live, can it work, how does it do.

`/healthz` 200 while it makes progress, `/readyz` 200 while it can do its work, `/metrics` for Prometheus, and
`/hosts?domain=NAME` 200 for a name under which pages are served, for a front that fetches certificates on demand.
No request for a page is ever waited for: threads of their own, each with a time limit, and only so many at once.

Where one service has several processes (the web), each takes the next of that many ports, and `/healthz` on any of
them asks the others too: one that is stuck or stopped shows, whichever was asked. `?alone` asks that one only.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOL_SOCKET, socket
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, CollectorRegistry, generate_latest
from structlog import get_logger

from weerklank.kernel.health import DEGRADED, OK, SILENT, STUCK, Check, Part
from weerklank.kernel.metrics import Parts

AT_ONCE = 32  # connections; one more is closed unanswered
HOSTS_AT_ONCE = 4  # questions about names, so that a flood of them leaves room for the rest
SECONDS = 2.0  # for a question to arrive, and for an answer to be taken
MOST_BYTES = 8 * 1024  # of a question
PATIENCE = 1.0  # for the parts and for the other processes
AGAIN_AFTER = 1.0  # until the ports are tried again


class Questions:
    """What a process can be asked. `alive` and `parts` say OK or a word; `serves` is for who knows the names."""

    def __init__(
        self, alive: Mapping[str, Check], parts: Mapping[str, Check], serves: Callable[[str], bool] | None = None
    ) -> None:
        self.alive = alive
        self.parts = {name: Part(check) for name, check in parts.items()}
        self.serves = serves
        self.names = threading.BoundedSemaphore(HOSTS_AT_ONCE)
        self.figures = CollectorRegistry()
        self.figures.register(Parts(self.ready))

    def lives(self) -> dict[str, str]:
        """What goes round in this process, and whether it does."""
        return {name: check() for name, check in self.alive.items()}

    def ready(self) -> dict[str, str]:
        """The parts and what each says; all are asked at the same time."""
        until = monotonic() + PATIENCE
        for part in self.parts.values():
            part.ask()
        return {name: part.answer(until) for name, part in self.parts.items()}

    def knows(self, name: str) -> HTTPStatus:
        """Whether pages are served under this name; 503 when that cannot be found out now."""
        if self.serves is None or not self.names.acquire(blocking=False):
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            return HTTPStatus.OK if self.serves(name) else HTTPStatus.NOT_FOUND
        except Exception as error:
            get_logger().warning("name_not_found_out", error=type(error).__name__)
            return HTTPStatus.SERVICE_UNAVAILABLE
        finally:
            self.names.release()


def open_probes(host: str, ports: Sequence[int], questions: Questions) -> Listener:
    """Answer these questions from now on, on the first of these ports that is free or comes free."""
    listener = Listener(host, ports, questions)
    threading.Thread(target=listener.run, name="probes", daemon=True).start()
    return listener


class Answers(BaseHTTPRequestHandler):
    """One question over one connection."""

    server: Listener
    timeout = SECONDS

    def setup(self) -> None:
        """Read the whole head first, within a time that dripping does not lengthen."""
        super().setup()
        self.rfile = BytesIO(head_of(self.connection))

    def do_GET(self) -> None:
        questions, asked = self.server.questions, urlsplit(self.path)
        given = parse_qs(asked.query, keep_blank_values=True)
        match asked.path:
            case "/healthz":
                others = {} if "alone" in given else self.server.others()
                self.say_states({**questions.lives(), **others})
            case "/readyz":
                self.say_states(questions.ready())
            case "/metrics":
                self.say_metrics()
            case "/hosts":
                self.say(questions.knows(given.get("domain", [""])[0]))
            case _:
                self.say(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def say_states(self, states: Mapping[str, str]) -> None:
        """What is degraded still works; anything else does not."""
        well = all(state in (OK, DEGRADED) for state in states.values())
        body = json.dumps({"ok": well, "parts": states}).encode() + b"\n"
        self.say(HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, body, "application/json")

    def say_metrics(self) -> None:
        figures = (generate_latest(registry) for registry in (REGISTRY, self.server.questions.figures))
        self.say(HTTPStatus.OK, b"".join(figures), CONTENT_TYPE_PLAIN_0_0_4)

    def say(self, status: HTTPStatus, body: bytes = b"", kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "weerklank"

    def log_message(self, format: str, *args: Any) -> None:
        """A question of a machine every few seconds is no news."""


def head_of(connection: socket) -> bytes:
    """What is sent up to the empty line, or what there is of it when time or room is up."""
    until, head = monotonic() + SECONDS, b""
    with suppress(TimeoutError):
        while b"\r\n\r\n" not in head and len(head) < MOST_BYTES and (left := until - monotonic()) > 0:
            connection.settimeout(left)
            more = connection.recv(MOST_BYTES)
            if not more:
                break
            head += more
    connection.settimeout(SECONDS)
    return head


class Listener(ThreadingHTTPServer):
    """Listens on the first of the ports that is free; the other ports are those of its siblings."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, ports: Sequence[int], questions: Questions) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self.questions = questions
        self.ports = ports
        self.connections = threading.BoundedSemaphore(AT_ONCE)
        super().__init__((host, ports[0]), Answers, bind_and_activate=False)

    def run(self) -> None:
        """Until `shutdown`. A port that somebody else has is waited for: he may be the one whose place this takes."""
        while not self.take_a_port():
            get_logger().warning("no_port_for_probes", port=self.ports[0], count=len(self.ports))
            time.sleep(AGAIN_AFTER)
        self.serve_forever()

    def take_a_port(self) -> bool:
        """Bind to the first port that nobody has; False when all are taken."""
        host = self.server_address[0]
        for port in self.ports:
            self.server_address = (host, port)
            with suppress(OSError):
                self.server_bind()
                self.server_activate()
                return True
        return False

    def server_bind(self) -> None:
        """As its base does, but without asking the name of the host of a server that may be away."""
        if self.allow_reuse_address:
            self.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def others(self) -> dict[str, str]:
        """What the siblings say of themselves. The first that does not answer is enough."""
        mine, until = self.server_address[1], monotonic() + PATIENCE
        said: dict[str, str] = {}
        for number, port in enumerate(self.ports):
            if port != mine:
                said[f"process {number}"] = state = self.sibling(port, until - monotonic())
                if state != OK:
                    break
        return said

    def sibling(self, port: int, patience: float) -> str:
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(self.server_address[0]), str(self.server_address[0]))
        connection = http.client.HTTPConnection(here, port, timeout=max(patience, 0.05))
        try:
            connection.request("GET", "/healthz?alone")
            return OK if connection.getresponse().status == HTTPStatus.OK else STUCK
        except TimeoutError:
            return SILENT
        except (OSError, http.client.HTTPException):
            return "gone"
        finally:
            connection.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody went away in the middle of a question."""

"""How much comes in is limited before it is kept anywhere: by the form it is for, whether it says its size or not."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.workers.conftest import free_port
from weerklank.cli.web import web_command
from weerklank.kernel.settings import ROOT, Settings, load
from weerklank.web.uploads import MOST_WITH_FILES, MOST_WITHOUT, most_of

TAKE_FILES = {
    "portal.keep", "portal.give_answer", "portal.give_addition", "desk.take_in", "desk.do_act", "desk.add_files",
    "desk.do_step", "office.hang_logo", "office.take",
}  # fmt: skip
WITH, WITHOUT = "/staatvandienst/complain/files", "/staatvandienst/status"
MEGABYTE = 1024 * 1024
FLOOD = 64 * MEGABYTE


def test_it_takes_much_only_where_files_come_along(app: Flask) -> None:
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}
    assert {each for each in writing if most_of(app, each) == MOST_WITH_FILES} == TAKE_FILES
    assert {most_of(app, each) for each in (*writing - TAKE_FILES, None, "nowhere")} == {MOST_WITHOUT}


class Untouched(BytesIO):
    """A body that fails the test when anything of it is read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("it was read")


@pytest.mark.parametrize(("path", "size"), [(WITH, MOST_WITH_FILES + 1), (WITHOUT, MOST_WITHOUT + 1), ("/no", 1 << 40)])
def test_it_refuses_what_says_that_it_is_too_large_without_reading_it(app: Flask, path: str, size: int) -> None:
    environ = EnvironBuilder(path, method="POST", content_type="application/x-www-form-urlencoded").get_environ()
    environ |= {"wsgi.input": Untouched(), "CONTENT_LENGTH": str(size)}
    body, status, _ = run_wsgi_app(app, environ)
    assert status.startswith("404" if path == "/no" else "413")
    assert b"<h1>" in b"".join(body)


def test_it_refuses_a_form_of_too_many_parts(app: Flask) -> None:
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\nx\r\n' for n in range(10_000))
    kind = "multipart/form-data; boundary=x"
    asked = EnvironBuilder(WITHOUT, method="POST", content_type=kind, data=f"{parts}--x--\r\n").get_environ()
    _, status, _ = run_wsgi_app(app, asked)
    assert status.startswith("413")


@pytest.fixture(scope="module")
def server(app: Flask, web_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The pages as they are served: the port, and the folder for what is put away meanwhile."""
    folder, port = tmp_path_factory.mktemp("meanwhile"), free_port()
    environ = {
        "ENVIRONMENT": "test",
        "VAR": str(web_settings.var),
        "DATABASE_URL": web_settings.database_owner_url,
        "DATABASE_APP_URL": web_settings.database_url,
        "DATABASE_CLOCK_URL": web_settings.database_clock_url,
        "KEYSTORE_URL": web_settings.keystore_url,
        "LOG_LEVEL": "error",
        "PORT": str(port),
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {**kept, **environ, "PYTHONPATH": str(ROOT / "platform"), "TMPDIR": str(folder)}
    process = subprocess.Popen(web_command(load(told)), cwd=ROOT, env=told)
    until(lambda: answers(port))
    yield port, folder
    process.terminate()
    process.wait(30)


def until(it_is_so: object) -> None:
    assert callable(it_is_so)
    tick = threading.Event()
    for _ in range(600):
        if it_is_so():
            return
        tick.wait(0.1)
    raise AssertionError("it did not happen")


def answers(port: int) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(100).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def flood(port: int, path: str, *, says: bool, size: int = FLOOD) -> tuple[bytes, int]:
    """The first line that is answered, and how much went out until then."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as connection:
        length = f"Content-Length: {size}" if says else "Transfer-Encoding: chunked"
        kind = "Content-Type: application/x-www-form-urlencoded"
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n{length}\r\n\r\n".encode())
        piece, sent = b"x" * 65536, 0
        try:
            while sent < size:
                connection.sendall(piece if says else b"10000\r\n" + piece + b"\r\n")
                sent += len(piece)
            connection.sendall(b"" if says else b"0\r\n\r\n")
        except ConnectionError:
            pass  # it is not listened to any more
        try:
            return connection.recv(1000).partition(b"\r\n")[0], sent
        except ConnectionError:
            return b"", sent


def processes_of(port: int) -> list[Path]:
    """The server and its workers."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"--port={port}".encode() in words:
            found.append(each)
    return found


def most_memory(port: int) -> int:
    """Bytes that the largest of them ever held."""
    lines = [line for each in processes_of(port) for line in (each / "status").read_text().splitlines()]
    return max(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def put_away(port: int, folder: Path) -> list[str]:
    """The files for the meantime that a process holds open, or that have a name."""
    held = [os.readlink(link) for each in processes_of(port) for link in (each / "fd").iterdir() if link.is_symlink()]
    return [name for name in held if name.startswith(str(folder))] + [each.name for each in folder.iterdir()]


def test_it_holds_neither_memory_nor_disk_for_a_flood(server: tuple[int, Path]) -> None:
    port, folder = server
    assert flood(port, WITH, says=False, size=4 * MEGABYTE)[0]  # so that what every request needs is there
    before = most_memory(port)
    for path, most in ((WITH, MOST_WITH_FILES), (WITHOUT, MOST_WITHOUT)):
        for says in (True, False):
            line, sent = flood(port, path, says=says)
            assert line in (b"", b"HTTP/1.1 413 Payload Too Large")  # nothing: it hung up before we could listen
            assert sent < FLOOD
            assert says or sent < most + 16 * MEGABYTE  # what lies in the sockets between us
    assert most_memory(port) - before < 50 * MEGABYTE
    until(lambda: put_away(port, folder) == [])


def test_it_keeps_nothing_of_what_a_client_broke_off(server: tuple[int, Path]) -> None:
    port, folder = server
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as connection:
        size = 20 * MEGABYTE
        connection.sendall(f"POST {WITH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode())
        connection.sendall(bytes(10 * MEGABYTE))
        until(lambda: put_away(port, folder) != [])
    until(lambda: put_away(port, folder) == [])

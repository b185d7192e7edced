"""Who is told to stop finishes what is in hand: the pages' server as it is started, with an application that waits."""

import http.client
import os
import signal
import subprocess
import threading
from contextlib import closing, suppress
from pathlib import Path

from tests.house.test_run import free_port
from weerklank.cli.web import web_command
from weerklank.kernel.settings import load

APPLICATION = """
import pathlib
here = pathlib.Path(__file__).parent

def app(environ, start_response):
    with (here / "in_hand").open("w") as told:
        told.write("yes")
    (here / "go_on").read_text()
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]
"""


def test_it_answers_the_request_in_hand_before_it_stops(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text(APPLICATION)
    for name in ("in_hand", "go_on"):
        os.mkfifo(tmp_path / name)
    port = free_port()
    command = web_command(load({"PORT": str(port), "VAR": str(tmp_path / "var")}))
    assert command[-1] == "wsgi:app"
    place = next(word for word in command if word.startswith("--working-dir="))
    command[command.index(place)], command[-1] = f"--working-dir={tmp_path}", "waiting:app"
    with subprocess.Popen(command, cwd=tmp_path) as server:
        said: list[bytes] = []
        asking = threading.Thread(target=lambda: said.append(ask(port, server)))
        asking.start()
        assert (tmp_path / "in_hand").read_text() == "yes"
        server.send_signal(signal.SIGTERM)
        (tmp_path / "go_on").write_text("go on")
        asking.join(20)
        assert said == [b"done"]
        assert server.wait(20) == 0


def ask(port: int, server: "subprocess.Popen[bytes]") -> bytes:
    """The answer, as soon as the server takes the question."""
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            try:
                connection.request("GET", "/")
                return connection.getresponse().read()
            except ConnectionRefusedError:
                with suppress(subprocess.TimeoutExpired):
                    server.wait(0.05)
                    return b"the server ended"

"""`weerklank run`: the database, the web processes, the worker and its clock, all on this machine."""

import argparse
import fcntl
import http.client
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TextIO

from weerklank.cli.main import end_as_ctrl_c, main
from weerklank.cli.supervisor import Child, supervise
from weerklank.cli.web import web_command
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import borrowed_cluster, closed_folder
from weerklank.kernel.settings import Settings, load

LEAST_FREE_BYTES = 200_000_000
PORTS_TRIED = 20
# What must be so before anybody comes in, each a command that may be repeated.
STEPS = (["db", "upgrade"], ["tenants", "import"], ["first-links"])


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("run", help="start everything on this machine and print the address")
    parser.add_argument("--prepare", action="store_true", help="only migrate, import tenants and make first links")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Start everything, print the address, and stop it all at Ctrl-C. Answers the exit code."""
    if arguments.prepare:
        return prepare()
    signal.signal(signal.SIGTERM, end_as_ctrl_c)
    settings = load()
    check_surroundings(settings)
    with only_run(settings.var) as note:
        port = free_port(settings.host, settings.port, fixed="PORT" in os.environ)
        note.write(f"http://localhost:{port}")
        note.flush()
        with borrowed_cluster(settings.var) if settings.private_database else nullcontext():
            return serve({**os.environ, "PORT": str(port)})


def prepare() -> int:
    """Take the steps in order; answers the exit code of the first that fails."""
    for step in STEPS:
        if code := main(step):
            return code
    return 0


def check_surroundings(settings: Settings) -> None:
    if not os.access(settings.tenants, os.R_OK | os.X_OK):
        raise BadSurroundings(f"The folder of the tenants cannot be read: {settings.tenants} (TENANTS).")
    try:
        closed_folder(settings.var)
        free = shutil.disk_usage(settings.var).free
    except OSError as error:
        raise BadSurroundings(f"{settings.var} (VAR) cannot be used: {error.strerror}.") from error
    if free < LEAST_FREE_BYTES:
        raise BadSurroundings(f"the disk is full: {settings.var} has less than 200 MB left.")


@contextmanager
def only_run(var: Path) -> Iterator[TextIO]:
    """The right to be the one that runs in this folder; the file it gives is for the address."""
    with (var / "run.lock").open("a+", encoding="utf-8") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSurroundings(f"Weerklank already runs in {var}: {lock.read()}") from None
        lock.truncate()
        yield lock


def running_address(var: Path) -> str | None:
    """The address of what runs in this folder now, as it noted it; None while nothing does."""
    with suppress(FileNotFoundError), (var / "run.lock").open(encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return note.read() or None
    return None


def free_port(host: str, wanted: int, *, fixed: bool) -> int:
    """The wanted port or, unless somebody asked for it by name, the next that is free."""
    for port in range(wanted, wanted + (1 if fixed else PORTS_TRIED)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                reason = error.strerror
            else:
                return port
    raise BadSurroundings(f"Port {wanted} of {host} cannot be used: {reason}; choose another with PORT.")


def serve(environ: Mapping[str, str]) -> int:
    """Prepare while the web processes load, then keep web and worker running; says the address when all is there."""
    settings = load(environ)
    weerklank = [sys.executable, "-m", "weerklank"]
    web = Child("web", web_command(settings), environ)
    # Each process of the web answers probes on a port of its own; the worker takes the one behind these.
    behind = {"PROBE_PORT": str(settings.probe_port + settings.web_processes)} if settings.probe_port else {}
    worker = Child("worker", [*weerklank, "worker"], {**environ, **behind}, start_at=math.inf)
    preparing = subprocess.Popen([*weerklank, "run", "--prepare"], env=environ)

    def is_ready() -> bool:
        if code := preparing.poll():
            sys.exit(code)
        return code == 0 and answers(settings.host, settings.port)

    def on_ready() -> None:
        welcome(settings)
        worker.start_at = 0.0

    try:
        return supervise([web, worker], is_ready, on_ready, say)
    finally:
        preparing.terminate()
        preparing.wait()


def say(line: str) -> None:
    """Write one line at once: `print` writes its newline apart, and a child's line can come between."""
    sys.stderr.write(f"weerklank: {line}\n")
    sys.stderr.flush()


def answers(host: str, port: int) -> bool:
    """Whether the web processes say that they live."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(here, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(settings: Settings) -> None:
    print(f"Weerklank runs at {settings.base_url}  (Ctrl-C stops it)")
    for policy in sorted(settings.tenants.glob("*/policy.yaml")):
        print(f"  {settings.base_url}/{policy.parent.name}/")
    sys.stdout.flush()

"""`weerklank web`: the web processes alone, for an installation that keeps its processes running otherwise."""

import argparse
import os
import sys

from weerklank.kernel.settings import ROOT, Settings, load

SECONDS_TO_FINISH = 8  # requests in hand when it is told to stop
TAKING_IN = 150  # requests that a process can be taking in, from clients however slow, or hold until their turn
MILLISECONDS_FOR_HEADERS = 10_000  # a client that dawdles holds no place


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("web", help="serve the pages; the database must be there")
    parser.set_defaults(run=web)


def web(arguments: argparse.Namespace) -> int:
    """Become the server. Raises BadSurroundings."""
    command = web_command(load())
    os.execv(command[0], command)


def web_command(settings: Settings) -> list[str]:
    """The server's command line: processes that run `wsgi:app`, with many threads to wait in; few work at a time."""
    options = {
        "interface": "wsgi",
        "http": "1",
        "host": settings.host,
        "port": settings.port,
        "workers": settings.web_processes,
        "blocking-threads": TAKING_IN + settings.web_threads,
        "workers-kill-timeout": SECONDS_TO_FINISH,
        "http1-header-read-timeout": MILLISECONDS_FOR_HEADERS,
        "log-level": "warning",
        "working-dir": ROOT,
    }
    named = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "granian", *named, "--no-ws", "--respawn-failed-workers", "wsgi:app"]

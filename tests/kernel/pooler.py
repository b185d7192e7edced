"""A PgBouncer in transaction mode before a database of the tests, by the configuration that is brought out."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.conftest import Database
from weerklank.kernel.postgres import OWN_NAMESPACE
from weerklank.kernel.settings import ROOT

USERS = ("weerklank_app", "weerklank_clock")


@contextmanager
def pooler(database: Database, folder: Path, connections: int) -> Iterator[int]:
    """Its port. Of each role it has this many connections to the database."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    assert program, "these tests need pgbouncer (see .ci/packages)"
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    file = configured(database, folder, port, connections)
    as_nobody = OWN_NAMESPACE if os.geteuid() == 0 else ()
    process = subprocess.Popen([*as_nobody, program, "-q", str(file)], stderr=subprocess.DEVNULL)
    try:
        wait_for(f"postgresql://{USERS[0]}@127.0.0.1:{port}/weerklank", process)
        yield port
    finally:
        process.kill()
        process.wait()


def configured(database: Database, folder: Path, port: int, connections: int) -> Path:
    """What deploy/pgbouncer.ini says, but for where the database is, and who may come in."""
    settings = ConfigParser(comment_prefixes=(";",), interpolation=None)
    settings.read(ROOT / "deploy" / "pgbouncer.ini")
    settings["databases"]["weerklank"] = f"host={database.cluster.socket} dbname={database.name}"
    users = folder / "users"
    users.write_text("".join(f'"{user}" ""\n' for user in USERS))
    settings["pgbouncer"].update({
        "listen_addr": "127.0.0.1", "listen_port": str(port), "auth_type": "trust", "auth_file": str(users),
        "default_pool_size": str(connections), "server_tls_sslmode": "disable",
    })  # fmt: skip
    file = folder / "pgbouncer.ini"
    with file.open("w") as written:
        settings.write(written)
    return file


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert process.poll() is None, "pgbouncer did not start"
            wait_a_moment()
        else:
            return
    raise AssertionError("pgbouncer does not answer")


def wait_a_moment() -> None:
    """Let the other process get on."""
    import select

    select.select([], [], [], 0.02)

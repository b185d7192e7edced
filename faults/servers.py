"""The servers the platform stands on, each with what can be done to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from weerklank.kernel.postgres import Cluster, server_pid, start_cluster

SECONDS = 60.0


class Postgres:
    """A private cluster that loses nothing at a crash."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.cluster: Cluster | None = None

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.cluster:
            self.cluster.stop()

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.cluster = start_cluster(self.var, durable=True)

    def stop(self, kind: int = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's fast way, SIGQUIT its immediate one, which is a crash. Returns when gone."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, kind)
        give_up_by = time.monotonic() + SECONDS
        while self.pid == pid and time.monotonic() < give_up_by:
            time.sleep(0.02)

    @property
    def pid(self) -> int | None:
        return server_pid(self.var / "postgres" / "data")

    def dsn(self, database: str, user: str) -> str:
        assert self.cluster
        return self.cluster.dsn(database, user)

    @property
    def superuser(self) -> str:
        return self.dsn("weerklank", "postgres")


class Redis:
    """A Redis as production has it: append-only file synchronised every second, nothing evicted."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Redis:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2)

    def start(self) -> None:
        """Start it, and return when it answers."""
        server = shutil.which("redis-server") or shutil.which("valkey-server")
        assert server, "the campaign needs redis-server (see .ci/packages)"
        options: dict[str, Any] = {
            "port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "yes",
            "appendfsync": "everysec", "maxmemory-policy": "noeviction", "loglevel": "warning",
        }  # fmt: skip
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self.process = subprocess.Popen([server, *given], stdout=subprocess.DEVNULL)
        give_up_by = time.monotonic() + SECONDS
        while time.monotonic() < give_up_by:
            with suppress(redis.RedisError), self.client() as client:
                client.ping()
                return
            time.sleep(0.02)
        raise TimeoutError("redis did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

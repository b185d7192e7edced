"""What a campaign stands on: database, broker, mail sink, and the platform's processes, kept running and killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from faults.servers import Postgres, Redis
from faults.sink import Sink
from weerklank.assembly import Platform, assemble
from weerklank.cli.main import main as weerklank
from weerklank.cli.web import web_command
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.settings import ROOT, load
from weerklank.rehearsal.demo.play import Organisation, bring_on
from weerklank.rehearsal.demo.script import read_script
from weerklank.tenancy.folder import import_folder
from weerklank.tenancy.organisations import find_by_slug

SLUG = "staatvandienst"
PATIENCE = 120.0  # seconds, for a process to start and for the system to come to rest
WEBS, WORKERS, CLOCKS = 2, 2, 2
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday: from there the platform's clock goes on
PORTS = cycle(range(20_000 + os.getpid() % 100 * 100, 32_000))
KEPT = ("PATH", "HOME", "PYTHONPATH", "LANG", "LC_ALL", "TZ")  # of our own environment


def free_port(count: int = 1) -> int:
    """The first of so many ports in a row that nobody has; the system gives none of these to a connection by itself."""
    while True:
        first, *_ = [next(PORTS) for _ in range(count)]
        with suppress(OSError), ExitStack() as probes:
            for port in range(first, first + count):
                probes.enter_context(closing(socket.socket())).bind(("127.0.0.1", port))
            return first


def until(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Look again and again; answers how many seconds it took. TimeoutError when patience is over."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"it did not happen: {what}")
        time.sleep(0.05)
    return time.monotonic() - began


@dataclass
class Process:
    """One process of the platform, that is started again when it dies.

    `arms` gives the crash point of its next life (`name:passes`), or ends: then it lives.
    """

    name: str
    command: list[str]
    environ: dict[str, str]
    fresh: bool = False  # run by exec, as wrappers and preloaded libraries need it, in place of born in the nursery
    arms: Iterator[str] = field(default_factory=lambda: iter(()))
    pid: int = 0
    lives: int = 0
    note: Path | None = None
    armed: str = ""
    kept: bool = True
    popen: subprocess.Popen[bytes] | None = None


@dataclass
class Ground:
    """Everything that runs, and this process's own way into its database."""

    folder: Path
    environ: dict[str, str]
    postgres: Postgres
    redis: Redis
    sink: Sink
    processes: dict[str, Process] = field(default_factory=dict)
    kills: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    exposed: set[str] = field(default_factory=set)  # mails that were in the gap when a worker died
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.platform: Platform = assemble(load(self.environ))
        self.people: dict[str, UUID] = {}
        self.tenant_id = UUID(int=0)
        self.ended = threading.Event()
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**{name: os.environ[name] for name in KEPT if name in os.environ}, **self.environ},
        )
        self.keeper = threading.Thread(target=self.keep, name="keeper", daemon=True)

    # --- Processes ---

    def web(self, name: str, **environ: str) -> Process:
        """A granian of its own port with one process of four threads, as `weerklank web` runs it."""
        own = {"PORT": str(free_port()), "WEB_PROCESSES": "1", **environ}
        command = web_command(load({**self.environ, **own}))
        return self.add(Process(name, ["granian", *command[3:]], own))

    def worker(self, name: str, **environ: str) -> Process:
        command = ["baseline"] if "FAULTS_BASELINE" in self.environ else ["weerklank", "worker", "--no-clock"]
        return self.add(Process(name, command, environ))

    def clock(self, name: str, **environ: str) -> Process:
        return self.add(Process(name, ["weerklank", "worker", "--no-jobs"], environ))

    def add(self, process: Process) -> Process:
        """Start it and keep it running."""
        with self.lock:
            self.processes[process.name] = process
            self.give_life(process)
        return process

    def give_life(self, process: Process) -> None:
        process.lives += 1
        process.armed = next(process.arms, "")
        environ = {**self.environ, **process.environ}
        process.note = None
        if process.armed:
            process.note = self.folder / "notes" / f"{process.name}-{process.lives}"
            environ |= {"CRASH_AT": process.armed, "CRASH_NOTE": str(process.note)}
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        process.pid = (self.execute if process.fresh else self.order)(process, kept | environ)

    def order(self, process: Process, environ: Mapping[str, str]) -> int:
        assert self.nursery.stdin and self.nursery.stdout
        log = str(self.folder / "log" / process.name)
        self.nursery.stdin.write(json.dumps({"command": process.command, "environ": environ, "log": log}) + "\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())

    def execute(self, process: Process, environ: Mapping[str, str]) -> int:
        command = (
            [sys.executable, "-m", *process.command]
            if process.command[0] in ("granian", "weerklank")
            else process.command
        )
        with (self.folder / "log" / process.name).open("ab") as log:
            process.popen = subprocess.Popen(
                command,
                env=dict(environ),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return process.popen.pid

    def keep(self) -> None:
        """Start again what died, and count what died of a crash point, also inside of what goes on."""
        while not self.ended.wait(0.05):
            with self.lock:
                for process in self.processes.values():
                    self.look_at(process)

    def look_at(self, process: Process) -> None:
        if process.note is not None and process.note.exists():
            self.hits[process.armed.partition(":")[0]] += 1
            self.kills += 1
            process.note = None
            if process.name.startswith("web"):
                self.kill(process.name)  # the server above it too: what it starts in its place is not armed
        if process.kept and not alive(process):
            if process.name.startswith("worker"):
                self.exposed |= self.in_gap()
            self.give_life(process)

    def in_gap(self) -> set[str]:
        """The mails that the mail server has and of which the database does not know it yet."""
        with suppress(psycopg.Error):
            written = self.ask("SELECT message_id FROM message WHERE state = 'queued' AND message_id IS NOT NULL")
            with self.sink.lock:
                return {message_id for (message_id,) in written if message_id in self.sink.counts}
        return set()

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Kill a process with all it started; the keeper starts it again."""
        process = self.processes[name]
        with self.lock, suppress(ProcessLookupError):
            os.killpg(process.pid, number)
            self.kills += number == signal.SIGKILL

    def remove(self, *names: str) -> None:
        """End these and start them no more."""
        with self.lock:
            for name in names:
                process = self.processes.pop(name)
                process.kept = False
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                until(lambda one=process: not alive(one), f"{name} is gone")  # type: ignore[misc]  # bound at once

    def arm(self, name: str, arms: Sequence[str]) -> None:
        """Let the next lives of a process end at these points, one after the other. Its life of now goes on unarmed."""
        with self.lock:
            self.processes[name].arms = iter(arms)

    def named(self, kind: str) -> list[str]:
        return [name for name in self.processes if name.startswith(kind)]

    @property
    def ports(self) -> list[int]:
        """Where pages are served."""
        return [int(process.environ["PORT"]) for name, process in self.processes.items() if name.startswith("web")]

    def all_serve(self) -> bool:
        return all(serves(port) for port in self.ports)

    def some_serve(self) -> bool:
        return any(serves(port) for port in self.ports)

    # --- Time and rest ---

    def move_clock(self, ahead: timedelta) -> None:
        """From now on the platform's clock is so far ahead."""
        file = self.platform.settings.clock_file
        assert file is not None
        aside = file.with_suffix(".tmp")
        aside.write_text(str(ahead.total_seconds()))
        aside.replace(file)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, past every wall."""
        with psycopg.connect(self.postgres.superuser, autocommit=True, connect_timeout=3) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def waiting(self) -> int:
        """Jobs and terms that are due and not done."""
        now = self.platform.now()
        return int(
            self.ask(
                "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending')"
                " + (SELECT count(*) FROM deadline WHERE next_at <= %s AND set_aside_at IS NULL)",
                now,
            )[0][0]
        )

    def quiet(self, patience: float = PATIENCE) -> float:
        """Wait until nothing is left to do; answers how many seconds that took. TimeoutError."""
        return until(lambda: self.waiting() == 0, "nothing waits any more", patience)

    @contextmanager
    def tenant(self) -> Iterator[Any]:
        with self.platform.tenant(self.tenant_id) as session:
            yield session

    # --- Beginning and end ---

    def settle(self) -> None:
        """The organisation, its people, and the usual processes, answering."""
        assert self.nursery.stdout
        now = BEGIN
        self.move_clock(BEGIN - datetime.now(UTC))
        with open_session(self.platform.database) as session:
            import_folder(session, self.platform.keyring, ROOT / "tenants" / SLUG, now)
            session.commit()
        with open_session(self.platform.database) as session, without_tenant(session, "an organisation is looked up"):
            self.tenant_id = find_by_slug(session, SLUG).id
        here = Organisation(self.platform.database, self.platform.engine, self.tenant_id, SLUG, "http://localhost")
        self.people = bring_on(here, read_script(ROOT / "tenants" / SLUG / "demo.yaml"), now)
        assert self.nursery.stdout.readline() == "ready\n"
        self.keeper.start()
        self.start_all()

    def put_right(self) -> None:
        """Whatever a scenario left: both servers run, mail is taken, and the usual processes are there, unarmed."""
        if self.postgres.pid is None:
            self.postgres.start()
        if self.redis.process is None or self.redis.process.poll() is not None:
            self.redis.start()
        self.sink.answer = None
        for name, process in list(self.processes.items()):
            self.arm(name, [])
            if process.note is not None:
                self.kill(name)
                self.kills -= 1
        self.start_all()

    def start_all(self) -> None:
        """The usual processes, where they do not run."""
        for kind, number in ((self.web, WEBS), (self.worker, WORKERS), (self.clock, CLOCKS)):
            for each in range(1, number + 1):
                if (name := f"{kind.__name__}-{each}") not in self.processes:
                    kind(name)
        try:
            until(self.all_serve, "the pages are served")
        except TimeoutError as failure:
            raise TimeoutError("\n".join([str(failure), *self.last_words()])) from None

    def last_words(self) -> Iterator[str]:
        """How the log of each process ends."""
        for log in sorted((self.folder / "log").iterdir()):
            yield f"{log.name}: {log.read_text()[-1_000:]}"

    def close(self) -> None:
        self.ended.set()
        if self.keeper.is_alive():
            self.keeper.join()
        self.remove(*list(self.processes))
        self.nursery.kill()
        self.nursery.communicate()
        for engine in (self.platform.database, self.platform.clock, self.platform.keyring.keystore):
            engine.dispose()


def alive(process: Process) -> bool:
    """Whether it runs; one that only waits to be buried does not."""
    if process.popen is not None:
        return process.popen.poll() is None
    try:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def serves(port: int) -> bool:
    """Whether a page comes."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.settimeout(5)
        connection.sendall(f"GET /{SLUG}/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return connection.recv(12) == b"HTTP/1.1 200"
    return False


@contextmanager
def laid(folder: Path, **environ: str) -> Iterator[Ground]:
    """A ground in this folder, all running and at rest; at the end all is stopped."""
    for name in ("notes", "log", "var"):
        (folder / name).mkdir(parents=True)
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(folder / "var"))
        redis = stack.enter_context(Redis(folder / "redis", free_port()))
        sink = Sink(folder / "mails", free_port())
        sink.open()
        stack.callback(sink.close)
        whole = surroundings(folder, postgres, redis, sink) | environ
        with set_in_os(whole), redirect_stdout(StringIO()):
            assert weerklank(["db", "upgrade"]) == 0
        ground = Ground(folder, whole, postgres, redis, sink)
        stack.callback(ground.close)
        ground.settle()
        yield ground


@contextmanager
def set_in_os(environ: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def surroundings(folder: Path, postgres: Postgres, redis: Redis, sink: Sink) -> dict[str, str]:
    """What the processes are told."""
    return {
        "ENVIRONMENT": "test",
        "VAR": str(folder / "var"),
        "CLOCK_FILE": str(folder / "ahead"),
        "BASE_URL": "http://localhost",
        "DATABASE_URL": postgres.dsn("weerklank", "weerklank_owner"),
        "DATABASE_APP_URL": postgres.dsn("weerklank", "weerklank_app"),
        "DATABASE_CLOCK_URL": postgres.dsn("weerklank", "weerklank_clock"),
        "KEYSTORE_URL": postgres.dsn("weerklank_keys", "weerklank_keys"),
        "REDIS_URL": redis.url,
        "SMTP_URL": sink.url,
        "MAIL_FROM": "klachten@weerklank.example",
        "LOG_LEVEL": "warning",
        "WORKER_THREADS": "2",
    }

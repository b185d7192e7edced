"""What production-local runs is what docker-compose.yml says: nothing more, nothing less, nothing else."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from production.places import NOT_RUN, PORTS, Places
from production.run import ONCE, PLATFORM, STAND_INS, TIERS, Production
from production.shape import ROOT, read_shape
from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.settings import load

# What of the environment is an address, a port or a folder; everything else must be the same.
ADDRESSES = {
    "HOST", "PORT", "PROBE_HOST", "PROBE_PORT", "REDIS_URL", "S3_URL", "CLAMD_URL", "VAR", "AUDIT_FOLDER",
    "HTTP_PORT", "HTTPS_PORT", "HEALTH_PORT", "STORAGE", "ASK", "UPSTREAMS", "BUFFERS",
}  # fmt: skip
OWN = {"PATH", "HOME", "PYTHONPATH"}  # of this machine; a container has them of its image


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Production:
    """Folders and secrets as it makes them, nothing started."""
    production = Production(Places(tmp_path_factory.mktemp("shape"), 20_000), {})
    production.prepare()
    return production


def test_every_service_is_run_or_named_with_its_reason(production: Production) -> None:
    assert production.shape.keys() == {*TIERS, ONCE, *NOT_RUN}
    assert all(reason for reason in (*NOT_RUN.values(), *STAND_INS.values()))
    assert STAND_INS.keys() <= TIERS.keys() == PORTS.keys()


def test_it_starts_as_many_of_each_as_the_file_says_two_of_every_process_of_the_platform(
    production: Production,
) -> None:
    assert [production.shape[name].replicas for name in PLATFORM] == [2, 2, 2]
    made = [child.name for child in production.all_children()]
    asked = [f"{name}-{number + 1}" for name in TIERS for number in range(production.shape[name].replicas)]
    assert sorted(made) == sorted(asked)


def test_it_runs_the_commands_of_the_file_and_adds_only_where_they_work(production: Production) -> None:
    for name in ("postgres", "keystore", "redis", "front", ONCE, *PLATFORM):
        service = production.shape[name]
        command = production.places.command(service, 1)
        said = [production.places.translated(service, 1, word) for word in service.command[1:]]
        assert command[len(command) - len(said) :] == said
        added = " ".join(command[: len(command) - len(said)])
        assert name in ("postgres", "keystore", "redis") or added.endswith(("-m weerklank", "caddy"))


def test_it_tells_each_process_what_the_file_says_but_for_addresses_and_folders(production: Production) -> None:
    for name in ("front", ONCE, *PLATFORM):
        service = production.shape[name]
        told = production.places.environ(service, 1, 2)
        assert told.keys() - OWN == dict(service.environ).keys()
        differs = {key for key, value in service.environ.items() if told[key] != value}
        assert {key for key in differs if not key.endswith("_FILE")} <= ADDRESSES, name


def test_its_secrets_are_files_that_are_all_there_in_a_closed_folder(production: Production) -> None:
    folder = production.places.secrets
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in (ONCE, *PLATFORM):
        told = production.places.environ(production.shape[name], 1, 2)
        settings = load(told)
        assert settings.environment == "production"
        files = [Path(value) for key, value in told.items() if key.endswith("_FILE")]
        assert len(files) > 5 and all(file.parent == folder for file in files)
        assert not [key for key in told if key.endswith(("_KEY", "PASSWORD")) and key != "S3_ACCESS_KEY"]


def test_secrets_stay_what_they_are_and_addresses_follow_what_was_told(tmp_path: Path) -> None:
    def made(**told: str) -> dict[str, str]:
        environ = {"PATH": os.environ["PATH"], "SECRETS": str(tmp_path), **told}
        subprocess.run([ROOT / "deploy/secrets"], env=environ, check=True)
        return {path.name: path.read_text() for path in tmp_path.iterdir()}

    def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
        return {name for name in before if before[name] != after[name]}

    first = made(SMTP_URL="smtp://mail:1025")
    pooled = made(POOLER="pooler:6432")
    assert changed(first, pooled) == {"pooler", "database_app_url", "database_clock_url"}
    assert pooled["database_app_url"].endswith("@pooler:6432/weerklank?pooler=transaction\n")
    assert made() == pooled, "what was told once is remembered"
    assert changed(pooled, made(REPORTS_AT="replica:5432")) == {"reports_at", "database_reports_url"}
    assert made(POOLER="none", REPORTS_AT="none") == first
    keys = [name for name in first if name.endswith(("_key", "_password"))]
    assert len({first[name] for name in keys}) == len(keys)


def test_a_key_that_is_replaced_goes_to_the_older_ones_newest_first(tmp_path: Path) -> None:
    def made(**told: str) -> tuple[str, str]:
        environ = {"PATH": os.environ["PATH"], "SECRETS": str(tmp_path), "SMTP_URL": "smtp://mail:1025", **told}
        subprocess.run([ROOT / "deploy/secrets"], env=environ, check=True)
        return (tmp_path / "audit_key").read_text().strip(), (tmp_path / "audit_key_old").read_text().strip()

    first, none = made()
    second, one = made(REPLACE="audit_key")
    third, two = made(REPLACE="audit_key")
    assert (none, one, two) == ("", first, f"{second},{first}")
    assert third not in (first, second)


def test_secrets_ask_for_the_mail_server_in_a_sentence(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "SECRETS": str(tmp_path)}
    done = subprocess.run([ROOT / "deploy/secrets"], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "SMTP_URL is needed once" in done.stderr


def test_the_file_needs_an_address_and_says_so() -> None:
    with pytest.raises(BadSurroundings, match="the address that people type"):
        read_shape({"MAIL_FROM": "klachten@example.nl"})

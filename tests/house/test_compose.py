"""The production shape in small: its own tool accepts it, it starts what exists, and nothing has more than it needs.

tests/production holds what runs on one machine to this file.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from weerklank.cli.main import build_parser
from weerklank.cli.web import SECONDS_TO_FINISH
from weerklank.cli.worker import SECONDS_TO_FINISH as SECONDS_OF_A_WORKER
from weerklank.kernel.settings import ROOT, load

FILE = ROOT / "docker-compose.yml"
GIVEN = {"BASE_URL": "https://weerklank.example", "MAIL_FROM": "klachten@example.org"}
OURS = ("migrate", "web", "worker", "clock", "tools")
EVERY = {
    "postgres", "keystore", "redis", "objects", "scanner", *OURS, "front", "mail", "pooler",
}  # fmt: skip


def compose(given: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker-compose", "--file", str(FILE), *arguments],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def read() -> Any:
    """The file as its tool reads it."""
    done = compose(GIVEN, "config")
    assert done.returncode == 0, done.stderr
    return YAML(typ="safe").load(done.stdout)


@pytest.fixture(scope="module")
def services(read: Any) -> Any:
    assert read["services"].keys() == EVERY
    return read["services"]


@pytest.mark.parametrize("profile", ["", "development", "pooler", "tools"])
def test_it_is_valid_in_each_profile_and_says_nothing(profile: str) -> None:
    done = compose(GIVEN, "--profile", profile, "config", "-q")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_it_says_what_is_missing(name: str) -> None:
    done = compose({key: value for key, value in GIVEN.items() if key != name}, "config", "-q")
    assert done.returncode != 0
    assert name in done.stderr


def test_its_commands_exist(services: Any) -> None:
    for name in OURS:
        first, *words = services[name]["command"]
        assert first == "weerklank"
        assert build_parser(words).parse_args(words).run


def test_its_settings_are_those_of_production_and_every_secret_is_a_file(
    services: Any, read: Any, tmp_path: Path
) -> None:
    environ = {"PATH": os.environ["PATH"], "SECRETS": str(tmp_path), "SMTP_URL": "smtp://mail:1025"}
    subprocess.run([ROOT / "deploy/secrets"], env=environ, check=True)
    kept = {path.name: path.read_text().strip() for path in tmp_path.iterdir()}
    assert read["secrets"].keys() <= kept.keys()
    for name, service in services.items():
        told, given = service.get("environment", {}), [each["source"] for each in service.get("secrets", [])]
        named = {Path(value).name for key, value in told.items() if key.endswith("_FILE")}
        assert named <= set(given), f"{name} is told of files that it does not get"
        assert not [key for key in told if re.search("PASSWORD$|SECRET_KEY$|(MASTER|AUDIT)_KEY$", key)], name
        if name in OURS:
            here = {key: value.replace("/run/secrets", str(tmp_path)) for key, value in told.items()}
            settings = load(here)
            assert settings.environment == "production"
            assert settings.master_key and settings.smtp_url == "smtp://mail:1025"


def test_only_the_migration_and_the_operator_know_the_password_of_the_owner(services: Any) -> None:
    knows = {
        name for name, each in services.items() for one in each.get("secrets", []) if one["source"] == "database_url"
    }
    assert knows == {"migrate", "tools"}


def test_nothing_runs_as_root_writes_outside_its_volumes_or_has_a_privilege(services: Any) -> None:
    for name, each in services.items():
        assert each["read_only"] is True, name
        assert each["cap_drop"] == ["ALL"], name
        assert "cap_add" not in each and not each.get("privileged"), name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        user = each.get("user") or user_of_image(each)
        assert user not in ("", "root", "0"), name


def user_of_image(service: Any) -> str:
    """The last USER of the stage that an image of our own is built from."""
    build = service["build"]
    text = (Path(build["context"]) / "Dockerfile").read_text()
    stages = re.split(r"(?m)^FROM ", text)[1:]
    wanted = [stage for stage in stages if not build.get("target") or f" AS {build['target']}\n" in stage]
    return re.findall(r"(?m)^USER (\S+)", wanted[-1])[-1]


def test_everything_is_limited_watched_and_started_again(services: Any) -> None:
    for name, each in services.items():
        limits = each["deploy"]["resources"]["limits"]
        assert limits.keys() >= {"cpus", "memory"} and each["pids_limit"], name
        assert each["logging"]["options"].keys() == {"max-size", "max-file"}, name
        if name in ("migrate", "tools"):
            assert each["restart"] == "no" and each["healthcheck"]["test"] == ["NONE"]
        else:
            assert each["restart"] == "unless-stopped", name
            assert each["healthcheck"]["test"], name


def test_the_tables_are_made_before_anything_works_with_them(services: Any) -> None:
    for name in ("web", "worker", "clock"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"].keys() == {"postgres", "keystore"}
    assert services["front"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_who_is_told_to_stop_has_the_time_to_finish(services: Any) -> None:
    assert seconds(services["web"]) > SECONDS_TO_FINISH + 5
    assert min(seconds(services["worker"]), seconds(services["clock"])) > SECONDS_OF_A_WORKER + 5
    assert seconds(services["front"]) > 10  # its own grace_period


def seconds(service: Any) -> int:
    found = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", service["stop_grace_period"])
    assert found
    return 60 * int(found[1] or 0) + int(found[2] or 0)


def test_the_front_and_the_scanner_do_not_reach_the_databases(services: Any, read: Any) -> None:
    inside = {name for name, each in services.items() if "data" in each["networks"]}
    assert inside == {"postgres", "keystore", "redis", "pooler", *OURS}
    assert all(read["networks"][name]["internal"] for name in ("front", "data", "files"))
    published = {name for name, each in services.items() if each.get("ports")}
    assert published == {"front", "mail"}
    assert all(str(each).startswith("127.0.0.1:") for each in services["mail"]["ports"])


def test_redis_keeps_what_rings_and_throws_nothing_out(services: Any) -> None:
    words = services["redis"]["command"]
    told = dict(zip(words[1::2], words[2::2], strict=True))
    assert (told["--appendonly"], told["--maxmemory-policy"]) == ("yes", "noeviction")


def test_only_what_the_platform_keeps_outside_the_database_is_a_volume_of_its_processes(services: Any) -> None:
    kept = {name: [str(each).split(":")[0] for each in services[name].get("volumes", [])] for name in OURS}
    outside = ["witness", "backups", "backups-of-keys"]
    assert kept == {"migrate": [], "web": [], "worker": ["witness"], "clock": ["witness"], "tools": outside}


def test_every_image_has_a_fixed_version_and_ours_is_built_from_the_lock(services: Any) -> None:
    names = [each["image"] for each in services.values() if "build" not in each]
    for file in (ROOT / "Dockerfile", ROOT / "deploy/Dockerfile"):
        names += re.findall(r"(?m)^FROM (\S+)", file.read_text())
    for name in names:
        assert re.search(r":v?\d+\.\d+", name), name
    ours = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in ours
    copied = set(re.findall(r"(?m)^COPY (.+) \S+$", ours))
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {word for line in copied for word in line.split()} == let_in
    assert all((ROOT / name).exists() for name in let_in)


def test_every_file_that_it_brings_in_is_there_and_can_be_run(services: Any) -> None:
    for each in services.values():
        for volume in each.get("volumes", []):
            outside = str(volume).split(":")[0]
            assert not outside.startswith("/") or Path(outside).is_file(), outside
    for name in ("objects", "pooler", "secrets", "postgres/work", "postgres/keys"):
        assert os.access(ROOT / "deploy" / name, os.X_OK), name
        assert subprocess.run(["sh", "-n", ROOT / "deploy" / name], check=False).returncode == 0


def test_the_front_understands_its_file_in_the_words_of_the_caddy_here(services: Any, tmp_path: Path) -> None:
    told = {**services["front"]["environment"], "BUFFERS": "buffered_2_6", "PATH": os.environ["PATH"]}
    command = ["caddy", "adapt", "--config", str(ROOT / "deploy/Caddyfile")]
    done = subprocess.run(command, env={**told, "HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = YAML(typ="safe").load(done.stdout)
    assert made["apps"]["tls"]["automation"]["on_demand"]["ask"] == "http://web:9000/hosts"
    main = next(each for each in made["apps"]["http"]["servers"].values() if ":8443" in each["listen"])
    assert {"read_timeout", "read_header_timeout", "write_timeout", "idle_timeout", "max_header_bytes"} <= main.keys()
    assert all(word in done.stdout for word in ("buffer_requests", "encodings", "max_size", "Strict-Transport"))

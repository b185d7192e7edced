"""The production shape in small is one that the tool itself accepts, and starts commands that exist."""

import os
import subprocess

from ruamel.yaml import YAML

from weerklank.cli.main import build_parser
from weerklank.kernel.settings import ROOT, load

FILE = ROOT / "docker-compose.yml"
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
GIVEN = {
    "BASE_URL": "https://weerklank.example",
    "SMTP_URL": "smtp://mail:25",
    "MAIL_FROM": "klachten@example.org",
    "DATABASE_PASSWORD": "one",
    "KEYSTORE_PASSWORD": "two",
    **dict.fromkeys(("MASTER_KEY", "AUDIT_KEY", "SECRET_KEY"), KEY),
}


def compose(given: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker-compose", "--file", str(FILE), "config"],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_valid_and_says_what_is_missing() -> None:
    assert compose(GIVEN).returncode == 0
    without = compose({name: value for name, value in GIVEN.items() if name != "MASTER_KEY"})
    assert without.returncode != 0
    assert "openssl rand -base64 32" in without.stderr


def test_its_settings_are_those_of_production_and_its_commands_exist() -> None:
    services = YAML(typ="safe").load(compose(GIVEN).stdout)["services"]
    assert services.keys() == {"postgres", "keystore", "redis", "migrate", "web", "worker", "clock"}
    for name in ("migrate", "web", "worker", "clock"):
        assert load(services[name]["environment"]).environment == "production"
        command = services[name]["command"][1:]
        assert build_parser(command).parse_args(command).run

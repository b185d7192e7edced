"""What docs/operate.md says of installing, upgrading and scaling can be typed as it stands.

No containers are at hand: secrets are made, a command inside a container is read by its own program, and of
`docker compose` the words, options, profiles and services must be those that there are. What the services then do is
run by the journey through the same shape, and what else the page says to type in tests/house/test_operate.py.
"""

import os
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from production.shape import FILE, ROOT
from weerklank.cli.main import build_parser

PAGE = ROOT / "docs" / "operate.md"
HEADINGS = ("Install", "Upgrade", "Scale")


def parts() -> dict[str, str]:
    """The page's text by heading."""
    found = re.split(r"(?m)^## (.+)$", PAGE.read_text(encoding="utf-8"))[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def lines(heading: str) -> list[str]:
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", parts()[heading])
    return [line for block in blocks for line in block.splitlines() if line]


@cache
def services() -> dict[str, dict[str, object]]:
    return dict(YAML(typ="safe").load(FILE)["services"])


@cache
def help_of(word: str) -> str:
    return subprocess.run(["docker-compose", word, "--help"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("heading", HEADINGS)
def test_it_can_be_typed_as_it_stands(heading: str, tmp_path: Path) -> None:
    assert lines(heading)
    for line in lines(heading):
        words = shlex.split(line)
        while "=" in words[0]:
            words.pop(0)
        if words[0] == "docker":
            can_be_typed(words)
        else:
            runs(line, tmp_path)


def runs(line: str, folder: Path) -> None:
    """With the secrets elsewhere; who installed once has told of the mail server once."""
    assert line.endswith("deploy/secrets")
    environ = {"PATH": os.environ["PATH"], "SECRETS": str(folder)}
    if "SMTP_URL" not in line:
        (folder / "smtp_url").write_text("smtp://mail:1025\n")
    subprocess.run(["sh", "-eu", "-c", line], cwd=ROOT, env=environ, check=True)
    told = (folder / "smtp_url").read_text().strip()
    assert f"SMTP_URL={told} " in line or "SMTP_URL" not in line


def can_be_typed(words: list[str]) -> None:
    """`docker compose [--profile NAME] WORD [OPTION...] [SERVICE [COMMAND...]]`"""
    assert words[:2] == ["docker", "compose"], words
    rest = words[2:]
    if rest[0] == "--profile":
        assert [one for one in services().values() if rest[1] in one.get("profiles", ())]  # type: ignore[operator]  # a list where there is one
        rest = rest[2:]
    word, *rest = rest
    while rest and rest[0].startswith("--"):
        option = rest.pop(0)
        assert option in help_of(word), f"{option} of {word}"
        if option == "--scale":
            name, _, number = rest.pop(0).partition("=")
            assert name in services() and number.isdigit()
    if not rest:
        return
    assert rest[0] in services(), rest
    if len(rest) > 1:
        assert word in ("run", "exec") and rest[1] == "weerklank"
        assert build_parser(rest[2:]).parse_args(rest[2:]).run


def test_its_variables_are_those_of_the_file() -> None:
    (block,) = re.findall(r"(?ms)^```ini\n(.*?)^```$", parts()["Install"])
    names = [line.partition("=")[0] for line in block.splitlines()]
    text = FILE.read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    assert needed <= set(names)
    assert all(f"${{{name}:" in text for name in names)


def test_what_it_tells_of_other_parts_is_there() -> None:
    for name in re.findall(r"`(deploy/[\w/.]+|[\w-]+\.yml|CHANGELOG\.md)`", PAGE.read_text(encoding="utf-8")):
        assert (ROOT / name).is_file(), name

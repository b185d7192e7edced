"""The scripts behind `make`: what they say when something is missing; run on a copy, with stand-ins on PATH."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from weerklank.kernel.settings import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of the tree the scripts need, in a folder of its own that is no installation yet."""
    folder = tmp_path / "a clone"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    (folder / ".ci").mkdir()
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml", "Makefile", ".ci/packages"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def stand_in(clone: Path, name: str, script: str) -> None:
    place = clone / "bin" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)


def run(clone: Path, *command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    path = f"{clone / 'bin'}:{os.defpath}"
    return subprocess.run(
        command, cwd=clone, env={"PATH": path, **environ}, capture_output=True, text=True, check=False
    )


def test_it_asks_for_a_newer_python_in_one_sentence(clone: Path) -> None:
    stand_in(clone, "oldpython", '[ "$1" = -V ] && echo "Python 3.9.2" || exit 1')
    done = run(clone, "scripts/environment", PYTHON="oldpython")
    assert done.returncode == 2
    assert done.stderr == "weerklank: Python 3.11 or later is needed, and oldpython here is Python 3.9.2.\n"


def test_it_asks_for_venv_in_one_sentence(clone: Path) -> None:
    stand_in(clone, "barepython", 'case "$2" in *ensurepip*) exit 1 ;; esac')
    done = run(clone, "scripts/environment", PYTHON="barepython")
    assert done.returncode == 2
    assert done.stderr == (
        "weerklank: barepython cannot make an environment; on Debian: apt-get install python3-venv.\n"
    )


def test_it_says_when_there_is_no_room_for_the_environment(clone: Path) -> None:
    stand_in(clone, "python3", "exit 0")
    stand_in(clone, "df", "echo Filesystem Blocks Used Available; echo disk 9000000 8900000 1000")
    done = run(clone, "scripts/environment", PYTHON="python3")
    assert done.returncode == 2
    assert done.stderr.startswith("weerklank: The disk is nearly full;")


def test_it_does_nothing_when_the_lock_is_the_one_it_installed(clone: Path) -> None:
    made = run(clone, "sh", "-c", "sed '/^\\[tool/q' pyproject.toml | cat requirements.lock - | cksum")
    (clone / ".venv" / "bin").mkdir(parents=True)
    stand_in(clone, "weerklank", "exit 0")
    shutil.move(clone / "bin" / "weerklank", clone / ".venv" / "bin" / "weerklank")
    (clone / ".venv" / "made-from").write_text(f"{clone.resolve()} {made.stdout}")
    done = run(clone, "scripts/environment", PYTHON="no-python-needed")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("another==1.0\n")
    assert run(clone, "scripts/environment", PYTHON="no-python-needed").returncode == 2


def test_it_names_the_packages_that_only_root_may_install(clone: Path) -> None:
    stand_in(clone, "dpkg-query", "exit 1")
    stand_in(clone, "id", "echo 1000")
    done = run(clone, "scripts/packages")
    assert done.returncode == 2
    assert "apt-get install --no-install-recommends caddy chromium" in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_installs_nothing_when_nothing_is_missing(clone: Path) -> None:
    stand_in(clone, "dpkg-query", 'printf "ii "')
    stand_in(clone, "apt-get", "echo called >&2; exit 1")
    done = run(clone, "scripts/packages")
    assert (done.returncode, done.stderr) == (0, "")


def test_it_shows_why_packages_could_not_be_installed(clone: Path) -> None:
    stand_in(clone, "dpkg-query", "exit 1")
    stand_in(clone, "id", "echo 0")
    stand_in(clone, "apt-get", "echo E: no such package; exit 100")
    done = run(clone, "scripts/packages")
    assert done.returncode == 2
    assert "E: no such package" in done.stderr


def test_make_explains_itself(clone: Path) -> None:
    listed = run(clone, "make").stdout
    for target in ("help", "run", "demo", "test", "check", "bench"):
        assert f"  make {target} " in listed

"""The command line itself: what it loads, what it answers, and what it says when the machine is at fault."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from weerklank.cli import main
from weerklank.cli.main import COMMANDS
from weerklank.kernel.settings import ROOT

HEAVY = ("flask", "sqlalchemy", "psycopg", "dramatiq", "alembic", "granian")


def loaded_by(*arguments: str) -> set[str]:
    """Which of the heavy libraries a command has loaded when it shows its help."""
    code = (
        "import sys\nfrom weerklank.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, input=""
    )
    return set(eval(done.stderr.splitlines()[-1], {}))  # noqa: S307 - a list that the line above printed


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_shows_its_help(command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0


def test_it_lists_the_commands_without_loading_any_of_them() -> None:
    assert loaded_by("--help") == set()


def test_it_computes_deadlines_without_a_database_or_flask() -> None:
    assert loaded_by("deadlines", "compute", "--help") == set()
    empty = subprocess.run(
        [sys.executable, "-m", "weerklank", "deadlines", "compute", "-"],
        input="[]",
        capture_output=True,
        text=True,
        check=False,
        env={"VAR": "/dev/null/nowhere", "DATABASE_URL": "nonsense"},
    )
    assert (empty.returncode, empty.stderr) == (0, "")


def test_it_answers_two_and_one_sentence_when_the_surroundings_are_bad(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert main(["run"]) == 2
    assert capsys.readouterr().err == ("weerklank: PORT is 'eighty', but must be a whole number from 1 to 65535.\n")


def test_it_says_so_when_the_disk_is_full(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("weerklank.cli.run.check_surroundings", full)
    assert main(["run"]) == 2
    assert capsys.readouterr().err == "weerklank: the disk is full.\n"


def test_it_ends_quietly_when_its_reader_has_gone() -> None:
    ended = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m weerklank policy schema | head -c 1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ended.stderr == ""


def test_the_environment_has_the_command() -> None:
    assert (Path(sys.executable).parent / "weerklank").is_file()

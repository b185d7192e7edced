"""PostgreSQL's own programs for dumping and restoring, run without a password on the command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from weerklank.kernel.errors import BadSurroundings
from weerklank.kernel.postgres import program_folders

DEBIAN = Path("/usr/lib/postgresql")
SECONDS_BETWEEN = 2.0  # between two words about how far it is
Say = Callable[[str], None]


def dump(url: str, snapshot: str, without_rows: str, to: Path, say: Say) -> None:
    """Write the database as it is in this snapshot of another connection, but for the rows of one table, as a custom
    archive."""
    arguments = ("--format=custom", f"--snapshot={snapshot}", f"--exclude-table-data={without_rows}", f"--file={to}")
    run("pg_dump", url, arguments, lambda: say(f"database: {in_mb(to)} MB written"))


def load(url: str, archive: Path, say: Say) -> None:
    """Put an archive back, all of it or nothing, as whoever the address names."""
    arguments = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-publications", str(archive))
    started = time.monotonic()
    run("pg_restore", url, arguments, lambda: say(f"database: {time.monotonic() - started:.0f} seconds"))


def run(name: str, url: str, arguments: tuple[str, ...], beat: Callable[[], None]) -> None:
    """Run a program on the database of this address; `beat` is called while it works. Raises BadSurroundings."""
    given: dict[str, Any] = conninfo_to_dict(url)
    password = given.pop("password", None)
    command = [str(find(name, url)), f"--dbname={make_conninfo(**given)}", "--no-password", *arguments]
    environ = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    if password:
        environ["PGPASSWORD"] = str(password)
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            told = heard(process, beat)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BadSurroundings(f"{name} failed: {complaint(told)}.")


def heard(process: subprocess.Popen[str], beat: Callable[[], None]) -> str:
    """What the program told when it has ended."""
    while True:
        try:
            return process.communicate(timeout=SECONDS_BETWEEN)[1]
        except subprocess.TimeoutExpired:
            beat()


def complaint(told: str) -> str:
    """The first error, without the statement and the values that caused it."""
    found = re.search(r"error: (.*)", told)
    return (found[1] if found else "it said nothing").rstrip(".")


def find(name: str, url: str) -> Path:
    """The program of the server's own version, else of the next one up: an older one does not know the server."""
    with psycopg.connect(url) as connection:
        server = connection.info.server_version // 10_000
    debian = [folder / name for folder in DEBIAN.glob("*/bin")]
    on_path = shutil.which(name)
    places = [*debian, *([Path(on_path)] if on_path else []), *(folder / name for folder in program_folders())]
    found = sorted((version(place), place) for place in places if place.is_file())
    for major, place in found:
        if major >= server:
            return place
    raise BadSurroundings(f"Here is no {name} of PostgreSQL {server} or later; install the client programs.")


def version(program: Path) -> int:
    said = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(number[1]) if number else 0


def in_mb(file: Path) -> int:
    return file.stat().st_size // 1_000_000 if file.exists() else 0

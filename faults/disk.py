"""No room left: under the database, and under the files. Nothing that was acknowledged is lost; people read that it
does not go just now, with what they typed still there; and soon after there is room again everything goes.

Each lies on a disk of its own in memory that is filled up; that needs root.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from faults.browser import Browser
from faults.campaign import Campaign
from faults.ground import Ground, until
from faults.people import WORDS
from faults.table import Row, Size

USABLE = 10.0  # seconds after there is room
FULL = 4.0  # seconds
ROOM = 160 << 20  # bytes of the database's disk
ROOM_OF_FILES = 4 << 20
STEP = 64 << 10


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    rows = {"the database": ground.postgres.var / "postgres" / "data", "files": ground.platform.settings.var / "files"}
    for what, folder in rows.items():
        row = Row(f"disk full under {what}", 25)
        reason = why_not()
        if reason:
            row.not_run, row.wrong = reason, size.of(list[str](), [f"not run: {reason}"])
        else:
            with small_disk(ground, folder, ROOM if what == "the database" else ROOM_OF_FILES):
                for number in range(size.of(1, 5)):
                    filled(ground, seed, row, folder, f"FULL{what[-2]}{number}", size.of(12, 20))
        yield row


def why_not() -> str:
    """What keeps us from mounting a disk in memory, if something does."""
    if os.geteuid() != 0:
        return "mounting a small disk needs root"
    place = Path("/proc/self/status").read_text()
    capable = int(next(line for line in place.splitlines() if line.startswith("CapEff")).split()[1], 16)
    return "" if capable >> 21 & 1 else "mounting a small disk needs CAP_SYS_ADMIN"


@contextmanager
def small_disk(ground: Ground, folder: Path, size: int) -> Iterator[None]:
    """What is in this folder lies on a disk of its own meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    aside, about = folder.with_name(f"{folder.name}.aside"), folder.stat()
    with at_rest(ground, folder):
        folder.rename(aside)
        folder.mkdir()
        options = f"size={size},mode=0700,uid={about.st_uid},gid={about.st_gid}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
    try:
        yield
    finally:
        with at_rest(ground, folder):
            shutil.rmtree(aside)
            subprocess.run(["cp", "-a", str(folder), str(aside)], check=True)
            subprocess.run(["umount", str(folder)], check=True)
            folder.rmdir()
            aside.rename(folder)


@contextmanager
def at_rest(ground: Ground, folder: Path) -> Iterator[None]:
    """Nobody writes in this folder."""
    if folder.name == "data":
        ground.postgres.stop()
    yield
    if folder.name == "data":
        ground.postgres.start()
        until(ground.all_serve, "the pages are served")


def filled(ground: Ground, seed: random.Random, row: Row, folder: Path, label: str, count: int) -> None:
    """Fill it while people hand in; look at what they read; make room, and see how soon everything goes."""
    campaign = Campaign(ground, seed, label, count)
    ballast, told = folder / "ballast", ""
    if folder.name == "data":
        campaign.begin()
        time.sleep(seed.uniform(0.5, 1.5))
        fill(ballast)
        use_up(ground)
        told = f"; {tell(ground, seed)}"
    else:
        fill(ballast)
        campaign.begin()
    time.sleep(FULL)
    ballast.unlink()
    room = time.monotonic()
    if ground.postgres.pid is None:  # it has given up, as its manual says; whoever watches over it starts it again
        ground.postgres.start()
    until(lambda: usable(ground), "everything goes again")
    usable_after = time.monotonic() - room
    campaign.finish(row, since=room)
    refused = [asked.status for asked in campaign.log if asked.status >= 500]
    row.note = f"{len(refused)} forms refused, usable {usable_after:.1f} s after there was room{told}"
    row.wrong += [f"refused with {sorted(set(refused) - {503})}"] if set(refused) - {503} else []
    row.wrong += [f"usable only after {usable_after:.0f} s"] if usable_after > USABLE else []
    row.wrong += [told] if "lost" in told else []
    row.wrong += [] if refused else ["nobody noticed"]


def fill(ballast: Path) -> None:
    """Take all the room there is."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):  # what a buffer holds is written at closing
        while True:
            file.write(bytes(STEP))


def use_up(ground: Ground) -> None:
    """Fill what the database has in store too, so that whoever writes meets the end of the disk."""
    with suppress(psycopg.Error), psycopg.connect(ground.postgres.superuser, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS faults_ballast (filling text)")
        while True:
            connection.execute("INSERT INTO faults_ballast SELECT repeat('x', 1000) FROM generate_series(1, 100)")


def tell(ground: Ground, seed: random.Random) -> str:
    """What somebody reads who sends a story now; he gets it back with the refusal."""
    story = " ".join(seed.choices(WORDS, k=1500))
    browser = Browser(lambda: ground.ports, seed, [], patience=1.0)
    page = browser.get("/complain")
    target, hidden = page.form()
    for _ in range(20):
        body = "&".join(f"{name}={value}" for name, value in {**hidden, "story": story.replace(" ", "+")}.items())
        status, _, text = browser.once("POST", target, body.encode(), "application/x-www-form-urlencoded")
        if status >= 500:
            return "the text was given back" if story in text else f"the text is lost with a {status}"
    return "the first page could still be kept"


def usable(ground: Ground) -> bool:
    """Whether somebody can hand in a story, and the database writes."""
    with suppress(psycopg.Error), psycopg.connect(ground.postgres.superuser, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS faults_ballast")
        connection.execute("CREATE TABLE faults_ballast (filling text)")
        connection.execute("DROP TABLE faults_ballast")
        return ground.all_serve()
    return False

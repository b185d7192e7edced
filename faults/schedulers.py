"""Four clocks at once, killed over what they have in hand: each slot of repeating work runs once, over a change of the
clock too, and what passed while no clock was there is made up for once.

The clocks are processes that keep a beat as `weerklank worker` does, by a time that this module hands them: a thousand
slots are through in seconds.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from faults.ground import PATIENCE, Ground, Process
from faults.table import Row, Size
from weerklank.assembly import assemble
from weerklank.kernel.settings import load
from weerklank.kernel.ticks import written
from weerklank.workers import clock

CLOCKS = 4
SLOTS = 1_000
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CHANGES = (date(2027, 3, 28), date(2027, 10, 31))  # days of 23 and of 25 hours
LEASE = timedelta(seconds=2)
IN_HAND = "clock.tick"
SLOT_OF: dict[str, Callable[[datetime], date | datetime]] = {
    "minute": clock.this_minute, "ten": clock.these_ten_minutes, "hour": clock.this_hour, "day": clock.today,
}  # fmt: skip


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    desk = Desk(ground.folder / "slots")
    for number in range(1, CLOCKS + 1):
        ground.add(Process(f"beat-{number}", ["faults.schedulers"], {"FAULTS_SLOTS": str(desk.folder)}))
    try:
        yield through_a_year(ground, desk, seed, size.of(4, 30))
        yield while_nobody_was_there(ground, desk)
    finally:
        ground.remove(*ground.named("beat"))


@dataclass
class Desk:
    """Files over which the clocks are told the time, and tell what they began and finished."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)

    def say(self, kind: str, at: datetime) -> None:
        aside = self.folder / "now.new"
        aside.write_text(f"{kind} {at.isoformat()}")
        aside.replace(self.folder / "now")

    def heard(self) -> tuple[str, datetime] | None:
        """The kind of slot, and the time; None before anybody said one."""
        try:
            kind, at = (self.folder / "now").read_text().split(" ")
        except FileNotFoundError:
            return None
        return kind, datetime.fromisoformat(at)

    def note(self, what: str, slot: clock.Slot) -> None:
        """A line, in one piece whoever else writes, and kept."""
        file = os.open(self.folder / what, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        try:
            os.write(file, f"{slot.name} {written(slot.at)}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)

    def count(self, what: str) -> Counter[str]:
        file = self.folder / what
        return Counter(file.read_text().splitlines() if file.exists() else ())

    def wait_for(self, line: str) -> float:
        """Until this is finished; how many seconds that took. TimeoutError."""
        began, file = time.monotonic(), self.folder / "finished"
        while not file.exists() or not file.read_text().endswith(f"{line}\n"):
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError(f"it was not finished: {line}")
            time.sleep(0.002)
        return time.monotonic() - began


def work() -> None:
    """A clock: keep the beat of whatever time it is, for ever."""
    platform, desk = assemble(load()), Desk(Path(os.environ["FAULTS_SLOTS"]))
    clock.BEAT_LEASE = LEASE

    def one(slot: clock.Slot) -> None:
        desk.note("begun", slot)
        with suppress(FileNotFoundError):
            (desk.folder / "die").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        desk.note("finished", slot)

    while True:
        if told := desk.heard():
            kind, at = told
            clock.keep_beat(platform, f"faults.{kind}", SLOT_OF[kind](at), one)
        time.sleep(0.01)


def moments() -> list[tuple[str, datetime]]:
    """A thousand slots in order: every day of a year; both days of a change by the hour, ten minutes and minute."""
    begin = datetime(2027, 1, 1, 0, 0, tzinfo=UTC)
    found = [("day", begin + timedelta(days=number)) for number in range(365)]
    for day in CHANGES:
        midnight = datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)
        found += [("hour", midnight + timedelta(hours=number)) for number in range(-24, 49)]
        found += [("ten", midnight + timedelta(minutes=10 * number)) for number in range(150)]
    left = (SLOTS - len(found) + 1) // len(CHANGES)
    for day in CHANGES:
        early = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30)  # the change is at 01:00
        found += [("minute", early + timedelta(minutes=number)) for number in range(left)]
    return found[:SLOTS]


def through_a_year(ground: Ground, desk: Desk, seed: random.Random, kills: int) -> Row:
    """Slot by slot; now and then a clock dies, mostly one that has a slot in hand."""
    row, every = Row("four clocks, killed", 23), moments()
    before, deadly = ground.kills, dict.fromkeys(seed.sample(range(len(every)), kills), "before")
    deadly |= dict.fromkeys(seed.sample(range(len(every)), kills), "within")
    for number, (kind, at) in enumerate(every):
        if deadly.get(number) == "before":
            strike(ground, seed)
        elif number in deadly:
            (desk.folder / "die").touch()
        desk.say(kind, at)
        desk.wait_for(f"faults.{kind} {written(SLOT_OF[kind](at))}")
    row.kills = ground.kills - before
    judge(row, desk, every)
    return row


def strike(ground: Ground, seed: random.Random) -> None:
    """Kill a clock; the life after it ends when it has taken a slot, and not begun with it."""
    name = seed.choice(ground.named("beat"))
    ground.arm(name, [f"{IN_HAND}:1"])
    ground.kill(name)


def judge(row: Row, desk: Desk, every: Sequence[tuple[str, datetime]]) -> None:
    """Each slot was finished, once, and begun once but where its clock was killed; so was each day by the calendar."""
    begun, finished = desk.count("begun"), desk.count("finished")
    wanted = {f"faults.{kind} {written(SLOT_OF[kind](at))}" for kind, at in every}
    assert len(wanted) == len(every), "the slots of this scenario are not all different"
    again = sum(begun.values()) - len(begun)
    row.kills += again
    row.runs = len(wanted)
    row.lost = len(wanted - finished.keys())
    row.phantom = len(finished.keys() - wanted)
    twice = sum(finished.values()) - len(finished)
    row.wrong += [f"{twice} slots finished twice"] if twice else []
    days = (line.split()[1] for line in finished if line.startswith("faults.day"))
    local = Counter(datetime.fromisoformat(day).replace(tzinfo=UTC).astimezone(AMSTERDAM).date() for day in days)
    row.wrong += [f"{local[day]} runs on {day}" for day in CHANGES if local[day] != 1]
    row.note = f"{again} killed within their work; both days of a change have one daily run"


def while_nobody_was_there(ground: Ground, desk: Desk) -> Row:
    """All clocks are gone for a hundred days; then four come at once."""
    row, before = Row("no clock for 100 days", 23), desk.count("finished")
    clocks = [ground.processes[name] for name in ground.named("beat")]
    ground.remove(*ground.named("beat"))
    last = datetime(2028, 4, 9, 0, 0, tzinfo=UTC)
    for number in range(100):
        desk.say("day", last - timedelta(days=99 - number))
    for process in clocks:
        ground.add(Process(process.name, process.command, process.environ))
    row.recovery.append(desk.wait_for(f"faults.day {written(last.date())}"))
    new = desk.count("finished") - before
    row.runs, row.lost, row.phantom = 1, int(not new), max(sum(new.values()) - 1, 0)
    return row

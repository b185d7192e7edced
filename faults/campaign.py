"""One run: complaints are handed in while something breaks; then all comes to rest and is checked.

campaign = Campaign(ground, seed, "WEB1", 30)      # the label leads the mark of each of its complaints
campaign.begin()
while campaign.going(): ...                        # break something
campaign.finish(row)                               # waits for rest, checks, and adds to the row
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

from faults.browser import Asked
from faults.checker import Findings, check, hash_of, look
from faults.ground import SLUG, Ground
from faults.people import Oracle, Plan, World, plans, run_all
from faults.table import Row
from weerklank.identity.login import start_session
from weerklank.identity.people import find_person

AT_ONCE = 3  # people at the same time
LONGEST_SENTENCE = 12  # of what is wrong, how much is told
OFFICER = "prins"


class Campaign:
    """So many complaints by this seed, handed in by so many people at once; `twice`: each form is sent two times."""

    def __init__(
        self,
        ground: Ground,
        seed: random.Random,
        label: str,
        count: int,
        *,
        twice: bool = False,
        at_once: int = AT_ONCE,
    ) -> None:
        self.ground = ground
        self.plans: list[Plan] = plans(label, count, seed)
        self.before = look(ground)
        self.log: list[Asked] = []
        self.oracle = Oracle(ground.folder / "facts" / label)
        self.world = World(lambda: ground.ports, self.oracle, self.log, staff_cookies(ground), twice)
        self.at_once = at_once
        self.threads: list[Thread] = []
        self.broken: list[Any] = []
        self.kills = ground.kills

    def begin(self) -> None:
        self.threads, self.broken = run_all(self.world, self.plans, self.at_once)

    def going(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    @property
    def killed(self) -> int:
        """How many processes died since this began."""
        return self.ground.kills - self.kills

    def finish(self, row: Row, patience: float = 120.0, since: float | None = None) -> Findings:
        """Wait until everybody is done and nothing waits; check; count it all in the row.

        `since`: the end of the last fault, from which the recovery is counted; without it, from when people were done.
        """
        for thread in self.threads:
            thread.join(patience)
        began = time.monotonic() if since is None else since
        found = Findings()
        if self.going():
            found.wrong.append("people still wait for an answer")
        try:
            self.ground.quiet(patience)
            row.recovery.append(time.monotonic() - began)
        except TimeoutError:
            found.wrong.append(f"{self.ground.waiting()} jobs still wait after {patience:.0f} s")
        checked = check(self.ground, self.before, self.plans, self.oracle.facts)
        checked.wrong += found.wrong + [f"{mark}: {failure!r}" for mark, failure in self.broken]
        self.count(row, checked)
        return checked

    def count(self, row: Row, found: Findings) -> None:
        row.runs += 1
        row.kills += self.killed
        row.lost += len(found.lost)
        row.phantom += len(found.phantom)
        row.repeats += found.repeats
        row.wrong += found.wrong + alike(found)
        for sort, every in (("lost", found.lost), ("phantom", found.phantom), ("wrong", found.wrong)):
            for each in every[:LONGEST_SENTENCE]:
                print(f"    {row.fault}: {sort}: {each}", flush=True)

    def hash(self, found: Findings) -> str:
        return hash_of(found.states)


def alike(found: Findings) -> list[str]:
    """Complaints with which the same was done stand alike, whatever broke meanwhile."""
    return [
        f"{len(every)} different ends of complaints of the same shape ({shape}): {different(sorted(every))}"
        for shape, every in found.states.items()
        if len(every) > 1
    ]


def different(states: Sequence[str]) -> str:
    """Where the first two of these states differ."""
    first, second = states[:2]
    at = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return f"...{first[max(0, at - 60) : at + 60]}... / ...{second[max(0, at - 60) : at + 60]}..."


def staff_cookies(ground: Ground) -> dict[str, str]:
    """What the browser of the quality officer holds who is logged in."""
    with ground.tenant() as session:
        person = find_person(session, ground.people[OFFICER])
        token = start_session(session, person, ground.platform.now(), second_factor=True).token
        session.commit()
    return {f"weerklank-{SLUG}-staff": token}


def advance(ground: Ground, by: timedelta) -> None:
    """Move the platform's clock on."""
    file = ground.platform.settings.clock_file
    assert file is not None
    ground.move_clock(timedelta(seconds=float(file.read_text())) + by)

"""The table of the campaign: a row for each fault, and the line that sums it up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from statistics import median
from typing import TypeVar

T = TypeVar("T")
HEADING = ("fault", "goal", "runs", "kills", "lost", "phantom", "repeats", "recovery s p50 / max", "", "")


class Size(Enum):
    """How much is done: the short form runs on every change, the long one by hand."""

    SHORT = "short"
    LONG = "long"

    def of(self, short: T, long: T) -> T:
        return short if self is Size.SHORT else long


@dataclass
class Row:
    """What one fault did. `wrong` says in words what broke a pass line; none: it passed.

    `kills` are processes ended by SIGKILL; `recovery` seconds from the end of each fault until all that was waiting is
    done; `repeats` mails that came more than once under one Message-ID; `note` what else was measured.
    """

    fault: str
    goal: int
    runs: int = 0
    kills: int = 0
    lost: int = 0
    phantom: int = 0
    repeats: int = 0
    recovery: list[float] = field(default_factory=list)
    note: str = ""
    wrong: list[str] = field(default_factory=list)
    not_run: str = ""  # why, where it was not: that is no pass

    @property
    def passed(self) -> bool:
        return not self.wrong and self.lost == self.phantom == 0

    @property
    def verdict(self) -> str:
        return "FAIL" if not self.passed else "not run" if self.not_run else "pass"

    def cells(self) -> tuple[str, ...]:
        times = f"{median(self.recovery):.1f} / {max(self.recovery):.1f}" if self.recovery else "-"
        numbers = (self.goal or "-", self.runs, self.kills, self.lost, self.phantom, self.repeats)
        return self.fault, *map(str, numbers), times, self.verdict, self.not_run or self.note


def table(rows: Sequence[Row]) -> str:
    """The rows as a table of plain text that is one in Markdown, too."""
    lines = [HEADING, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADING))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([shown[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *shown[1:]])


def summary(rows: Iterable[Row]) -> str:
    """The last line."""
    every = list(rows)
    runs, kills = sum(row.runs for row in every), sum(row.kills for row in every)
    lost, phantom = sum(row.lost for row in every), sum(row.phantom for row in every)
    repeats = sum(row.repeats for row in every)
    return f"faults: {runs} runs, {kills} kills, {lost} lost, {phantom} phantom, {repeats} repeats"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lies; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0

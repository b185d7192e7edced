"""What is wrong with the platform itself, whichever organisation it serves: for the operator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from weerklank.kernel.database import without_tenant
from weerklank.kernel.ticks import beats

# How long ago each beat may have been at most: twice its own time and a little.
BEATS_WITHIN = {
    "seal": timedelta(minutes=5),
    "mail": timedelta(minutes=5),
    "doctor": timedelta(minutes=25),
    "scan": timedelta(minutes=25),
    "words": timedelta(hours=2, minutes=10),
    "refresh": timedelta(hours=2, minutes=10),
    "digest": timedelta(hours=2, minutes=10),
    "learn": timedelta(hours=2, minutes=10),
    "sweep": timedelta(hours=26),
    "thorough": timedelta(hours=26),
    "sign_ups": timedelta(hours=26),
}
JOBS_WAIT = timedelta(minutes=5)
NEARLY_FULL = 0.9
OLDEST_JOB = text(
    "SELECT now() - min(run_at) FROM outbox WHERE state = 'pending' AND run_at <= now()"
    " AND (lease_until IS NULL OR lease_until <= now())"
)


class Fault(StrEnum):
    """beat: a repeating job missed its beat. jobs: no worker takes what is due. disk: nearly full."""

    BEAT = "beat"
    JOBS = "jobs"
    DISK = "disk"


@dataclass(frozen=True)
class HouseFault:
    """One thing that is wrong with the platform; `about` is the beat's name or what is full. `length`: how long."""

    fault: Fault
    about: str
    length: timedelta | None = None


def look_at_house(session: Session, clock_session: Session, var: Path) -> Iterator[HouseFault]:
    """Everything there is, by the database's clock. `clock_session` sees the due moments of all organisations."""
    yield from beats_missed(session)
    yield from jobs_waiting(clock_session)
    yield from disk_nearly_full(var)


def beats_missed(session: Session) -> Iterator[HouseFault]:
    """Beats that were not kept in time, or never, in an order that does not change."""
    kept = beats(session)
    for name, within in BEATS_WITHIN.items():
        if name not in kept or kept[name] > within:
            yield HouseFault(Fault.BEAT, name, kept.get(name))


def jobs_waiting(clock_session: Session) -> Iterator[HouseFault]:
    """That something is due for five minutes and no worker takes it."""
    with without_tenant(clock_session, "how long the oldest job of all organisations waits"):
        length = clock_session.scalar(OLDEST_JOB)
    if length is not None and length > JOBS_WAIT:
        yield HouseFault(Fault.JOBS, "", length)


def disk_nearly_full(var: Path) -> Iterator[HouseFault]:
    """That nine tenths of where files are kept, or will be, is in use."""
    usage = shutil.disk_usage(next(place for place in (var, *var.parents) if place.exists()))
    if usage.used / (usage.used + usage.free) >= NEARLY_FULL:
        yield HouseFault(Fault.DISK, "files")

"""A worker that knows some jobs more: ones that kill it, devour its memory, never end, take long or next to nothing.

`python -m faults.poisoned worker ...` is `weerklank worker ...` with these. Each notes when it begins in the file
FAULTS_POISONED.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime

from weerklank.assembly import Platform
from weerklank.documents.dossier.asking import MAKE
from weerklank.kernel import outbox
from weerklank.kernel.outbox import Job
from weerklank.workers import jobs

GIGABYTES = 4
NAP, LONG = 3.0, 27.0  # seconds; the second is longer than a lease
EXPORT = 0.5  # seconds

Handler = Callable[[Platform, Job, datetime], None]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def devour() -> None:
    held = bytearray(GIGABYTES << 30)
    held[-1] = 1


def loop() -> None:
    while True:
        pass


def noted(what: Callable[[], None]) -> Handler:
    """The handler that notes that it began, does this, and is done."""

    def handle(platform: Platform, job: Job, now: datetime) -> None:
        note = os.open(os.environ["FAULTS_POISONED"], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        os.write(note, f"{job.id} {job.kind} {os.getpid()} {time.time()}\n".encode())
        os.close(note)
        what()
        with platform.tenant(job.tenant_id) as session:
            outbox.done(session, job)
            session.commit()

    return handle


def register() -> None:
    """Know these kinds in this process, and in those it begins for one job."""
    jobs.HANDLERS = {
        **jobs.HANDLERS,
        "fault_kill": noted(kill),
        "fault_devour": noted(devour),
        "fault_loop": noted(loop),
        "fault_nap": noted(lambda: time.sleep(NAP)),
        "fault_long": noted(lambda: time.sleep(LONG)),
        "fault_plain": noted(lambda: None),
        MAKE: noted(lambda: time.sleep(EXPORT)),
    }
    sys.orig_argv[2] = "faults.poisoned"


if __name__ == "__main__":
    from weerklank.cli.main import main

    register()
    sys.exit(main(sys.argv[1:]))

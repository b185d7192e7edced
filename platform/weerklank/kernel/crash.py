"""Points at which a test kills the process, to prove that nothing is lost there (`faults/`). Elsewhere they do nothing.

With ENVIRONMENT=test, `CRASH_AT=web.before_commit:3` kills a process the third time it comes there, by SIGKILL, so that
nothing is tidied up. It writes the file `CRASH_NOTE` first and kills nobody while that is there: what is started
again in the same surroundings lives.
"""

import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

# Every point there is, and where it stands. The campaign reads this list and has to kill at each of them.
POINTS: Mapping[str, str] = {
    "web.key_written": "the key of a new case is in the key store, and nothing of the case in the database",
    "web.file_put": "a file lies in the store, and its row is not committed",
    "web.before_commit": "a form was carried out, and is not committed",
    "web.after_commit": "a form was carried out and committed, and not answered",
    "worker.before_claim": "a worker was rung for a job, and has not claimed it",
    "worker.claimed": "a job is claimed and committed, and nothing was done for it",
    "worker.written": "a message is written out and committed, and not handed to the mail server",
    "worker.after_250": "the mail server took a message, and the database does not know it",
    "worker.before_done": "what a job does inside the database is done, and not committed",
    "worker.done": "a job is done and committed",
    "relay.found": "due jobs were found, and nobody was rung for",
    "relay.rung": "a worker was rung for a job",
    "clock.claimed": "due terms are claimed and committed, and none was acted on",
    "clock.before_commit": "a term was acted on, and it is not committed",
    "clock.acted": "a term was acted on and committed",
    "clock.tick": "a beat is claimed and committed, and its work not begun",
}


@dataclass
class Armed:
    """Where this process is killed: at which pass of which point, unless the note says that it was."""

    name: str
    passes: int
    note: str
    lock: threading.Lock = field(default_factory=threading.Lock)

    def passed(self, name: str) -> None:
        if name != self.name:
            return
        with self.lock:
            self.passes -= 1
            if self.passes == 0:
                with suppress(FileExistsError):
                    os.close(os.open(self.note, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                    os.kill(os.getpid(), signal.SIGKILL)


def read(environ: Mapping[str, str]) -> Armed | None:
    """What this environment arms; nothing outside of tests. ValueError for a point that does not exist."""
    name, _, passes = environ.get("CRASH_AT", "").partition(":")
    if not name or environ.get("ENVIRONMENT") != "test":
        return None
    if name not in POINTS:
        raise ValueError(f"there is no crash point {name}")
    return Armed(name, int(passes or 1), environ["CRASH_NOTE"])


armed = read(os.environ)


def arm(environ: Mapping[str, str]) -> None:
    """Read the surroundings anew, for a process that was forked into others."""
    global armed
    armed = read(environ)


def crash_point(name: str) -> None:
    """Die here when this point is armed."""
    if armed is not None:
        armed.passed(name)

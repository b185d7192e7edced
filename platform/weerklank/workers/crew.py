"""The crew of a worker process: threads that each, when free, take the fairest job that is due.

A bell wakes one of them, who wakes the next; without any bell one looks every second, so that nothing is lost with
it. What is in hand is counted, so that no organisation and no kind of work ever holds every thread. A heart renews
the leases of what is in hand, which come to an end by themselves when this process does, or is frozen.
"""

from __future__ import annotations

import faulthandler
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from time import monotonic
from uuid import UUID

import structlog

from weerklank.assembly import Platform
from weerklank.backup.asking import EXPORT
from weerklank.cases.messages import DELIVER
from weerklank.correspondence.digest import DIGEST
from weerklank.correspondence.drafts import SAVED
from weerklank.correspondence.office import OWN_POST
from weerklank.documents.dossier.asking import MAKE
from weerklank.documents.files import SCAN
from weerklank.identity.letters import JOB as LINK
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session
from weerklank.kernel.errors import Conflict
from weerklank.kernel.health import Progress
from weerklank.kernel.outbox import MOST_SILENT, Job
from weerklank.learning.counting import COUNT
from weerklank.learning.place import NOTICE
from weerklank.rehearsal.asked import REHEARSE
from weerklank.workers.doctoring import ALARM, CHECK_UP
from weerklank.workers.jobs import LEASE, carry_out, claim_job, give_up
from weerklank.workers.mailboxes import READ, TELL
from weerklank.workers.sweeping import SWEEP

LOOK_AT = 50  # due jobs at a time, from which the fairest is taken
CLAIMS = 8  # tried of those, while other workers are quicker
TRIES = 3  # looks, when other workers take what was found
SECONDS_BETWEEN = 1.0
BEATS_APART = 5.0  # seconds between renewals of the leases
HEART_STOPS = 60.0  # seconds without a beat: something holds the whole process
HEAVY_TIMES = 16  # as long as any other job may take
STUCK = 70  # exit code
log = structlog.get_logger()


class Lane(StrEnum):
    """What has room of its own: mail, mailboxes and the scanner are waited for, heavy work takes minutes."""

    MAIL = "mail"
    MAILBOX = "mailbox"
    SCANNER = "scanner"
    HEAVY = "heavy"


LANES: Mapping[str, Lane] = {
    **dict.fromkeys((DELIVER, LINK, NOTICE, OWN_POST, SAVED, DIGEST, TELL, ALARM), Lane.MAIL),
    READ: Lane.MAILBOX,
    SCAN: Lane.SCANNER,
    **dict.fromkeys((MAKE, EXPORT, COUNT, REHEARSE, SWEEP, CHECK_UP), Lane.HEAVY),
}


@dataclass(frozen=True)
class InHand:
    """A job that is being done, and since when by this machine's steady clock."""

    job: Job
    since: float


class Crew:
    """So many threads. `alone` begins the command that does one job in a process of its own (empty: nobody does).

    `mortal`: this process may end itself when a job holds it for ever, since somebody starts it again.
    """

    def __init__(self, platform: Platform, size: int, alone: Sequence[str] = (), *, mortal: bool = False) -> None:
        self.platform = platform
        self.alone = alone
        self.mortal = mortal
        half, self.most = max(size // 2, 1), max(size - 1, 1)
        self.room = {Lane.MAIL: self.most, Lane.MAILBOX: half, Lane.SCANNER: half, Lane.HEAVY: half}
        self.room_for_one = half  # organisation
        self.in_hand: dict[UUID, InHand] = {}
        self.unsaid: list[Job] = []  # what became of them could not be written down
        self.served: dict[UUID, int] = {}  # organisation -> the turn in which it was last served
        self.choosing = threading.Lock()
        self.called = threading.Condition()
        self.calls = 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, name=f"job {n}", daemon=True) for n in range(size)]
        self.going = Progress(HEART_STOPS)
        self.heart = threading.Thread(target=self.watch, name="heart", daemon=True)

    def start(self) -> None:
        for thread in (*self.threads, self.heart):
            thread.start()

    def wake(self) -> None:
        """There may be work for one more."""
        with self.called:
            self.calls = min(self.calls + 1, len(self.threads))
            self.called.notify()

    def work(self) -> None:
        """What each thread does: wait to be woken, then work until nothing is due that there is room for."""
        while not self.stopping.is_set():
            with self.called:
                self.called.wait_for(lambda: self.calls or self.stopping.is_set())
                self.calls -= 1
            while not self.stopping.is_set() and (job := self.take()) is not None:
                self.wake()
                self.do(job)

    def take(self) -> Job | None:
        """The next job, of whoever was served longest ago; None when there is none, or the database is away."""
        try:
            with self.choosing:
                self.unsaid = [job for job in self.unsaid if not self.put_back(job)]
                return self.choose()
        except Exception as failure:
            log.error("no_job_taken", error=type(failure).__name__)
            return None

    def choose(self) -> Job | None:
        held = [each.job for each in tuple(self.in_hand.values())]
        lanes = Counter(LANES[job.kind] for job in held if job.kind in LANES)
        slow = lanes.total() - lanes[Lane.MAIL]
        full = {lane for lane in Lane if lanes[lane] >= self.room[lane] or (lane != Lane.MAIL and slow >= self.most)}
        no_kinds = [kind for kind, lane in LANES.items() if lane in full]
        no_tenants = {one for one, jobs in Counter(job.tenant_id for job in held).items() if jobs >= self.room_for_one}
        for _ in range(TRIES):
            with open_session(self.platform.clock) as session:
                found = outbox.due(session, LOOK_AT, no_kinds, no_tenants)
            for tenant_id, job_id in sorted(found, key=lambda one: self.served.get(one[0], 0))[:CLAIMS]:
                job = claim_job(self.platform, tenant_id, job_id, self.platform.now())
                if job is not None:
                    self.served[tenant_id] = max(self.served.values(), default=0) + 1
                    self.in_hand[job.id] = InHand(job, monotonic())
                    return job
            if not found:
                break
        return None

    def do(self, job: Job) -> None:
        """Carry it out; what fell silent twice in a process of its own, so that it takes nothing down with it."""
        try:
            if self.alone and job.silent == MOST_SILENT - 1:
                self.do_alone(job)
            else:
                carry_out(self.platform, job, self.platform.now())
        except Exception as failure:
            log.error("job_not_written_down", outbox_id=str(job.id), kind=job.kind, error=type(failure).__name__)
            self.unsaid.append(job)
        finally:
            del self.in_hand[job.id]

    def do_alone(self, job: Job) -> None:
        command = [*self.alone, str(job.tenant_id), str(job.id), str(job.lease_id)]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, stdin=subprocess.DEVNULL, timeout=self.limit(job), check=False)
        with suppress(Conflict):  # what became of it was written down
            with self.platform.tenant(job.tenant_id) as session:
                outbox.claimed(session, job.id, job.lease_id)
            give_up(self.platform, job, "LeaseExpired", self.platform.now())

    def limit(self, job: Job) -> float:
        """Seconds that a job of this kind may take."""
        return self.platform.settings.job_seconds * (HEAVY_TIMES if LANES.get(job.kind) is Lane.HEAVY else 1)

    def watch(self) -> None:
        """What the heart does: look every second, and beat every few."""
        beaten = monotonic()
        while not self.stopping.wait(SECONDS_BETWEEN):
            self.live_on()
            self.wake()
            if monotonic() - beaten >= BEATS_APART:
                beaten = monotonic()
                self.beat()
        faulthandler.cancel_dump_traceback_later()

    def live_on(self) -> None:
        """Something moves: the watch that would end this process begins anew. Nothing holds that, it is not Python."""
        if self.mortal:
            faulthandler.dump_traceback_later(HEART_STOPS, exit=True)
        self.going.made()

    def beat(self) -> None:
        """Renew what is in hand, and end a process that a job holds for ever."""
        held = tuple(self.in_hand.values())
        for tenant_id, jobs in groupby(sorted((each.job for each in held), key=owner), key=owner):
            self.live_on()
            try:
                with self.platform.tenant(tenant_id) as session:
                    outbox.renew(session, list(jobs), LEASE)
                    session.commit()
            except Exception as failure:
                log.error("lease_not_renewed", tenant=str(tenant_id), error=type(failure).__name__)
        for each in held:
            if monotonic() - each.since > self.limit(each.job):
                log.error("job_takes_too_long", outbox_id=str(each.job.id), kind=each.job.kind)
                if self.mortal:
                    os._exit(STUCK)

    def put_back(self, job: Job) -> bool:
        """Give a job back unfinished; False when that could not be written down."""
        try:
            with self.platform.tenant(job.tenant_id) as session:
                outbox.put_back(session, job)
                session.commit()
        except Conflict:  # it is somebody else's by now
            return True
        except Exception as failure:
            log.error("job_not_put_back", outbox_id=str(job.id), kind=job.kind, error=type(failure).__name__)
            return False
        return True

    def stop(self, patience: float) -> None:
        """Take nothing new, finish what can be within `patience` seconds, and give the rest back."""
        self.stopping.set()
        with self.called:
            self.called.notify_all()
        until = monotonic() + patience
        for thread in (*self.threads, self.heart):
            thread.join(max(until - monotonic(), 0.0))
        for each in tuple(self.in_hand.values()):
            self.put_back(each.job)


def owner(job: Job) -> UUID:
    return job.tenant_id

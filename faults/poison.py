"""Jobs that kill their workers, workers that are killed with their jobs, and one organisation that floods the queue."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from faults.ground import Ground, until
from faults.table import Row, Size, percentile
from weerklank.cases.trouble import Sort, Trouble, troubles
from weerklank.documents.dossier.asking import MAKE
from weerklank.kernel import outbox
from weerklank.kernel.database import open_session, without_tenant
from weerklank.kernel.ids import new_id
from weerklank.kernel.outbox import MOST_SILENT, JobDraft
from weerklank.kernel.settings import ROOT
from weerklank.tenancy.folder import import_folder
from weerklank.tenancy.organisations import find_by_slug

POISON = ("fault_kill", "fault_devour", "fault_loop")
OTHER = "team-keizer"  # the organisation beside which another floods the queue
# Refused memory and fallen silent beside other poison count apart: a refusal begins the count of silences anew.
MOST_CLAIMS = {"fault_devour": MOST_SILENT + 2}
LOOP_SECONDS = 2
SOON = 60.0  # seconds, by goals 20 and 21
BACK = 30.0  # by goal 22
SHARE = 0.99
SLOWER = 2.0  # times
AT_ONCE = 10


@dataclass(frozen=True)
class Begun:
    """A job that began: which, of what kind, in which process, when."""

    job: UUID
    kind: str
    process: int
    at: float


def run(ground: Ground, seed: random.Random, size: Size) -> Iterator[Row]:
    for part in (poison, dead_workers, flood):
        try:
            yield part(ground, seed, size)
        finally:
            ground.ask("DELETE FROM outbox WHERE kind LIKE 'fault%%' OR kind = %s RETURNING id", MAKE)


@contextmanager
def workers(ground: Ground, count: int, threads: int) -> Iterator[Path]:
    """So many workers that know the poison, in place of the usual ones; gives the file in which it notes itself."""
    notes = ground.folder / "notes" / f"poison-{new_id()}"
    notes.touch()
    ground.remove(*ground.named("worker"))
    environ = {"FAULTS_POISONED": str(notes), "WORKER_THREADS": str(threads), "JOB_SECONDS": str(LOOP_SECONDS)}
    if threads == 1:
        environ["JOB_SECONDS"] = "900"
    for number in range(count):
        ground.worker(f"worker-poison-{number}", **environ)
    try:
        yield notes
    finally:
        ground.remove(*ground.named("worker"))
        ground.start_all()


def ask(ground: Ground, kinds: Sequence[str], tenant_id: UUID | None = None) -> list[str]:
    """Jobs of these kinds; answers their keys."""
    keys = [f"fault:{new_id()}" for _ in kinds]
    with ground.platform.tenant(tenant_id or ground.tenant_id) as session:
        outbox.enqueue_all(session, [JobDraft(kind, key, {}) for kind, key in zip(kinds, keys, strict=True)])
        session.commit()
    return keys


def begun(notes: Path) -> list[Begun]:
    lines = (line.split() for line in notes.read_text().splitlines())
    return [Begun(UUID(job), kind, int(process), float(at)) for job, kind, process, at in lines]


def count(ground: Ground, kind: str, state: str) -> int:
    return int(ground.ask("SELECT count(*) FROM outbox WHERE kind LIKE %s AND state = %s", kind, state)[0][0])


def waits(ground: Ground, keys: Sequence[str]) -> list[float]:
    """How many seconds each of these jobs took from when it was written to when it was done, by the database."""
    statement = (
        "SELECT coalesce(extract(epoch FROM done_at - created_at), 'infinity') FROM outbox WHERE dedupe_key = ANY (%s)"
    )
    return [float(row[0]) for row in ground.ask(statement, list(keys))]


def poison(ground: Ground, seed: random.Random, size: Size) -> Row:
    """Poison among plain jobs: it is parked and shown, and hardly any other job waits for it."""
    row = Row("poison jobs", 21, runs=1)
    bad = list(POISON) * size.of(1, 4)
    seed.shuffle(bad)
    with workers(ground, 2, 4) as notes:
        began, plain = time.monotonic(), list[str]()
        ask(ground, bad)
        while (parked := count(ground, "fault%", "dead")) < len(bad) and time.monotonic() - began < size.of(180, 600):
            plain += ask(ground, ["fault_plain"])
            time.sleep(0.25)
        took = time.monotonic() - began
        until(lambda: count(ground, "fault_plain", "pending") == 0, "the plain jobs are done", 2 * SOON)
        times = Counter((each.kind, each.job) for each in begun(notes) if each.kind in POISON)
        row.kills = sum(each.kind == "fault_kill" for each in begun(notes))
    shown = sum(one.sort is Sort.JOB and one.what in POISON for one in all_troubles(ground))
    seconds = waits(ground, plain)
    soon = sum(each <= SOON for each in seconds) / len(seconds)
    row.recovery.append(took)
    row.note = f"{parked} of {len(bad)} parked after {max(times.values())} claims at most; " + (
        f"{soon:.1%} of {len(plain)} others within {SOON:.0f} s, the slowest {max(seconds):.1f} s"
    )
    row.wrong += [f"{parked} of {len(bad)} parked"] if parked < len(bad) else []
    row.wrong += [f"{shown} of {parked} shown"] if shown < parked else []
    too_often = {kind for (kind, _), count in times.items() if count > MOST_CLAIMS.get(kind, MOST_SILENT)}
    row.wrong += [f"claimed too often: {kind}" for kind in sorted(too_often)]
    row.wrong += ["others wait for it"] if soon < SHARE else []
    return row


def all_troubles(ground: Ground) -> Sequence[Trouble]:
    with ground.tenant() as session:
        return troubles(session, ground.tenant_id, next(iter(ground.people.values())))


def dead_workers(ground: Ground, seed: random.Random, size: Size) -> Row:
    """Workers are killed with a job in hand: somebody else begins it soon. A long job stays with who does it."""
    row, back = Row("dead worker's jobs", 22), list[float]()
    with workers(ground, AT_ONCE + 1, 1) as notes:
        for _ in range(size.of(1, 5)):
            row.runs += 1
            since = len(begun(notes))
            ask(ground, ["fault_long"] + ["fault_nap"] * AT_ONCE)
            until(lambda s=since: len(begun(notes)[s:]) > AT_ONCE, "all have begun")  # type: ignore[misc]  # bound at once
            first = begun(notes)[since:]
            killed = kill_all(ground, [each for each in first if each.kind == "fault_nap"], seed)
            row.kills += len(killed)
            until(lambda: count(ground, "fault%", "pending") == 0, "all is done", 4 * BACK)
            again = {each.job: each.at for each in begun(notes)[since:] if each not in first}
            back += [again[job] - at for job, at in killed.items() if job in again]
            row.lost += len(killed.keys() - again.keys())
            if len([each for each in begun(notes)[since:] if each.kind == "fault_long"]) > 1:
                row.wrong.append("a long job was taken from who did it")
    row.recovery = back
    row.note = f"p95 {percentile(back, 0.95):.1f} s"
    row.wrong += ["too late"] if percentile(back, 0.95) > BACK else []
    return row


def kill_all(ground: Ground, doing: Sequence[Begun], seed: random.Random) -> dict[UUID, float]:
    """Kill the processes that do these jobs, a moment apart; answers when that of each job died."""
    names = {process.pid: name for name, process in ground.processes.items()}
    killed = dict[UUID, float]()
    for each in doing:
        ground.kill(names[each.process])
        killed[each.job] = time.time()
        time.sleep(seed.uniform(0, 0.1))
    return killed


def flood(ground: Ground, seed: random.Random, size: Size) -> Row:
    """One organisation hands in twenty times what it usually does, and 500 exports: another hardly notices."""
    row, number = Row("one organisation floods the queue", 0, runs=1), size.of(30, 200)
    other = organisation(ground)
    with workers(ground, 2, 4):
        idle = waits(ground, trickle(ground, other, number))
        ask(ground, [MAKE] * 500 + ["fault_plain"] * 20 * number)
        hot = waits(ground, trickle(ground, other, number))
        left = count(ground, MAKE, "pending")
        ground.ask("DELETE FROM outbox WHERE tenant_id = %s AND state = 'pending' RETURNING id", ground.tenant_id)
    slower = percentile(hot, 0.95) / percentile(idle, 0.95)
    row.note = f"p95 {percentile(idle, 0.95):.2f} s idle, {percentile(hot, 0.95):.2f} s beside it ({slower:.1f} times)"
    row.wrong += ["the flood was over before it was measured"] if left == 0 else []
    row.wrong += ["the other waits too long"] if slower > SLOWER else []
    return row


def trickle(ground: Ground, tenant_id: UUID, number: int) -> list[str]:
    """Jobs of an organisation one after the other, until all are done."""
    keys = list[str]()
    for _ in range(number):
        keys += ask(ground, ["fault_plain"], tenant_id)
        time.sleep(0.2)
    done = "SELECT count(*) FROM outbox WHERE tenant_id = %s AND state = 'pending' AND kind = 'fault_plain'"
    until(lambda: ground.ask(done, tenant_id)[0][0] == 0, "they are done", 2 * SOON)
    return keys


def organisation(ground: Ground) -> UUID:
    """Another organisation beside the campaign's."""
    with open_session(ground.platform.database) as session:
        import_folder(session, ground.platform.keyring, ROOT / "tenants" / OTHER, datetime.now(UTC))
        session.commit()
    with open_session(ground.platform.database) as session, without_tenant(session, "an organisation is looked up"):
        return find_by_slug(session, OTHER).id
